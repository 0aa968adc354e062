"""What is in the log of events, and a change that puts something there."""

import json
from collections.abc import Callable
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from realtime import events


def log(stream: str = "s") -> list[tuple[int, Any]]:
    """Number and data of all events of a stream."""
    return [(event.seq, json.loads(event.text)["data"]) for event in events.since(stream, 0)]


def published(stream: str = "s") -> list[str]:
    """The types of a stream's events."""
    return [event.text.split('"')[3] for event in events.since(stream, 0)]


@transaction.atomic
def write(type: str, on_number: Callable[[int], None] | None = None) -> None:
    """A change and its event, in the stream `s`."""
    ContentType.objects.create(app_label="weather", model="rain")
    events.publish("s", type, 1, on_number=on_number)
