import re
from datetime import datetime
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from tasks.accounts.people import signed_in
from tasks.core.api.problems import Conflict
from tasks.core.api.serializers import IdField, LiveSerializer, NumberField, RowField
from tasks.items.access import tasks_visible_to
from tasks.items.models import Task
from tasks.reminders.models import MAX_MINUTES, Reminder, lock_task
from tasks.reminders.representation import reminder_json
from tasks.reminders.timing import LATEST

MOST = 20
"""Reminders that one person may have of one task."""


MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]{1,6})?)?([Zz]|[+-][0-9]{2}:?[0-9]{2})"
)
"""Of RFC 3339; the seconds may be left out. Python also takes weeks, and dates without hyphens."""


class MomentField(serializers.DateTimeField):
    """A time with its offset. REST framework's field would take one without for a time of the server's zone."""

    def to_internal_value(self, value: Any) -> datetime:
        if not isinstance(value, str) or not MOMENT.fullmatch(value):
            raise ValidationError("Write a time with its offset, like 2026-12-24T17:00:00Z.")
        try:
            found: datetime = super().to_internal_value(value)
        except OverflowError:
            raise ValidationError("This time is outside the calendar.") from None
        return found


class MinutesField(NumberField):
    def to_internal_value(self, data: Any) -> int:
        minutes = super().to_internal_value(data)
        if not 0 <= minutes <= MAX_MINUTES:
            raise ValidationError(f"Must be between 0 and {MAX_MINUTES}.")
        return minutes


class ReminderSerializer(LiveSerializer):
    represent = reminder_json
    id = IdField(required=False)
    task = RowField(queryset=Task.objects.none())
    at = MomentField(allow_null=True, required=False)
    minutes_before = MinutesField(allow_null=True, required=False)

    class Meta:
        model = Reminder
        fields = ["id", "task", "user", "at", "minutes_before", "fires_at", "sent_at", "version", "created_at"]
        read_only_fields = ["user", "fires_at", "sent_at", "version", "created_at"]

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        if "task" in fields and "request" in self.context:
            fields["task"].queryset = tasks_visible_to(signed_in(self.context["request"]))
        return fields

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if self.instance is not None:
            if attrs.get("task", self.instance.task) != self.instance.task:
                raise ValidationError({"task": "A reminder keeps its task."})
            # To give one of the two takes the place of the other.
            for given, other in (("at", "minutes_before"), ("minutes_before", "at")):
                if attrs.get(given) is not None and other not in attrs:
                    attrs[other] = None
        at, minutes = (attrs.get(name, getattr(self.instance, name, None)) for name in ("at", "minutes_before"))
        if (at is None) == (minutes is None):
            raise ValidationError({"at": "Give either a time (at) or a number of minutes (minutes_before)."})
        if at is not None and at != getattr(self.instance, "at", None) and at < timezone.now() - LATEST:
            raise ValidationError({"at": "This time is more than a day past, so the reminder would never come."})
        return attrs

    def create(self, validated_data: dict[str, Any]) -> Reminder:
        """The caller of `save()` gives `user`, who can read the list until the transaction ends."""
        reminder = Reminder(**validated_data)
        if lock_task(reminder.task_id) != reminder.task.list_id:
            raise Conflict("The task was moved to another list at the same moment; read it again and repeat.")
        others = Reminder.objects.filter(user=reminder.user, task=reminder.task_id)
        if others.count() >= MOST:
            raise ValidationError({"task": f"A task has at most {MOST} reminders of one person."})
        if others.filter(at=reminder.at, minutes_before=reminder.minutes_before).exists():
            raise ValidationError({"task": "You have this reminder already."})
        reminder.save(force_insert=True)
        return reminder
