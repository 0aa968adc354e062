"""`Idempotency-Key`: a write that is sent again is answered as the first time, and not carried out again.

As in draft-ietf-httpapi-idempotency-key-header. The answer is kept in the transaction of the change for a day, so that
either both are there or none. A request that was refused keeps nothing: it may be corrected and sent again.
"""

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from hashlib import sha256
from itertools import count
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils.crypto import salted_hmac
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from tasks.core.api.problems import Conflict, Mismatch
from tasks.core.api.repeat import repeat_on_deadlock
from tasks.core.models import StoredAnswer

HEADER = "Idempotency-Key"
METHODS = {"POST", "PATCH", "DELETE"}
KEY = re.compile(r'"?([\x21\x23-\x7e]{1,255})"?')
"""A string as in the draft, in quotes, or without them as many clients send it."""

KEEP = timedelta(hours=24)
LARGEST_BODY = 256 * 1024
"""Of an answer that is kept. Of a larger one it is kept only that the request was carried out."""

MOST_OF_A_PERSON = 2_000
CLEAR_EVERY = 100
"""Kept answers between two clearings of a person's oldest."""

KEPT_HEADERS = ("ETag", "Location")

_in_progress: set[str] = set()
_lock = threading.Lock()
_kept = count(1)

Handler = Callable[..., Any]


class InProgress(Conflict):
    default_detail = "A request with this Idempotency-Key is being carried out. Repeat it in a moment."
    wait = 1
    """Seconds, for Retry-After."""


class TooLargeToRepeat(Conflict):
    default_detail = "This request was carried out; its answer was too large to keep. Read the objects."


class OtherRequest(Mismatch):
    default_detail = "This Idempotency-Key was used for another request. A new request needs a new key."


@repeat_on_deadlock
def once(handler: Handler, request: Request, *args: Any, **kwargs: Any) -> Any:
    """What `handler(request, …)` returns, or returned for the same key before."""
    key, digest = stored_key(request), digest_of(request)
    with in_progress(key), transaction.atomic():
        lock(key)
        stored = StoredAnswer.objects.filter(pk=key, created_at__gt=Now() - KEEP).first()
        if stored is not None:
            return replay(stored, digest)
        response = handler(request, *args, **kwargs)
        if isinstance(response, Response) and response.status_code < 300:
            keep(request, response, key=key, digest=digest)
        return response


def stored_key(request: Request) -> str:
    """The person's key as it is stored. Raises ValidationError for one that can't be used."""
    found = KEY.fullmatch(request.headers[HEADER])
    if found is None:
        raise ValidationError({HEADER: "Must have 1 to 255 visible ASCII characters."})
    return sha256(f"{request.user.pk} {found[1]}".encode()).hexdigest()


def digest_of(request: Request) -> str:
    """A digest of the request. With a secret, since a body may hold what nobody should be able to guess from it."""
    body = json.dumps(request.data, sort_keys=True, default=str)
    text = f"{request.method} {request.path}?{request.META.get('QUERY_STRING', '')} {body}"
    return salted_hmac("idempotency", text.encode(errors="surrogatepass"), algorithm="sha256").hexdigest()


@contextmanager
def in_progress(key: str) -> Iterator[None]:
    """Raises InProgress where another thread of this process carries out the same request."""
    with _lock:
        if key in _in_progress:
            raise InProgress
        _in_progress.add(key)
    try:
        yield
    finally:
        with _lock:
            _in_progress.discard(key)


def lock(key: str) -> None:
    """Raises InProgress where another process carries out the same request. Held until the transaction ends. On SQLite
    nothing is needed: its transactions come one after the other."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            number = int.from_bytes(bytes.fromhex(key[:16]), signed=True)
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
            if not cursor.fetchone()[0]:
                raise InProgress


def replay(stored: StoredAnswer, digest: str) -> Response:
    if stored.digest != digest:
        raise OtherRequest
    if stored.body is None:
        raise TooLargeToRepeat
    headers = {**stored.headers, "Idempotency-Replayed": "true"}
    return Response(json.loads(stored.body) if stored.body else None, status=stored.status, headers=headers)


def keep(request: Request, response: Response, *, key: str, digest: str) -> None:
    user_id: Any = request.user.pk
    body = "" if response.data is None else JSONRenderer().render(response.data).decode()
    StoredAnswer.objects.update_or_create(
        pk=key,
        defaults={
            "user_id": user_id,
            "digest": digest,
            "status": response.status_code,
            "headers": {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers},
            "body": body if len(body) <= LARGEST_BODY else None,
            "created_at": Now(),
        },
    )
    if next(_kept) % CLEAR_EVERY == 0:
        own = StoredAnswer.objects.filter(user_id=user_id).order_by("-created_at")
        excess = list(own.values_list("pk", flat=True)[MOST_OF_A_PERSON : MOST_OF_A_PERSON + 1_000])
        StoredAnswer.objects.filter(pk__in=excess).delete()


def forget_old() -> int:
    """Deletes answers that are older than a day, by the database's clock; returns how many."""
    return StoredAnswer.objects.filter(created_at__lt=Now() - KEEP).delete()[0]
