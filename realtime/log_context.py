"""Ids that the log shows beside each line: of the request, or of the connection. By task and thread.

With the standard library alone, add the filter to a handler and `%(request_id)s` or `%(connection_id)s` to its format:

    "filters": {"ids": {"()": "realtime.log_context.LogContextFilter"}}
"""

import logging
from collections.abc import Mapping
from contextvars import ContextVar
from types import MappingProxyType

_NAMES = ("request_id", "connection_id")
_ids: ContextVar[Mapping[str, str]] = ContextVar("realtime_log_context", default=MappingProxyType({}))


def bind_contextvars(**ids: str) -> None:
    """Adds ids to those of the running task or thread, until it ends or binds others."""
    _ids.set({**_ids.get(), **ids})


def get_contextvars() -> Mapping[str, str]:
    """The ids of the running task or thread."""
    return _ids.get()


class LogContextFilter(logging.Filter):
    """Gives each record `request_id` and `connection_id`; "-" where there is none."""

    def filter(self, record: logging.LogRecord) -> bool:
        known = _ids.get()
        for name in _NAMES:
            setattr(record, name, known.get(name, "-"))
        return True
