"""The machine: which core is whose, what it is, and what a process has used of it."""

import os
import platform
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path

CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE = CORES[0]
CLIENT_CORE = CORES[-1]

QUIET = 0.9


@cache
def was_quiet() -> bool:
    """Whether the cores are idle, for a second; to be asked first before anything is started."""
    before = _idle_seconds()
    time.sleep(1)
    return _idle_seconds() - before > QUIET * (os.cpu_count() or 1)


def _idle_seconds() -> float:
    """Of all cores together, since the machine was started."""
    return float(Path("/proc/uptime").read_text().split()[1])


def pin_this_process() -> None:
    """Puts this process, and all that it starts from now on without `pinned()`, on the clients' core."""
    os.sched_setaffinity(0, {CLIENT_CORE})
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def pinned(command: Sequence[str]) -> list[str]:
    """The command on the servers' core."""
    return ["taskset", "--cpu-list", str(SERVER_CORE), *command]


def file_limit() -> int:
    return resource.getrlimit(resource.RLIMIT_NOFILE)[1]


def cpu_seconds(pid: int) -> float:
    """User and system time of all the process's threads so far: utime + stime of /proc/PID/stat, but in nanoseconds."""
    return time.clock_gettime_ns((~pid << 3) | 2) / 1e9  # as clock_getcpuclockid(3) makes a process's clock


def private_kilobytes(pid: int) -> int:
    """What memory would be free without the process (kernel's socket buffers not counted)."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))


def children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def description() -> str:
    """Processor, cores, memory, kernel, Python."""
    cpu = next(
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    return (
        f"{cpu}, {len(CORES)} cores, {memory:.0f} GiB, {system}, Linux {platform.release()}, "
        f"Python {platform.python_version()}"
    )


def version_of(*command: str) -> str:
    """The first line of what a program says of its version, on whichever output."""
    if shutil.which(command[0]) is None:
        return "missing"
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).strip().splitlines()[0]


def say(text: str) -> None:
    """A line of progress."""
    print(text, file=sys.stderr, flush=True)
