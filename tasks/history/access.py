"""Who may see what was deleted, and write what is to be written again."""

from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from tasks.accounts.models import User
from tasks.core.streams import EVERYONE_STREAM, user_stream
from tasks.history.models import Trashed
from tasks.lists.access import lists_of, stream_of, streams_of
from tasks.lists.models import Membership, Role, TaskList

SHOWN_KINDS = ("task", "list")
"""The kinds that the trash shows by themselves. The others come back with what they belonged to, or by undo."""


def writable_streams(user: User) -> set[str]:
    """The person's own stream, and those of the lists in which they may write; an archived one is read-only."""
    own = Membership.objects.filter(user=user, list__archived_at=None).exclude(role=Role.VIEWER)
    found = {user_stream(user.pk), *map(stream_of, own.order_by().values_list("list_id", flat=True))}
    return found | {EVERYONE_STREAM} if settings.EVERYONE_LIST else found


def trash_visible_to(user: User) -> QuerySet[Trashed]:
    """What was deleted in lists that the person may read, and their own lists. Of a list that is gone: what they
    deleted there themselves.
    """
    readable = streams_of(user.pk)
    own = Trashed.objects.filter(deleted_by=user).exclude(stream__in=[*readable, ""]).order_by()
    gone = gone_lists(set(own.values_list("stream", flat=True)))
    return Trashed.objects.filter(
        Q(stream__in=readable) | Q(kind="list", owner=user) | Q(deleted_by=user, stream__in=gone)
    ).exclude(stream="")


def listed(entries: QuerySet[Trashed]) -> QuerySet[Trashed]:
    """Those that were not deleted together with what they belonged to."""
    with_parent = Trashed.objects.filter(object_id=OuterRef("parent"), unit=OuterRef("unit"))
    return entries.filter(~Exists(with_parent))


def gone_lists(streams: set[str]) -> set[str]:
    """Those of the streams whose lists do not exist any more."""
    ids: dict[UUID, str] = {pk: name for name in streams for pk in lists_of([name])}
    kept = TaskList.objects.filter(pk__in=ids).values_list("pk", flat=True)
    return {name for pk, name in ids.items() if pk not in set(kept)}
