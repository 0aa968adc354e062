"""DATABASE_URL as an entry of Django's DATABASES. Errors never show the URL, which holds a password."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict

from todo_project.environment import refused
from todo_project.postgresql.answers import Connection

NAME = "DATABASE_URL"
SQLITE_ENGINE = "realtime.backends.sqlite3"
POSTGRESQL_ENGINE = "todo_project.postgresql"

SQLITE_BUSY_SECONDS = 10
"""How long a writer waits for another process's write."""

POOL_SECONDS = 3
"""How long a request waits for a connection, be all in use or PostgreSQL away, before it is answered with 503."""

POOL = {
    "min_size": 1,
    "timeout": POOL_SECONDS,
    "reconnect_timeout": POOL_SECONDS,
    "connection_class": Connection,
}
"""The pool stops its growing back-off after reconnect_timeout; the next request then connects at once."""

CONNECTION = {
    "connect_timeout": 2,
    "keepalives": 1,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,  # milliseconds
}
"""libpq's options: a connection that a firewall or a failover cut silently ends within these 30 seconds."""

_SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_FORM = (
    "it must be of the form sqlite:////data/db.sqlite3 or postgres://user:password@host:5432/name; in a password "
    "@ : / ? # % are written %40 %3A %2F %3F %23 %25"
)


def database(url: str, *, pool_size: int) -> dict[str, Any]:
    """The entry for SQLite or PostgreSQL; what the URL's query says wins. Raises ImproperlyConfigured."""
    scheme = url.partition("://")[0]
    if scheme == "sqlite":
        options = {
            "transaction_mode": "IMMEDIATE",
            "timeout": SQLITE_BUSY_SECONDS,
            "init_command": "PRAGMA journal_mode=WAL",
        }
        # Kept open: a fixed number of threads use it, and opening a file and its functions costs each request.
        return {"ENGINE": SQLITE_ENGINE, "NAME": _file(url), "OPTIONS": options, "CONN_MAX_AGE": None}
    if scheme in ("postgres", "postgresql"):
        found = _conninfo(url)
        place = _place(found)
        options = CONNECTION | found | {"pool": POOL | {"max_size": pool_size}}
        return {"ENGINE": POSTGRESQL_ENGINE, **place, "OPTIONS": options}
    raise refused(NAME, _FORM)


def _file(url: str) -> str:
    parts = urlsplit(url)
    file = unquote(parts.path).removeprefix("/")
    if parts.netloc or parts.query or parts.fragment or not file or file == ":memory:":
        raise refused(NAME, f"{_FORM}, with three slashes for a file here and four for an absolute path")
    return file


def _conninfo(url: str) -> dict[str, Any]:
    """What libpq reads in the URL, by its own names; an unknown option and a bad %-escape are refused."""
    authority, slash, rest = url.partition("://")[2].partition("/")
    user, at, host = authority.rpartition("@")
    try:
        found: dict[str, Any] = dict(conninfo_to_dict(f"postgres://{user.replace('@', '%40')}{at}{host}{slash}{rest}"))
    except psycopg.ProgrammingError:
        raise refused(NAME, _FORM) from None
    ports = [port for port in str(found.get("port", "")).split(",") if port]
    are_ports = all(port.isdecimal() and 0 < int(port) < 65536 for port in ports)
    if not found.get("dbname") or "/" in found["dbname"] or not are_ports or " " in url:
        raise refused(NAME, _FORM)
    if found.get("sslmode", "prefer") not in _SSL_MODES:
        raise refused(NAME, f"its sslmode must be one of {', '.join(_SSL_MODES)}")
    if not str(found.get("connect_timeout", "1")).isdecimal():
        raise refused(NAME, "its connect_timeout must be a number of seconds")
    for option in ("sslrootcert", "sslcert", "sslkey"):
        if (file := found.get(option, "system")) != "system" and not Path(file).is_file():
            raise refused(NAME, f"its {option} names a file that is not there")
    return found


def _place(found: dict[str, Any]) -> dict[str, Any]:
    """Takes what Django has names of its own for out of `found`."""
    port = found.pop("port", "")
    return {
        "NAME": found.pop("dbname"),
        "USER": found.pop("user", ""),
        "PASSWORD": found.pop("password", ""),
        "HOST": found.pop("host", ""),
        "PORT": int(port) if port.isdecimal() else port,
    }
