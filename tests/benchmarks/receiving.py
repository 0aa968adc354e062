"""What a replica pays for an event that another process publishes, with one socket; and for a connect."""

from tests.benchmarks import trial
from tests.benchmarks.broadcast import Publisher, broadcast
from tests.benchmarks.contestants import Todo
from tests.benchmarks.crowd import Crowd
from tests.benchmarks.machine import cpu_seconds
from tests.benchmarks.surroundings import Surroundings

Costs = dict[str, list[float]]
"""Microseconds of CPU of the replica: by what, one figure for each round."""


def run(around: Surroundings, *, rounds: int, connections: int, seconds: float) -> Costs:
    """A new replica in each round."""
    costs: Costs = {"an event received, one socket": [], "a connect": []}
    for _ in range(rounds):
        with Todo(around) as server, Crowd(server.port, greeting=server.greeting) as crowd:
            doors = server.doors(connections)
            crowd.connect(doors[:1])
            with Publisher(
                server.publisher(), env=server.environment(), log=server.folder / "publisher.txt"
            ) as publisher:
                for length in (trial.WARM_UP_SECONDS, seconds):
                    load = broadcast(crowd, publisher, pid=server.pid, in_flight=1, seconds=length)
            costs["an event received, one socket"].append(1e6 / load.deliveries_per_cpu_second)
            crowd.connect(doors[: trial.FIRST])
            before = cpu_seconds(server.pid)
            crowd.connect(doors[trial.FIRST :])
            used = cpu_seconds(server.pid) - before
            costs["a connect"].append(1e6 * used / (connections - trial.FIRST))
    return costs
