"""Two replicas that share a database and a Redis, and what the tests do with them."""

import contextlib
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Literal, NamedTuple, Self

import jwt
import pytest

from tests.cast import ADMIN, ALICE, BOB, CAROL, Person
from tests.clients import Client, Frame, Session, get, ok
from tests.clients.admin_site import AdminSite
from tests.environment import SETTINGS
from tests.servers import RedisServer, Replica, manage, wait_until

Kind = Literal["serve", "daphne"]
KINDS: tuple[Kind, ...] = ("serve", "daphne")

on_both = pytest.mark.parametrize("cluster", KINDS, indirect=True)
"""For tests of what the server itself has a part in: handshakes, frames, the ends of sockets, and slow readers."""


class Cluster:
    """Two replicas of one kind, and the cast, each signed in once."""

    def __init__(self, folder: Path, env: dict[str, str], redis: RedisServer, kind: Kind) -> None:
        self.folder = folder
        self.env = env
        self.kind = kind
        self.redis = redis
        self.first, self.second = (Replica(folder, env=env, server=kind, name=name) for name in ("first", "second"))
        self.replicas = (self.first, self.second)
        self._sessions: dict[Person, Session] = {}
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Self:
        self._stack.enter_context(together(*self.replicas))
        for replica in self.replicas:
            wait_until(partial(hears_redis, replica), timeout=60, what="Redis to be heard")
        return self

    def __exit__(self, *exc: object) -> None:
        self._stack.close()

    def session(self, person: Person) -> Session:
        """The person, signed in on the first replica."""
        if person not in self._sessions:
            self._sessions[person] = self._stack.enter_context(Session(self.first.url, person))
        return self._sessions[person]

    @property
    def alice(self) -> Session:
        return self.session(ALICE)

    @property
    def bob(self) -> Session:
        return self.session(BOB)

    @property
    def carol(self) -> Session:
        return self.session(CAROL)

    @cached_property
    def strict(self) -> Replica:
        env = {
            **self.env,
            "WS_MAX_CONNECTIONS_PER_USER": "2",
            "CSRF_TRUSTED_ORIGINS": "https://todo.example.com,https://*.example.org,http://localhost:3000",
        }
        return self._stack.enter_context(Replica(self.folder, env=env, server=self.kind, name="strict"))

    @cached_property
    def admin_site(self) -> AdminSite:
        return self._stack.enter_context(AdminSite(self.first.url, ADMIN))

    def manage(self, *arguments: str, **options: Any) -> str:
        return manage(*arguments, env=self.env, **options)

    def python(self, code: str, **options: Any) -> str:
        """What a process of its own prints that runs `code` with the application's models."""
        return self.manage("shell", "--verbosity", "0", "--command", code, **options)

    async def fence(self, *clients: Client) -> None:
        """Returns when each client has got a new task of Everyone's; what was sent to it before is then here too."""
        task = ok(self.alice.post("/api/tasks", json={"title": "a fence"}))
        for client in clients:
            await client.until(about(task))


@contextlib.contextmanager
def together(*replicas: Replica) -> Iterator[None]:
    """Starts them at the same time, and kills them in the end."""
    with contextlib.ExitStack() as stack:
        for replica in replicas:
            stack.callback(replica.close)
        with ThreadPoolExecutor(len(replicas)) as pool:
            list(pool.map(Replica.start, replicas))
        yield


class Shared(NamedTuple):
    """A list and its owner."""

    id: str
    owner: Session

    @property
    def stream(self) -> str:
        return f"list.{self.id}"

    def add(self, title: str, **fields: Any) -> dict[str, Any]:
        """A new task in it."""
        return ok(self.owner.post("/api/tasks", json={"list": self.id, "title": title, **fields}))

    def invite(self, person: Person, role: str = "editor") -> dict[str, Any]:
        """A new member."""
        return ok(self.owner.post(f"/api/lists/{self.id}/members", json={"user": person.username, "role": role}))

    def expel(self, member: dict[str, Any]) -> None:
        answer = self.owner.delete(f"/api/lists/{self.id}/members/{member['id']}")
        assert answer.status_code == 204, answer.text

    def head(self) -> int:
        """The number of the newest event."""
        number: int = ok(self.owner.get("/api/sync", params={"stream": self.stream}))["positions"][self.stream]
        return number


def stats(replica: Replica) -> dict[str, Any]:
    return ok(get(f"{replica.url}/ws/stats"))


def hears_redis(replica: Replica) -> bool:
    return bool(stats(replica)["redis_enabled"])


def about(thing: dict[str, Any], kind: str = "task.created") -> Callable[[Frame], bool]:
    """For `Client.until`: the event of this kind about this object."""
    return lambda frame: bool(frame["type"] == kind and frame["data"]["id"] == thing["id"])


def titled(title: str) -> Callable[[Frame], bool]:
    """For `Client.until`: a new task of this title."""
    return lambda frame: bool(frame["type"] == "task.created" and frame["data"]["title"] == title)


def altered(token: str, *, key: str = SETTINGS["SECRET_KEY"], **claims: Any) -> str:
    """A token with other claims, signed with the servers' key or with another one."""
    held = jwt.decode(token, options={"verify_signature": False})
    return jwt.encode({**held, **claims}, key, algorithm="HS256")


def short_lived(token: str, seconds: float) -> str:
    """The same token, good for so long only."""
    return altered(token, exp=time.time() + seconds)
