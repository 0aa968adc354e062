"""ETag, If-Match and If-None-Match: an object's `version` is its tag."""

from typing import Any

from rest_framework.request import Request

from realtime.events.live import LiveModel
from tasks.problems import PreconditionFailed


def tag(row: LiveModel) -> str:
    return f'"{row.version}"'


def names(header: str, row: LiveModel) -> bool:
    """Whether the header's list of tags holds the row's. A weak tag counts: proxies that compress make them so."""
    tags = {part.strip().removeprefix("W/") for part in header.split(",")}
    return "*" in tags or tag(row) in tags


def require_match(request: Request, row: LiveModel, current: Any) -> None:
    """Raises PreconditionFailed with the `current` object if the client's If-Match is of another version."""
    wanted = request.headers.get("If-Match")
    if wanted is not None and not names(wanted, row):
        raise PreconditionFailed(current)
