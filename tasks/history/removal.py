"""What is kept of deleted lists goes with the person whose lists they were: nobody else can see or restore them.

What is kept of a person's own in a list goes when they leave it.
"""

from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet
from django.db.models.signals import pre_delete

from realtime.events.live import deleted, model_of
from tasks.accounts.models import User
from tasks.core.changes import Action, Change
from tasks.history.access import gone_lists
from tasks.history.models import Trashed
from tasks.history.recording import MEMBER, PARTS
from tasks.history.trash import chunks, members_needed
from tasks.lists.access import lists_of, stream_of
from tasks.lists.models import Membership


def connect() -> None:
    """Called once by the app's configuration."""
    pre_delete.connect(forget_lists_of, sender=User)
    deleted.connect(forget_parts_of, sender=Membership)


def forget_parts_of(instance: Membership, origin: Model | QuerySet[Any], **kwargs: Any) -> None:
    """Deletes the reminders in the trash of who leaves a list, as those of tasks that are not in the trash."""
    if model_of(origin) is not Membership:
        return
    tasks = Trashed.objects.filter(kind="task", stream=stream_of(instance.list_id)).values("object_id")
    Trashed.objects.filter(kind__in=[*PARTS], owner=instance.user_id, parent__in=tasks).delete()


def forget_lists_of(instance: User, **kwargs: Any) -> None:
    """Deletes history and trash of lists that are gone and were this person's, whatever account deleted them."""
    trashed = Trashed.objects.filter(kind="list", owner=instance).values_list("stream", flat=True)
    made = Change.objects.filter(kind="list", action=Action.CREATED, actor=instance).values_list("stream", flat=True)
    for stream in gone_lists({*trashed.order_by(), *made.order_by()}):
        _forget(stream, instance)


def _forget(stream: str, owner: User) -> None:
    """What other members deleted there is in their trash, and stays."""
    Change.objects.filter(stream=stream).delete()
    whole = Trashed.objects.filter(stream=stream)
    members = set(whole.filter(kind=MEMBER).exclude(owner=owner).values_list("owner", flat=True).order_by())
    rows = Trashed.objects.exclude(kind=MEMBER).exclude(deleted_by__isnull=False, deleted_by__in=members)
    kept = members_needed([*whole.filter(kind=MEMBER).exclude(owner=owner)])
    whole.filter(kind__in=["list", MEMBER]).exclude(pk__in=kept).delete()
    parents = set(lists_of([stream]))
    while parents:
        parts: dict[int, UUID] = {}
        for keys in chunks(parents):
            parts |= dict(rows.filter(parent__in=keys).values_list("pk", "object_id"))
        for numbers in chunks(parts):
            Trashed.objects.filter(pk__in=numbers).delete()
        parents = set(parts.values())
