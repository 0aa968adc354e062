"""Who can't read a list any more has no place for it. Within the transaction of the change."""

from typing import Any

from django.db.models import Model, QuerySet

from realtime.events.live import deleted, model_of, saved
from tasks.lists.models import Membership, TaskList
from tasks.places.models import Place


def connect() -> None:
    """Called once by the app's configuration."""
    saved.connect(member_saved, sender=Membership)
    deleted.connect(member_deleted, sender=Membership)


def member_saved(instance: Membership, previous: Membership | None, **kwargs: Any) -> None:
    if previous is not None and (previous.list_id, previous.user_id) != (instance.list_id, instance.user_id):
        forget_member(previous)


def member_deleted(instance: Membership, origin: Model | QuerySet[Any], **kwargs: Any) -> None:
    if model_of(origin) is not TaskList:  # the list's places are deleted with it
        forget_member(instance)


def forget_member(member: Membership) -> None:
    Place.objects.filter(user=member.user_id, list=member.list_id).delete()
