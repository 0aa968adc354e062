"""`watch`, as a process beside real servers."""

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.cast import ALICE
from tests.clients import Session, ok
from tests.servers import ROOT, Replica, manage, wait_until

Start = Callable[..., "Watch"]


class Watch:
    """The running command; what it prints goes to a file."""

    def __init__(self, folder: Path, url: str, *words: str, password: str = ALICE.password) -> None:
        self.output = folder / "watch.txt"
        with self.output.open("w") as out:
            # A run in the background ignores Ctrl-C, and would have its children ignore it.
            inherited = signal.signal(signal.SIGINT, signal.default_int_handler)
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "watch", "--url", url, *words],
                cwd=ROOT,
                env={**os.environ, "NO_PROXY": "*"},
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=subprocess.STDOUT,
                text=True,
            )
            signal.signal(signal.SIGINT, inherited)
        assert self.process.stdin
        self.process.stdin.write(f"{password}\n")
        self.process.stdin.close()

    @property
    def text(self) -> str:
        return self.output.read_text()

    def until(self, part: str, count: int = 1) -> None:
        """Waits until it has printed `part` so often."""
        wait_until(lambda: self.text.count(part) >= count, timeout=45, what=f"{part!r} in the output")

    def stop(self) -> int:
        """Ctrl-C; returns the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(20)


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Start]:
    running: list[Watch] = []

    def start(url: str, *words: str, **options: Any) -> Watch:
        running.append(Watch(tmp_path, url, *words, **options))
        return running[-1]

    yield start
    for one in running:
        one.process.kill()
        one.process.wait()


WITH_ESCAPES = r"""
from tasks.models import EVERYONE_ID, Task
Task.objects.create(list_id=EVERYONE_ID, title="Bread\x1b[31m")
"""
"""The API refuses such a title, a program that writes by the models does not."""


def test_watch_prints_what_happens(shared_replica: Replica, watch: Start, sign_in: Callable[..., Session]) -> None:
    """A line for each event: who, what, its name as plain text; Ctrl-C ends it without a traceback."""
    seen = watch(shared_replica.url, "--user", "alice")
    seen.until("Live.")
    alice = sign_in(shared_replica)
    task = ok(alice.post("/api/tasks", json={"title": "Milk [red]"}))
    alice.patch(f"/api/tasks/{task['id']}", json={"completed": True})
    alice.delete(f"/api/tasks/{task['id']}")
    seen.until("task.deleted")
    manage("shell", "--verbosity", "0", "--command", WITH_ESCAPES, env=shared_replica.env)
    seen.until("Bread [31m")
    assert seen.stop() == 0
    lines = seen.text.splitlines()
    assert "alice" in lines[1]
    assert "task.created    Milk [red]" in lines[1]
    assert "(done)" in lines[2]
    assert "Traceback" not in seen.text
    assert "\x1b" not in seen.text


def test_watch_goes_on_where_it_stopped(
    start_replica: Callable[..., Replica],
    sqlite_database: dict[str, str],
    watch: Start,
    sign_in: Callable[..., Session],
) -> None:
    """The server is killed and another one takes its port: what happened meanwhile is shown, all of it and once."""
    first = start_replica(sqlite_database)
    alice = sign_in(first)
    seen = watch(first.url, "--token", alice.token, "--json")
    seen.until('"ready"')
    alice.post("/api/tasks", json={"title": "One"})
    seen.until("task.created")
    first.kill()
    seen.until("offline")
    manage("task", "add", "Two", env=sqlite_database)
    first.start()
    seen.until('"caught_up"')
    sign_in(first).post("/api/tasks", json={"title": "Three"})
    seen.until("task.created", 3)
    frames = [json.loads(line) for line in seen.text.splitlines()]
    assert [frame["data"]["title"] for frame in frames if frame["type"] == "task.created"] == ["One", "Two", "Three"]


@pytest.mark.parametrize(
    ("words", "password", "message"),
    [
        (["--user", "alice"], "wrong", "No active account"),
        (["--token", "x"], "", "not valid, or has expired"),
        (["--user", "alice", "--url", "ftp://example.com"], "", "no address that begins with http"),
        (["--user", "alice", "--url", "http://127.0.0.1:9"], "x", "There is no server at http://127.0.0.1:9"),
    ],
)
def test_watch_says_what_is_wrong(
    words: list[str], password: str, message: str, shared_replica: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong password, a bad token, an address that is none: an error, of which manage.py shows the line alone."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{password}\n"))
    monkeypatch.setenv("NO_PROXY", "*")
    with pytest.raises(CommandError, match=message):
        call_command("watch", "--url", shared_replica.url, *words)


def test_an_error_is_one_line(watch: Start) -> None:
    """Without a traceback, and the exit code 1."""
    seen = watch("ftp://example.com", "--user", "alice")
    assert seen.process.wait(45) == 1
    (line,) = seen.text.splitlines()
    assert "no address that begins with http" in line


@pytest.mark.parametrize("words", [[], ["--user", "alice"]])
@pytest.mark.parametrize("stdin", ["< /dev/null", "<&-"])
def test_without_a_terminal_it_says_what_to_give(words: list[str], stdin: str) -> None:
    """In one line, as under cron, where there is nobody to ask."""
    command = ["sh", "-c", f'"$@" {stdin}', "sh", sys.executable, "manage.py", "watch", *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1, done.stderr
    assert "give --token, or --user with the password on standard input" in done.stderr
