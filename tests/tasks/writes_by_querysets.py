"""The ways to write by querysets; see tests.tasks.world."""

from django.db.models import F
from django.db.models.functions import Now

from tasks.models import (
    Membership,
    Priority,
    Role,
    Task,
    TaskList,
    User,
)
from tests.tasks.world import World, write


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
