"""The log as collectors read it: every line says whose request or connection it is about, and none holds a secret."""

import json
import re
import sqlite3
from typing import Any

from tests.cast import ALICE
from tests.clients import get, post
from tests.servers import Replica, Serve, wait_until

GIVEN = "from.the-proxy_1"


def lines(replica: Replica, **fields: Any) -> list[dict[str, Any]]:
    """What a JSON log says under these fields."""
    text = replica.log.read_text().splitlines()
    found = [json.loads(line) for line in text if line.startswith("{")]
    return [line for line in found if fields.items() <= line.items()]


def rename_table(database: dict[str, str], old: str, new: str) -> None:
    with sqlite3.connect(database["DATABASE_URL"].removeprefix("sqlite:///")) as connection:
        connection.execute(f"ALTER TABLE {old} RENAME TO {new}")
    connection.close()


async def test_each_line_says_what_it_is_about(tmp_path, sqlite_database, sign_in, connect):
    """A request by the id that the answer has, from all threads and after the last middleware; a socket by its own."""
    access_log = tmp_path / "access.log"
    env = {**sqlite_database, "LOG_FORMAT": "json", "LOG_LEVEL": "DEBUG"}
    with Serve(tmp_path, "--access-log", str(access_log), env=env) as serve:
        (start,) = [line for line in lines(serve) if line["event"].startswith("Listening")]
        assert (len(start["addresses"]), start["workers"]) == (1, 1)
        alice = sign_in(serve, ALICE)
        answer = alice.get("/api/nowhere", headers={"X-Request-ID": GIVEN})
        assert answer.headers["X-Request-ID"] == GIVEN
        (line,) = lines(serve, request_id=GIVEN, logger="django.request")
        assert line["event"] == "Not Found: /api/nowhere"
        wait_until(lambda: f" {GIVEN} - [" in access_log.read_text(), what="the line of the access log")

        rename_table(sqlite_database, "tasks_task", "gone")
        answer = alice.get("/api/tasks", headers={"X-Request-ID": "x" * 65})
        made = answer.json()["request_id"]
        assert answer.status_code == 500
        assert re.fullmatch("[0-9a-f]{16}", made)
        (line,) = lines(serve, request_id=made, level="error", logger="tasks.core.api.problems")
        assert "no such table: tasks_task" in line["exception"]

        client = await connect(serve, token=alice.token)
        refused = await connect(serve, token="eyJ.no.token", greeted=False)
        assert await refused.closed() == 4401
        (signed_in,) = wait_until(
            lambda: lines(serve, event=f"A socket of user {client.frames[0]['user']} has signed in"), what="a line"
        )
        (turned_away,) = [line for line in lines(serve) if line["event"].startswith("A socket was refused with 4401")]
        ids = {signed_in["connection_id"], turned_away["connection_id"]}
        assert len(ids) == 2
        assert all(re.fullmatch("[0-9a-f]{12}", one) for one in ids)
        wait_until(lambda: all(f" {one} - [" in access_log.read_text() for one in ids), what="the sockets' lines")

        rename_table(sqlite_database, "tasks_membership", "gone_too")
        alice.patch("/api/me", json={"email": "new@example.com"}).raise_for_status()
        assert await client.closed() == 4503
        beginning = "Connections can't be brought up to date"
        (failed,) = [line for line in lines(serve) if line["event"].startswith(beginning)]
        assert failed["connection_id"] == signed_in["connection_id"], "what the hub does is about the socket"
        assert "request_id" not in failed, "and not about the request that caused it"

        text = serve.log.read_text() + access_log.read_text()
        assert not [secret for secret in (alice.token, alice.refresh, "eyJ.no.token", ALICE.password) if secret in text]


def what_libraries_say_holds_no_secret(replica):
    """An address that a library logs, here Django that of a host which is not allowed, loses its token."""
    get(f"{replica.url}/login", headers={"Host": "bad_host/?token=abc.def&page=2", "X-Request-ID": GIVEN})
    text = wait_until(lambda: "Invalid HTTP_HOST" in (text := replica.log.read_text()) and text, what="the line")
    assert "abc.def" not in text
    assert "page=2" in text
    assert GIVEN in text


def test_a_wrong_host_is_one_short_line(sqlite_database, start_replica):
    """At WARNING: it is the client's mistake. A token in its address is not shown. Further ones are counted alone."""
    replica = start_replica(sqlite_database)
    before = replica.log.read_text()
    what_libraries_say_holds_no_secret(replica)
    for _ in range(3):
        assert get(f"{replica.url}/login", headers={"Host": "evil.example.org"}).status_code == 400
    said = replica.log.read_text().removeprefix(before)
    assert len(said) < 400
    assert len(said.splitlines()) == 1
    assert "[warning" in said
    assert 'todo_security_refusals_total{kind="DisallowedHost"} 4.0' in get(f"{replica.url}/metrics").text


def test_what_scanners_try_is_no_warning(sqlite_database, start_replica, sign_in):
    """No address, no sign-in, no such method, no CSRF token: one line each, at INFO."""
    replica = start_replica(sqlite_database)
    before = replica.log.read_text()
    tried = {"/wp-login.php": 404, "/api/tasks": 401, "/api/nowhere": 404}
    for path, status in tried.items():
        assert get(f"{replica.url}{path}").status_code == status
    assert post(f"{replica.url}/login").status_code == 403
    assert sign_in(replica).post("/api/me").status_code == 405
    said = replica.log.read_text().removeprefix(before).splitlines()
    assert len(said) == 5
    assert all("[info" in line for line in said), said
    assert 'todo_security_refusals_total{kind="csrf"} 1.0' in get(f"{replica.url}/metrics").text


def test_every_line_is_json(tmp_path, sqlite_database, sign_in):
    """Under LOG_FORMAT=json, from the first one to the last: collectors take nothing else. A failed request is told
    once, with its traceback; one that was refused in one line; a token is not shown.
    """
    with Serve(tmp_path, env={**sqlite_database, "LOG_FORMAT": "json"}) as serve:
        what_libraries_say_holds_no_secret(serve)
        alice = sign_in(serve)
        rename_table(sqlite_database, "tasks_task", "gone")
        for path in ("/api/tasks", "/api/sync"):
            name = path.replace("/", ".")
            assert alice.get(path, headers={"X-Request-ID": name}).status_code == 500
            (failed,) = lines(serve, request_id=name)
            assert "no such table" in failed["exception"]
        assert alice.get("/api/nowhere", headers={"X-Request-ID": "refused"}).status_code == 404
        assert len(lines(serve, request_id="refused")) == 1
        assert serve.stop() == 0
    text = serve.log.read_text().splitlines()
    events = [json.loads(line)["event"] for line in text]
    assert any(event.startswith("Listening on http://") for event in events)
