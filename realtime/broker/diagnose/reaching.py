"""From the name to the sign-in: connects as the channel layer does, first without its password."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncIterator
from concurrent.futures import Future
from contextlib import asynccontextmanager

from redis.asyncio import Redis
from redis.asyncio.connection import ConnectionPool, SSLConnection
from redis.exceptions import InvalidResponse, NoPermissionError, RedisError, ResponseError

from realtime.broker.diagnose.causes import Cause, explain
from realtime.broker.diagnose.probe import Probe
from realtime.broker.hosts import Host
from realtime.broker.shard import pool_of

OF_THE_USER = {"username", "password", "credential_provider", "client_name", "db"}


@asynccontextmanager
async def reach(probe: Probe) -> AsyncIterator[Redis | None]:
    """A client that is signed in, or None. The findings tell how far it came, and what failed while it was in use."""
    pool = pool_of(probe.options)
    try:
        found = await _resolve(probe) and await _answers(probe)
        yield await _sign_in(probe, Redis(connection_pool=pool)) if found else None
    except RedisError as error:
        probe.failed(*explain(error, "answer", probe))
    finally:
        await _close(pool)


async def _resolve(probe: Probe) -> bool:
    """In a thread of its own, so that the command can end before a slow name server answers."""
    host = probe.host
    answer: Future[list[str]] = Future()

    def ask() -> None:
        try:
            answer.set_result(list(dict.fromkeys(str(one[4][0]) for one in socket.getaddrinfo(host, None))))
        except (OSError, UnicodeError) as error:
            answer.set_exception(error)

    if "path" in probe.options:
        return True
    answer.set_running_or_notify_cancel()  # from now on it can't be cancelled: the thread may set it late
    threading.Thread(target=ask, daemon=True).start()
    try:
        addresses = await asyncio.wait_for(asyncio.wrap_future(answer), probe.seconds)
    except TimeoutError:
        probe.failed("name", f"not resolved within {probe.seconds:g} s", "Check the name server.")
    except (OSError, UnicodeError):
        probe.failed("name", f"{host} can't be resolved", "Correct the name, or run where it is known (same network).")
    else:
        probe.ok("name", f"{host} {'is an address' if addresses == [host] else 'resolves to ' + ', '.join(addresses)}")
        return True
    return False


async def _answers(probe: Probe) -> bool:
    """Whether it answers as Redis does. It is not shown the password before that."""
    bare = {name: value for name, value in probe.options.items() if name not in OF_THE_USER} | {"driver_info": None}
    error = await _ping(bare)
    cause = await _cause(probe, bare, error) if error else None
    tls = {"tls": "the certificate is good"} if probe.tls else {}
    for check, said in {"tcp": "connected", **tls, "answer": "Redis answers"}.items():
        if cause and cause[0] == check:
            break
        probe.ok(check, said)
    if cause:
        probe.failed(*cause)
    return cause is None


async def _ping(options: Host) -> RedisError | None:
    """What is wrong; nothing where Redis answers, or wants a sign-in first."""
    pool = pool_of(options)
    try:
        if await Redis(connection_pool=pool).ping():
            return None
        return InvalidResponse("Protocol error: no PONG")
    except RedisError as error:
        return None if error.status_code in {"NOAUTH", "NOPERM"} else error
    finally:
        await _close(pool)


async def _cause(probe: Probe, bare: Host, error: RedisError) -> Cause:
    """Looks whether the other of TLS and no TLS would work."""
    cause = explain(error, "answer", probe)
    if _is_reply(error) or "path" in bare or probe.tls == (cause[0] == "answer"):
        return cause
    plain = {name: value for name, value in bare.items() if name != "connection_class" and name[:4] != "ssl_"}
    over_tls = {"connection_class": SSLConnection, "ssl_cert_reqs": "none", "ssl_check_hostname": False}
    other = await _ping(plain if probe.tls else plain | over_tls)
    works = other is None or _is_reply(other)
    if not probe.tls:
        speaks_tls = works or "ALERT" in str(other)
        return ("answer", "it speaks TLS", "Write rediss:// in REDIS_URL, with two s.") if speaks_tls else cause
    if works:
        advice = "Write redis:// in REDIS_URL, or turn on TLS in Redis (tls-port)."
        return ("tls", "Redis answers there, but without TLS", advice)
    if cause[0] == "tcp" and other and explain(other, "answer", probe)[0] != "tcp":
        return ("tls", f"no TLS with it ({error})", "Look at it with openssl s_client.")
    return cause


def _is_reply(error: RedisError) -> bool:
    return bool(error.status_code) or isinstance(error, ResponseError)


async def _sign_in(probe: Probe, client: Redis) -> Redis | None:
    try:
        # This signs in, and selects the database.
        connection = await client.connection_pool.get_connection()  # type: ignore[no-untyped-call]
        await client.connection_pool.release(connection)
        with contextlib.suppress(NoPermissionError):
            await client.ping()
    except RedisError as error:
        probe.failed(*explain(error, "sign-in", probe))
        return None
    if probe.options.get("username") or probe.options.get("password"):
        probe.ok("sign-in", f"as {probe.who}")
    else:
        probe.warning("sign-in", "it requires no password", "Any client that reaches it has all rights: set one.")
    return client


async def _close(pool: ConnectionPool) -> None:
    with contextlib.suppress(RedisError):
        await pool.disconnect()
