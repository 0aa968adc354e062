"""`manage.py serve`: where it listens, what it logs, and what it says of bad options."""

import socket
import subprocess
import sys

import httpx
import pytest

from realtime.management.commands.serve import Command
from realtime.server.listening import tcp_socket
from tests.cast import ALICE
from tests.clients import Client, get
from tests.clients.frames import VIOLATIONS
from tests.clients.raw import RawSocket
from tests.servers import ROOT, Serve, wait_until


@pytest.fixture
def taken_port():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield str(other.getsockname()[1])


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--port", "{taken}"], "Cannot listen on 127.0.0.1:{taken}: Address already in use"),
        (["--port", "{taken}", "--workers", "2"], "Cannot listen on 127.0.0.1:{taken}: Address already in use"),
        (["--bind", "203.0.113.7", "--port", "0"], "Cannot listen on 203.0.113.7:0: Cannot assign requested address"),
        (["--unix-socket", "/no/such/folder"], "Cannot listen on /no/such/folder: No such file or directory"),
        (["--tls-cert", "/no/such/file", "--tls-key", "/no/such/file"], "Cannot read /no/such/file: No such file"),
        (["--tls-cert", "README.md", "--tls-key", "README.md"], "are not a PEM certificate and its key"),
        (["--tls-cert", "README.md"], "--tls-cert and --tls-key are to be given together"),
        (["--access-log", "/no/such/file"], "Cannot write to /no/such/file: No such file"),
        (["--reload", "--workers", "2"], "--reload goes with one worker"),
        (["--nonsense"], "unrecognized arguments: --nonsense"),
        (["--port", "http"], "argument --port: 'http' is not a number from 0 to 65535"),
        (["--port", "65536"], "argument --port: '65536' is not a number from 0 to 65535"),
        (["--workers", "0"], "argument --workers: '0' is not a number from 1 to 1024"),
        (["--drain-seconds", "nan"], "argument --drain-seconds: 'nan' is not a number from 0 up"),
        (["--drain-seconds", "inf"], "argument --drain-seconds: 'inf' is not a number from 0 up"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_options_get_one_line(taken_port, capsys, options, says):
    """One line that says what is wrong, and exit status 2."""
    with pytest.raises(SystemExit) as ended:
        Command().run_from_argv(["manage.py", "serve", *(option.format(taken=taken_port) for option in options)])
    assert ended.value.code == 2
    said = capsys.readouterr()
    assert says.format(taken=taken_port) in said.err
    assert said.err.count("\n") == 1
    assert not said.out


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "203.0.113.7"])
def test_debug_is_for_this_machine(capsys, settings, address):
    """Where others could reach it, the server does not start: its error pages show code and settings."""
    settings.DEBUG = True
    with pytest.raises(SystemExit) as ended:
        Command().run_from_argv(["manage.py", "serve", "--skip-checks", "--bind", address, "--port", "0"])
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert f"Cannot listen on {address}:0 while DEBUG is on" in said
    assert "Set DEBUG=false, or listen on 127.0.0.1." in said
    for here in ("127.0.0.1", "localhost", "[::1]"):
        tcp_socket(here, 0, debug=True).close()


def test_help_names_all_options():
    """--help says what each option does; those for the workers alone are not shown."""
    done = subprocess.run(
        [sys.executable, "manage.py", "serve", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for option in (
        *("bind", "port", "unix-socket", "workers", "drain-seconds"),
        *("proxy-headers", "tls-cert", "tls-key", "reload"),
    ):
        assert f"--{option}" in done.stdout
    assert "--inherit" not in done.stdout
    assert "4503" in done.stdout


def test_a_unix_socket(tmp_path, sqlite_database):
    """--unix-socket serves HTTP and WebSockets; a dead server's file is replaced, and its own removed at the end."""
    path = tmp_path / "todo.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    with Serve(tmp_path, "--unix-socket", str(path), env=sqlite_database) as serve:
        with httpx.Client(transport=httpx.HTTPTransport(verify=False, uds=str(path))) as client:
            assert client.get("http://localhost/livez").status_code == 200
        with RawSocket(str(path), "/ws/tasks") as client:
            client.text("nonsense")
            assert b"error" in client.frame().payload
            assert client.frame().code == 4400
        command = [sys.executable, "manage.py", "serve", "--unix-socket", str(path)]
        second = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert (second.returncode, second.stdout) == (2, "")
        assert second.stderr == f"CommandError: Cannot listen on {path}: Address already in use\n"
        assert path.exists()
        assert serve.stop() == 0
    assert not path.exists()


async def test_the_access_log_holds_no_token(tmp_path, sqlite_database, sign_in):
    """It is off unless asked for; with it, what sounds like a secret in a query string is left out."""
    log = tmp_path / "access.log"
    with Serve(tmp_path, "--access-log", str(log), "--proxy-headers", env=sqlite_database) as serve:
        token = sign_in(serve, ALICE).token
        headers = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Port": "1234"}
        get(f"{serve.url}/livez?a=1&token={token}&%74icket={token}&b=2", headers=headers)
        async with await Client.connect(serve.ws_url, token=token) as client:
            await client.until("ready")
        wait_until(lambda: "WSCONNECT" in log.read_text(), what="the WebSocket's line")
        text = log.read_text()
        assert "203.0.113.9:1234" in text
        assert "a=1&token=…&%74icket=…&b=2" in text
        assert token not in text + serve.log.read_text()
        assert "GET" not in serve.log.read_text()


async def test_a_broken_client_disturbs_nobody(shared_replica, sign_in):
    """Frames that RFC 6455 forbids are answered with its codes while another client is served on."""
    alice = sign_in(shared_replica, ALICE)
    async with await Client.connect(shared_replica.ws_url, token=alice.token) as client:
        await client.until("ready")
        for code, sent in VIOLATIONS.values():
            with RawSocket(shared_replica.port, f"/ws/tasks?token={alice.token}") as broken:
                broken.send(sent)
                while (frame := broken.frame()).opcode != 8:
                    pass
                assert frame.code == code
        alice.post("/api/tasks", json={"title": "still live"})
        await client.until("task.created")
