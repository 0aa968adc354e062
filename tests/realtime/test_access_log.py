"""What the access log says, and what it leaves out."""

import contextvars
import io
import json
from functools import partial
from typing import Any

import pytest

from realtime.log_context import bind_contextvars
from realtime.server import access_log
from realtime.server.access_log import AccessLog, ReopenedFile, without_secrets

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyX2lkIjoxfQ.c2lnbmF0dXJl_-"


@pytest.mark.parametrize(
    ("request_line", "shown"),
    [
        ("GET /a?b=1&token=secret&c=2", "GET /a?b=1&token=…&c=2"),
        ("GET /a?%74icket=secret", "GET /a?%74icket=…"),
        ("GET /a?access=x&pw=x&sid=1&sort=y&session=x&pwned=1", "GET /a?access=…&pw=…&sid=1&sort=y&session=…&pwned=1"),
        (f"GET /a?next={JWT}", "GET /a?next=…"),
        (f"GET /a/{JWT}/b", "GET /a/…/b"),
        (f"GET /a?next=%2Fx%3Ft%3D{JWT}", "GET /a?next=%2Fx%3Ft%3D…"),
        (f"GET /a?next={JWT.replace('.', '%2E')}", "GET /a?next=…"),
        (f"GET /a?x={JWT.rpartition('.')[0]}", "GET /a?x=…"),
        (f"GET /a#{JWT};{JWT}", "GET /a#…;…"),
        ("GET /api/keyboard.eye.jpg", "GET /api/keyboard.eye.jpg"),
    ],
)
def test_secrets_are_left_out(request_line, shown):
    """Parameters that sound like one, and whatever looks like a JWT, wherever it stands."""
    assert without_secrets(request_line) == shown


def test_a_file_that_was_rotated(tmp_path, monkeypatch):
    """By renaming: the next line is in a new file, without a signal; where none can be made, in the old one."""
    monkeypatch.setattr(access_log, "LOOK_SECONDS", 0)
    path = tmp_path / "logs/access.log"
    path.parent.mkdir()
    file = ReopenedFile(path)
    file.write("1\n")
    for number in (2, 3):
        path.rename(tmp_path / f"old-{number}")
        file.write(f"{number}\n")
    path.unlink()
    path.parent.rmdir()
    file.write("lost, and no error\n")
    path.parent.mkdir()
    file.write("4\n")
    file.close()
    assert [(tmp_path / name).read_text() for name in ("old-2", "old-3", "logs/access.log")] == ["1\n", "2\n", "4\n"]


def test_a_line():
    """In NCSA's format, with the request's id in the place of an identity."""
    stream = io.StringIO()
    log = AccessLog(stream)

    def handle() -> None:
        bind_contextvars(request_id="5f2b")
        log.http(client="127.0.0.1:5", method="GET", target="/a?token=b", status=200, size=7)

    contextvars.copy_context().run(handle)
    contextvars.Context().run(log.websocket, "connected", client=None, target="/ws/tasks?token=b")
    first, second = stream.getvalue().splitlines()
    assert first.startswith("127.0.0.1:5 5f2b - [")
    assert first.endswith('] "GET /a?token=…" 200 7')
    assert second.startswith("None - - [")
    assert second.endswith('] "WSCONNECT /ws/tasks" - -')


def test_a_line_is_bounded_and_can_be_parsed():
    """Whatever a client asks for, and says in X-Forwarded-For; and the same as JSON."""
    for as_json in (False, True):
        stream = io.StringIO()
        log = AccessLog(stream, as_json=as_json)
        contextvars.Context().run(log.http, client="9" * 60_000, method="GET", target="/", status=200, size=1)
        contextvars.Context().run(log.websocket, "rejected", client="9" * 60_000, target="/" + "c" * 60_000)
        assert len(stream.getvalue()) < 3000
        assert stream.getvalue().count("9…") == 2
    stream = io.StringIO()
    request: dict[str, Any] = {"client": "127.0.0.1:5", "method": "GET", "status": 404, "size": 0}
    contextvars.Context().run(partial(AccessLog(stream).http, target='/a"b' + "c" * 60_000, **request))
    line = stream.getvalue()
    assert len(line) < 2200
    assert '"GET /a\\"bcc' in line
    assert line.endswith('c…" 404 -\n')
    json_stream = io.StringIO()
    contextvars.Context().run(partial(AccessLog(json_stream, as_json=True).http, target='/a"b?token=secret', **request))
    found = json.loads(json_stream.getvalue())
    assert found.pop("timestamp")
    assert found == {"client": "127.0.0.1:5", "method": "GET", "target": '/a"b?token=…', "status": 404, "bytes": 0}
