"""What the errors of redis-py mean. It has one class for most of them, so they are recognised by their text."""

import re

from redis.exceptions import RedisError

from realtime.broker.diagnose.probe import Probe

Cause = tuple[str, str, str]
"""The step that failed, what to say, what to do."""

_TRUST = "Name the certificate of its authority in REDIS_CA_FILE."
_NAME = "Use a name in {place} that the certificate is for."
_ADDRESS = "Correct host and port in {place}."
_LOG = "Look into the log of Redis."

CAUSES = {
    "tls": {
        "certificate has expired": ("the certificate has expired", "Renew the certificate of Redis."),
        "in certificate chain|local issuer": ("the certificate's authority is not trusted here", _TRUST),
        "self.signed certificate": ("the certificate is self-signed and not trusted here", _TRUST),
        "Hostname mismatch": ("the certificate is for another name", _NAME),
        "IP address mismatch": ("the certificate is for another address", _NAME),
        r"connecting to .*\[SSL": ("no TLS with it ({error})", "Look at it with openssl s_client."),
    },
    "tcp": {
        "^Timeout connecting": ("no answer to the attempt to connect", f"{_ADDRESS} A firewall may drop the packets."),
        "^Error 111|Errno 111": ("the connection is refused: nothing listens there", f"Start Redis, or: {_ADDRESS}"),
        "^Error .*connecting to ": ("{error}", _ADDRESS),
    },
    "answer": {
        "^LOADING": ("it is still loading its data", "Wait; INFO persistence tells how far it is."),
        "^DENIED": ("it is in protected mode: only for its own machine", "Set a password in Redis and in {password}."),
        "^ERR max number of clients": ("it accepts no more connections", "Raise maxclients, or see CLIENT LIST."),
        "^Protocol error": ("what answers there is not Redis", _ADDRESS),
        "^Timeout (reading|writing)": (
            "it answers nothing within {seconds:g} s",
            "Restart Redis; or is it another server?",
        ),
        r"(closed by|while reading|while writing).*\(TLS\)$": (
            "it ends TLS at once: a certificate of this client is missing or not accepted",
            "Name one in REDIS_CERT_FILE, and its key in REDIS_KEY_FILE.",
        ),
        "closed by|while reading|while writing": ("it closes the connection without an answer", f"{_LOG} Is it Redis?"),
    },
    "sign-in": {
        "^WRONGPASS|invalid password": ("the password of {who} is refused", "Correct {password}."),
        "^NOAUTH": ("it wants a password, and none is given", "Give it in {password}."),
        "any password|no password": ("a password is given, and Redis has none", "Set requirepass, or remove it here."),
    },
}
"""By step and by a pattern of "CODE text (TLS)": what to say, and what to do. The first match counts."""


def explain(error: RedisError, step: str, probe: Probe) -> Cause:
    """`step` was under way. The password is not in what is returned, though a server may repeat it in its answer."""
    text = str(error).replace(str(probe.options.get("password") or "\n"), "…")
    line = f"{error.status_code or ''} {text}{' (TLS)' if probe.tls else ''}".strip()
    for check, causes in CAUSES.items():
        for pattern, (said, advice) in causes.items():
            if re.search(pattern, line, re.DOTALL):
                told = said.format(error=text, who=probe.who, seconds=probe.seconds)
                return check, told, advice.format(place=probe.place_setting, password=probe.password_setting)
    return step, f"refused: {text}", f"{_LOG} ACL LIST shows what a user may do."
