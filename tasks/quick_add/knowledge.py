"""The vocabulary of a person, from the database. Each table is read only if the line has the sign for it."""

from collections import Counter
from collections.abc import Iterator
from functools import cache
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from tasks.accounts.models import User
from tasks.labels.models import Label
from tasks.lists.models import EVERYONE_ID, Kind, Membership, Role, TaskList
from tasks.quick_add.tables import ME
from tasks.quick_add.vocabulary import Name, Names, Vocabulary


def vocabulary_of(person: User | None) -> Vocabulary:
    """What the person knows; None stands for the operator at the command line, who may write everywhere. For people and
    labels, no list means the person's Inbox, which may not be there yet.
    """
    return Vocabulary(
        lists=cache(lambda: Names(_lists(person))),
        people=cache(lambda target: Names(_people(target, person))),
        labels=cache(lambda target: Names(_labels(target, person))),
    )


def inbox_id(person: User) -> str | None:
    """The list of a line that names none; None if the Inbox is yet to be made. Writes nothing."""
    inbox = TaskList.objects.present_inbox_of(person)
    return str(inbox.pk) if inbox else None


def _lists(person: User | None) -> Iterator[tuple[str, Name]]:
    """Archived ones are left out: nothing can be added to them."""
    rows = TaskList.objects.filter(archived_at=None)
    if not settings.EVERYONE_LIST:
        rows = rows.exclude(pk=EVERYONE_ID)
    if person is None:
        for pk, name in rows.order_by().values_list("pk", "name"):
            yield name, Name(str(pk), name)
        return
    mine = Membership.objects.filter(user=person).values_list("list_id", "role")
    roles = dict(mine.order_by())
    for pk, name in rows.filter(Q(pk=EVERYONE_ID) | Q(pk__in=roles)).order_by().values_list("pk", "name"):
        yield name, Name(str(pk), name, is_writable=roles.get(pk) != Role.VIEWER)


def _people(target: str | None, person: User | None) -> Iterator[tuple[str, Name]]:
    """Those who can read the list, by their usernames, their names, and first names that only one of them has."""
    if person is not None:
        for word in ME:
            yield word, Name(person.pk, person.username)
    people = User.objects.filter(is_active=True)
    if target is None:
        people = people.filter(pk=person.pk if person else None)
    elif UUID(target) != EVERYONE_ID:
        people = people.filter(pk__in=Membership.objects.filter(list=UUID(target)).values("user"))
    rows = list(people.order_by().values_list("pk", "username", "name"))
    firsts = Counter(_first(name) for _, _, name in rows)
    taken = {username.casefold() for _, username, _ in rows}
    for pk, username, name in rows:
        known = Name(pk, username)
        yield username, known
        if name:
            yield name, known
        if firsts[_first(name)] == 1 and _first(name) not in taken:
            yield _first(name), known


def _first(name: str) -> str:
    return name.split(maxsplit=1)[0].casefold() if name.split() else ""


def _labels(target: str | None, person: User | None) -> Iterator[tuple[str, Name]]:
    mine = Q(list__owner=person, list__kind=Kind.INBOX)
    for pk, name in Label.objects.filter(Q(list=UUID(target)) if target else mine).order_by().values_list("pk", "name"):
        yield name, Name(str(pk), name)
