"""What the log looks like: lines for people, or one JSON object a line."""

import json
from typing import Any

import structlog

from realtime.log_context import get_contextvars
from realtime.server.access_log import without_secrets

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")

FIELDS = ("addresses", "workers", "client", "status", "reason")
"""What lines have as fields too, for collectors: where `serve` listens, and what it refuses."""

EVENT_BYTES = 3600
"""Of one line; with the fields beside it, the line is at most 4 KiB."""

EXCEPTION_BYTES = 16 * 1024
"""Of a traceback. The end says the most, so the middle is left out."""


FILTERS = {
    "expected_refusals": {"()": "todo_project.log_filters.ExpectedRefusals"},
    "refused_hosts": {"()": "todo_project.log_filters.RefusedHosts"},
    "outages": {"()": "todo_project.log_filters.Outages"},
}

LOGGERS: dict[str, dict[str, Any]] = {
    # Django has given them handlers of its own, which write each line once more, in their own format.
    "django": {"handlers": [], "level": "INFO"},
    "django.server": {"handlers": [], "level": "INFO", "propagate": True},
    # Where `serve` listens: whatever the level, and for people without a time before it.
    "realtime.server.start": {"handlers": ["start"], "level": "INFO", "propagate": False},
    # It logs a traceback a second while Redis is away; the hub says the same in one line.
    "channels_redis.pubsub": {"level": "CRITICAL"},
    # It explains at each start that HTTP/2 is not installed.
    "daphne.server": {"level": "WARNING"},
}


def logging_config(*, format: str, level: str) -> dict[str, Any]:
    """A `dictConfig` for `format` "text" or "json" and a `level` of `LEVELS`."""
    stream = "logging.StreamHandler"
    start = "chosen" if format == "json" else "bare"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"chosen": _formatter(format), "bare": {"format": "%(message)s"}},
        "filters": FILTERS,
        "handlers": {
            "console": {"class": stream, "formatter": "chosen", "filters": [*FILTERS]},
            "start": {"class": stream, "stream": "ext://sys.stdout", "formatter": start},
        },
        "root": {"handlers": ["console"], "level": level},
        "loggers": LOGGERS,
    }


def _formatter(format: str) -> dict[str, Any]:
    """One line for each record of any library."""
    as_text = structlog.dev.ConsoleRenderer(
        colors=False,
        pad_event_to=0,
        exception_formatter=structlog.dev.plain_traceback,  # the rich one prints local variables
    )
    return {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": [
            *([structlog.stdlib.ExtraAdder(allow=FIELDS)] if format == "json" else []),
            _add_ids,
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso"),
        ],
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            _hide_secrets,
            _bound,
            structlog.processors.JSONRenderer() if format == "json" else as_text,
        ],
    }


def _add_ids(logger: Any, method: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Of the request or the connection."""
    return {**get_contextvars(), **line}


def _hide_secrets(logger: Any, method: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Some libraries log the address of a request that failed, with the token of a simple client in it."""
    return {name: without_secrets(value) if name in {"event", "exception"} else value for name, value in line.items()}


def _bound(logger: Any, method: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """What clients and other installations send ends up in the log: no line is longer than it has to be."""
    return {
        name: _without_middle(value) if name == "exception" else _beginning(value, EVENT_BYTES)
        for name, value in line.items()
    }


def _without_middle(traceback: str) -> str:
    text = "\n".join(_beginning(part, EVENT_BYTES) for part in traceback.splitlines())
    if _size(text) <= EXCEPTION_BYTES:
        return text
    beginning = _beginning(text, EXCEPTION_BYTES // 4)
    return f"{beginning}\n{_beginning(text[::-1], EXCEPTION_BYTES // 2, mark='')[::-1]}"


def _beginning(value: Any, limit: int, *, mark: str = "… ({} characters)") -> Any:
    """As much of a text as takes `limit` bytes in JSON, and how long it was; other values as they are."""
    if not isinstance(value, str) or (len(value) <= limit and _size(value) <= limit):
        return value
    kept = value[:limit]
    while _size(kept) > limit:
        kept = kept[: len(kept) * 3 // 4]
    return kept + mark.format(len(value))


def _size(text: str) -> int:
    return len(json.dumps(text))
