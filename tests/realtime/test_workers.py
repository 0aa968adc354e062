"""The parent of workers, with workers that behave badly."""

import itertools
import subprocess
import sys
import time

from tests.processes import children, is_alive
from tests.servers import ROOT, wait_until

PARENT = """
import sys
from realtime.server import supervisor
supervisor.GRACE_SECONDS, supervisor.FIRST_PAUSE, supervisor.LONGEST_PAUSE = 0.5, 0.2, 0.4
command = [sys.executable, "-c", sys.argv[2]]
sys.exit(supervisor.Supervisor(command, sockets=[], count=int(sys.argv[1]), drain_seconds=0).run())
"""
# One write each: the two share a pipe, and print() may make two of a line.
STUBBORN = (
    "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); os.write(1, b'up\\n'); time.sleep(60)"
)
SHORT_LIVED = "import time; print(time.monotonic(), flush=True); raise SystemExit(3)"


def parent(count: int, worker: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PARENT, str(count), worker]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_worker_that_does_not_end_is_killed():
    """After the time for the drain and some grace; the status says that it was not in order."""
    with parent(2, STUBBORN) as process:
        assert process.stdout
        assert [process.stdout.readline() for _ in range(2)] == ["up\n", "up\n"]
        workers = children(process.pid)
        began = time.monotonic()
        process.terminate()
        assert process.wait(10) == 1
        assert time.monotonic() - began >= 0.5
        assert not any(is_alive(pid) for pid in workers)


def test_a_worker_that_always_dies_is_not_restarted_in_a_hurry():
    """Each time after a longer pause, up to a longest one; SIGTERM ends it in the middle of a pause."""
    with parent(1, SHORT_LIVED) as process:
        assert process.stdout
        starts = [float(process.stdout.readline()) for _ in range(5)]
        pauses = [later - earlier for earlier, later in itertools.pairwise(starts)]
        assert pauses[0] >= 0.2
        assert min(pauses[1:]) >= 0.4
        wait_until(lambda: not children(process.pid), what="the worker to end")
        process.terminate()
        assert process.wait(10) == 0
        assert process.stderr
        assert "status 3" in process.stderr.read()
