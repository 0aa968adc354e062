"""History, trash and kept answers end; the admin shows them, and restores."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from realtime.attribution import attribution
from realtime.periodic import periodic_tasks
from tasks.core.changes import Change
from tasks.history import retention
from tasks.history.models import Trashed
from tasks.models import Membership, Reminder, Role, Task, TaskList
from tests.tasks.answers import Api, People

pytestmark = [pytest.mark.django_db, pytest.mark.databases]


def test_what_is_old_is_deleted(settings: Any, milk: Task, api: Api, people: People) -> None:
    """Each by its own setting; 0 keeps all. In batches. The trash says its days."""
    days = lambda: api(people["alice"]).get("/api/trash").json()["days"]  # noqa: E731
    for number in range(7):
        Task.objects.create(list=milk.list, title=f"Task {number}")
    Task.objects.exclude(pk=milk.pk).delete()
    now = timezone.now()
    Change.objects.filter(action="created").update(at=now - timedelta(days=100))
    Trashed.objects.filter(title__lt="Task 4").update(deleted_at=now - timedelta(days=31))
    settings.HISTORY_DAYS, settings.TRASH_DAYS = 0, 0
    assert (retention.prune(), days()) == ((0, 0), None)
    settings.HISTORY_DAYS, settings.TRASH_DAYS = 90, 30
    assert days() == 30
    assert retention.prune_changes(now - timedelta(days=90), batch=3) == 9  # the list, milk and seven tasks
    assert retention.prune_trash(now - timedelta(days=30), batch=3) == 4
    assert retention.prune() == (0, 0)
    assert {change.action for change in Change.objects.all()} == {"deleted"}


def test_the_servers_do_so() -> None:
    (task,) = [task for task in periodic_tasks() if task.name == "prune history"]
    assert (task.seconds, task.everywhere) == (3600, False)
    task.function()


def test_command(milk: Task) -> None:
    Change.objects.update(at=timezone.now() - timedelta(days=3))
    out = StringIO()
    call_command("prune_history", "--days", "2", stdout=out)
    assert out.getvalue() == "2 changes and 0 deleted objects are gone for good.\n"
    Task.objects.all().delete()
    out.truncate(0)
    call_command("prune_history", "--days", "0", "--trash-days", "0", stdout=out)
    assert out.getvalue().strip("\0") == "1 changes and 1 deleted objects are gone for good.\n"
    assert [model.objects.count() for model in (Change, Trashed)] == [0, 0]
    for bad in ("-1", "nan", "1e9"):
        with pytest.raises(CommandError):
            call_command("prune_history", "--days", bad)


def test_a_persons_deleted_lists_go_with_them(people: People, milk: Task) -> None:
    """With all that was in them, trash and history alike, also where an admin deleted the list; not what another member
    deleted there, nor what is in other lists.
    """
    alice, bob = people["alice"], people["bob"]
    lists = [TaskList.objects.create(name=name, owner=alice) for name in ("Private", "With Bob")]
    Membership.objects.create(list=lists[1], user=bob, role=Role.EDITOR)
    for row in lists:
        secret = Task.objects.create(list=row, title="Secret")
        Task.objects.create(list=row, title="Below", parent=secret)
        Reminder.objects.create(task=secret, user=alice, at=timezone.now() + timedelta(days=1))
        with attribution(actor=bob):
            Task.objects.create(list=row, title=f"By Bob, {row.name}").delete()
    shared = TaskList.objects.get(pk=milk.list_id)
    shared.owner = bob
    shared.save()
    milk.delete()
    with attribution(actor=people["dora"]):
        for row in lists:
            row.delete()
    alice.delete()
    left = [(entry.kind, entry.owner or entry.title) for entry in Trashed.objects.order_by("kind", "pk")]
    assert left == [("member", bob), ("task", "By Bob, With Bob"), ("task", "Milk")]  # his right to what he deleted
    assert not Change.objects.filter(stream__in=[f"list.{row.pk}" for row in lists]).exists()
    assert Change.objects.filter(stream=f"list.{shared.pk}").exists()


@pytest.mark.parametrize("model", ["change", "trashed"])
def test_admin_shows(model: str, browser: Client, milk: Task) -> None:
    """Lists, search and one object, without anything to change."""
    milk.title = "Bread"
    milk.save()
    Task.objects.all().delete()
    pk = (Change if model == "change" else Trashed).objects.values_list("pk", flat=True)[0]
    for path in ("", "?q=Bread", f"?q={milk.pk}", f"{pk}/change/"):
        assert browser.get(f"/admin/tasks/{model}/{path}").status_code == 200
    assert browser.get(f"/admin/tasks/{model}/add/").status_code == 403
    assert browser.post(f"/admin/tasks/{model}/{pk}/delete/", {"post": "yes"}).status_code == 403


def test_admin_restores(browser: Client, api: Api, people: People, milk: Task) -> None:
    before = api(people["alice"]).get(f"/api/tasks/{milk.pk}").json()
    Task.objects.all().delete()
    data = {"action": "restore", "_selected_action": [Trashed.objects.get().pk]}
    assert browser.post("/admin/tasks/trashed/", data).status_code == 302
    assert api(people["alice"]).get(f"/api/tasks/{before['id']}").json()["title"] == "Milk"
    assert not Trashed.objects.exists()
