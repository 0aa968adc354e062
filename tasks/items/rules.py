"""What the database's own constraints can't say about tasks."""

from typing import Any

from django.db.models import Model, Q, QuerySet
from django.db.models.signals import pre_delete

from tasks.accounts.models import User
from tasks.core.representation import model_of
from tasks.items.models import Task
from tasks.lists.models import TaskList
from tasks.sections.models import Section


def connect() -> None:
    """Called once by the app's configuration."""
    pre_delete.connect(forget_person, sender=User)
    pre_delete.connect(leave_section, sender=Section)


def forget_person(instance: User, using: str, **kwargs: Any) -> None:
    """The database's SET_NULL would write without events for the tasks that lose a name."""
    for field in ("created_by", "updated_by", "completed_by", "assignee"):
        Task.objects.using(using).filter(Q(**{field: instance})).update(**{field: None})


def leave_section(instance: Section, origin: Model | QuerySet[Any], using: str, **kwargs: Any) -> None:
    """Not where the whole list is deleted, and its tasks with it."""
    if model_of(origin) is not TaskList:
        Task.objects.using(using).filter(section=instance).update(section=None)
