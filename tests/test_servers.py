"""The servers that tests start do what their tests count on."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.processes import left_behind
from tests.servers import PostgresServer, RedisServer, Server, wait_until
from tests.servers.process import Forked
from tests.servers.quickly import AS_INSTALLED, start

NO_RETRY = Retry(NoBackoff(), 0)


def test_redis_comes_back_on_its_port(redis_server: RedisServer) -> None:
    """A killed Redis refuses connections; started again it is empty, and where it was."""
    port = redis_server.port
    redis_server.run("SET", "key", "value")
    redis_server.kill()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    redis_server.start()
    assert redis_server.port == port
    assert redis_server.run("GET", "key") is None


def test_a_paused_redis_answers_when_it_goes_on(redis_server: RedisServer) -> None:
    """Paused, it takes connections and says nothing."""
    redis_server.pause()
    impatient = redis.Redis(port=redis_server.port, socket_timeout=0.2, retry=NO_RETRY)
    with pytest.raises(redis.TimeoutError):
        impatient.ping()
    impatient.close()
    redis_server.resume()
    assert redis_server.run("PING") is True


def test_a_redis_with_a_password(start_redis: Callable[..., RedisServer]) -> None:
    """The password is in the URL, and needed."""
    server = start_redis(password="secret")
    assert server.run("PING") is True
    with pytest.raises(redis.AuthenticationError), redis.Redis(port=server.port, retry=NO_RETRY) as stranger:
        stranger.ping()


def test_servers_share_no_port(tmp_path: Path) -> None:
    """A port is reserved before its server listens, and free again after the end."""
    servers = [RedisServer(tmp_path) for _ in range(50)]
    assert len({server.port for server in servers}) == 50
    for server in servers:
        server.close()


def test_a_server_that_cannot_start_says_why(start_redis: Callable[..., RedisServer], tmp_path: Path) -> None:
    """The end of its log is in the error, and it is closed."""
    with pytest.raises(AssertionError, match="FATAL CONFIG FILE ERROR"):
        start_redis(arguments=["--maxmemory:", "256mb"])
    assert not any(server.folder.is_relative_to(tmp_path) for server in Server.running)


def test_a_new_postgresql_database_is_a_copy_of_its_template(postgres: PostgresServer) -> None:
    """The copy has what the template has, and a life of its own."""
    template = postgres.create_database()
    with psycopg.connect(postgres.url(template)) as connection:
        connection.execute("CREATE TABLE word (text text)")
    copy = postgres.create_database(template=template)
    with psycopg.connect(postgres.url(copy)) as connection:
        connection.execute("INSERT INTO word VALUES ('hello')")
    with psycopg.connect(postgres.url(template)) as connection:
        assert connection.execute("SELECT count(*) FROM word").fetchone() == (0,)


WHAT_IT_IS = """
import gc, json, os, pathlib, signal, sys, threading
files = [path for path in sorted(pathlib.Path("/proc/self/fd").iterdir()) if path.is_symlink()]
print(json.dumps({
    "arguments": [sys.argv, sys.orig_argv, sys.path, sys.modules["__main__"].__file__, os.getcwd()],
    "environment": dict(os.environ),
    "place": [os.getppid(), os.getpgid(0), os.getsid(0)],
    "files": [(path.name, str(path.readlink())) for path in files],
    "signals": [str(signal.getsignal(one)) for one in sorted(signal.valid_signals())],
    "mask": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
    "collects": [gc.isenabled(), gc.get_threshold()],
    "threads": len(threading.enumerate()),
    "stdout": [sys.stdout.encoding, sys.stdout.errors, sys.stderr.errors],
}), file=sys.stderr)
sys.exit(3)
"""


@pytest.mark.parametrize("heeds", [True, False])
def test_a_forked_process_is_as_one_that_is_started(tmp_path: Path, heeds: bool) -> None:
    """By its arguments, environment, signals and files, and with this process as its parent."""
    usual = signal.signal(signal.SIGINT, signal.default_int_handler if heeds else signal.SIG_IGN)
    command = [sys.executable, "manage.py", "shell", "--no-imports", "--verbosity", "0", "--command", WHAT_IT_IS]
    env = {**os.environ, **AS_INSTALLED, "LOG_LEVEL": "DEBUG"}
    found = []
    try:
        for is_quick in (True, False):
            path = tmp_path / "says"
            with path.open("wb") as file:
                process = start(command, env=env, stdout=file, stderr=file, is_quick=is_quick)
                assert isinstance(process, Forked) is is_quick
                assert process.wait(30) == 3, path.read_text()
            found.append(json.loads(path.read_text()))
    finally:
        signal.signal(signal.SIGINT, usual)
    quick, plain = found
    assert quick == plain
    assert plain["place"][0] == os.getpid()


def test_a_forked_process_is_killed_and_waited_for(tmp_path: Path) -> None:
    """As Popen says it; and what needs an interpreter of its own is not forked."""
    command = [sys.executable, "manage.py", "shell", "--no-imports", "--command", "import time; time.sleep(100)"]
    env = {**os.environ, **AS_INSTALLED}
    with (tmp_path / "says").open("wb") as file:
        process = start(command, env=env, stdout=file, stderr=file)
        assert process.pid in left_behind()
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.01)
        process.kill()
        assert (process.wait(30), process.poll()) == (-signal.SIGKILL, -signal.SIGKILL)
        assert process.pid not in left_behind()
        other = start([sys.executable, "-c", ""], env={**env, "PYTHONHASHSEED": "1"}, stdout=file, stderr=file)
        assert isinstance(other, subprocess.Popen)
        assert other.wait(30) == 0


def test_waiting_has_an_end() -> None:
    """What never comes true is named."""
    with pytest.raises(AssertionError, match=r"waited 0\.05 s for rain"):
        wait_until(lambda: False, timeout=0.05, what="rain")
