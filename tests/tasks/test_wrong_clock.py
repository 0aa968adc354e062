"""One process whose clock is wrong does not decide what is old."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

from realtime.auth.tickets import issue_ticket
from realtime.events import retention
from realtime.models import Event, PeriodicRun, Ticket
from realtime.periodic import periodic_tasks
from tasks.accounts.models import GuessCounter
from tasks.core.changes import Change
from tasks.core.models import Creation, StoredAnswer
from tasks.history.models import Trashed
from tasks.models import Reminder, Task
from tests.tasks.answers import Api, People

pytestmark = [pytest.mark.django_db, pytest.mark.databases]

KEPT = (Event, Change, Trashed, Session, StoredAnswer, Creation, GuessCounter, Ticket)


def counts() -> dict[str, int]:
    return {model.__name__: model._default_manager.count() for model in KEPT}


def all_jobs() -> None:
    """What the servers do by themselves."""
    retention.prune_if_due(7, interval=timedelta(0))
    for task in periodic_tasks():
        task.function()


def test_a_clock_that_is_wrong_deletes_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: Any, api: Api, people: People, milk: Task, settings: Any
) -> None:
    """Nor does it send what is not due, where the database has a clock of its own. What is old by that is deleted, and
    the log says how much.
    """
    caplog.set_level("INFO")
    now = timezone.now()
    eggs = Task.objects.create(list=milk.list, title="Eggs")
    Task.objects.filter(pk=milk.pk).delete()
    Reminder.objects.create(task=eggs, user=people["alice"], at=now + timedelta(days=400))
    Session.objects.create(session_key="a" * 32, session_data="", expire_date=now + timedelta(days=14))
    assert api(people["alice"]).post("/api/tasks", {"title": "x"}, HTTP_IDEMPOTENCY_KEY="k").status_code == 201
    assert api(people["alice"]).post("/api/tasks", {"title": "x", "id": str(uuid4())}).status_code == 201
    GuessCounter.objects.create(key="known", count=0, expires_at=now + timedelta(days=90))
    issue_ticket(people["alice"].pk)
    before = counts()
    assert all(before.values())

    with monkeypatch.context() as patch:
        patch.setattr(timezone, "now", lambda: datetime.now(now.tzinfo) + timedelta(days=400, minutes=1))
        all_jobs()
        issue_ticket(people["alice"].pk)
    found = counts()
    assert {name: found[name] - number for name, number in before.items() if found[name] < number} == {}
    assert Reminder.objects.filter(sent_at=None).exists() or connection.vendor == "sqlite"
    assert "deleted: " not in caplog.text.lower()

    PeriodicRun.objects.all().delete()
    old = now - timedelta(days=400)
    Change.objects.update(at=old)
    Trashed.objects.update(deleted_at=old)
    Session.objects.update(expire_date=old)
    StoredAnswer.objects.update(created_at=old)
    Creation.objects.update(created_at=old)
    GuessCounter.objects.update(expires_at=old)
    all_jobs()
    assert {**counts(), **dict.fromkeys(("Event", "Ticket"), 0)} == dict.fromkeys(before, 0)
    assert (
        f"Deleted: {before['Change']} changes older than 365 days, 1 objects longer than 30 days in the trash, 1 kept"
        in caplog.text
    )
    assert "Expired and deleted: 1 sessions, 0 refresh tokens, 0 sign-ins" in caplog.text
