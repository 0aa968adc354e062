from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID, uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Max, Q
from django.utils import timezone

from tasks.core.models import StampedModel, StampedQuerySet
from tasks.core.text import validate_line
from tasks.core.zones import MAX_LENGTH, validate_zone
from tasks.lists.models import TaskList

if TYPE_CHECKING:
    from tasks.accounts.models import User

GAP = 1024.0
"""Between the positions of two new neighbours, so that one can be dragged between them by halving, again and again."""

MAX_POSITION = 1e12
"""The greatest position, and below zero the least, that can be set; there is room for a billion tasks in between."""


class Priority(models.IntegerChoices):
    NONE = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    URGENT = 4


def validate_position(number: float) -> None:
    """Raises ValidationError for not-a-number too, which passes every comparison with a limit."""
    if not -MAX_POSITION <= number <= MAX_POSITION:
        raise ValidationError(f"This has to be a number between {-MAX_POSITION:.0f} and {MAX_POSITION:.0f}.")


class TaskQuerySet(StampedQuerySet):
    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        rows = list(objs)
        ends: dict[UUID, float] = {}
        for row in rows:
            if row.position is None:
                end = ends.get(row.list_id)
                row.position = ends[row.list_id] = self.next_position(row.list_id) if end is None else end + GAP
        return super().bulk_create(rows, *args, **kwargs)

    def next_position(self, list_id: UUID) -> float:
        """The position behind the list's last task. Where that is at the bound, it is moved away from there first."""
        tasks = self.model.objects.using(self.db).filter(list=list_id)
        end = _last_position(tasks)
        if end + GAP > MAX_POSITION:
            far = tasks.filter(position__gt=MAX_POSITION / 2)
            end = _last_position(tasks.exclude(pk__in=far.values("pk")))
            for task in far.order_by("position", "pk"):
                end += GAP
                task.position = end
                task.save(update_fields=["position"])
        return end + GAP

    def mark(self, *, completed: bool, by: "User | None") -> int:
        """Marks those that are not so yet; returns how many those were."""
        at = timezone.now() if completed else None
        others = self.filter(completed_at__isnull=completed)
        return others.update(completed_at=at, completed_by=by if completed else None, updated_by=by)


def _last_position(tasks: "models.QuerySet[Task]") -> float:
    """0 if there are none."""
    return tasks.aggregate(last=Max("position"))["last"] or 0.0


TaskManager = models.Manager.from_queryset(TaskQuerySet, class_name="TaskManager")


class Task(StampedModel):
    id = models.UUIDField(primary_key=True, default=uuid4)
    list = models.ForeignKey(TaskList, on_delete=models.CASCADE, related_name="tasks")
    title = models.CharField(max_length=500, validators=[validate_line])
    notes = models.TextField(blank=True, validators=[MaxLengthValidator(20_000)])
    priority = models.PositiveSmallIntegerField(choices=Priority.choices, default=Priority.NONE)
    completed_at = models.DateTimeField(null=True, blank=True)
    completed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    due_date = models.DateField(null=True, blank=True)
    due_time = models.TimeField(null=True, blank=True, help_text="On the due date, in the due zone.")
    due_zone = models.CharField(max_length=MAX_LENGTH, null=True, blank=True, validators=[validate_zone])  # noqa: DJ001  (none, as the date and the time)
    position = models.FloatField(blank=True, validators=[validate_position], help_text="Empty: at the list's end.")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects: ClassVar[TaskManager] = TaskManager()  # type: ignore[assignment]

    class Meta:
        ordering = ["position", "id"]
        indexes = [models.Index(fields=["list", "position", "id"], name="task_in_its_place")]
        constraints = [
            models.CheckConstraint(
                condition=Q(due_time=None) | Q(due_date__isnull=False, due_zone__isnull=False),
                name="time_needs_date_and_zone",
                violation_error_message="A time needs a date and a time zone.",
            ),
            models.CheckConstraint(condition=Q(priority__in=Priority.values), name="priority_is_known"),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, **kwargs: Any) -> None:
        """As any live row; one without a position goes to the end of its list."""
        if self.position is None:
            self.position = type(self).objects.next_position(self.list_id)
        super().save(**kwargs)

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
