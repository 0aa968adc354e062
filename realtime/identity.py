"""Who connects, or why nobody does: what a project's `IDENTITIES_OF` answers with."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Identity:
    """A person, and until when this sign-in counts (`time.time()` seconds; None: as long as the socket lasts).

    `user_id` is the user's primary key: an integer, a UUID or a string.
    """

    user_id: Any
    expires_at: float | None = None


class Refused(Exception):
    """No sign-in. `detail` tells the client why, in a sentence; `reason` in one word, for programs.

    `is_final`: signing in again would not help (close code 4403 and not 4401).
    """

    def __init__(self, detail: str, *, reason: str = "", is_final: bool = False) -> None:
        super().__init__(detail)
        self.detail = detail
        self.reason = reason
        self.is_final = is_final
