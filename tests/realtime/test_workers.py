"""The parent of workers, with workers that behave badly."""

import itertools
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from realtime.server.supervisor import _metrics_folder
from tests.processes import children, is_alive
from tests.servers import ROOT, wait_until

# The thread has no signals blocked, as one of a database pool, or of a library, that was made before.
PARENT = """
import sys, threading
from realtime.server import supervisor
threading.Thread(target=threading.Event().wait, daemon=True).start()
supervisor.GRACE_SECONDS, supervisor.FIRST_PAUSE, supervisor.LONGEST_PAUSE = 0.5, 0.2, 0.4
exec(sys.argv[3])
command = [sys.executable, "-c", sys.argv[2]]
sys.exit(supervisor.Supervisor(command, sockets=[], count=int(sys.argv[1]), drain_seconds=0).run())
"""
# One write each: the two share a pipe, and print() may make two of a line.
STUBBORN = (
    "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); os.write(1, b'up\\n'); time.sleep(60)"
)
SHORT_LIVED = "import time; print(time.monotonic(), flush=True); raise SystemExit(3)"

THIRD_START_FAILS = """
import errno, itertools, subprocess
start, numbers = subprocess.Popen, itertools.count(1)
def popen(*args, **options):
    if next(numbers) == 3:
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")
    return start(*args, **options)
subprocess.Popen = popen
"""


def parent(count: int, worker: str, *, before: str = "") -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PARENT, str(count), worker, before]
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


def test_no_signal_is_lost_to_another_thread():
    """The kernel may give it to any of the parent's. Workers that are killed are replaced, and the end is in order."""
    with parent(2, STUBBORN) as process:
        assert process.stdout
        assert process.stderr
        assert [process.stdout.readline() for _ in range(2)] == ["up\n", "up\n"]
        for number, lines in ((signal.SIGKILL, 2), (signal.SIGKILL, 2), (signal.SIGTERM, 0)):
            process.send_signal(signal.SIGSTOP)  # signals that arrive meanwhile wait for the thread that runs first
            wait_until(lambda: ") T " in Path(f"/proc/{process.pid}/stat").read_text(), what="the parent to stop")
            for pid in children(process.pid) if lines else [process.pid]:
                os.kill(pid, number)
            process.send_signal(signal.SIGCONT)
            assert [process.stdout.readline() for _ in range(lines)] == ["up\n"] * lines
        assert process.wait(10) == 1
        assert process.stderr.read().count("is killed: it has not ended within 0.5 s") == 2


def test_a_worker_that_cannot_be_started_now_is_started_later():
    """The system has too many processes at the moment, say. The other worker serves on."""
    with parent(2, STUBBORN, before=THIRD_START_FAILS) as process:
        assert process.stdout
        assert process.stderr
        assert [process.stdout.readline() for _ in range(2)] == ["up\n", "up\n"]
        first, second = sorted(children(process.pid))
        os.kill(first, signal.SIGKILL)
        assert process.stdout.readline() == "up\n"
        assert second in children(process.pid)
        process.terminate()
        assert process.wait(10) == 1
        assert "could not be started: Resource temporarily unavailable" in process.stderr.read()


def test_a_failure_of_the_parent_is_not_taken_for_one_of_the_metrics_folder():
    """Only what goes wrong with the folder itself is said to."""
    with pytest.raises(OSError, match="asked for"), _metrics_folder():
        raise OSError("asked for")


def test_a_worker_that_always_dies_is_not_restarted_in_a_hurry(heeded_signals):
    """Each time after a longer pause, up to a longest one; the terminal's end ends it in the middle of a pause."""
    with parent(1, SHORT_LIVED) as process:
        assert process.stdout
        starts = [float(process.stdout.readline()) for _ in range(5)]
        pauses = [later - earlier for earlier, later in itertools.pairwise(starts)]
        assert pauses[0] >= 0.2
        assert min(pauses[1:]) >= 0.4
        wait_until(lambda: not children(process.pid), what="the worker to end")
        process.send_signal(signal.SIGHUP)
        assert process.wait(10) == 0
        assert process.stderr
        assert "status 3" in process.stderr.read()
