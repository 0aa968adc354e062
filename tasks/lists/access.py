"""Who may read and write what. Every question about rights is answered here."""

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connections
from django.db.models import BooleanField, F, Field, Func, Q, QuerySet, Value

from realtime.events import hold_rights
from realtime.models import Stream
from tasks.accounts.models import User
from tasks.core.sql import is_one_of
from tasks.core.streams import EVERYONE_STREAM, user_stream
from tasks.lists.models import EVERYONE_ID, Membership, Role, TaskList

LISTS_OF_PEOPLE = f"""
SELECT person.id, person.first_seq, membership.list_id, membership.first_seq
FROM {User._meta.db_table} person
LEFT JOIN {Membership._meta.db_table} membership ON membership.user_id = person.id
WHERE person.is_active AND person.id
"""  # noqa: S608 -- names of tables
"""One row for each list, or a single empty one for a person without lists. Asked for every socket; the ORM takes three
times as long to make it as to have it answered."""


LISTS_OF_PERSON = f"""
SELECT list.id, list.archived_at IS NULL
FROM {Membership._meta.db_table} membership
JOIN {TaskList._meta.db_table} list ON list.id = membership.list_id
WHERE membership.user_id = %s
"""  # noqa: S608 -- names of tables


RIGHTS_IN_LIST = f"""
SELECT membership.role, list.archived_at IS NOT NULL,
    (SELECT stream.revocations FROM {Stream._meta.db_table} stream WHERE stream.name = %s)
FROM {TaskList._meta.db_table} list
LEFT JOIN {Membership._meta.db_table} membership ON membership.list_id = list.id AND membership.user_id = %s
WHERE list.id = %s
"""  # noqa: S608 -- names of tables

WRITABLE_LISTS = f"""
SELECT list.id, stream.revocations
FROM {Membership._meta.db_table} membership
JOIN {TaskList._meta.db_table} list ON list.id = membership.list_id
LEFT JOIN {Stream._meta.db_table} stream ON stream.name = 'list.' || CAST(list.id AS text)
WHERE membership.user_id = %s AND membership.role <> '{Role.VIEWER}' AND list.archived_at IS NULL
"""  # noqa: S608 -- names of tables


class Rights(NamedTuple):
    """What a person may do in a list. `role`: None where they may not see it."""

    role: Role | None
    is_archived: bool


class Reach(NamedTuple):
    """What a person may read: their streams, and of their lists those that are not archived."""

    streams: list[str]
    current_lists: list[UUID]


def stream_of(list_id: UUID) -> str:
    """The stream of a list: its own events, its members' and its tasks'."""
    return EVERYONE_STREAM if list_id == EVERYONE_ID else f"list.{list_id}"


def lists_of(streams: Iterable[str]) -> list[UUID]:
    """The lists of these streams; streams of another kind are left out."""
    names = [name.removeprefix("list.") for name in streams if name.startswith("list.")]
    return [UUID(name) for name in names] + [EVERYONE_ID for name in streams if name == EVERYONE_STREAM]


def streams_of(user_id: int) -> set[str]:
    """The streams that a person may read, in one query; none for somebody who is not active."""
    return set(streams_of_people([user_id]).get(user_id, ()))


def streams_of_people(user_ids: Collection[Any]) -> dict[Any, dict[str, int]]:
    """For each active person the streams that they may read, each with the number of the first event that they may
    read there. One query. The setting STREAMS_OF.
    """
    connection = connections[User.objects.db]
    condition, parameters = is_one_of(user_ids, connection.vendor)
    with connection.cursor() as cursor:
        cursor.execute(LISTS_OF_PEOPLE + condition, parameters)
        rows = cursor.fetchall()
    found: dict[Any, dict[str, int]] = {}
    for user_id, everyone_seq, list_id, list_seq in rows:
        if user_id not in found:
            found[user_id] = {user_stream(user_id): 0}
            if settings.EVERYONE_LIST:
                found[user_id][EVERYONE_STREAM] = everyone_seq
        if list_id is not None:
            found[user_id][stream_of(TaskList._meta.pk.to_python(list_id))] = list_seq
    return found


def lists_visible_to(user: User) -> QuerySet[TaskList]:
    lists: QuerySet[TaskList] = TaskList.objects.filter(in_visible_list(user, "pk"))
    return lists


def reach_of(user: User) -> Reach:
    """Of an active person, in one query: what views over all lists begin with."""
    with connections[TaskList.objects.db].cursor() as cursor:
        cursor.execute(LISTS_OF_PERSON, [user.pk])
        lists = [(TaskList._meta.pk.to_python(pk), is_current) for pk, is_current in cursor.fetchall()]
    if settings.EVERYONE_LIST:
        lists.append((EVERYONE_ID, True))
    streams = [user_stream(user.pk), *(stream_of(pk) for pk, _ in lists)]
    return Reach(streams, [pk for pk, is_current in lists if is_current])


def in_lists(list_ids: Collection[UUID], key: str = "list") -> Any:
    """The condition on rows whose `key` refers to one of these lists. PostgreSQL gets their ids as one value: the ORM
    takes longer to write two hundred than to have the query answered."""
    if not list_ids or connections[TaskList.objects.db].vendor != "postgresql":  # for none nothing is asked at all
        return Q(**{f"{key}__in": list_ids})
    ids = Value([*list_ids], output_field=Field())
    return Func(F(key), ids, template="%(expressions)s)", arg_joiner=" = ANY(", output_field=BooleanField())


def rights_in(user: User | None, task_list: TaskList) -> Rights:
    """What `user` may do in the list, in one query; in Everyone each active person is an editor. To be asked in the
    transaction of a write, which holds it to these rights: it fails where somebody loses one before it commits.
    """
    if task_list.pk == EVERYONE_ID:
        return Rights(Role.EDITOR if settings.EVERYONE_LIST else None, task_list.archived_at is not None)
    stream, key, alias = stream_of(task_list.pk), TaskList._meta.pk, TaskList.objects.db
    parameters = [stream, user and user.pk, key.get_db_prep_value(task_list.pk, connections[alias])]
    with connections[alias].cursor() as cursor:
        cursor.execute(RIGHTS_IN_LIST, parameters)
        role, is_archived, revocations = cursor.fetchone() or (None, False, None)
    hold_rights({stream: revocations}, using=alias)
    return Rights(None if role is None else Role(role), bool(is_archived))


def writable_streams(user: User) -> set[str]:
    """The person's own stream, and those of the lists in which they may write; an archived one is read-only. To be
    asked as `rights_in()` is.
    """
    alias = TaskList.objects.db
    with connections[alias].cursor() as cursor:
        cursor.execute(WRITABLE_LISTS, [user.pk])
        counted = {stream_of(TaskList._meta.pk.to_python(pk)): count for pk, count in cursor.fetchall()}
    hold_rights(counted, using=alias)
    found = {user_stream(user.pk), *counted}
    return found | {EVERYONE_STREAM} if settings.EVERYONE_LIST else found


def in_visible_list(user: User, key: str) -> Q:
    """The condition on rows whose `key` refers to a list that the person may read."""
    return _in_list_of(Membership.objects.filter(user=user), key)


def in_active_list(user: User, key: str) -> Q:
    """The condition on rows whose `key` refers to one of these lists that is not archived."""
    return _in_list_of(Membership.objects.filter(user=user, list__archived_at=None), key)


def _in_list_of(memberships: QuerySet[Membership], key: str) -> Q:
    mine = Q(**{f"{key}__in": memberships.values("list")})
    return mine | Q(**{key: EVERYONE_ID}) if settings.EVERYONE_LIST else mine


def lock_reader(user_id: Any, list_id: UUID) -> bool:
    """Whether an active person can read the list. If so, they can until the transaction ends: who takes that away from
    them waits for it.
    """
    if list_id == EVERYONE_ID:
        people = User.objects.select_for_update(no_key=True).filter(pk=user_id, is_active=True)
        return settings.EVERYONE_LIST and people.first() is not None
    members = Membership.objects.select_for_update(of=("self", "user"), no_key=True).select_related("user")
    return members.filter(list=list_id, user__id=user_id, user__is_active=True).first() is not None


def readable_pairs(pairs: Iterable[tuple[int, UUID]]) -> set[tuple[int, UUID]]:
    """Those of the pairs of a person and a list in which the person, active or not, may read the list. One query."""
    asked = set(pairs)
    found = {pair for pair in asked if pair[1] == EVERYONE_ID and settings.EVERYONE_LIST}
    if others := asked - found:
        people, lists = {user_id for user_id, _ in others}, {list_id for _, list_id in others}
        members = Membership.objects.filter(user__in=people, list__in=lists).order_by()
        found |= others & set(members.values_list("user_id", "list_id"))
    return found
