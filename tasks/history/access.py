"""Who may see what was deleted, and write what is to be written again."""

from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from tasks.accounts.models import User
from tasks.history.models import Trashed
from tasks.history.recording import MEMBER
from tasks.lists.access import lists_of, streams_of, writable_streams
from tasks.lists.models import Role, TaskList

SHOWN_KINDS = ("task", "list")
"""The kinds that the trash shows by themselves. The others come back with what they belonged to, or by undo."""


def trash_visible_to(user: User) -> QuerySet[Trashed]:
    """What was deleted in lists that the person may read, and their own lists. Of a list that is gone: what they
    deleted there themselves, if they could still write there when it was deleted.
    """
    return _in_trash(user, streams_of(user.pk))


def trash_writable_by(user: User) -> QuerySet[Trashed]:
    """What of it the person may restore, and delete for good."""
    return _in_trash(user, writable_streams(user))


def _in_trash(user: User, streams: set[str]) -> QuerySet[Trashed]:
    """What was deleted in these streams, and what is the person's without them. A list is its owner's alone."""
    in_lists = Q(stream__in=streams) & ~Q(kind__in=["list", MEMBER])
    left = Q(deleted_by=user, stream__in=_lists_left_to(user, streams)) & ~Q(kind__in=["list", MEMBER])
    return Trashed.objects.filter(in_lists | Q(kind="list", owner=user) | left).exclude(stream="")


def _lists_left_to(user: User, streams: set[str]) -> set[str]:
    """The streams of lists that are gone, where the person deleted something and could write until the end. Who they
    were left to is known by the members that went to the trash with them.
    """
    own = Trashed.objects.filter(deleted_by=user).exclude(stream__in=[*streams, ""]).order_by()
    gone = gone_lists(set(own.values_list("stream", flat=True)))
    if not gone:
        return set()
    members = Trashed.objects.filter(kind=MEMBER, owner=user, stream__in=gone)
    return {member.stream for member in members if member["role"] != Role.VIEWER}


def listed(entries: QuerySet[Trashed]) -> QuerySet[Trashed]:
    """Those that were not deleted together with what they belonged to."""
    with_parent = Trashed.objects.filter(object_id=OuterRef("parent"), unit=OuterRef("unit"))
    return entries.filter(~Exists(with_parent))


def gone_lists(streams: set[str]) -> set[str]:
    """Those of the streams whose lists do not exist any more."""
    ids: dict[UUID, str] = {pk: name for name in streams for pk in lists_of([name])}
    kept = TaskList.objects.filter(pk__in=ids).values_list("pk", flat=True)
    return {name for pk, name in ids.items() if pk not in set(kept)}
