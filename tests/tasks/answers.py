"""What the tests of the API look at answers with."""

import json
from collections.abc import Callable
from typing import Any

from rest_framework.test import APIClient

from realtime.models import Event
from tasks.models import User

People = dict[str, User]
Api = Callable[[User], APIClient]


def problem(response: Any, status: int) -> Any:
    """The body of an error, after a look at what every error has."""
    assert response.status_code == status, response.content
    assert response.headers["Content-Type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == status
    assert body["request_id"] == response.headers["X-Request-ID"]
    assert {"type", "title", "detail", "instance"} <= body.keys()
    return body


def error_fields(response: Any) -> set[str]:
    return set(problem(response, 400)["errors"])


def events_of(stream: str) -> list[str]:
    """The types of the stream's events so far."""
    rows = Event.objects.filter(stream=stream).order_by("seq")
    return [json.loads(row.text)["type"] for row in rows]


def body_of(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else bytes(response.content)
