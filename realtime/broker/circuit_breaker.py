"""What is not tried for a while after it has failed."""

import time


class CircuitBreaker:
    """Open for a while after each failure: `first` seconds, then twice as long each time, at most `longest`."""

    def __init__(self, *, first: float = 1.0, longest: float = 5.0) -> None:
        self._first = first
        self._longest = longest
        self._pause = 0.0
        self._until = 0.0

    @property
    def remaining(self) -> float:
        """Seconds until it closes."""
        return max(0.0, self._until - time.monotonic())

    @property
    def is_open(self) -> bool:
        return self.remaining > 0

    def failed(self) -> None:
        self._pause = min(self._longest, self._pause * 2 or self._first)
        self._until = time.monotonic() + self._pause

    def succeeded(self) -> None:
        self._pause = self._until = 0.0
