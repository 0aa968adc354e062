"""Requests that no view can read: an answer below 500 and one line in the log, whatever the path."""

import json
import re
from typing import Any

import httpx
import pytest

from tests.clients.http import PLAIN, get, post
from tests.servers import Replica, wait_until

PATHS = ["/", "/login", "/livez", "/readyz", "/api/tasks", "/ws/ticket", "/nowhere", "/static/app.js"]

UNREADABLE = [
    "a/b; c*=nope''d",
    "x/y; charset*=idna''%ff",
    "x/y; c*=a; c*0=b",
    "multipart/form-data; boundary*=nope''d",
    f"x/y; c*{'9' * 5000}=d",
]

CHARSETS = ["utf-16", "utf-7", "hex", "idna", "cp037"]

FORMS = ["application/x-www-form-urlencoded; charset={}", "multipart/form-data; boundary=x; charset={}"]

PART = b'--x\r\nContent-Disposition: form-data; name="username"\r\n\r\nalice\r\n--x--\r\n'

COOKIE = {"csrftoken": "a" * 32}
"""With it, the check of the CSRF token reads the form."""

BROKEN_PART = b"--x\r\nContent-Disposition: form-data; c*=a; c*0=b\r\n\r\nalice\r\n--x--\r\n"


class Log:
    """What a replica has written since it was last asked."""

    def __init__(self, replica: Replica) -> None:
        self.replica = replica
        self._read = len(replica.log.read_text())

    def lines(self) -> list[str]:
        """Waits for the first line. The server writes them before it answers."""
        text: str = wait_until(lambda: self.replica.log.read_text()[self._read :], what="a line in the log")
        self._read += len(text)
        return text.splitlines()


def is_problem(answer: httpx.Response) -> bool:
    """Whether it is an error as programs read it, with the status that it has."""
    is_one = answer.headers["content-type"] == "application/problem+json"
    return is_one and answer.json()["status"] == answer.status_code


def test_a_content_type_that_cannot_be_read(shared_replica):
    """400 on every path, also without a sign-in: a problem for programs, plain text for people."""
    replica, log = shared_replica, Log(shared_replica)
    for content_type in UNREADABLE:
        for path in PATHS:
            for ask in (get, post):
                answer = ask(f"{replica.url}{path}", headers={"Content-Type": content_type})
                if path == "/livez":
                    assert answer.status_code == 200, "liveness reads nothing"
                    continue
                assert answer.status_code == 400, (path, content_type)
                assert is_problem(answer) == path.startswith(("/api/", "/ws/"))
                assert not is_problem(answer) or answer.json()["request_id"] == answer.headers["x-request-id"]
                assert is_problem(answer) or answer.headers["content-type"].startswith("text/plain")
                lines = log.lines()
                assert len(lines) == 1, lines
                assert "[warning" in lines[0]
                assert f"request_id={answer.headers['x-request-id']}" in lines[0]
    asked = len(UNREADABLE) * (len(PATHS) - 1)
    counted = 'todo_http_requests_total{method="%s",route="unmatched",status="400"} %.1f'
    text = get(f"{replica.url}/metrics").text
    assert all(counted % (method, asked) in text for method in ("GET", "POST"))


@pytest.mark.parametrize("form", FORMS)
def test_a_form_in_another_charset_than_utf8(shared_replica, form):
    """415 before any view; UTF-8 by any of its names is read."""
    replica, log = shared_replica, Log(shared_replica)
    for charset in CHARSETS:
        for path in ("/login", "/", "/logout", "/admin/login/", "/ws/ticket"):
            answer = post(
                f"{replica.url}{path}", headers={"Content-Type": form.format(charset)}, content=PART, cookies=COOKIE
            )
            assert answer.status_code == 415, (path, charset)
            assert is_problem(answer) == path.startswith("/ws/")
            lines = log.lines()
            assert len(lines) == 1, lines[:3]
    for charset in ("utf-8", "UTF8", "nothing-known"):
        answer = post(f"{replica.url}/login", headers={"Content-Type": form.format(charset)}, content=PART)
        assert answer.status_code == 403, "without a CSRF token"
        assert len(log.lines()) == 1


def test_a_form_whose_parts_cannot_be_read(shared_replica):
    """400 and one line: reading it fails once, and is not tried again by what answers errors."""
    replica, log = shared_replica, Log(shared_replica)
    for content_type, body in (("multipart/form-data; boundary=x", BROKEN_PART), ("multipart/form-data", PART)):
        for path in ("/login", "/logout", "/admin/login/"):
            answer = post(f"{replica.url}{path}", headers={"Content-Type": content_type}, content=body, cookies=COOKIE)
            assert answer.status_code == 400
            lines = log.lines()
            assert len(lines) == 1, lines[:3]


def test_an_accept_header_that_cannot_be_read(shared_replica, sign_in):
    """It is no reason for a 500."""
    replica = shared_replica
    alice = sign_in(replica)
    for accept in ("application/json; q*=nope''d", "application/json; c*=a; c*0=b"):
        assert alice.get("/api/tasks", headers={"Accept": accept}).status_code < 500


def test_programs_get_problems(shared_replica, sign_in):
    """Under /api and /ws each error is application/problem+json, whatever has refused the request."""
    replica = shared_replica
    for path in ("/api/tasks", "/api/nowhere", "/ws/stats", "/ws/ticket"):
        answer = get(f"{replica.url}{path}", headers={"Host": "evil.example.org"})
        assert answer.status_code == 400
        assert is_problem(answer), path
    for path in ("/api", "/ws", "/ws/", "/ws/nowhere"):
        answer = get(f"{replica.url}{path}")
        assert answer.status_code == 404
        assert is_problem(answer), path
    answer = get(f"{replica.url}/ws/ticket")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert is_problem(answer)
    assert answer.headers["x-request-id"] == answer.json()["request_id"]
    assert get(f"{replica.url}/nowhere").headers["content-type"].startswith("text/html")

    person = sign_in(replica).person
    with httpx.Client(base_url=replica.url, **PLAIN) as page:
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.get("/login").text)
        assert token
        form = {"username": person.username, "password": person.password, "csrfmiddlewaretoken": token[1]}
        assert page.post("/login", data=form).status_code == 302
        answer = page.post("/ws/ticket")
    assert answer.status_code == 403
    assert is_problem(answer)


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_debug_and_long_paths_do_not_change_the_log(sqlite_database, start_replica, log_format):
    """Each entry once, in the chosen format; no traceback for a wrong host. A line has a bound, however long the path
    is, and whatever its characters become in JSON."""
    replica = start_replica(sqlite_database, DEBUG="true", LOG_FORMAT=log_format)
    log = Log(replica)
    for path, host in (("/login", "evil.example.org"), ("/nowhere", "localhost"), ("/api/nowhere", "localhost")):
        get(f"{replica.url}{path}", headers={"Host": host})
        lines = log.lines()
        assert len(lines) == 1, lines
        if log_format == "json":
            json.loads(lines[0])
    for path in ("/api/" + "x" * 60_000, "/" + "%F0%9F%A7%80" * 5000):
        assert get(f"{replica.url}{path}").status_code == 404
        (line,) = log.lines()
        assert len(line.encode()) <= 4096
        event: Any = json.loads(line)["event"] if log_format == "json" else line
        assert "Not Found: /" in event
