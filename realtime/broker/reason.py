"""What redis-py's errors say, for the log."""

import re


def reason(error: BaseException) -> str:
    """An error in a few words: redis-py's own, up to the first full stop before details, and what TLS has to say."""
    text, _, details = str(error).partition(". ")
    tls = re.search(r"\[SSL: \w+\][^(]*", details)
    return f"{text}: {tls[0].strip()}" if tls else text.rstrip(".") or type(error).__name__
