"""The ways to write, each as a function of a world and three small numbers that choose what is written.

    @write
    def rest_moves_a_task(world, a, b, c): ...

A write may find nothing to do, and may be refused; refusals are raised.
"""

import itertools
from collections.abc import Callable
from io import StringIO
from typing import Any
from uuid import UUID

from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db.models import F, QuerySet, Value
from django.db.models.functions import Concat, Now
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from realtime.models import Event, Stream
from tasks.history.models import Trashed
from tasks.models import (
    EVERYONE_ID,
    Change,
    Creation,
    Label,
    Membership,
    Priority,
    Reminder,
    Role,
    Section,
    Task,
    TaskList,
    User,
)
from tasks.places.models import Place
from tasks.saved_filters.models import SavedFilter

CAST = [f"{name}@example.com" for name in ("alice", "bob", "carol", "root")]

Write = Callable[["World", int, int, int], Any]
WRITES: dict[str, Write] = {}


def write(function: Write) -> Write:
    WRITES[function.__name__] = function
    return function


class Refused(Exception):
    """The API or the admin said no; that is no error."""


class World:
    """Alice's two lists, of which bob edits one and carol sees it; a task in each; and an administrator's browser."""

    def __init__(self, browser: Client) -> None:
        self.browser = browser
        self.numbers = itertools.count(1)
        self.alice, self.bob, self.carol = (User.objects.get(username=name) for name in ("alice", "bob", "carol"))
        shared = TaskList.objects.create(name="Shared", owner=self.alice)
        Membership.objects.create(list=shared, user=self.bob)
        Membership.objects.create(list=shared, user=self.carol, role=Role.VIEWER)
        private = TaskList.objects.create(name="Private", owner=self.alice)
        for task_list in (shared, private):
            Task.objects.create(list=task_list, title=f"In {task_list}", created_by=self.bob)

    @staticmethod
    def clear() -> None:
        """Takes away what an example has left, without a word to anybody, and gives people their names back."""
        for model in (SavedFilter, Reminder, Place, Task, Label, Section, Membership):
            QuerySet(model).all()._raw_delete("default")
        QuerySet(TaskList).exclude(pk=EVERYONE_ID)._raw_delete("default")
        QuerySet(TaskList).update(name="Everyone", color="#4f6bed")
        QuerySet(User).exclude(email__in=CAST)._raw_delete("default")
        for email in CAST:
            QuerySet(User).filter(email=email).update(
                username=email.partition("@")[0], name="", is_active=True, time_zone="UTC"
            )
        for noted in (Change, Trashed, Creation):
            QuerySet(noted).delete()
        Event.objects.all().delete()
        Stream.objects.all().delete()

    def text(self) -> str:
        return f"text {next(self.numbers)}"

    def id(self) -> UUID:
        return UUID(int=next(self.numbers) << 64)

    def task(self, number: int) -> Task:
        found: Task = pick(Task.objects.order_by("created_at", "pk"), number)
        return found

    def list(self, number: int) -> TaskList:
        """Everyone is the first."""
        found: TaskList = pick(TaskList.objects.order_by("created_at", "pk"), number)
        return found

    def own_list(self, number: int) -> TaskList:
        found: TaskList = pick(TaskList.objects.exclude(pk=EVERYONE_ID).order_by("created_at", "pk"), number)
        return found

    def member(self, number: int) -> Membership:
        found: Membership = pick(Membership.objects.order_by("list__created_at", "user__pk"), number)
        return found

    def person(self, number: int) -> User:
        """One of the three, active or not."""
        found: User = User.objects.get(pk=(self.alice, self.bob, self.carol)[number % 3].pk)
        return found

    def guest(self) -> User | None:
        """Somebody who came later, and may be deleted."""
        return User.objects.exclude(email__in=CAST).first()


def pick(rows: Any, number: int) -> Any:
    """One of the rows; raises the model's DoesNotExist where there are none."""
    count = rows.count()
    if not count:
        raise rows.model.DoesNotExist
    return rows[number % count]


# Over the REST API


def request(person: User, method: str, path: str, data: dict[str, Any] | None = None) -> dict[str, Any]:
    if not person.is_active:
        raise Refused("Not active.")
    client = APIClient()
    client.force_authenticate(person)
    response = getattr(client, method)(f"/api/{path}", data, format="json")
    assert response.status_code < 500, response.content
    if response.status_code >= 400:
        raise Refused(response.content)
    found: dict[str, Any] = response.json() if response.content else {}
    return found


@write
def rest_adds_a_task(world: World, a: int, b: int, c: int) -> None:
    where = {} if c % 3 == 0 else {"list": str(world.list(b).pk)}
    more = ({}, {"completed": True}, {"due_date": "2026-03-01", "due_time": "10:00", "due_zone": "Asia/Tokyo"})[c % 3]
    request(world.person(a), "post", "tasks", {"title": world.text(), **where, **more})


@write
def rest_adds_a_task_twice(world: World, a: int, b: int, c: int) -> None:
    data = {"id": str(world.id()), "title": world.text(), "list": str(world.list(b).pk)}
    for _ in range(2):
        request(world.person(a), "post", "tasks", data)


@write
def rest_changes_a_task(world: World, a: int, b: int, c: int) -> None:
    changes: list[dict[str, Any]] = [
        {"title": world.text()},
        {"completed": not world.task(b).completed},
        {"priority": "urgent", "notes": world.text()},
        {"due_date": "2026-03-01", "due_time": "10:00:30.5", "due_zone": "Europe/Berlin"},
        {"due_date": None, "due_time": None, "due_zone": None},
        {"position": 0.1},
        {"title": world.task(b).title},
    ]
    request(world.person(a), "patch", f"tasks/{world.task(b).pk}", changes[c % len(changes)])


@write
def rest_moves_a_task(world: World, a: int, b: int, c: int) -> None:
    request(
        world.person(a), "patch", f"tasks/{world.task(b).pk}", {"list": str(world.list(c).pk), "title": world.text()}
    )


@write
def rest_deletes_a_task(world: World, a: int, b: int, c: int) -> None:
    request(world.person(a), "delete", f"tasks/{world.task(b).pk}")


@write
def rest_makes_a_task_anew(world: World, a: int, b: int, c: int) -> None:
    """Under the id that it had, in another list."""
    task = world.task(b)
    request(world.person(a), "delete", f"tasks/{task.pk}")
    data = {"id": str(task.pk), "title": world.text(), "list": str(world.list(c).pk)}
    request(world.person(a), "post", "tasks", data)


@write
def rest_adds_a_list(world: World, a: int, b: int, c: int) -> None:
    request(world.person(a), "post", "lists", {"name": world.text(), "color": "#00FF00"})


@write
def rest_changes_a_list(world: World, a: int, b: int, c: int) -> None:
    request(world.person(a), "patch", f"lists/{world.list(b).pk}", {"name": world.text()})


@write
def rest_gives_a_list_away(world: World, a: int, b: int, c: int) -> None:
    request(world.person(a), "patch", f"lists/{world.list(b).pk}", {"owner": world.person(c).pk})


@write
def rest_deletes_a_list(world: World, a: int, b: int, c: int) -> None:
    request(world.person(a), "delete", f"lists/{world.own_list(b).pk}")


@write
def rest_adds_a_member(world: World, a: int, b: int, c: int) -> None:
    data = {"user": world.person(c).username, "role": ("editor", "viewer")[c % 2]}
    request(world.person(a), "post", f"lists/{world.own_list(b).pk}/members", data)


@write
def rest_bulk(world: World, a: int, b: int, c: int) -> None:
    """Several operations, all or each by itself."""
    names = ["complete", "reopen", "delete", "update"]
    operations = [
        {"op": "create", "title": world.text(), "list": str(world.list(b).pk)},
        {"op": names[c % 4], "id": str(world.task(b).pk), **({"title": world.text()} if c % 4 == 3 else {})},
        {"op": "move", "id": str(world.task(c).pk), "list": str(world.list(a).pk)},
    ]
    request(world.person(a), "post", "tasks/bulk", {"operations": operations, "atomic": c % 2 == 0})


@write
def rest_restores_from_the_trash(world: World, a: int, b: int, c: int) -> None:
    """A task, or a list with what it had."""
    row = world.task(b) if c % 2 else world.own_list(b)
    request(world.person(a), "delete", f"{'tasks' if c % 2 else 'lists'}/{row.pk}")
    request(world.person(a), "post", f"trash/{row.pk}/restore")


@write
def rest_undoes(world: World, a: int, b: int, c: int) -> None:
    """What the person did last, and does it again."""
    person = world.person(a)
    request(person, "patch", f"tasks/{world.task(b).pk}", {"title": world.text(), "completed": c % 2 == 0})
    request(person, "post", "undo")
    if c % 3:
        request(person, "post", "redo")


@write
def rest_changes_a_member(world: World, a: int, b: int, c: int) -> None:
    member = world.member(b)
    path = f"lists/{member.list_id}/members/{member.pk}"
    request(world.person(a), "patch", path, {"role": ("editor", "viewer")[c % 2]})


@write
def rest_removes_a_member(world: World, a: int, b: int, c: int) -> None:
    member = world.member(b)
    request(member.user if c % 2 else world.person(a), "delete", f"lists/{member.list_id}/members/{member.pk}")


@write
def rest_changes_me(world: World, a: int, b: int, c: int) -> None:
    changes = [{"name": world.text()}, {"time_zone": "Asia/Tokyo"}, {"name": ""}]
    request(world.person(a), "patch", "me", changes[c % 3])


@write
def rest_saves_and_changes_a_filter(world: World, a: int, b: int, c: int) -> None:
    made = request(world.person(a), "post", "filters", {"name": world.text(), "query": {"due": "today"}})
    if c % 2:
        request(world.person(a), "patch", f"filters/{made['id']}", {"query": {"priority": ["high"]}, "sort": "title"})
    if c % 3 == 2:
        request(world.person(b), "delete", f"filters/{made['id']}")


@write
def rest_places_a_list(world: World, a: int, b: int, c: int) -> None:
    """As a favourite, and then elsewhere, or nowhere."""
    fields = {"list": str(world.list(b).pk), "favorite": c % 2 == 0, "position": c * 1.5}
    made = request(world.person(a), "post", "places", fields)
    request(world.person(a), "patch", f"places/{made['id']}", {"favorite": c % 2 == 1, "position": None})
    if c % 3 == 2:
        request(world.person(a), "delete", f"places/{made['id']}")


# By the models


@write
def orm_writes_places(world: World, a: int, b: int, c: int) -> None:
    """In every way that there is."""
    mine, yours, where = world.person(a), world.person(b), world.list(c)
    row = Place.objects.get_or_create(user=mine, list=where)[0]
    row.position = c / 2
    row.save(update_fields=["position"])
    Place.objects.bulk_create([Place(user=yours, list=where, favorite=True)] if mine != yours else [])
    Place.objects.filter(list=where).update(favorite=True, position=F("position") + 1)
    if c % 2:
        Place.objects.filter(user=yours).delete()


@write
def orm_writes_filters(world: World, a: int, b: int, c: int) -> None:
    """In every way that there is; one goes to another person."""
    mine, yours = world.person(a), world.person(b)
    row = SavedFilter.objects.create(user=mine, name=world.text())
    row.name = world.text()
    row.save(update_fields=["name"])
    SavedFilter.objects.bulk_create([SavedFilter(user=yours, name=world.text(), position=n) for n in range(c)])
    SavedFilter.objects.filter(user=yours).update(group="list", position=F("position") / 2)
    if c % 2:
        SavedFilter.objects.filter(pk=row.pk).update(user=yours)
    if c % 3 == 0:
        SavedFilter.objects.filter(user=mine).delete()


@write
def orm_adds_a_task(world: World, a: int, b: int, c: int) -> None:
    Task.objects.create(
        list=world.list(b),
        title=world.text(),
        priority=str(c % 5),
        position=c,
        due_date="2026-03-01",
        created_by=world.person(a),
    )


@write
def orm_saves_a_task(world: World, a: int, b: int, c: int) -> None:
    task = world.task(b)
    task.title, task.completed_at, task.completed_by = world.text(), timezone.now(), world.person(a)
    task.save()


@write
def orm_saves_some_fields(world: World, a: int, b: int, c: int) -> None:
    task = world.task(b)
    task.title, task.notes = world.text(), "not saved"
    task.save(update_fields=["title"])


@write
def orm_saves_expressions(world: World, a: int, b: int, c: int) -> None:
    task = world.task(b)
    task.position, task.title = F("position") / 3, Concat(F("title"), Value("!"))
    if c % 2:
        task.save(update_fields=["position"])
    else:
        task.save()


@write
def orm_moves_a_task(world: World, a: int, b: int, c: int) -> None:
    task = world.task(b)
    task.list = world.list(c)
    task.save()


@write
def orm_moves_a_task_there_and_back(world: World, a: int, b: int, c: int) -> None:
    task = world.task(b)
    home = task.list
    for target in (world.list(c), home):
        task.list = target
        task.save(update_fields=["list"])


@write
def orm_writes_a_task_from_two_instances(world: World, a: int, b: int, c: int) -> None:
    """Both have been read before either writes."""
    first, second = world.task(b), world.task(b)
    first.list = world.list(c)
    first.save()
    if a % 3 == 0:
        second.delete()
    elif a % 3 == 1:
        second.title = world.text()
        second.save(update_fields=["title"])
    else:
        second.save()


@write
def orm_deletes_a_task(world: World, a: int, b: int, c: int) -> None:
    world.task(b).delete()


@write
def orm_makes_a_busy_task_anew(world: World, a: int, b: int, c: int) -> None:
    """After many writes within a moment, under its old id in another list."""
    task = world.task(b)
    for _ in range(15):
        task.save(update_fields=["title"])
    pk = task.pk
    task.delete()
    Task.objects.create(pk=pk, list=world.list(c), title=world.text())


@write
def orm_adds_a_list(world: World, a: int, b: int, c: int) -> None:
    TaskList.objects.create(name=world.text(), owner=world.person(a))


@write
def orm_makes_a_list_anew(world: World, a: int, b: int, c: int) -> None:
    """Under its old id, and so on its old stream."""
    task_list = world.own_list(b)
    pk = task_list.pk
    task_list.delete()
    TaskList.objects.create(pk=pk, name=world.text(), owner=world.person(a))
    Task.objects.create(list_id=pk, title=world.text())


@write
def orm_saves_a_list(world: World, a: int, b: int, c: int) -> None:
    task_list = world.list(b)
    task_list.name = world.text()
    task_list.save(update_fields=["name"] if c % 2 else None)


@write
def orm_gives_a_list_away(world: World, a: int, b: int, c: int) -> None:
    task_list = world.own_list(b)
    task_list.owner = world.person(c)
    task_list.save()


@write
def orm_deletes_a_list(world: World, a: int, b: int, c: int) -> None:
    world.own_list(b).delete()


@write
def orm_adds_a_member(world: World, a: int, b: int, c: int) -> None:
    """The person was read long ago."""
    person = (world.alice, world.bob, world.carol)[a % 3]
    Membership.objects.create(list=world.own_list(b), user=person, role=(Role.EDITOR, Role.VIEWER)[c % 2])


@write
def orm_saves_a_member(world: World, a: int, b: int, c: int) -> None:
    """The person was read long ago."""
    member = world.member(b)
    for person in (world.alice, world.bob, world.carol):
        if person.pk == member.user_id:
            member.user = person
    if member.role != Role.OWNER:
        member.role = (Role.EDITOR, Role.VIEWER)[c % 2]
    member.save()


@write
def orm_moves_a_member(world: World, a: int, b: int, c: int) -> None:
    """To another list, or on to another person."""
    member = world.member(b)
    if member.role == Role.OWNER:
        raise Refused
    if a % 2:
        member.list = world.own_list(c)
    else:
        member.user = world.person(c)
    member.save()


@write
def orm_removes_a_member(world: World, a: int, b: int, c: int) -> None:
    world.member(b).delete()


@write
def orm_saves_a_person(world: World, a: int, b: int, c: int) -> None:
    person = world.person(a)
    match c % 5:
        case 0:
            person.name = world.text()
        case 1:
            person.username = world.text().replace(" ", "-")
        case 2:
            person.time_zone = "Asia/Tokyo"
        case 3:
            person.is_active = not person.is_active
        case 4:
            person.last_login = timezone.now()
    person.save()


@write
def orm_notes_a_sign_in(world: World, a: int, b: int, c: int) -> None:
    """Which makes no event."""
    person = world.person(a)
    person.last_login = timezone.now()
    person.save(update_fields=["last_login"])


@write
def orm_adds_a_person(world: World, a: int, b: int, c: int) -> None:
    """Who becomes a member, does something, and can't own a list that would keep them."""
    name = world.text().replace(" ", "-")
    guest = User.objects.create(username=name)
    Membership.objects.create(list=world.own_list(b), user=guest)
    done = {"completed_at": timezone.now(), "completed_by": guest, "updated_by": guest}
    Task.objects.create(list=world.list(c), title=world.text(), created_by=guest, **done)


@write
def orm_deletes_a_person(world: World, a: int, b: int, c: int) -> None:
    if guest := world.guest():
        guest.delete()


@write
def orm_deletes_a_busy_person(world: World, a: int, b: int, c: int) -> None:
    orm_adds_a_person(world, a, b, c)
    orm_deletes_a_person(world, a, b, c)


# By querysets


@write
def bulk_creates_tasks(world: World, a: int, b: int, c: int) -> None:
    rows = [Task(list=world.list(b + n), title=world.text(), due_date="2026-03-01") for n in range(c + 1)]
    Task.objects.bulk_create(rows, batch_size=2)


@write
def bulk_updates_tasks(world: World, a: int, b: int, c: int) -> None:
    rows = list(Task.objects.all())
    for row in rows:
        row.notes, row.list = world.text(), world.list(c)
    Task.objects.bulk_update(rows, ["notes", "list"] if c % 2 else ["notes"], batch_size=2)


@write
def queryset_updates_tasks(world: World, a: int, b: int, c: int) -> None:
    Task.objects.filter(list=world.list(b)).update(
        priority=Priority.LOW, position=F("position") / 3, completed_at=Now()
    )


@write
def queryset_moves_tasks(world: World, a: int, b: int, c: int) -> None:
    Task.objects.filter(list=world.list(b)).update(list=world.list(c))


@write
def queryset_marks_tasks(world: World, a: int, b: int, c: int) -> None:
    world.list(b).tasks.mark(completed=bool(c % 2), by=world.person(a))


@write
def queryset_deletes_tasks(world: World, a: int, b: int, c: int) -> None:
    world.list(b).tasks.all().delete()


@write
def queryset_updates_or_creates_a_task(world: World, a: int, b: int, c: int) -> None:
    Task.objects.update_or_create(title=f"one {c % 2}", defaults={"list": world.list(b), "notes": world.text()})


@write
def bulk_creates_lists(world: World, a: int, b: int, c: int) -> None:
    rows = [TaskList(name=world.text(), owner=world.person(a + n)) for n in range(2)]
    TaskList.objects.bulk_create(rows)


@write
def queryset_updates_lists(world: World, a: int, b: int, c: int) -> None:
    TaskList.objects.update(color=f"#00000{c}")


@write
def queryset_deletes_lists(world: World, a: int, b: int, c: int) -> None:
    TaskList.objects.filter(owner=world.person(a)).delete()


@write
def bulk_creates_members(world: World, a: int, b: int, c: int) -> None:
    task_list = world.own_list(b)
    new = User.objects.exclude(memberships__list=task_list).exclude(username="root")
    Membership.objects.bulk_create([Membership(list=task_list, user=person, role=Role.VIEWER) for person in new])


@write
def queryset_updates_members(world: World, a: int, b: int, c: int) -> None:
    members = Membership.objects.exclude(role=Role.OWNER)
    members.filter(list=world.own_list(b)).update(role=(Role.EDITOR, Role.VIEWER)[c % 2])


@write
def queryset_moves_members(world: World, a: int, b: int, c: int) -> None:
    """To another list, or on to another person."""
    members = Membership.objects.exclude(role=Role.OWNER).filter(pk=world.member(b).pk)
    members.update(list=world.own_list(c)) if a % 2 else members.update(user=world.person(c))


@write
def queryset_deletes_members(world: World, a: int, b: int, c: int) -> None:
    Membership.objects.exclude(role=Role.OWNER).filter(user=world.person(a)).delete()


@write
def queryset_updates_people(world: World, a: int, b: int, c: int) -> None:
    people = User.objects.filter(pk=world.person(a).pk)
    if c % 3 == 0:
        people.update(name=world.text())
    elif c % 3 == 1:
        people.update(is_active=bool(b % 2))
    else:
        people.update(last_login=Now())


@write
def queryset_deletes_people(world: World, a: int, b: int, c: int) -> None:
    if guest := world.guest():
        User.objects.filter(pk=guest.pk).delete()


# In the admin


def form_of(context: Any) -> dict[str, Any]:
    """What a page's form holds, inlines included, as a browser would send it."""
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    data: dict[str, Any] = {}
    for form in forms:
        for field in form:
            value = field.value()
            if value is True:
                data[field.html_name] = "on"
            elif value is not None and value is not False:
                data[field.html_name] = value() if callable(value) else value
    return data


def submit(world: World, path: str, change: Callable[[dict[str, Any]], Any]) -> None:
    """Opens a form of the admin, changes it and sends it."""
    page = world.browser.get(f"/admin/tasks/{path}/")
    if page.status_code != 200:
        raise Refused(page.status_code)
    data = form_of(page.context_data)
    change(data)
    done(world.browser.post(f"/admin/tasks/{path}/", data))


def done(answer: Any) -> None:
    if answer.status_code == 200:
        raise Refused(answer.context_data.get("errors") or answer.context_data.get("protected"))
    if answer.status_code != 302:
        raise Refused(answer.status_code)


def act(world: World, model: str, action: str, rows: Any) -> None:
    """An action on some rows of a list of the admin, confirmed where it asks."""
    data = {"action": action, "_selected_action": [str(row.pk) for row in rows], "post": "yes"}
    if not data["_selected_action"]:
        raise Refused
    done(world.browser.post(f"/admin/tasks/{model}/", data))


def delete(world: World, path: str) -> None:
    done(world.browser.post(f"/admin/tasks/{path}/delete/", {"post": "yes"}))


@write
def admin_adds_a_task(world: World, a: int, b: int, c: int) -> None:
    new = {"list": world.list(b).pk, "title": world.text(), "priority": c % 5, **({"completed": "on"} if c % 2 else {})}
    submit(world, "task/add", lambda data: data.update(new))


@write
def admin_changes_a_task(world: World, a: int, b: int, c: int) -> None:
    changes = [{"title": world.text()}, {"completed": "on"}, {"due_date": "2026-03-01"}, {"position": "7.5"}, {}]
    submit(world, f"task/{world.task(b).pk}/change", lambda data: data.update(changes[c % 5]))


@write
def admin_moves_a_task(world: World, a: int, b: int, c: int) -> None:
    submit(world, f"task/{world.task(b).pk}/change", lambda data: data.update(list=world.list(c).pk))


@write
def admin_deletes_a_task(world: World, a: int, b: int, c: int) -> None:
    delete(world, f"task/{world.task(b).pk}")


@write
def admin_marks_tasks(world: World, a: int, b: int, c: int) -> None:
    act(world, "task", ("mark_done", "mark_open")[c % 2], Task.objects.filter(list=world.list(b)))


@write
def admin_deletes_tasks(world: World, a: int, b: int, c: int) -> None:
    act(world, "task", "delete_selected", Task.objects.filter(list=world.list(b)))


@write
def admin_adds_a_list(world: World, a: int, b: int, c: int) -> None:
    """With a member."""
    new = {
        "name": world.text(),
        "owner": world.person(a).pk,
        "memberships-TOTAL_FORMS": 1,
        "memberships-0-user": world.person(c).pk,
        "memberships-0-role": "viewer",
    }
    submit(world, "tasklist/add", lambda data: data.update(new))


@write
def admin_changes_a_list(world: World, a: int, b: int, c: int) -> None:
    """Its name, and all of its members: the first goes, and a new one comes."""

    def change(data: dict[str, Any]) -> None:
        data["name"] = world.text()
        if "memberships-0-id" in data and c % 2:
            data["memberships-0-DELETE"] = "on"
        elif "memberships-TOTAL_FORMS" in data:
            number = int(data["memberships-TOTAL_FORMS"])
            data["memberships-TOTAL_FORMS"] = number + 1
            data |= {f"memberships-{number}-user": world.person(c).pk, f"memberships-{number}-role": "editor"}

    submit(world, f"tasklist/{world.list(b).pk}/change", change)


@write
def admin_gives_a_list_away(world: World, a: int, b: int, c: int) -> None:
    submit(world, f"tasklist/{world.own_list(b).pk}/change", lambda data: data.update(owner=world.person(c).pk))


@write
def admin_deletes_a_list(world: World, a: int, b: int, c: int) -> None:
    if c % 2:
        act(world, "tasklist", "delete_selected", [world.list(b)])
    else:
        delete(world, f"tasklist/{world.list(b).pk}")


@write
def admin_adds_a_member(world: World, a: int, b: int, c: int) -> None:
    new = {"list": world.own_list(b).pk, "user": world.person(c).pk, "role": ("editor", "viewer")[a % 2]}
    submit(world, "membership/add", lambda data: data.update(new))


@write
def admin_changes_a_member(world: World, a: int, b: int, c: int) -> None:
    path = f"membership/{world.member(b).pk}/change"
    submit(world, path, lambda data: data.update(role=("editor", "viewer")[c % 2]))


@write
def admin_places_a_list(world: World, a: int, b: int, c: int) -> None:
    new = {"user": world.person(a).pk, "list": world.list(b).pk, "position": c, **({"favorite": "on"} if c % 2 else {})}
    submit(world, "place/add", lambda data: data.update(new))
    delete(world, f"place/{pick(Place.objects.order_by('pk'), c).pk}")


@write
def admin_removes_members(world: World, a: int, b: int, c: int) -> None:
    if c % 2:
        act(world, "membership", "delete_selected", [world.member(b)])
    else:
        delete(world, f"membership/{world.member(b).pk}")


@write
def admin_changes_a_person(world: World, a: int, b: int, c: int) -> None:
    def change(data: dict[str, Any]) -> None:
        match c % 4:
            case 0:
                data["name"] = world.text()
            case 1:
                data["username"] = world.text().replace(" ", "-")
            case 2 if "is_active" in data:
                del data["is_active"]
            case 2:
                data["is_active"] = "on"
            case 3:
                data["groups"] = [Group.objects.get_or_create(name="helpers")[0].pk]

    submit(world, f"user/{world.person(a).pk}/change", change)


@write
def admin_adds_a_person(world: World, a: int, b: int, c: int) -> None:
    password = "a password of some length"
    new = {"username": world.text().replace(" ", "-"), "password1": password, "password2": password}
    submit(world, "user/add", lambda data: data.update(new))


@write
def admin_deletes_people(world: World, a: int, b: int, c: int) -> None:
    guest = world.guest()
    if guest is None:
        raise Refused
    if c % 2:
        act(world, "user", "delete_selected", [guest])
    else:
        delete(world, f"user/{guest.pk}")


# By the command


def task_command(world: World, number: int, *words: str) -> None:
    """As one of the people, or as nobody."""
    by = ["--user", world.person(number).username] if number % 2 else []
    call_command("task", *words, *by, stdout=StringIO())


@write
def command_adds_a_task(world: World, a: int, b: int, c: int) -> None:
    where = ["--list", str(world.list(b).pk)] if c % 2 else []
    task_command(world, a, "add", world.text(), *where, "--priority", "high", "--due", "2026-03-01T18:00")


@write
def command_marks_tasks(world: World, a: int, b: int, c: int) -> None:
    ids = [str(world.task(b).pk), str(world.task(c).pk)]
    task_command(world, a, "done", *ids, *(["--undo"] if c % 3 == 0 else []))


@write
def command_removes_tasks(world: World, a: int, b: int, c: int) -> None:
    task_command(world, a, "rm", str(world.task(b).pk), str(world.task(c).pk))
