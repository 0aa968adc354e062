"""Which streams people may read: the answers of the project's STREAMS_OF and OWN_STREAM, checked.

Synchronous; uses the database.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from realtime.conf import PEOPLE_STREAM, WrongAnswerError, ask, config
from realtime.delivery.connection import person_key
from realtime.events import STREAM_NAME

Rights = dict[str, int]
"""Streams, each with the number of the first event that the person may read."""


def rights_of(user_ids: Collection[Any]) -> dict[Any, Rights | Exception]:
    """By user id; no streams for a person who may not connect. A wrong answer about one person stands in the place of
    that person's rights. Raises WrongAnswerError where all of it is wrong."""
    function = config().streams_of
    answers = {person_key(user_id): streams for user_id, streams in ask("STREAMS_OF", function, user_ids).items()}
    found: dict[Any, Rights | Exception] = {}
    for user_id in user_ids:
        try:
            found[user_id] = _checked(answers.get(person_key(user_id)))
        except ValueError as error:
            found[user_id] = WrongAnswerError("STREAMS_OF", function, f"returned for user {user_id!r} {error}")
    return found


def own_stream_of(user_id: Any) -> str | None:
    """The stream that is this person's alone, where the project names one. Raises WrongAnswerError."""
    function = config().own_stream
    if function is None:
        return None
    stream = function(user_id)
    if not isinstance(stream, str) or not STREAM_NAME.fullmatch(stream):
        raise WrongAnswerError("OWN_STREAM", function, f"returned {stream!r} instead of a stream's name")
    return stream


def _checked(streams: Any) -> Rights:
    """Raises ValueError, whose text goes on after "returned"."""
    if streams is None:
        return {}
    if isinstance(streams, (str, bytes)) or not isinstance(streams, Iterable):
        raise ValueError(f"{streams!r} instead of a collection of streams")
    rights: Rights = dict(streams) if isinstance(streams, Mapping) else dict.fromkeys(streams, 0)
    for stream, first in rights.items():
        if not isinstance(stream, str) or not STREAM_NAME.fullmatch(stream) or stream == PEOPLE_STREAM:
            raise ValueError(f"{stream!r} instead of a stream's name")
        if type(first) is not int or first < 0:
            raise ValueError(f"{first!r} instead of the number of the first event of {stream!r}")
    return rights
