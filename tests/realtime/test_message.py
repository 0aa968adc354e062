"""What passes between processes: versions understand each other, and what is malformed is refused."""

import itertools
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime.broker.message import MAX_CHARACTERS, MalformedError, Message, messages, parse
from realtime.events import StoredEvent

ONE, TWO = StoredEvent(1, '{"a":1}', None, 1.5), StoredEvent(2, '{"a":2}', {"leave": [4]}, 2.5)


def test_events_travel_together() -> None:
    """As lists, which is what a channel layer carries, with the log that they are from."""
    assert messages("s", [ONE, TWO], log="abc") == [
        {
            "type": "realtime.events",
            "version": 1,
            "log": "abc",
            "stream": "s",
            "events": [[1, '{"a":1}', None, 1.5], [2, '{"a":2}', {"leave": [4]}, 2.5]],
        }
    ]


def test_what_is_sent_is_understood() -> None:
    """It comes back as it was."""
    (message,) = messages("s", [ONE, TWO], log="abc")
    assert parse(message) == Message("s", "abc", [ONE, TWO])


@given(st.lists(st.integers(0, 600_000), min_size=1, max_size=12))
@settings(deadline=None, derandomize=True)
def test_messages_have_a_size(sizes: list[int]) -> None:
    """None above the limit but one that a single event fills; each event in one of them, in order."""
    texts = ["x" * size for size in sizes]
    found = messages("s", [StoredEvent(seq, text, None) for seq, text in enumerate(texts)])
    parts = [[text for _, text, *_ in message["events"]] for message in found]
    assert list(itertools.chain(*parts)) == texts
    assert all(len(part) == 1 or sum(map(len, part)) <= MAX_CHARACTERS for part in parts)
    for part, following in itertools.pairwise(parts):
        assert sum(map(len, part)) + len(following[0]) > MAX_CHARACTERS


@pytest.mark.parametrize(
    "event",
    [
        [1, None, None, 0],
        [1, 5, None, 0],
        [1, "text", None, 0],
        [1, "", None, 0],
        [1, b"{}", None, 0],
        ["1", "{}", None, 0],
        [None, "{}", None, 0],
        [True, "{}", None, 0],
        [1.0, "{}", None, 0],
        [0, "{}", None, 0],
        [-1, "{}", None, 0],
        [1 << 63, "{}", None, 0],
        [1, "{}", "leave", 0],
        [1, "{}", [1], 0],
        [1, "{}", 7, 0],
        [1, "{}", {"leave": 7}, 0],
        [1, "{}", {"leave": "all"}, 0],
        [1, "{}", {"leave": [None]}, 0],
        [1, "{}", {"leave": [[1]]}, 0],
        [1, "{}", {"leave": [True]}, 0],
        [1, "{}", {"refresh": "*"}, 0],
        [1, "{}", {"refresh": {"a": 1}}, 0],
        [1, "{}", {"reconnect": 1.5}, 0],
        [1, "{}", None, None],
        [1, "{}", None, "now"],
        [1, "{}", None, math.nan],
        [1, "{}", None, math.inf],
        [1, "{}", None, True],
        [1, "{}"],
        [],
        None,
        {"seq": 1},
        "1",
    ],
    ids=repr,
)
def test_a_malformed_event_is_refused(event: Any) -> None:
    """Whatever part of it is wrong; the good ones beside it are in the log."""
    (message,) = messages("s", [ONE])
    message["events"].append(event)
    with pytest.raises(MalformedError):
        parse(message)


@pytest.mark.parametrize(
    "change",
    [
        {"type": "other"},
        {"type": None},
        {"stream": None},
        {"stream": 7},
        {"log": 7},
        {"events": None},
        {"events": "events"},
        {"events": {"1": "{}"}},
        {"events": 7},
    ],
    ids=repr,
)
def test_a_malformed_message_is_refused(change: dict[str, Any]) -> None:
    """Each of its fields has a type."""
    (message,) = messages("s", [ONE])
    with pytest.raises(MalformedError):
        parse({**message, **change})


@pytest.mark.parametrize("message", [None, "hello", 1, [], {}, b"x"], ids=repr)
def test_anything_else_is_refused(message: Any) -> None:
    """Anybody who may publish can send it."""
    with pytest.raises(MalformedError):
        parse(message)


def test_a_message_of_an_older_version_is_understood() -> None:
    """It has no version and no log, and before that its events had no time."""
    old = {"type": "realtime.events", "stream": "s", "events": [[1, '{"a":1}', None, 1.5]]}
    assert parse(old) == Message("s", "", [ONE])
    assert parse({**old, "events": [[1, '{"a":1}', None]]}) == Message("s", "", [ONE._replace(at=0.0)])


def test_a_message_of_a_newer_version_is_understood() -> None:
    """Fields, items and effects that this version does not know are passed over."""
    new = {
        "type": "realtime.events",
        "version": 2,
        "log": "abc",
        "stream": "s",
        "trace": {"id": 7},
        "events": [[2, '{"a":2}', {"leave": [4], "mute": {"users": [5]}}, 2.5, "new", {"more": 1}]],
    }
    assert parse(new) == Message("s", "abc", [TWO])


def test_an_older_version_understands_ours() -> None:
    """It makes an event of exactly four items, and reads the fields `stream` and `events` alone."""
    (message,) = messages("s", [TWO], log="abc")
    assert all(len(event) == 4 for event in message["events"])
    assert StoredEvent(*message["events"][0]) == TWO
