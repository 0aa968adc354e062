"""Creations under ids that clients choose, so that they can repeat one to which they got no response.

What was sent is noted as a digest, in the transaction of the creation. The same body again is answered with the object
as it is now, or with 410 once it was deleted; another body under the same id with 422.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tasks.core.api.problems import Gone, Mismatch
from tasks.core.deletion import delete_in_batches
from tasks.core.models import Creation

KEEP_DAYS = 30


def digest_of(data: Mapping[str, Any]) -> str:
    """Of a JSON object, whatever the order of its fields."""
    text = json.dumps(data, sort_keys=True, default=str)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def note(kind: str, pk: UUID, data: Mapping[str, Any]) -> None:
    """To be called in the transaction of the creation. Raises IntegrityError if the id was used at the same moment, for
    whichever kind.
    """
    note_all(kind, {pk: data})


def note_all(kind: str, sent: Mapping[UUID, Mapping[str, Any]]) -> None:
    """As `note`, of several creations with one statement. `sent`: by id what was sent."""
    Creation.objects.bulk_create(Creation(id=pk, kind=kind, digest=digest_of(data)) for pk, data in sent.items())


def forget_old(now: datetime) -> None:
    """Deletes what was noted more than `KEEP_DAYS` before `now`."""
    delete_in_batches(Creation.objects.filter(created_at__lt=now - timedelta(days=KEEP_DAYS)))


def digest_noted(kind: str, pk: UUID) -> str | None:
    """The digest of what was sent to create the row; None if no creation under this id is noted."""
    return digests_noted(kind, [pk]).get(pk)


def digests_noted(kind: str, keys: Collection[UUID]) -> dict[UUID, str]:
    """By id, of those that are noted for this kind."""
    return dict(Creation.objects.filter(pk__in=keys, kind=kind).values_list("pk", "digest"))


def check_repeated(
    data: Mapping[str, Any], noted: str | None, *, exists: bool, shown: Mapping[str, Any] | None
) -> None:
    """Of an id that is used: whether this is the creation that made the row, again.

    `noted`: the digest of that creation, read before the row was looked for: a row that is missing then was deleted.
    `exists`: whether there is a row; `shown`: how the API shows it, or None if the person may not see it. Raises
    Mismatch for another creation, also one of another kind, and Gone for a repeat whose row was deleted.
    """
    if shown is None and (exists or noted is None):
        raise Mismatch(TAKEN)
    is_same = _looks_like(data, shown) if noted is None else noted == digest_of(data)
    if not is_same:
        raise Mismatch(TAKEN)
    if not exists:
        raise Gone


TAKEN = "This id is taken; choose another one."


def _looks_like(data: Mapping[str, Any], shown: Mapping[str, Any] | None) -> bool:
    return shown is not None and all(
        str(value).lower() == str(shown.get(name)).lower() if name == "id" else value == shown.get(name)
        for name, value in data.items()
    )
