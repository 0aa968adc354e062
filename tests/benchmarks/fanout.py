"""The comparison: all servers in turn, round after round, so that what the machine does meanwhile hits all alike."""

from collections.abc import Iterator, Sequence

from tests.benchmarks import trial
from tests.benchmarks.contestants import Contestant
from tests.benchmarks.machine import say
from tests.benchmarks.surroundings import Surroundings
from tests.benchmarks.trial import Trial


def run(
    around: Surroundings,
    contestants: Sequence[type[Contestant]],
    *,
    connections: Sequence[int],
    rounds: int,
    seconds: float,
) -> Iterator[Trial]:
    """A trial of each server, for each number of connections, in each round."""
    for count in connections:
        for number in range(rounds):
            for kind in contestants:
                result = trial.run(kind, around, connections=count, seconds=seconds)
                say(f"{count:5} connections, round {number + 1} of {rounds}: {line(result)}")
                yield result


def line(result: Trial) -> str:
    """A trial in a line."""
    loads = "; ".join(
        f"{name}: {load.deliveries_per_second:,.0f}/s, {load.deliveries_per_cpu_second:,.0f} per CPU-s"
        for name, load in result.loads.items()
        if load is not None
    )
    return (
        f"{result.contestant:9} {result.connects_per_second:6,.0f} connects/s, {result.kilobytes:4.1f} KB, "
        f"idle {result.idle_percent:.2f} %; {loads}"
    )
