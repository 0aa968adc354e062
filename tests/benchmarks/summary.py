"""What many trials say together: medians with the least and the greatest, and ratios within one round."""

import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

Trial = dict[str, Any]
"""A `trial.Trial`, as it is kept."""

Value = Callable[[Trial], float | None]


class Spread(NamedTuple):
    median: float
    least: float
    greatest: float

    @classmethod
    def of(cls, values: Iterable[float | None]) -> "Spread | None":
        """None where there is no value, or one is missing."""
        known = list(values)
        numbers = [value for value in known if value is not None]
        if not numbers or len(numbers) < len(known):
            return None
        return cls(statistics.median(numbers), min(numbers), max(numbers))


class Summary:
    """The trials of one comparison, by contestant and number of connections, each in the order of the rounds."""

    def __init__(self, trials: Sequence[Trial]) -> None:
        self._trials: defaultdict[tuple[str, int], list[Trial]] = defaultdict(list)
        for trial in trials:
            self._trials[trial["contestant"], trial["connections"]].append(trial)

    @property
    def contestants(self) -> list[str]:
        return list(dict.fromkeys(name for name, _ in self._trials))

    @property
    def connections(self) -> list[int]:
        return sorted({count for _, count in self._trials})

    def loads(self, contestant: str) -> list[str]:
        """The loads that it was put under."""
        return next(list(trials[0]["loads"]) for (name, _), trials in self._trials.items() if name == contestant)

    def spread(self, contestant: str, connections: int, value: Value) -> Spread | None:
        return Spread.of(value(trial) for trial in self._trials[contestant, connections])

    def ratio(self, one: str, other: str, connections: int, value: Value, value_of_other: Value) -> Spread | None:
        """How many times the other's value the one's is, round by round."""
        ratios: list[float | None] = []
        pairs = zip(self._trials[one, connections], self._trials[other, connections], strict=False)
        for first, second in pairs:
            above, below = value(first), value_of_other(second)
            ratios.append(above / below if above is not None and below else None)
        return Spread.of(ratios)


def of_load(load: str, field: str) -> Value:
    """A field of one load; None where the server lost clients under it."""
    return lambda trial: (trial["loads"][load] or {}).get(field)


def of_trial(field: str) -> Value:
    return lambda trial: trial[field]
