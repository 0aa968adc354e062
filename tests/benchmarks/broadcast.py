"""Publishing to a crowd in a closed loop: the next event follows when the last client has got an earlier one."""

import itertools
import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.benchmarks.crowd import Crowd
from tests.benchmarks.machine import cpu_seconds
from tests.servers import ROOT, wait_until

LOOK_SECONDS = 0.001
"""How often it is asked, with many events in flight, what the last client has got."""

IDLE_SECONDS = 0.1
"""The longest that the clients wait for the first byte of an event."""


@dataclass(frozen=True)
class Load:
    """What came of one run.

    `p50` and `p99`: milliseconds until the last client had an event; None where none got so far.
    """

    events: int
    deliveries_per_second: float
    deliveries_per_cpu_second: float
    cpu_percent: float
    p50: float | None
    p99: float | None


class Publisher:
    """A process that publishes when told to."""

    def __init__(self, command: Sequence[str], *, env: Mapping[str, str], log: Path) -> None:
        self._log = log
        with log.open("wb") as errors:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, **env},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
            )
        assert self._process.stdin
        assert self._process.stdout
        self._input = self._process.stdin
        if self._process.stdout.readline() != b"ready\n":
            raise AssertionError(f"the publisher ended at its start:\n{self._log.read_text()}")

    def publish(self, count: int) -> None:
        """Returns at once."""
        try:
            self._input.write(b"%d\n" % count)
            self._input.flush()
        except BrokenPipeError:
            raise AssertionError(f"the publisher has ended:\n{self._log.read_text()}") from None

    def close(self) -> None:
        self._input.close()
        wait_until(lambda: self._process.poll() is not None, timeout=60, what="the publisher to end")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._process.kill()
        self._process.wait()


def broadcast(
    crowd: Crowd,
    publisher: Publisher,
    *,
    pid: int,
    in_flight: int,
    seconds: float,
    patience: float = 30,
    pause: float = 0,
) -> Load:
    """Keeps `in_flight` events on their way for so many seconds; then waits, `patience` seconds in all, for the last.

    `pid` is the server's process. All that was published has arrived, unless patience has run out. Without a `pause`
    the clients do not sleep from the first byte of an event to the last, so that no server pays for waking them; with
    one they leave the core to others. While nothing is on its way to them they sleep: publisher, Redis and database are
    on their core, and would wait for the scheduler at each step.
    """
    crowd.forget()
    clients = len(crowd.counts)
    latencies: list[float] = []
    cpu, began = cpu_seconds(pid), time.monotonic()
    publisher.publish(in_flight)
    sent_at = [began] * in_flight
    now = next_look = began
    while len(latencies) < len(sent_at) and now < began + patience:
        is_idle = crowd.total == clients * len(latencies)
        crowd.read(pause or (IDLE_SECONDS if is_idle else 0))
        now = time.monotonic()
        if crowd.total < clients * (len(latencies) + 1) or (in_flight > 1 and now < next_look):
            continue
        next_look = now + LOOK_SECONDS
        arrived = sent_at[len(latencies) : min(crowd.counts)]
        latencies += [now - then for then in arrived]
        if arrived and now < began + seconds:
            publisher.publish(len(arrived))
            sent_at += [now] * len(arrived)
    took, used = now - began, cpu_seconds(pid) - cpu
    return Load(
        events=len(latencies),
        deliveries_per_second=crowd.total / took,
        deliveries_per_cpu_second=crowd.total / used,
        cpu_percent=100 * used / took,
        p50=percentile(latencies, 50),
        p99=percentile(latencies, 99),
    )


def percentile(seconds: Sequence[float], percent: int) -> float | None:
    """In milliseconds, the nearest that was measured."""
    if not seconds:
        return None
    ordered = sorted(seconds)
    return 1000 * ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def wait_quietly(crowd: Crowd, seconds: float) -> None:
    """Lets time pass and answers pings."""
    end = time.monotonic() + seconds
    for _ in itertools.takewhile(lambda _: time.monotonic() < end, itertools.count()):
        crowd.read(max(0.0, end - time.monotonic()))
