"""python -m tests.benchmarks --help"""

import argparse
import dataclasses
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.benchmarks import (
    capacity,
    fanout,
    http_latency,
    machine,
    many_tasks,
    one_list,
    report,
    rest,
    sizing,
    slow_reader,
    snapshots,
    store,
    storm,
    writes,
)
from tests.benchmarks.contestants import ALL
from tests.benchmarks.machine import say
from tests.benchmarks.opening import CrowdError
from tests.benchmarks.surroundings import POSTGRESQL, SQLITE, surroundings

DESCRIPTION = """\
Measures this application beside others, on this machine, with servers, Redis and PostgreSQL of its own. Results are
kept in .bench/ and written to docs/benchmarks.md with a drawing. Nothing else should run meanwhile."""


def compare(options: argparse.Namespace) -> None:
    """Fan-out of several servers, in turn: throughput, latency, memory, connecting."""
    kinds = [ALL[name] for name in options.servers]
    versions = {kind.name: kind.versions() for kind in kinds}
    with surroundings(database=options.database, people=max(options.connections) // options.per_person) as around:
        trials = [
            dataclasses.asdict(trial)
            for trial in fanout.run(
                around,
                kinds,
                connections=options.connections,
                rounds=options.rounds,
                seconds=options.seconds,
            )
        ]
    keep("compare", options, trials, versions=versions, database=options.database, rounds=options.rounds)


def http(options: argparse.Namespace) -> None:
    """GET /api/tasks while events go to all sockets without a pause, and while nothing happens."""
    with surroundings(database=options.database, people=100) as around:
        result = http_latency.run(around, connections=options.connections, seconds=options.seconds)
    keep("http", options, dataclasses.asdict(result), database=options.database)


def reconnect(options: argparse.Namespace) -> None:
    """A killed replica's clients come to another one, all at once, and go on where they were."""
    clients = options.connections
    with surroundings(database=options.database, people=clients, count_queries=True) as around:
        result = storm.run(around, clients=clients)
    keep("storm", options, dataclasses.asdict(result), database=options.database)


def requests(options: argparse.Namespace) -> None:
    """CPU of one REST request, beside a stock REST framework project."""
    with surroundings(database=SQLITE, people=1) as around:
        costs = rest.run(around, rounds=options.rounds, count=options.count)
    keep("rest", options, costs, database=SQLITE, rounds=options.rounds)


def write(options: argparse.Namespace) -> None:
    """Writes with the event log and without, on both databases; then sixteen people in one list."""
    singly = {}
    for database in (SQLITE, POSTGRESQL):
        with surroundings(database=database, people=1) as around:
            singly[database] = writes.run(around, count=options.count)
    with surroundings(database=POSTGRESQL, people=one_list.WRITERS) as around:
        many = one_list.run(around, seconds=options.seconds, replicas=options.replicas, workers=options.workers)
    keep("writes", options, {"singly": singly, "one list": dataclasses.asdict(many)})


def slow(options: argparse.Namespace) -> None:
    """One client that never reads among others that do."""
    with surroundings(database=options.database, people=100) as around:
        result = slow_reader.run(around, connections=options.connections, seconds=options.seconds)
    keep("slow", options, dataclasses.asdict(result), database=options.database)


def many(options: argparse.Namespace) -> None:
    """Pages, a search, Today and sync of one list, for a person with 100,000 tasks in 200 lists."""
    with surroundings(database=POSTGRESQL, people=1) as around:
        times = many_tasks.run(around, count=options.count, tasks=5_000 if options.quick else many_tasks.TASKS)
    keep("many", options, times, database=POSTGRESQL)


def snapshot(options: argparse.Namespace) -> None:
    """GET /api/sync of a list with 10,000 tasks: CPU and bytes, on both databases."""
    tasks = 1_000 if options.quick else snapshots.TASKS
    found: dict[str, dict[str, snapshots.Snapshots]] = {}
    for database in (SQLITE, POSTGRESQL):
        for name, notes in snapshots.NOTES.items():
            with surroundings(database=database, people=1) as around:
                costs = snapshots.run(around, count=options.count, tasks=tasks, notes=notes)
                found.setdefault(database, {})[name] = costs
    keep("snapshots", options, found, tasks=tasks)


def size(options: argparse.Namespace) -> None:
    """What a replica, a list and the disk take; and from it, what 1,000, 10,000 and 100,000 people need."""
    say(machine.description())
    with surroundings(database=POSTGRESQL, people=max(options.people, one_list.WRITERS)) as around:
        found = capacity.run(around, seconds=options.seconds)
    print(f"\n{sizing.table(found)}", flush=True)


def everything(options: argparse.Namespace) -> None:
    """compare, http, storm, rest, writes, slow, many and snapshots, each with its defaults (or all of them --quick)."""
    names = ["compare", *(name for name in COMMANDS if name not in ("compare", "capacity", "all", "report"))]
    for name in names:
        arguments = [name, *(["--quick"] if options.quick else [])]
        if name == "compare" and options.peers:
            arguments += ["--servers", *ALL]
        # Each in a process of its own, because one of them lowers its priority.
        subprocess.run([sys.executable, "-m", "tests.benchmarks", *arguments], check=True)


def keep(section: str, options: argparse.Namespace, results: Any, **facts: Any) -> None:
    """Prints what was found; unless it came about --quick, it is kept and goes into the page."""
    found = {section: store.section(options.typed, results, **facts)}
    print(report.section(found, section), flush=True)
    if not options.quick:
        store.save(found)
        write_report(options)


def write_report(options: argparse.Namespace) -> None:
    """docs/benchmarks.md and its drawing, from the results of earlier runs."""
    report.write(store.load())


COMMANDS: dict[str, Callable[[argparse.Namespace], None]] = {
    "compare": compare,
    "http": http,
    "storm": reconnect,
    "rest": requests,
    "writes": write,
    "slow": slow,
    "many": many,
    "snapshots": snapshot,
    "capacity": size,
    "all": everything,
    "report": write_report,
}

DEFAULTS: dict[str, dict[str, Any]] = {
    "compare": {"connections": [200, 1000, 9000], "seconds": 4.0},
    "http": {"connections": 1000, "seconds": 10.0},
    "storm": {"connections": 3000},
    "rest": {"count": 200},
    "writes": {"count": 300, "seconds": 8.0},
    "many": {"count": 300},
    "snapshots": {"count": 20},
    "capacity": {"people": 4000, "seconds": 8.0},
    "slow": {"connections": 1000, "seconds": 8.0},
}

QUICK: dict[str, dict[str, Any]] = {
    "compare": {"connections": [200], "seconds": 1.0, "rounds": 1},
    "http": {"connections": 200, "seconds": 2.0},
    "storm": {"connections": 300},
    "rest": {"count": 30, "rounds": 1},
    "writes": {"count": 50, "seconds": 2.0},
    "many": {"count": 30},
    "snapshots": {"count": 5},
    "capacity": {"people": 400, "seconds": 2.0},
    "slow": {"connections": 200, "seconds": 2.0},
}


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=DESCRIPTION)
    commands = top.add_subparsers(dest="name", metavar="COMMAND", required=True)
    for name, command in COMMANDS.items():
        sub = commands.add_parser(name, help=command.__doc__, description=command.__doc__)
        defaults = DEFAULTS.get(name, {})
        if name != "report":
            sub.add_argument("--quick", action="store_true", help="small numbers, to see that it works")
        if "connections" in defaults:
            sub.add_argument(
                "--connections",
                type=positive,
                metavar="N",
                nargs="+" if name == "compare" else None,
                help=f"clients (default: {shown(defaults['connections'])})",
            )
            sub.add_argument("--database", choices=[POSTGRESQL, SQLITE], default=POSTGRESQL, help="default: PostgreSQL")
        if "seconds" in defaults:
            sub.add_argument(
                "--seconds", type=float, help=f"how long each load lasts (default: {shown(defaults['seconds'])})"
            )
        if "people" in defaults:
            what = f"connections to count with (default: {defaults['people']})"
            sub.add_argument("--people", type=positive, metavar="N", help=what)
        if name == "all":
            sub.add_argument("--peers", action="store_true", help="Node, uWebSockets and nginx with nchan too")
        if name == "compare":
            sub.add_argument(
                "--servers",
                nargs="+",
                choices=list(ALL),
                default=["todo", "send", "bare", "channels", "starlette"],
                help="default: todo send bare channels starlette",
            )
            sub.add_argument(
                "--per-person", type=positive, default=1, metavar="N", help="connections of one person (default: 1)"
            )
        if name == "writes":
            for what, default in {"replicas": 2, "workers": 1}.items():
                of = "" if what == "replicas" else " of each replica"
                text = f"{what}{of} that sixteen people write to (default: {default})"
                sub.add_argument(f"--{what}", type=positive, metavar="N", default=default, help=text)
        if name in ("compare", "rest"):
            sub.add_argument("--rounds", type=positive, metavar="N", help="how often all are measured (default: 3)")
        if "count" in defaults:
            what = f"of each kind (default: {defaults['count']})"
            sub.add_argument("--count", type=positive, metavar="N", help=what)
    return top


def shown(value: Any) -> str:
    return " ".join(f"{one:g}" for one in (value if isinstance(value, list) else [value]))


def positive(text: str) -> int:
    if (number := int(text)) < 1:
        raise ValueError
    return number


def run(arguments: list[str]) -> None:
    options = parser().parse_args(arguments)
    options.typed = shlex.join(["python", "-m", "tests.benchmarks", *arguments])
    chosen = {"rounds": 3} | DEFAULTS.get(options.name, {})
    if getattr(options, "quick", False):
        chosen |= QUICK.get(options.name, {})
    for name, value in chosen.items():
        if getattr(options, name, None) is None:
            setattr(options, name, value)
    if options.name not in {"all", "report"}:
        machine.pin_this_process()
    COMMANDS[options.name](options)


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # which stops what was started
    if not machine.was_quiet():
        say("Something else is running on this machine: the figures will be worse than they should.")
    began = time.monotonic()
    try:
        run(sys.argv[1:])
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)
    except (AssertionError, CrowdError, pytest.skip.Exception) as error:
        sys.exit(f"The benchmark stopped: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
    say(f"Took {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
