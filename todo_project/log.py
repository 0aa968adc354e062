"""What the log looks like: lines for people, or one JSON object a line."""

from typing import Any

import structlog

from realtime.log_context import get_contextvars
from realtime.server.access_log import without_secrets

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


def logging_config(*, format: str, level: str) -> dict[str, Any]:
    """A `dictConfig` for `format` "text" or "json" and a `level` of `LEVELS`."""
    processors: list[Any] = [
        _add_ids,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso"),
    ]
    renderer: list[Any] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        _hide_secrets,
        structlog.processors.JSONRenderer()
        if format == "json"
        else structlog.dev.ConsoleRenderer(
            colors=False,
            pad_event_to=0,
            exception_formatter=structlog.dev.plain_traceback,  # the rich one prints local variables
        ),
    ]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "chosen": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": processors,
                "processors": renderer,
            },
            "bare": {"format": "%(message)s"},
        },
        "filters": {
            "refused_hosts": {"()": "todo_project.log_filters.RefusedHosts"},
            "outages": {"()": "todo_project.log_filters.Outages"},
        },
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": "chosen",
                "filters": ["refused_hosts", "outages"],
            },
            "start": {
                "class": "logging.StreamHandler",
                "stream": "ext://sys.stdout",
                "formatter": "chosen" if format == "json" else "bare",
            },
        },
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            # Where `serve` listens: whatever the level, and for people without a time before it.
            "realtime.server.start": {"handlers": ["start"], "level": "INFO", "propagate": False},
            # It logs a traceback a second while Redis is away; the hub says the same in one line.
            "channels_redis.pubsub": {"level": "CRITICAL"},
            # It explains at each start that HTTP/2 is not installed.
            "daphne.server": {"level": "WARNING"},
        },
    }


def _add_ids(logger: Any, method: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Of the request or the connection."""
    return {**get_contextvars(), **line}


def _hide_secrets(logger: Any, method: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Some libraries log the address of a request that failed, with the token of a simple client in it."""
    return {name: without_secrets(value) if name in {"event", "exception"} else value for name, value in line.items()}
