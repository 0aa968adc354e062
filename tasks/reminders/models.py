from collections.abc import Iterable
from typing import Any, ClassVar
from uuid import UUID, uuid4

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from realtime.events.live import LiveModel
from tasks.items.models import Task

MAX_MINUTES = 366 * 24 * 60


class Reminder(LiveModel):
    """Comes at a time, or a number of minutes before its task is due. One person's; nobody else is told of it."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reminders")
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="reminders")
    at = models.DateTimeField(null=True, blank=True)
    minutes_before = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MaxValueValidator(MAX_MINUTES)],
        help_text="Before the task is due; a day without a time counts as 9:00 in the zone of the person.",
    )
    fires_at = models.DateTimeField(
        null=True,
        editable=False,
        help_text="When it is sent; empty where the task has no due date, or that has passed.",
    )
    sent_at = models.DateTimeField(null=True, editable=False)
    mail_at = models.DateTimeField(
        null=True, editable=False, help_text="When its mail is tried next; empty: it has been sent, or there is none."
    )
    mail_attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    silent_fields: ClassVar[frozenset[str]] = frozenset({"mail_at", "mail_attempts"})

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [
            models.Index(fields=["fires_at"], condition=Q(sent_at=None), name="reminder_to_send"),
            models.Index(fields=["mail_at"], condition=Q(mail_at__isnull=False), name="reminder_mail_to_send"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(at=None) ^ Q(minutes_before=None),
                name="reminder_has_one_time",
                violation_error_message="Give either a time or a number of minutes before the due one.",
            ),
        ]

    def __str__(self) -> str:
        when = f"{self.minutes_before} minutes before" if self.at is None else f"at {self.at:%Y-%m-%d %H:%M}"
        return f"{self.task} {when}"

    def save(self, *, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """As any live row. What it is planned by, the task, is locked first, as by those who change the task."""
        fields = None if update_fields is None else set(update_fields)
        with transaction.atomic(kwargs.get("using"), savepoint=False):
            if fields is None or fields & {"task", "task_id", "at", "minutes_before"}:
                lock_task(self.task_id)
            super().save(update_fields=fields, **kwargs)


def lock_task(task_id: Any) -> UUID | None:
    """Keeps the task's due date as it is until the transaction ends, and its list, whose id is returned."""
    locked = Task.objects.select_for_update(no_key=True).filter(pk=task_id).order_by()
    return next(iter(locked.values_list("list", flat=True)), None)
