"""One server, one number of connections: connect, be idle, one event at a time, many in flight."""

import time
from dataclasses import dataclass
from typing import Any

from tests.benchmarks import event
from tests.benchmarks.broadcast import Load, Publisher, broadcast, wait_quietly
from tests.benchmarks.contestants import Contestant, Todo
from tests.benchmarks.crowd import Crowd
from tests.benchmarks.machine import cpu_seconds, private_kilobytes, say
from tests.benchmarks.opening import CrowdError
from tests.benchmarks.surroundings import Surroundings

IN_FLIGHT = 50
FIRST = 20
"""Clients that come before the rest, so that what a server makes once for all is not counted as theirs."""

WARM_UP_SECONDS = 0.5
SETTLE_SECONDS = 1.0

ONE = "one at a time"
MANY = f"{IN_FLIGHT} in flight"
SINGLY = f"{IN_FLIGHT} in flight, a transaction each"
"""For this application alone, where events can also share one."""


@dataclass(frozen=True)
class Trial:
    contestant: str
    connections: int
    connects_per_second: float
    connects_per_cpu_second: float
    kilobytes: float
    """Private memory of the process, for each connection."""
    idle_percent: float
    """Of a core, with everybody connected and nothing published."""
    loads: dict[str, Load | None]


def run(kind: type[Contestant], around: Surroundings, *, connections: int, seconds: float) -> Trial:
    """Starts the server, measures, and stops it. Each load lasts some `seconds`."""
    with kind(around) as server, Crowd(server.port, greeting=server.greeting) as crowd:
        doors = server.doors(connections)
        crowd.connect(doors[:FIRST])
        wait_quietly(crowd, SETTLE_SECONDS)
        before, cpu = private_kilobytes(server.pid), cpu_seconds(server.pid)
        took = crowd.connect(doors[FIRST:])
        cpu = cpu_seconds(server.pid) - cpu
        wait_quietly(crowd, SETTLE_SECONDS)
        kilobytes = private_kilobytes(server.pid) - before
        idle = idle_percent(server, crowd, seconds)
        return Trial(
            contestant=server.name,
            connections=connections,
            connects_per_second=(connections - FIRST) / took,
            connects_per_cpu_second=(connections - FIRST) / cpu,
            kilobytes=kilobytes / (connections - FIRST),
            idle_percent=idle,
            loads=loads(server, crowd, seconds),
        )


def idle_percent(server: Contestant, crowd: Crowd, seconds: float) -> float:
    cpu, began = cpu_seconds(server.pid), time.monotonic()
    wait_quietly(crowd, seconds)
    return 100 * (cpu_seconds(server.pid) - cpu) / (time.monotonic() - began)


def loads(server: Contestant, crowd: Crowd, seconds: float) -> dict[str, Load | None]:
    """One load after the other, until the server loses a client; None from there on."""
    wanted: dict[str, dict[str, Any]] = {ONE: {"in_flight": 1}}
    if isinstance(server, Todo):
        wanted[SINGLY] = {"in_flight": IN_FLIGHT, "one_by_one": True}
    wanted[MANY] = {"in_flight": IN_FLIGHT}
    measured: dict[str, Load | None] = dict.fromkeys(wanted)
    try:
        for name, options in wanted.items():
            measured[name] = load(server, crowd, seconds=seconds, **options)
    except (CrowdError, ConnectionError) as error:
        if isinstance(server, Todo):
            raise
        say(f"{server.name} lost a client: {error}")
    return measured


def load(server: Contestant, crowd: Crowd, *, in_flight: int, seconds: float, one_by_one: bool = False) -> Load:
    """One load, after a short warm-up, with what the clients got looked at afterwards."""
    environment = server.environment() | ({"ONE_BY_ONE": "1"} if one_by_one else {})
    with Publisher(server.publisher(), env=environment, log=server.folder / "publisher.txt") as publisher:
        broadcast(crowd, publisher, pid=server.pid, in_flight=1, seconds=WARM_UP_SECONDS)
        result = broadcast(crowd, publisher, pid=server.pid, in_flight=in_flight, seconds=seconds)
        if result.events * len(crowd.counts) == crowd.total:
            crowd.check(event.number_of, result.events)
        return result
