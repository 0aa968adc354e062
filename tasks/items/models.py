from typing import TYPE_CHECKING, ClassVar
from uuid import uuid4

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from tasks.core.text import validate_line
from tasks.core.zones import MAX_LENGTH, validate_zone
from tasks.lists.models import TaskList
from tasks.lists.positioned import PositionedModel, PositionedQuerySet
from tasks.sections.models import Section

if TYPE_CHECKING:
    from tasks.accounts.models import User

MAX_LABELS_OF_TASK = 50


def no_labels() -> list[str]:
    """A new list for each task."""
    return []


class Priority(models.IntegerChoices):
    NONE = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    URGENT = 4


class RecurrenceFrom(models.TextChoices):
    """What the next date of a recurring task is counted from."""

    DUE = "due"
    COMPLETION = "completion"


class TaskQuerySet(PositionedQuerySet):
    def mark(self, *, completed: bool, by: "User | None") -> int:
        """Marks those that are not so yet; returns how many those were."""
        at = timezone.now() if completed else None
        others = self.filter(completed_at__isnull=completed)
        return others.update(completed_at=at, completed_by=by if completed else None, updated_by=by)


TaskManager = models.Manager.from_queryset(TaskQuerySet, class_name="TaskManager")


class Task(PositionedModel):
    id = models.UUIDField(primary_key=True, default=uuid4)
    list = models.ForeignKey(TaskList, on_delete=models.CASCADE, related_name="tasks")
    parent = models.ForeignKey(
        "self", on_delete=models.CASCADE, related_name="subtasks", null=True, blank=True, db_index=False
    )
    section = models.ForeignKey(
        Section, on_delete=models.DO_NOTHING, related_name="tasks", null=True, blank=True, db_index=False
    )  # a rule empties it when the section is deleted; SET_NULL would, too, for each task of a list that is deleted
    title = models.CharField(max_length=500, validators=[validate_line])
    notes = models.TextField(blank=True, validators=[MaxLengthValidator(20_000)])
    priority = models.PositiveSmallIntegerField(choices=Priority.choices, default=Priority.NONE)
    label_ids = models.JSONField(default=no_labels, blank=True, verbose_name="labels")
    """The ids of labels of the list, as text, sorted. In the row, so that its version and its events tell of them."""
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        related_name="assigned_tasks",
        null=True,
        blank=True,
        db_index=False,
    )
    completed_at = models.DateTimeField(null=True, blank=True)
    completed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    due_date = models.DateField(null=True, blank=True)
    due_time = models.TimeField(null=True, blank=True, help_text="On the due date, in the due zone.")
    due_zone = models.CharField(max_length=MAX_LENGTH, null=True, blank=True, validators=[validate_zone])  # noqa: DJ001  (none, as the date and the time)
    recurrence = models.CharField(max_length=500, null=True, blank=True, help_text="A rule of RFC 5545.")  # noqa: DJ001
    recurrence_from = models.CharField(max_length=10, choices=RecurrenceFrom.choices, default=RecurrenceFrom.DUE)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects: ClassVar[TaskManager] = TaskManager()  # type: ignore[assignment]

    class Meta(PositionedModel.Meta):
        indexes = [
            models.Index(fields=["list", "position", "id"], name="task_in_its_place"),
            models.Index(fields=["position", "id"], name="task_in_its_place_of_all"),  # pages over all lists
            # Most tasks have none of these, and cost nothing here.
            models.Index(fields=["parent"], condition=Q(parent__isnull=False), name="task_of_parent"),
            models.Index(fields=["section"], condition=Q(section__isnull=False), name="task_in_section"),
            models.Index(fields=["assignee"], condition=Q(assignee__isnull=False), name="task_of_assignee"),
            models.Index(
                fields=["list", "due_date"],
                condition=Q(completed_at__isnull=True, due_date__isnull=False),
                name="open_task_by_due_date",
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(parent=None) | ~Q(parent=F("id")), name="no_task_is_in_itself"),
            models.CheckConstraint(
                condition=Q(parent=None) | Q(section=None),
                name="subtask_has_no_section",
                violation_error_message="A subtask is in the section of its task.",
            ),
            models.CheckConstraint(
                condition=Q(due_time=None) | Q(due_date__isnull=False, due_zone__isnull=False),
                name="time_needs_date_and_zone",
                violation_error_message="A time needs a date and a time zone.",
            ),
            models.CheckConstraint(condition=Q(priority__in=Priority.values), name="priority_is_known"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def completed(self) -> bool:
        return self.completed_at is not None

    def mark(self, *, completed: bool, by: "User | None") -> set[str]:
        """Sets the fields that say so; returns their names, for `save(update_fields=...)`."""
        self.completed_at = timezone.now() if completed else None
        self.completed_by = by if completed else None
        return {"completed_at", "completed_by"}

    def move_to(self, task_list: TaskList) -> set[str]:
        """To the end of another list; returns the names of the fields that changed."""
        self.list = task_list
        self.position = type(self).objects.next_position(task_list.pk)
        return {"list", "position"}
