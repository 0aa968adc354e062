"""What `manage.py check_redis` finds, as tests read it."""

from collections.abc import Callable
from typing import NamedTuple

PASSWORD = "not-for-the-screen"
SECONDS = 10.0
"""For each step: what answers at all does so sooner, also where other processes keep it waiting."""
BRIEF = 0.7
"""For each step with what does not answer."""


class Outcome(NamedTuple):
    status: int
    findings: list[dict[str, str]]
    took: float

    def named(self, status: str) -> dict[str, str]:
        """What the findings of this status say, by check."""
        return {one["check"]: one["said"] for one in self.findings if one["status"] == status}

    def advice(self) -> str:
        """That of the one check that failed."""
        [advice] = [one["advice"] for one in self.findings if one["status"] == "failed"]
        return advice

    def fails(self, check: str, *words: str) -> None:
        """Asserts that this check, and no other, failed with these words, and that there is advice."""
        assert self.status == 1
        failed = [one for one in self.findings if one["status"] == "failed"]
        assert {one["check"] for one in failed} == {check}, failed
        assert all(word in failed[0]["said"] for word in words), failed
        assert all(one["advice"] for one in failed)


Look = Callable[..., Outcome]
