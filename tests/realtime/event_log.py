"""What is in the log of events."""

import json
from typing import Any

from realtime import events


def log(stream: str = "s") -> list[tuple[int, Any]]:
    """Number and data of all events of a stream."""
    return [(event.seq, json.loads(event.text)["data"]) for event in events.since(stream, 0)]
