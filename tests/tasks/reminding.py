"""Reminders of tests, and what people were told."""

import json
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from realtime.events import since
from tasks.models import Reminder, Task, User

DAY = date(2095, 1, 7)


def ago(**time: float) -> datetime:
    return timezone.now() - timedelta(**time)


def remind(person: User, task: Task, **when: Any) -> Reminder:
    reminder: Reminder = Reminder.objects.create(user=person, task=task, **(when or {"at": ago(seconds=1)}))
    return reminder


def told(person: User) -> list[dict[str, Any]]:
    """The data of each `reminder.due` on the person's own stream."""
    frames = [json.loads(event.text) for event in since(f"user.{person.pk}", 0, 1000)]
    return [frame["data"] for frame in frames if frame["type"] == "reminder.due"]
