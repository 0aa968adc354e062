"""A snapshot and the events after it are a fresh snapshot, whatever is written, and by whichever way.

Random sequences are the same in each run. HYPOTHESIS_EXAMPLES=1000 tries so many others, and looks for the shortest
one that fails. A failure shows the steps, which can be run again: Scene(browser).run(Do(...), ...).
"""

import os
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.core.management import CommandError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from realtime import events
from realtime.models import Event, Stream
from tasks.lists.access import streams_of
from tasks.models import Membership, User
from tests.realtime.locks import meanwhile, needs_row_locks
from tests.tasks.store import Follower
from tests.tasks.world import CAST, Refused, World
from tests.tasks.writes import WRITES
from tests.tasks.writes_by_models import orm_saves_a_person

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]

BELOW = [name for name in WRITES if not name.startswith(("rest_", "admin_"))]
"""The ways that depend on the database. REST and the admin are in front of these, and in the random writes."""

REFUSALS = (Refused, ProtectedError, IntegrityError, ValidationError, ObjectDoesNotExist, CommandError)

EXAMPLES = int(os.environ.get("HYPOTHESIS_EXAMPLES", "0"))


class Abandoned(Exception):
    """Rolls back what it passes through."""


# What an example is made of. Their `repr` is a test that can be run again.


@dataclass(frozen=True)
class Do:
    """One write."""

    write: str
    a: int = 0
    b: int = 0
    c: int = 0

    def __call__(self, scene: "Scene") -> None:
        with suppress(*REFUSALS):
            if transaction.get_connection().in_atomic_block:
                with transaction.atomic():  # what is refused must not end what it is part of
                    WRITES[self.write](scene.world, self.a, self.b, self.c)
            else:
                WRITES[self.write](scene.world, self.a, self.b, self.c)


@dataclass(frozen=True)
class Together:
    """A transaction, or a savepoint in one; at its end it stays or is rolled back."""

    steps: tuple[Any, ...]
    stays: bool = True

    def __call__(self, scene: "Scene") -> None:
        with suppress(Abandoned), transaction.atomic():
            for step in self.steps:
                step(scene)
            if not self.stays:
                raise Abandoned


@dataclass(frozen=True)
class Look:
    """A client comes up to date: one that is connected all the time, or one that was away."""

    who: int
    live: bool = True
    seed: int = 0

    def __call__(self, scene: "Scene") -> None:
        scene.watchers[self.who].look(live=self.live, seed=self.seed)


@dataclass(frozen=True)
class Begin:
    """A client starts again; it has read the positions, and will read the rows when it looks."""

    who: int

    def __call__(self, scene: "Scene") -> None:
        scene.watchers[self.who].begin()


class Watcher:
    """A person's client in an example."""

    def __init__(self, user: User) -> None:
        self.follower = Follower(user)
        self.begin()
        self.read_rows()

    def begin(self) -> None:
        self.follower.read_positions()
        self.is_beginning = True

    def read_rows(self) -> None:
        self.follower.read_rows()
        self.is_beginning = False

    def look(self, *, live: bool, seed: int) -> None:
        if not django_settings.EVERYONE_LIST and streams_of(self.follower.user.pk):
            self.follower.fetch()  # which makes an Inbox, if there is none
        if self.is_beginning:
            self.read_rows()
        self.follower.follow(random.Random(seed), live=live)
        self.follower.check()


class Scene:
    """A world and two who watch it: alice owns most of it, bob comes and goes."""

    def __init__(self, browser: Client) -> None:
        World.clear()
        self.world = World(browser)
        self.watchers = [Watcher(self.world.alice), Watcher(self.world.bob)]

    def run(self, *steps: Any) -> None:
        for step in steps:
            step(self)
        for watcher in self.watchers:
            watcher.look(live=False, seed=len(steps))
        check_log()


def check_log() -> None:
    """Each stream's numbers are 1, 2, 3 up to its head."""
    for stream in Stream.objects.all():
        assert [event.seq for event in events.since(stream.name, 0, 10_000)] == [*range(1, stream.head + 1)]
    assert Event.objects.count() == sum(stream.head for stream in Stream.objects.all())


@pytest.fixture
def browser(settings: Any, transactional_db: None, caplog: pytest.LogCaptureFixture) -> Iterator[Client]:
    """An administrator's, signed in."""
    caplog.set_level("CRITICAL", "django.request")  # refusals are part of it
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    for email in CAST:
        name = email.partition("@")[0]
        User.objects.create(username=name, email=email, is_superuser=name == "root", is_staff=name == "root")
    client = Client()
    client.force_login(User.objects.get(username="root"))
    yield client
    World.clear()


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.databases] if name in BELOW else []) for name in WRITES]
)
def test_each_way_to_write(browser: Client, name: str) -> None:
    """In several forms, each by itself; rolled back, it leaves nothing."""
    scene = Scene(browser)
    Do("orm_adds_a_person")(scene)
    before = Event.objects.count()
    lost = Together((Do(name, 0, 1, 1),), stays=False)
    Together((lost, Do(name, 0, 1, 1)), stays=False)(scene)
    assert Event.objects.count() == before
    first = (Do(name, 1, 1, 1), Look(0), Do(name, 0, 1, 1), Look(1), Do(name, 1, 0, 0))
    scene.run(*first, Do(name, 0, 0, 2), Do(name, 2, 2, 3), Do(name, 1, 1, 4), Do(name, 0, 3, 1))
    assert Event.objects.count() > before or name == "orm_notes_a_sign_in"


@pytest.mark.databases
@pytest.mark.parametrize("write", ["orm_saves_a_member", "orm_adds_a_member"])
def test_a_person_who_was_read_before_they_were_renamed(browser: Client, write: str) -> None:
    """A member is told of by the name that the person has now."""
    rename, free = Do("orm_saves_a_person", 1, 0, 0), Do("orm_removes_a_member", 0, 1)
    steps = [rename, free] if write == "orm_adds_a_member" else [rename]
    Scene(browser).run(*steps, Do(write, 1, 1, 0), Do(write, 1, 0, 1))


@pytest.mark.databases
@needs_row_locks
@pytest.mark.parametrize("first", ["rename", "join"])
def test_who_is_renamed_while_they_become_a_member(browser: Client, first: str) -> None:
    """One of the two waits for the other, and the member is told of by the new name."""
    scene = Scene(browser)
    writes: dict[str, Callable[[], Any]] = {
        "rename": lambda: orm_saves_a_person(scene.world, 1, 0, 0),
        "join": lambda: Membership.objects.create(list=scene.world.own_list(1), user=scene.world.bob),
    }
    with meanwhile(writes.pop(first)):
        writes.popitem()[1]()
    scene.run()


def programs() -> st.SearchStrategy[list[Any]]:
    """Each of a few ways to write, since two that get in each other's way are rare among many."""
    return st.lists(st.sampled_from(sorted(WRITES)), min_size=2, max_size=6, unique=True).flatmap(programs_of)


def programs_of(names: list[str]) -> st.SearchStrategy[list[Any]]:
    numbers = st.integers(0, 4)
    writes = st.builds(Do, st.sampled_from(names), numbers, numbers, numbers)
    savepoints = st.builds(Together, st.lists(writes, min_size=1, max_size=3).map(tuple), st.booleans())
    steps = st.lists(writes | savepoints, min_size=1, max_size=4).map(tuple)
    transactions = st.builds(Together, steps, st.sampled_from([True, True, False]))
    who = st.integers(0, 1)
    looks = st.builds(Look, who, st.booleans(), st.integers(0, 99)) | st.builds(Begin, who)
    return st.lists(writes | writes | transactions | looks, min_size=3, max_size=10)


@pytest.mark.databases
@pytest.mark.timeout(300)
@pytest.mark.parametrize("everyone", [True, False], ids=["everyone", "inboxes"])
def test_random_writes(browser: Client, everyone: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """One after the other, in transactions and savepoints that stay or not, while two clients look now and then; with
    the list Everyone, and without it.
    """
    monkeypatch.setattr(django_settings, "EVERYONE_LIST", everyone)

    @settings(
        max_examples=EXAMPLES or 12,
        derandomize=not EXAMPLES,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        # To shrink an example takes minutes; who looks for one has them.
        phases=[Phase.generate, Phase.shrink] if EXAMPLES else [Phase.generate],
    )
    @given(programs())
    def run(program: list[Any]) -> None:
        Scene(browser).run(*program)

    run()
