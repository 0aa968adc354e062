"""The page docs/realtime.md, followed as it is printed from an empty folder, gives a live page."""

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from websockets.asyncio.client import ClientConnection, connect

from tests.servers import ROOT

PAGE = ROOT / "docs" / "realtime.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PREPARE = """
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
for name in ("ann", "ben"):
    user = User.objects.create_user(name, password="a long password")
    session = SessionStore()
    session.update({"_auth_user_id": str(user.pk), "_auth_user_backend": "django.contrib.auth.backends.ModelBackend",
                    "_auth_user_hash": user.get_session_auth_hash()})
    session.save()
    print("SESSION", session.session_key)
"""
WRITE = """
from django.contrib.auth.models import User
from notes.models import Note
note = Note.objects.create(owner=User.objects.get(username="ann"), text="first")
Note.objects.filter(pk=note.pk).update(text="second")
note.delete()
"""

pytestmark = pytest.mark.timeout(180)


class Project:
    """A folder in which the page has been followed, and the server of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
        }

    def follow(self) -> None:
        """Writes the files of the chapter, and runs its commands, in their order."""
        text = PAGE.read_text()
        chapter = text[text.index("## A live page") : text.index("## Interface")]
        for language, block in BLOCK.findall(chapter):
            if language == "sh":
                for command in block.splitlines():
                    self.run(command)
            elif language == "python":
                self.write(block)

    def write(self, block: str) -> None:
        heading, _, code = block.partition("\n")
        if name := heading.removeprefix("# add to ") if heading.startswith("# add to ") else "":
            path = self.folder / name
            path.write_text(f"{path.read_text()}\n{code}")
        else:
            (self.folder / heading.removeprefix("# ")).write_text(code)

    def run(self, command: str, *, given: str | None = None) -> str:
        done = subprocess.run(
            command.split(),
            cwd=self.folder,
            env=self.env,
            input=given,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout

    def shell(self, code: str) -> str:
        return self.run("python manage.py shell", given=code)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    made = Project(tmp_path_factory.mktemp("own"))
    made.follow()
    return made


@pytest_asyncio.fixture
async def url(project: Project) -> AsyncIterator[str]:
    """Where `manage.py serve` of that project listens."""
    server = await asyncio.create_subprocess_exec(
        "python", "manage.py", "serve", "--port", "0", cwd=project.folder, env=project.env, stdout=subprocess.PIPE
    )
    assert server.stdout is not None
    try:
        async with asyncio.timeout(30):
            while not (found := re.search(r"Listening on (\S+)", (await server.stdout.readline()).decode())):
                assert server.returncode is None
        yield found[1]
    finally:
        server.terminate()
        await server.wait()


async def test_the_page_can_be_followed(project: Project, url: str) -> None:
    """A write in another process arrives at its owner's socket and at nobody else's; then the snapshot has it.

    Signing out, by Django's own function, closes the socket; so does deactivation, for good.
    """
    sessions = re.findall(r"SESSION (\w+)", await asyncio.to_thread(project.shell, PREPARE))
    origin = {"Origin": url}
    ann, ben = [{"Cookie": f"sessionid={key}", **origin} for key in sessions]
    async with httpx.AsyncClient(base_url=url, headers={"Cookie": ann["Cookie"]}) as client:
        before = (await client.get("/notes/snapshot")).json()
        assert (await client.get("/static/realtime/socket.js")).status_code == 200
        client.cookies.clear()
        stranger = await client.get("/notes/snapshot", headers={"Cookie": ""}, follow_redirects=True)
        assert (stranger.status_code, stranger.url.path) == (200, "/admin/login/")
    ws_url = f"{url.replace('http', 'ws')}/ws/notes"
    hello = json.dumps({"type": "hello", "epoch": before["epoch"], "positions": before["positions"]})
    async with connect(ws_url, additional_headers=ann) as socket, connect(ws_url, additional_headers=ben) as other:
        await socket.send(hello)
        await other.send('{"type": "hello"}')
        for each in (socket, other):
            assert json.loads(await asyncio.wait_for(each.recv(), 10))["type"] == "ready"
        await asyncio.to_thread(project.shell, WRITE)
        told: list[tuple[str, int, str | None]] = []
        while len(told) < 3:
            frame = json.loads(await asyncio.wait_for(socket.recv(), 10))
            if frame["type"].startswith("note."):
                told.append((frame["type"], frame["seq"], frame["data"].get("text")))
        assert told == [("note.created", 1, "first"), ("note.updated", 2, "second"), ("note.deleted", 3, None)]
        await other.send('{"type": "ping"}')
        kinds: list[str] = []
        while "pong" not in kinds:
            kinds.append(json.loads(await asyncio.wait_for(other.recv(), 10))["type"])
        assert {*kinds} <= {"heartbeat", "pong"}
        # The layer ends sockets by itself.
        deactivate = "user = User.objects.get(username='ben'); user.is_active = False; user.save()"
        code = f"from django.contrib.auth.models import User\n{deactivate}\n"
        await asyncio.to_thread(project.shell, code)
        assert await closed(other) == 4403
        await asyncio.to_thread(project.shell, SIGN_OUT.replace("KEY", sessions[0]))
        assert await closed(socket) == 4503
    async with connect(ws_url, additional_headers=ann) as again:
        await again.send(hello)
        assert await closed(again) == 4401


SIGN_OUT = """
from django.contrib.auth import get_user, logout
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
request = HttpRequest()
request.session = SessionStore("KEY")
request.user = get_user(request)
logout(request)
"""


async def closed(socket: ClientConnection) -> int | None:
    """The code with which the server closes."""
    async with asyncio.timeout(20):
        await socket.wait_closed()
    return socket.close_code
