"""Writers in each other's way, for the tests of concurrency: python -m tests.system.writers THREADS SECONDS NAME

Each thread writes for so many seconds: several streams in random order, in transactions of every kind, with savepoints
and whole transactions rolled back. Prints one JSON object: the tokens that each stream must have got, the errors, and
how many transactions were committed.

python -m tests.system.writers check: plays all events to empty clients, which must end with what the API shows.
"""

import contextlib
import json
import os
import random
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todo_project.settings")
django.setup()

from django.db import connection, transaction  # noqa: E402 -- the apps must be loaded first

from realtime import events  # noqa: E402
from tasks.lists.access import stream_of, streams_of  # noqa: E402
from tasks.models import Membership, Role, Task, TaskList, User  # noqa: E402
from tests.tasks.store import Follower  # noqa: E402

STREAMS = [f"test.{number}" for number in range(8)]
LISTS = [f"list {number}" for number in range(6)]

LEAST = 2
"""Transactions of each thread, however slow the machine is."""

Written = list[tuple[str, str]]


class Abandoned(Exception):
    """Rolls back what it passes through."""


class Writer:
    """One thread's work. `written` holds what it has committed, by stream."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.random = random.Random(name)
        self.written: defaultdict[str, list[str]] = defaultdict(list)
        self.errors: list[str] = []
        self.committed = 0
        self._count = 0

    def run(self, until: float) -> None:
        while time.monotonic() < until or self.committed + len(self.errors) < LEAST:
            written: Written = []
            try:
                self.random.choice([self.transaction, self.transaction, self.single])(written)
            except Abandoned:
                continue
            except Exception as error:  # noqa: BLE001 -- each one is a finding of the test
                self.errors.append(f"{type(error).__name__}: {error}")
                continue
            self.committed += 1
            for stream, token in written:
                self.written[stream].append(token)
        connection.close()

    def single(self, written: Written) -> None:
        """One write by itself, which is a transaction of its own."""
        self.random.choice([self.publish, self.task, self.colour, self.member, self.rename])(written)

    def transaction(self, written: Written) -> None:
        """Streams come in any order, and so do rows of this writer's own; others' rows last, and one at most, since
        two that lock two rows crosswise do block each other.
        """
        with transaction.atomic():
            for _ in range(self.random.randint(1, 5)):
                with self.maybe_lost(written):
                    self.random.choice([self.publish, self.publish, self.task])(written)
            self.random.choice([self.publish, self.colour, self.member, self.rename])(written)
            if self.random.random() < 0.1:
                raise Abandoned

    @contextmanager
    def maybe_lost(self, written: Written) -> Iterator[None]:
        """A savepoint, one time in four; every other of them is rolled back, with what was written in it."""
        chance = self.random.random()
        if chance > 0.25:
            yield
            return
        before = len(written)
        with contextlib.suppress(Abandoned), transaction.atomic():
            yield
            if chance < 0.12:
                del written[before:]
                raise Abandoned

    def token(self) -> str:
        self._count += 1
        return f"{self.name}-{self._count}"

    def publish(self, written: Written) -> None:
        stream, token = self.random.choice(STREAMS), self.token()
        events.publish(stream, "test.written", {"title": token})
        written.append((stream, token))

    def task(self, written: Written) -> None:
        """A new task, which may move to another list, be changed by a queryset, or go."""
        before, after = (TaskList.objects.get(name=name) for name in self.random.sample(LISTS, 2))
        task = Task.objects.create(list=before, title=self.token(), created_by_id=before.owner_id)
        written.append((stream_of(before.pk), task.title))
        for what in self.random.sample(["move", "update", "delete"], self.random.randint(0, 3)):
            token = self.token()
            if what == "move":
                task.list, task.title = after, token
                task.save(update_fields=["list", "title"])
                written.append((stream_of(after.pk), token))
            elif what == "update":
                Task.objects.filter(pk=task.pk).update(title=token)
                task.refresh_from_db()
                written.append((stream_of(task.list_id), token))
            else:
                task.delete()
                break

    def colour(self, written: Written) -> None:
        task_list = TaskList.objects.get(name=self.random.choice(LISTS))
        task_list.color = f"#{self.random.randrange(1 << 24):06x}"
        task_list.save(update_fields=["color"])

    def member(self, written: Written) -> None:
        """Bob or carol comes or goes, one at a time in each list."""
        with transaction.atomic():
            task_list = TaskList.objects.select_for_update(no_key=True).get(name=self.random.choice(LISTS))
            user = User.objects.get(username=self.random.choice(["bob", "carol"]))
            if not Membership.objects.filter(list=task_list, user=user).delete()[0]:
                Membership.objects.create(list=task_list, user=user, role=Role.VIEWER)

    def rename(self, written: Written) -> None:
        user = User.objects.get(username=self.random.choice(["bob", "carol"]))
        user.name = self.token()
        user.save(update_fields=["name"])


def write(threads: int, seconds: float, name: str) -> None:
    writers = [Writer(f"{name}.{number}") for number in range(threads)]
    until = time.monotonic() + seconds
    running = [threading.Thread(target=writer.run, args=(until,)) for writer in writers]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    written: defaultdict[str, list[str]] = defaultdict(list)
    for writer in writers:
        for stream, tokens in writer.written.items():
            written[stream] += tokens
    errors = [error for writer in writers for error in writer.errors]
    print(json.dumps({"written": written, "errors": errors, "committed": sum(writer.committed for writer in writers)}))


def check() -> None:
    for name in ("alice", "bob", "carol"):
        follower = Follower(User.objects.get(username=name))
        follower.positions = dict.fromkeys(streams_of(follower.user.pk), 0)
        follower.follow(random.Random(name), live=False)
        follower.check()


if __name__ == "__main__":
    if sys.argv[1:] == ["check"]:
        check()
    else:
        write(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3])
