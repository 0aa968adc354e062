"""Processes of the operating system, and those that a test run has left behind.

Every process that is started in a test run inherits MARK in its environment, so one is found even after it has become
a daemon or its parent has ended; a process that was given an environment of its own is found as a descendant.
"""

import os
import uuid
from pathlib import Path

MARK = "TODO_TEST_RUN"


def mark_this_run() -> None:
    """Called by each process that runs tests, so that two at the same time do not find each other's."""
    os.environ[MARK] = uuid.uuid4().hex


def children(parent: int) -> list[int]:
    """The process ids of its children; none for a process that has ended."""
    try:
        return [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def is_alive(pid: int) -> bool:
    """Whether the process exists and is not a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def left_behind(*, allowed: frozenset[int] = frozenset()) -> dict[int, str]:
    """The command lines of all processes that this run has started and that still run, by process id.

    `allowed`: processes that may, with all that they have started.
    """
    mine = os.getpid()
    spared = {mine, *descendants(mine, within=allowed)}
    found = (_marked() | descendants(mine)) - spared
    return {pid: _command(pid) for pid in sorted(found) if is_alive(pid)}


def descendants(pid: int, *, within: frozenset[int] | None = None) -> set[int]:
    """Of a process; with `within`, only those processes and what they have started."""
    found: set[int] = set()
    for folder in Path(f"/proc/{pid}/task").glob("*/children"):  # any of its threads may have started one
        try:
            started = folder.read_text().split()
        except (FileNotFoundError, ProcessLookupError):  # that thread has ended
            continue
        for child in map(int, started):
            if within is None or child in within:
                found |= {child, *descendants(child)}
    return found


def _marked() -> set[int]:
    """All processes with this run's mark."""
    mark = f"{MARK}={os.environ[MARK]}".encode()
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (folder / "environ").read_bytes().split(b"\0"):
                found.add(int(folder.name))
        except (FileNotFoundError, PermissionError, ProcessLookupError):
            continue
    return found


def _command(pid: int) -> str:
    """Empty while the process is just being replaced by another program, and once it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""
