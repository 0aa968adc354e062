"""What the database's own constraints can't say about lists and their members."""

from typing import Any

from django.db.models import Model, ProtectedError, QuerySet
from django.db.models.signals import pre_delete

from realtime.events.live import model_of
from tasks.lists.models import EVERYONE_ID, Membership, Role, TaskList


def connect() -> None:
    """Called once by the app's configuration."""
    pre_delete.connect(keep_everyone, sender=TaskList)
    pre_delete.connect(keep_owner, sender=Membership)


def keep_everyone(instance: TaskList, **kwargs: Any) -> None:
    if instance.pk == EVERYONE_ID:
        raise ProtectedError("The list Everyone is built in; switch it off with EVERYONE_LIST=false.", {instance})


def keep_owner(instance: Membership, origin: Model | QuerySet[Any], **kwargs: Any) -> None:
    """An owner's membership is deleted with the list, never alone."""
    if model_of(origin) is Membership and instance.role == Role.OWNER:
        raise ProtectedError("The owner can't leave the list; give it to another member first.", {instance})
