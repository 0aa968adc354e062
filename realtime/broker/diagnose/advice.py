"""What to do about what Redis, TLS or redis-py say, where their words name the cause."""

import re

TOO_MANY_CLIENTS = (
    "CLIENT LIST shows who holds the connections: end those that are not needed, or raise maxclients "
    "(docs/operations.md, TodoRedisConnections)."
)

ADVICE = {
    "max number of clients reached": TOO_MANY_CLIENTS,
    # Over TLS a full Redis closes the connection before the handshake, and can't say why.
    r"^Error connecting to \S+\.$": f"Redis closed the connection before TLS began. If it is full: {TOO_MANY_CLIENTS}",
    "used memory > 'maxmemory'": (
        "Its memory is full: raise maxmemory, or let it evict keys (maxmemory-policy allkeys-lru). Events still pass, "
        "each process caches by itself (docs/operations.md, TodoRedisMemory)."
    ),
    "CERTIFICATE_VERIFY_FAILED.* mismatch": "Write a name in {setting} that the certificate has, or issue one for it.",
    "CERTIFICATE_VERIFY_FAILED.* has expired": "Renew the certificate of Redis.",
    "CERTIFICATE_VERIFY_FAILED.* not yet valid": "Set the clock of this machine, or that of the certificate's issuer.",
    "CERTIFICATE_VERIFY_FAILED": "Name in REDIS_CA_FILE the certificate (PEM) of the authority that signed it.",
    "DB index is out of range": "Write in {setting} the number of a database that Redis has, as in /0 at its end.",
}
"""By a pattern of the text; the first that fits counts. `{setting}` is the variable that has the address."""


def advice_on(text: str, setting: str) -> str:
    """Nothing where the words leave the cause open."""
    return next((advice.format(setting=setting) for sign, advice in ADVICE.items() if re.search(sign, text)), "")
