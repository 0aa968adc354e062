"""ETag, If-Match and If-None-Match: an object's `version` is its entity tag."""

from collections.abc import Callable
from typing import Any

from django.utils.http import parse_etags
from rest_framework.request import Request

from realtime.events.live import LiveModel, etag
from tasks.core.api.problems import PreconditionFailed


def etag_matches(header: str, row: LiveModel) -> bool:
    """Whether the header's list of tags contains the row's (RFC 9110, 13.1.2). A weak tag counts: compressing proxies
    make them weak."""
    tags = {tag.removeprefix("W/") for tag in parse_etags(header)}
    return "*" in tags or etag(row) in tags


def require_match(request: Request, row: LiveModel, show: Callable[[Any], Any]) -> None:
    """Raises PreconditionFailed, with what `show(row)` returns, if the client's If-Match names another version."""
    wanted = request.headers.get("If-Match")
    if wanted is not None and not {"*", etag(row)} & set(parse_etags(wanted)):  # a weak tag never matches a write
        raise PreconditionFailed(show(row))
