"""What the database's own constraints can't say about tasks."""

from typing import Any

from django.db.models import Model, Q, QuerySet
from django.db.models.signals import pre_delete

from realtime.events import live
from realtime.events.live import model_of
from tasks.accounts.models import User
from tasks.items import recurring
from tasks.items.labelled import HasLabel
from tasks.items.models import Task
from tasks.labels.models import Label
from tasks.lists.models import Membership, TaskList
from tasks.sections.models import Section


def connect() -> None:
    """Called once by the app's configuration."""
    pre_delete.connect(forget_person, sender=User)
    recurring.connect()
    pre_delete.connect(leave_section, sender=Section)
    live.deleted.connect(drop_label, sender=Label)
    live.deleted.connect(member_deleted, sender=Membership)
    live.saved.connect(member_saved, sender=Membership)
    live.saved.connect(person_saved, sender=User)


def forget_person(instance: User, using: str, **kwargs: Any) -> None:
    """The database's SET_NULL would write without events for the tasks that lose a name."""
    for field in ("created_by", "updated_by", "completed_by", "assignee"):
        Task.objects.using(using).filter(Q(**{field: instance})).update(**{field: None})


def leave_section(instance: Section, origin: Model | QuerySet[Any], **kwargs: Any) -> None:
    """Not where the whole list is deleted, and its tasks with it."""
    if model_of(origin) is not TaskList:
        Task.objects.filter(section=instance).update(section=None)


def drop_label(instance: Label, origin: Model | QuerySet[Any], **kwargs: Any) -> None:
    if model_of(origin) is not TaskList:
        Task.objects.filter(HasLabel("label_ids", instance.pk), list=instance.list_id).drop_label(instance.pk)


def member_deleted(instance: Membership, origin: Model | QuerySet[Any], **kwargs: Any) -> None:
    if model_of(origin) is not TaskList:
        unassign(instance)


def member_saved(instance: Membership, previous: Membership | None, **kwargs: Any) -> None:
    if previous is not None and (previous.list_id, previous.user_id) != (instance.list_id, instance.user_id):
        unassign(previous)


def unassign(member: Membership) -> None:
    """Somebody who can't read the list any more."""
    Task.objects.filter(list=member.list_id, assignee=member.user_id).update(assignee=None)


def person_saved(instance: User, previous: User | None, **kwargs: Any) -> None:
    """Somebody who is not active any more can do nothing."""
    if previous is not None and previous.is_active and not instance.is_active:
        Task.objects.filter(assignee=instance).update(assignee=None)
