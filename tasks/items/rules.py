"""What the database's own constraints can't say about tasks."""

from typing import Any

from django.db.models import Q
from django.db.models.signals import pre_delete

from tasks.accounts.models import User
from tasks.items.models import Task


def connect() -> None:
    """Called once by the app's configuration."""
    pre_delete.connect(forget_person, sender=User)


def forget_person(instance: User, using: str, **kwargs: Any) -> None:
    """The database's SET_NULL would write without events for the tasks that lose a name."""
    for field in ("created_by", "updated_by", "completed_by"):
        Task.objects.using(using).filter(Q(**{field: instance})).update(**{field: None})
