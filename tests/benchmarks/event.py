"""The event that every server sends: the same text, so the same number of bytes."""

import json
import re
from datetime import UTC, datetime
from typing import Any

STREAM = "all"
TYPE = "task.updated"

DATA: dict[str, Any] = {"id": "5f0f1a52-3a0b-4d0e-9c39-0d5a2a2f6d11", "title": "Buy milk", "version": 1789}


def text(number: int) -> str:
    """An event as this application writes it, some 200 bytes."""
    at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    origin = {"actor": None, "source": "command", "request_id": None}
    event = {"type": TYPE, "stream": STREAM, "seq": number, "at": at, **origin, "data": DATA}
    return json.dumps(event, separators=(",", ":"))


def number_of(payload: bytes) -> int:
    """The event's number, wherever in the frame it stands."""
    found = re.search(rb"seq\W*(\d+)", payload)
    if found is None:
        raise ValueError(f"no event: {payload[:300]!r}")
    return int(found[1])
