from collections.abc import Iterable
from math import isfinite
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


class Priority(models.IntegerChoices):
    NONE = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    URGENT = 4


def validate_finite(number: float) -> None:
    """Infinity and not-a-number pass every comparison with a limit, and JSON can't hold them."""
    if not isfinite(number):
        raise ValidationError("This has to be a finite number.")


class TaskQuerySet(StampedQuerySet):
    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        rows = list(objs)
        ends: dict[UUID, float] = {}
        for row in rows:
            if row.position is None:
                end = ends[row.list_id] if row.list_id in ends else self.end_of(row.list_id)
                row.position = ends[row.list_id] = end + GAP
        return super().bulk_create(rows, *args, **kwargs)

    def end_of(self, list_id: UUID) -> float:
        """The position of the list's last task; 0 for an empty one."""
        last = self.model._base_manager.using(self.db).filter(list=list_id).aggregate(last=Max("position"))
        return last["last"] or 0.0

    def mark(self, *, completed: bool, by: "User | None") -> int:
        """Marks those that are not so yet; returns how many those were."""
        at = timezone.now() if completed else None
        others = self.filter(completed_at__isnull=completed)
        return others.update(completed_at=at, completed_by=by if completed else None, updated_by=by)


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
    position = models.FloatField(blank=True, validators=[validate_finite], help_text="Empty: at the list's end.")
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
            self.position = type(self).objects.end_of(self.list_id) + GAP
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
        self.position = type(self).objects.end_of(task_list.pk) + GAP
        return {"list", "position"}
