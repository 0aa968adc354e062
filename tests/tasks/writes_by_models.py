"""The ways to write by the models; see tests.tasks.world."""

from django.db.models import F, Value
from django.db.models.functions import Concat
from django.utils import timezone

from tasks.models import (
    Membership,
    Role,
    Task,
    TaskList,
    User,
)
from tasks.places.models import Place
from tasks.saved_filters.models import SavedFilter
from tests.tasks.world import Refused, World, write


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
def orm_makes_a_busy_task_again(world: World, a: int, b: int, c: int) -> None:
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
def orm_makes_a_list_again(world: World, a: int, b: int, c: int) -> None:
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
