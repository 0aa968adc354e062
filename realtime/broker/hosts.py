"""Where Redis is, in each of its forms: what an operator writes, and what redis-py is to be given.

Imported by settings, so nothing here may need them. A bad value raises ImproperlyConfigured, in one line that names the
variable and shows nothing that may be secret.
"""

import math
import re
import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from django.core.exceptions import ImproperlyConfigured
from redis.asyncio.connection import ConnectionPool, SSLConnection, parse_url
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

SENTINEL_PORT = 26379
KEY_CHARACTERS = 32

TLS_FILES = {"ssl_ca_certs": "REDIS_CA_FILE", "ssl_certfile": "REDIS_CERT_FILE", "ssl_keyfile": "REDIS_KEY_FILE"}

Host = dict[str, Any]
"""What one host of the channel layer is connected to with. Never to be shown: it may hold a password."""


class Hosts(NamedTuple):
    hosts: list[Host]
    name: str
    """What is used, as it may be logged."""


_URL = re.compile(
    r"(?P<scheme>\w+://)([^/?#]*@)?(?P<address>([\w.-]+|\[[\da-fA-F:.]+\])(:\d+)?(/\d*)?|/[\w./-]+)([?][^@]*)?",
    re.ASCII,
)
_BAD_ESCAPE = re.compile(r"%(?![\da-fA-F]{2})")
_SENTINEL = re.compile(r"(?P<host>[\w.-]+|\[[\da-fA-F:.]+\])(:(?P<port>\d{1,5}))?", re.ASCII)


def without_secrets(url: str) -> str:
    """The URL as it may be logged: no user, no password, no options. Of one that is not quite a URL there is only the
    scheme, since a password that should have been percent-encoded ends up in any part of it."""
    known = _URL.fullmatch(url)
    if known:
        return known["scheme"] + known["address"]
    return url.partition("://")[0] + "://…" if "://" in url else "…"


def hosts_of(url: str, *, sentinels: str, sentinel_master: str, sentinel_password: str, options: Host) -> Hosts:
    """`url` may be several with commas between them. `options` go with each host; what a URL says itself wins."""
    urls = [part.strip() for part in re.split(r",(?=\s*\w+://)", url) if part.strip()]
    if not urls and not sentinels:
        raise _bad("REDIS_URL", "it is blank")
    hosts = [_host(one, options) for one in urls]
    if not sentinels:
        return Hosts(hosts, ", ".join(map(without_secrets, urls)))
    if len(hosts) > 1 or any("path" in host for host in hosts):
        raise _bad("REDIS_URL", "with REDIS_SENTINELS it is one redis:// or rediss:// URL at most")
    host = hosts[0] if hosts else _host("redis://", options)
    return _through_sentinels(host, _sentinels(sentinels), master=sentinel_master, password=sentinel_password)


def _through_sentinels(given: Host, addresses: Sequence[tuple[str, int]], *, master: str, password: str) -> Hosts:
    """The host whose address the Sentinels know."""
    host = {**given, "master_name": master, "sentinels": addresses}
    for ours in ("host", "port"):
        host.pop(ours, None)
    # The pool for Sentinels has classes of its own, and asks for TLS by another name.
    tls = {name: value for name, value in host.items() if name.startswith("ssl_")}
    if host.pop("connection_class", None) is SSLConnection:
        host["ssl"] = tls["ssl"] = True
    host["sentinel_kwargs"] = {
        **{name: host[name] for name in ("socket_timeout", "socket_connect_timeout", "protocol")},
        **tls,
        "password": password or None,
        # Another Sentinel is asked at the same time, so there is no second try.
        "retry": Retry(NoBackoff(), 0),
    }
    shown = ", ".join(f"[{name}]:{port}" if ":" in name else f"{name}:{port}" for name, port in addresses)
    return Hosts([host], f"{'rediss' if 'ssl' in host else 'redis'}://{master} (Sentinels: {shown})")


def encryption_keys(text: str) -> list[str]:
    """The keys, the one that encrypts first."""
    keys = [key.strip() for key in re.split(r"[,\r\n]", text) if key.strip()]
    if text.strip() and not keys:
        raise _bad("REDIS_ENCRYPTION_KEYS", "there is no key in it")
    for number, key in enumerate(keys, 1):
        if len(key) < KEY_CHARACTERS:
            raise _bad("REDIS_ENCRYPTION_KEYS", f"key {number} has fewer than {KEY_CHARACTERS} characters")
    return keys


def _host(url: str, options: Host) -> Host:
    if not url.startswith(("redis://", "rediss://", "unix://")):
        raise _bad("REDIS_URL", "it must begin with redis://, rediss:// (TLS) or unix://")
    if (not _URL.fullmatch(url) and url != "redis://") or _BAD_ESCAPE.search(url):
        raise _bad(
            "REDIS_URL",
            "it must be of the form redis://user:password@host:6379/0; in a password @ : / ? # % are written "
            "%40 %3A %2F %3F %23 %25",
        )
    try:
        given: Host = {**parse_url(url)}
        _check_options(given)
        host: Host = {**{name: value for name, value in options.items() if value != ""}, **given}
        names = {key: f"REDIS_URL's {key}" if key in given else name for key, name in TLS_FILES.items()}
        if not url.startswith("rediss://") and (idle := [names[key] for key in TLS_FILES if key in host]):
            raise _bad(idle[0], "TLS needs a REDIS_URL that begins with rediss://")
        # Nothing is connected by this, but each option is tried on.
        connection: Any = ConnectionPool(**host).make_connection()  # type: ignore[no-untyped-call]
    except (ValueError, RedisError) as error:
        raise _bad("REDIS_URL", str(error).rstrip(".")) from None
    except TypeError as error:
        raise _bad("REDIS_URL", f"an option of it is not known ({_name_in(error)})") from None
    if isinstance(connection, SSLConnection):
        _check_files({key: host.get(key) for key in TLS_FILES}, names, connection)
    return host


def _check_options(given: Host) -> None:
    """The options of a URL's query that redis-py takes as they come, and the application can't work with."""
    for name in ("socket_timeout", "socket_connect_timeout", "health_check_interval"):
        least = 0.0 if name == "health_check_interval" else 0.05
        if name in given and not (math.isfinite(given[name]) and given[name] >= least):
            raise _bad("REDIS_URL", f"its {name} must be a number of seconds, {least:g} or more")
    if given.get("max_connections", 2) < 2:
        raise _bad("REDIS_URL", "its max_connections must be 2 or more")
    for ours in {"decode_responses", "protocol", "encoding"} & given.keys():
        raise _bad("REDIS_URL", f"the application sets {ours} itself")


def _name_in(error: TypeError) -> str:
    """The name of the option that redis-py does not know; its message has nothing else of the URL."""
    return next(iter(re.findall(r"argument '(\w+)'", str(error))), "see its query")


def _check_files(files: dict[str, str | None], names: dict[str, str], connection: SSLConnection) -> None:
    for key, file in files.items():
        try:
            if file is not None:
                Path(file).read_bytes()
        except OSError as error:
            raise _bad(names[key], f"{file}: {error.strerror}") from None
    if files["ssl_keyfile"] and not files["ssl_certfile"]:
        raise _bad(names["ssl_keyfile"], f"a key needs its certificate, {names['ssl_certfile']}")
    try:
        connection.ssl_context.get()
    except ssl.SSLError as error:
        # Certificate and key are loaded first.
        wrong = names["ssl_ca_certs"]
        if files["ssl_certfile"]:
            wrong = f"{names['ssl_certfile']} with its key, or {wrong},"
        raise _bad(wrong, f"no certificates in PEM that fit ({error.reason or error})") from None


def _sentinels(text: str) -> Sequence[tuple[str, int]]:
    found = [_SENTINEL.fullmatch(part.strip()) for part in text.split(",") if part.strip()]
    addresses = [(one["host"].strip("[]"), int(one["port"] or SENTINEL_PORT)) for one in found if one]
    if not addresses or not all(found) or not all(0 < port < 65536 for _, port in addresses):
        raise _bad("REDIS_SENTINELS", "it must be of the form host:26379,host:26379")
    return addresses


def _bad(variable: str, why: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"{variable} can't be used: {why}.")
