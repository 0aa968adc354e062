"""From the name to TLS: each step by itself, so that the one that fails has a name."""

import asyncio
import socket
import ssl
import threading

from realtime.broker.diagnose.findings import Report
from realtime.broker.diagnose.link import Link, NotRedisError, RefusedError
from realtime.broker.diagnose.target import Target

BAD_CERTIFICATES = {
    10: ("the certificate has expired", "Renew the certificate of Redis."),
    18: ("the certificate is signed by itself alone", "Name it, or the authority that signs it, in REDIS_CA_FILE."),
    19: ("the certificate's authority is not trusted here", "Name the authority's certificate in REDIS_CA_FILE."),
    20: ("the certificate's authority is not trusted here", "Name the authority's certificate in REDIS_CA_FILE."),
    62: ("the certificate is for another name", "Use a name in REDIS_URL that the certificate is for."),
    64: ("the certificate is for another address", "Use a name in REDIS_URL that the certificate is for."),
}
"""By OpenSSL's number of the error."""


async def connect(target: Target, seconds: float, report: Report) -> Link | None:
    """A connection over which nothing has been said yet, or None; the report tells how far it came."""
    where = str(target)
    if not target.path and not await _resolve(target, seconds, report):
        return None
    try:
        link = await Link.open(target.host, target.port, target.path, seconds)
    except TimeoutError:
        said = f"no answer to the attempt to connect within {seconds:g} s"
        report.failed(where, "tcp", said, "Is the address right? A firewall or security group may drop the packets.")
        return None
    except OSError as error:
        refused = isinstance(error, ConnectionRefusedError) or "Errno 111" in str(error)
        said = "the connection is refused: nothing listens there" if refused else f"{error.strerror or error}"
        report.failed(where, "tcp", said, "Start Redis there, or correct host and port in REDIS_URL.")
        return None
    report.ok(where, "tcp", "connected")
    if target.tls is None or await _start_tls(target, target.tls, link, seconds, report):
        return link
    link.close()
    return None


async def _resolve(target: Target, seconds: float, report: Report) -> bool:
    try:
        addresses = await _addresses(target.host, seconds)
    except TimeoutError:
        report.failed(str(target), "name", f"not resolved within {seconds:g} s", "Look after the name server.")
    except OSError:
        said = f"{target.host} can't be resolved"
        report.failed(str(target), "name", said, "Correct the name, or run where it is known (same network).")
    else:
        said = "is an address" if addresses == [target.host] else f"resolves to {', '.join(addresses)}"
        report.ok(str(target), "name", f"{target.host} {said}")
        return True
    return False


async def _addresses(host: str, seconds: float) -> list[str]:
    """In a thread that nobody waits for in the end: a name server may take longer than the loop's own thread pool."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[str]] = loop.create_future()

    def settle(found: list[str] | OSError) -> None:
        if not answer.done():
            answer.set_exception(found) if isinstance(found, OSError) else answer.set_result(found)

    def ask() -> None:
        found: list[str] | OSError
        try:
            found = list(dict.fromkeys(str(one[4][0]) for one in socket.getaddrinfo(host, None)))
        except OSError as error:
            found = error
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, found)

    threading.Thread(target=ask, daemon=True).start()
    return await asyncio.wait_for(answer, seconds)


async def _start_tls(target: Target, context: ssl.SSLContext, link: Link, seconds: float, report: Report) -> bool:
    where = str(target)
    try:
        await link.start_tls(context, target.host)
    except ssl.SSLCertVerificationError as error:
        known = (error.verify_message, "Look at it with openssl s_client.")
        report.failed(where, "tls", *BAD_CERTIFICATES.get(error.verify_code, known))
    except OSError as error:
        if await _speaks_plainly(target, seconds):
            said = "Redis answers there, but without TLS"
            report.failed(where, "tls", said, "Write redis:// in REDIS_URL, or turn on TLS in Redis (tls-port).")
        else:
            why = getattr(error, "reason", None) or f"no answer within {seconds:g} s"
            report.failed(where, "tls", f"no TLS with it ({why})", "Look at it with openssl s_client.")
    else:
        report.ok(where, "tls", "the certificate is good")
        return True
    return False


async def _speaks_plainly(target: Target, seconds: float) -> bool:
    """Whether it answers as Redis does without TLS."""
    try:
        link = await Link.open(target.host, target.port, target.path, seconds)
    except OSError:
        return False
    try:
        await link.call("PING")
    except RefusedError:
        return True
    except (OSError, NotRedisError):
        return False
    finally:
        link.close()
    return True


async def speaks_tls(target: Target, seconds: float) -> bool:
    """Whether there is TLS, whatever certificate it shows."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        link = await Link.open(target.host, target.port, target.path, seconds)
    except OSError:
        return False
    try:
        await link.start_tls(context, target.host)
    except ssl.SSLError as error:
        return "ALERT" in (error.reason or "")
    except OSError:
        return False
    finally:
        link.close()
    return True
