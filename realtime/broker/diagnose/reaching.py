"""From the first word to the sign-in."""

from realtime.broker.diagnose.findings import Report
from realtime.broker.diagnose.link import Link, NotRedisError, RefusedError
from realtime.broker.diagnose.network import connect, speaks_tls
from realtime.broker.diagnose.target import Target

ANSWERS = {
    "LOADING": ("it is still loading its data", "Wait; INFO persistence tells how far it is."),
    "DENIED": (
        "it is in protected mode and talks to its own machine alone",
        "Set a password in Redis (requirepass, or an ACL user) and give it in REDIS_PASSWORD.",
    ),
    "ERR max": ("it takes no more connections", "Raise maxclients, or find with CLIENT LIST which clients have them."),
}
"""Refusals of a PING, by how they begin."""


async def reach(target: Target, seconds: float, report: Report) -> Link | None:
    """A signed-in connection, or None; the report tells how far it came."""
    link = await connect(target, seconds, report)
    if link is None:
        return None
    if await _answers(target, link, seconds, report) and await _sign_in(target, link, report):
        return link
    link.close()
    return None


async def another(target: Target, seconds: float) -> Link:
    """One more connection like the one that `reach` gave."""
    link = await Link.open(target.host, target.port, target.path, seconds)
    if target.tls:
        await link.start_tls(target.tls, target.host)
    if target.username or target.password:
        await link.sign_in(target.username, target.password)
    return link


async def _answers(target: Target, link: Link, seconds: float, report: Report) -> bool:
    where = str(target)
    try:
        reply = await link.call("PING")
    except RefusedError as error:
        for begin, (said, advice) in ANSWERS.items():
            if str(error).lstrip("-").startswith(begin):
                report.failed(where, "answer", said, advice)
                return False
        # NOAUTH, NOPERM and the like are what comes before the sign-in.
    except (OSError, NotRedisError) as error:
        if target.tls is None and await speaks_tls(target, seconds):
            report.failed(where, "answer", "it speaks TLS", "Write rediss:// in REDIS_URL, with two s.")
        elif isinstance(error, NotRedisError):
            report.failed(where, "answer", "what answers there is not Redis", "Correct host and port in REDIS_URL.")
        elif isinstance(error, TimeoutError):
            said = f"it takes the connection, and answers nothing within {seconds:g} s"
            report.failed(where, "answer", said, "Redis hangs or is stopped (restart it), or it is something else.")
        elif target.tls:
            # With TLS 1.3 the server judges the client's certificate only after the handshake.
            said = "it ends TLS at once: a certificate of this client is missing or not accepted"
            report.failed(where, "answer", said, "Name one in REDIS_CERT_FILE, and its key in REDIS_KEY_FILE.")
        else:
            said = "it closes the connection without an answer"
            report.failed(where, "answer", said, "Look into the log of Redis; is it Redis?")
        return False
    else:
        if reply != "PONG":
            report.failed(where, "answer", "what answers there is not Redis", "Correct host and port in REDIS_URL.")
            return False
    report.ok(where, "answer", "Redis answers")
    return True


async def _sign_in(target: Target, link: Link, report: Report) -> bool:
    where, who = str(target), f"user {target.username!r}" if target.username else "the default user"
    given = bool(target.username or target.password)
    try:
        if given:
            await link.sign_in(target.username, target.password)
        else:
            await link.call("PING")
    except RefusedError as error:
        text = str(error)
        if error.code == "WRONGPASS" or "invalid password" in text:
            report.failed(where, "sign-in", f"the password of {who} is refused", "Correct REDIS_PASSWORD or REDIS_URL.")
        elif error.code == "NOAUTH":
            advice = "Give it in REDIS_PASSWORD (and REDIS_USERNAME) or in REDIS_URL."
            report.failed(where, "sign-in", "it wants a password, and none is given", advice)
        elif "without any password" in text:
            said = "a password is given, and Redis has none"
            report.failed(where, "sign-in", said, "Set it in Redis (requirepass), or take it out of the settings.")
        elif error.code == "NOPERM":
            report.ok(where, "sign-in", f"as {who}")
            return True
        else:
            report.failed(where, "sign-in", f"{who} is refused: {text}", "Look at ACL LIST in Redis.")
        return False
    except (OSError, NotRedisError):
        report.failed(where, "sign-in", "the connection was lost", "Look into the log of Redis.")
        return False
    if given:
        report.ok(where, "sign-in", f"as {who}")
    else:
        report.warning(where, "sign-in", "it wants no password", "Any client that reaches it has all rights: set one.")
    return True
