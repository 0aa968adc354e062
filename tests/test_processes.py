"""Processes that tests leave behind are found."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes import is_alive, left_behind
from tests.servers import ROOT
from tests.waiting import wait_until

DAEMON = """
import subprocess
quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
print(subprocess.Popen(["sleep", "100"], start_new_session=True, **quiet).pid)
"""


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "100"], env={}) as process:
        yield process
        process.kill()


def test_a_child_is_found(sleeper: subprocess.Popen[bytes]) -> None:
    """Even without the environment of the run; not once it has ended."""
    wait_until(lambda: left_behind()[sleeper.pid] == "sleep 100", what="the child to be seen as what it is")
    assert sleeper.pid not in left_behind(allowed=frozenset({sleeper.pid}))
    sleeper.kill()
    wait_until(lambda: not is_alive(sleeper.pid), what="its end")
    assert sleeper.pid not in left_behind()


def test_a_daemon_is_found() -> None:
    """Its parent has ended, so it is not a descendant of this process any more."""
    pid = int(subprocess.run([sys.executable, "-c", DAEMON], capture_output=True, check=True).stdout)
    try:
        wait_until(lambda: left_behind().get(pid) == "sleep 100", what="the daemon to be seen")
    finally:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: pid not in left_behind(), what="its end")


FORGETFUL = """
import os

def test_that_forgets_its_process(request):
    pid = os.spawnvp(os.P_NOWAIT, "sleep", ["sleep", "100"])
    request.path.with_name("pid").write_text(str(pid))
"""


def test_a_run_that_leaves_one_fails(tmp_path: Path) -> None:
    """By the fixture that every run has, with the process in the message."""
    module = tmp_path / "test_forgetful.py"
    module.write_text(FORGETFUL)
    options = ["-c", "pyproject.toml", "-p", "tests.conftest", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *options, str(module)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)
    os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "these processes were left behind" in done.stdout
    assert "1 passed, 1 error" in done.stdout
