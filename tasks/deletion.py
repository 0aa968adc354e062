"""What the database's own rules can't say about deletions."""

from typing import Any

from django.db.models import Model, ProtectedError, Q, QuerySet
from django.db.models.signals import pre_delete

from tasks.models import EVERYONE_ID, Membership, Role, Task, TaskList, User


def connect() -> None:
    """Called once by the app's configuration."""
    pre_delete.connect(keep_everyone, sender=TaskList)
    pre_delete.connect(keep_owner, sender=Membership)
    pre_delete.connect(forget_person, sender=User)


def keep_everyone(instance: TaskList, **kwargs: Any) -> None:
    if instance.pk == EVERYONE_ID:
        raise ProtectedError("The list Everyone is built in; switch it off with EVERYONE_LIST=false.", {instance})


def keep_owner(instance: Membership, origin: Model | QuerySet[Any], **kwargs: Any) -> None:
    """An owner's membership goes with the list, never alone."""
    alone = isinstance(origin, Membership) or getattr(origin, "model", None) is Membership
    if alone and instance.role == Role.OWNER:
        raise ProtectedError("The owner can't leave the list; give it to another member first.", {instance})


def forget_person(instance: User, using: str, **kwargs: Any) -> None:
    """SET_NULL writes behind the models' back; this way the tasks that lose a name become events too."""
    for field in ("created_by", "updated_by", "completed_by"):
        Task.objects.using(using).filter(Q(**{field: instance})).update(**{field: None})
