"""A client's store, as small as it can be: a snapshot, and a rule for each event that comes after it.

It is what any client has to be, and what the tests of synchronisation compare with the server.
"""

import json
import random
from collections import deque
from collections.abc import Iterator
from typing import Any

from rest_framework.test import APIClient

from realtime import events
from tasks.core.streams import user_stream
from tasks.lists.access import lists_visible_to, streams_of
from tasks.lists.access import stream_of as stream_of_list
from tasks.models import EVERYONE_ID, User
from tasks.sync.deflate import plain
from tasks.sync.parts import build
from tasks.sync.snapshot import done, head_of, pieces_of

KINDS = {
    "task": "tasks", "list": "lists", "label": "labels", "section": "sections", "member": "members", "user": "users",
    "filter": "filters", "reminder": "reminders", "place": "places",
}  # fmt: skip

OWN = {"filter", "place", "reminder"}
"""Kinds in a person's own stream."""

Objects = dict[tuple[str, Any], dict[str, Any]]


def rows_of(user: User, streams: set[str]) -> Any:
    """What the snapshot says of these streams now, made for this caller alone."""
    lists = {stream_of_list(pk) for pk in lists_visible_to(user).values_list("pk", flat=True)}
    own = user_stream(user.pk)
    parts = [done(part) for part in build((lists | {own}) & streams).values()]
    return json.loads(b"".join(plain(pieces_of(head_of(user, {}, []), parts))))


def stream_of(kind: str, data: dict[str, Any]) -> str:
    """The one stream that an object of the API belongs to."""
    if kind == "user":
        return "all"
    list_id = data["id"] if kind == "list" else data["list"]
    return "all" if list_id == str(EVERYONE_ID) else f"list.{list_id}"


class Store:
    """What a client knows: objects by kind and id, each with the stream that it came by, and who it is."""

    def __init__(self) -> None:
        self.objects: Objects = {}
        self.streams: dict[tuple[str, Any], str] = {}
        self.me: dict[str, Any] = {"version": -1}

    def load(self, snapshot: dict[str, Any]) -> None:
        """Takes a snapshot, of all or of some streams."""
        self._take_me(snapshot["me"])
        for kind, plural in KINDS.items():
            for data in snapshot[plural]:
                stream = user_stream(snapshot["me"]["id"]) if kind in OWN else stream_of(kind, data)
                self._take(stream, kind, data)

    def apply(self, event: dict[str, Any]) -> None:
        kind, _, what = event["type"].partition(".")
        if event["type"] == "me.updated":
            self._take_me(event["data"])
        elif event["type"] == "list.deleted":
            self.forget(event["stream"])
        elif kind in KINDS and what in ("created", "updated"):
            self._take(event["stream"], kind, event["data"])
        elif kind in KINDS and what == "deleted":
            self._drop((kind, event["data"]["id"]), event["stream"])

    def forget(self, stream: str) -> None:
        for key in [key for key, found in self.streams.items() if found == stream]:
            self._drop(key, stream)

    def _take(self, stream: str, kind: str, data: dict[str, Any]) -> None:
        key = (kind, data["id"])
        if key not in self.objects or self.objects[key]["version"] < data["version"]:
            self.objects[key], self.streams[key] = data, stream

    def _take_me(self, data: dict[str, Any]) -> None:
        if self.me["version"] < data["version"]:
            self.me = data

    def _drop(self, key: tuple[str, Any], stream: str) -> None:
        if self.streams.get(key) == stream:
            del self.objects[key], self.streams[key]


class Follower:
    """A person's client: a store, and a position in each stream that the person may read."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.store = Store()
        self.positions: dict[str, int] = {}
        self.is_connected = False

    def read_positions(self) -> None:
        """The first half of a snapshot: where it stands. Rows that are read later may be newer."""
        self.is_connected = False
        self.positions = events.heads(streams_of(self.user.pk))

    def read_rows(self) -> None:
        """The second half: what is there."""
        user = User.objects.get(pk=self.user.pk)
        self.store = Store()
        self.store.load(rows_of(user, set(self.positions)))

    def follow(self, chance: random.Random, *, live: bool) -> None:
        """Comes up to date, the streams' events interleaved as `chance` has it.

        `live`: as a connection that is open all the time. It is dropped from a stream by the event that says so, and
        asks which streams there are when an event says that they have changed. Otherwise as one that comes back, asks,
        and gets all that came after its positions.
        """
        asks = not (live and self.is_connected)
        while True:
            if asks:
                streams = streams_of(self.user.pk)
                self.is_connected = bool(streams)
                if not streams:
                    return
                self._adjust(streams)
            asks = self._take_events(chance, live=live)
            if not asks:
                return

    def _adjust(self, streams: set[str]) -> None:
        """What the server says as `left`, and as `joined`, after which the client fetches that stream's snapshot."""
        for stream in self.positions.keys() - streams:
            self._leave(stream)
        for stream in sorted(streams - self.positions.keys()):
            found = self.fetch(stream)
            self.store.forget(stream)
            self.store.load(found)
            self.positions |= found["positions"]

    def _leave(self, stream: str) -> None:
        self.store.forget(stream)
        del self.positions[stream]

    def _take_events(self, chance: random.Random, *, live: bool) -> bool:
        """Returns whether an event said that the person's streams have changed."""
        queues = {stream: deque(events.since(stream, seq, 10_000)) for stream, seq in self.positions.items()}
        changed = False
        while waiting := sorted(stream for stream, queue in queues.items() if queue):
            stream = chance.choice(waiting)
            event = queues[stream].popleft()
            self.positions[stream] += 1
            assert event.seq == self.positions[stream], f"{stream} has a hole before {event.seq}"
            self.store.apply(json.loads(event.text))
            if live:
                effect = event.effect or {}
                leave = effect.get("leave", ())
                if leave == "*" or str(self.user.pk) in leave:
                    self._leave(stream)
                    queues[stream].clear()
                changed |= leave != "*" and str(self.user.pk) in [*leave, *effect.get("refresh", ())]
        return changed

    def fetch(self, *streams: str) -> dict[str, Any]:
        """GET /api/sync, of some streams or of all that the person may read."""
        client = APIClient(SERVER_NAME="localhost")
        client.force_authenticate(User.objects.get(pk=self.user.pk))
        response = client.get("/api/sync", {"stream": streams} if streams else {})
        assert response.status_code == 200, response.content
        found: dict[str, Any] = response.json()
        return found

    def check(self) -> None:
        """What it knows is what a fresh snapshot says, and it stands where that does."""
        if not streams_of(self.user.pk):
            return
        found = self.fetch()
        fresh = Store()
        fresh.load(found)
        differences = [*different(self.store, fresh)]
        assert not differences, "\n".join(differences)
        assert self.positions == found["positions"], (self.positions, found["positions"])


def different(known: Store, fresh: Store) -> Iterator[str]:
    """What each of the two knows and the other does not, in words."""
    if known.me != fresh.me:
        yield f"me: {known.me} instead of {fresh.me}"
    for key in sorted({*known.objects, *fresh.objects}, key=str):
        one, other = ((store.streams.get(key), store.objects.get(key)) for store in (known, fresh))
        if one != other:
            yield f"{key}: {one} instead of {other}"
