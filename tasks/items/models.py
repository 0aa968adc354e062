"""Tasks and their queryset: what each write of a task checks, and what follows from it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID, uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from realtime.events.live import Write
from tasks.core.text import validate_line
from tasks.core.zones import MAX_LENGTH, validate_zone
from tasks.items.labelled import WithoutLabel
from tasks.items.limits import MAX_NOTES, MAX_TITLE
from tasks.items.references import COLUMNS, settle
from tasks.lists.models import TaskList
from tasks.lists.positioned import PositionedModel, PositionedQuerySet
from tasks.recurrence.occurrences import check
from tasks.recurrence.rule import MAX_LENGTH as RULE_LENGTH
from tasks.recurrence.rule import RuleError, parse
from tasks.sections.models import Section

if TYPE_CHECKING:
    from tasks.accounts.models import User


def validate_rule(text: str) -> None:
    """Raises ValidationError for what can't be a rule of recurrence."""
    try:
        parse(text)
    except RuleError as error:
        raise ValidationError(str(error)) from None


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
    """Writes of many tasks at once, with the same checks and events as `Task.save()`."""

    def update(self, **kwargs: Any) -> int:
        """Updates as Django does. Tasks that are given a list, a parent, a section, labels or an assignee are written
        as `save()` does, because what they have of these depends on each other.
        """
        wanted = {self.model._meta.get_field(name).name: value for name, value in kwargs.items()}
        if not any(wanted.get(name) for name in COLUMNS.values()):
            return super().update(**kwargs)
        with transaction.atomic(self._write_alias(), savepoint=False):
            rows = self.order_by("pk").filter(pk__in=list(self._locked(self._keys(), no_key=True)))
            computed = {name: value for name, value in wanted.items() if _is_computed(value)}
            found = list(rows.annotate(**{f"new_{name}": value for name, value in computed.items()}))
            for row in found:
                row.assign(wanted | {name: getattr(row, f"new_{name}") for name in computed})
            self.write((row, set(wanted)) for row in found)
        return len(found)

    update.alters_data = True  # type: ignore[attr-defined]

    def write(self, rows: Iterable[tuple[Any, Collection[str]]]) -> None:
        """Tasks before their subtasks, which are where their tasks are by then."""
        wanted = list(rows)
        with transaction.atomic(self._write_alias(), savepoint=False):
            super().write(each for each in wanted if each[0].parent_id is None)
            super().write(each for each in wanted if each[0].parent_id is not None)

    write.alters_data = True  # type: ignore[attr-defined]

    def before_bulk_create(self, rows: list[Any]) -> None:
        for row in rows:
            row.to_python()
        settle([Write(row, None, None) for row in rows])
        super().before_bulk_create(rows)

    def drop_label(self, label_id: UUID) -> int:
        """Takes a label off the tasks that have it; returns how many those were."""
        return super().update(label_ids=WithoutLabel("label_ids", label_id))

    def mark(self, *, completed: bool, by: "User | None") -> int:
        """Marks those that are not so yet; returns how many those were."""
        at = timezone.now() if completed else None
        others = self.filter(completed_at__isnull=completed)
        return others.update(completed_at=at, completed_by=by if completed else None, updated_by=by)


def _is_computed(value: Any) -> bool:
    """Whether the database knows the value, as of an F() and in bulk_update()."""
    return hasattr(value, "resolve_expression")


TaskManager = models.Manager.from_queryset(TaskQuerySet, class_name="TaskManager")


class Task(PositionedModel):
    """A task of a list, or a subtask of another task. What it refers to is settled with each write: see
    `references.py`."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    list = models.ForeignKey(TaskList, on_delete=models.CASCADE, related_name="tasks")
    parent = models.ForeignKey(
        "self", on_delete=models.CASCADE, related_name="subtasks", null=True, blank=True, db_index=False
    )
    section = models.ForeignKey(
        Section, on_delete=models.DO_NOTHING, related_name="tasks", null=True, blank=True, db_index=False
    )  # a rule empties it when the section is deleted; SET_NULL would, too, for each task of a list that is deleted
    title = models.CharField(max_length=MAX_TITLE, validators=[validate_line])
    notes = models.TextField(blank=True, validators=[MaxLengthValidator(MAX_NOTES)])
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
    recurrence = models.CharField(  # noqa: DJ001
        max_length=RULE_LENGTH,
        null=True,
        blank=True,
        validators=[validate_rule],
        help_text="A rule of RFC 5545, as FREQ=WEEKLY;INTERVAL=2;BYDAY=FR.",
    )
    recurrence_from = models.CharField(max_length=10, choices=RecurrenceFrom.choices, default=RecurrenceFrom.DUE)
    recurrence_anchor = models.CharField(  # noqa: DJ001
        max_length=120,
        null=True,
        editable=False,
        help_text="When it was to be due by its rule, if it has been rescheduled.",
    )
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
            models.CheckConstraint(
                condition=Q(recurrence=None) | Q(due_date__isnull=False),
                name="recurrence_needs_date",
                violation_error_message="A repeating task needs a due date.",
            ),
            models.CheckConstraint(condition=Q(priority__in=Priority.values), name="priority_is_known"),
        ]

    def __str__(self) -> str:
        return self.title

    @classmethod
    def before_writes(cls, writes: Sequence[Write]) -> None:
        super().before_writes(writes)
        settle(writes)

    def assign(self, values: Mapping[str, Any]) -> None:
        """Sets fields, foreign keys by row or by key."""
        for name, value in values.items():
            field = self._meta.get_field(name)
            is_key = field.is_relation and not isinstance(value, models.Model)
            setattr(self, field.attname if is_key else name, value)  # type: ignore[union-attr]

    def clean(self) -> None:
        if self.recurrence is not None and self.due_date is not None:
            try:
                check(self.recurrence, self.due_date)
            except RuleError as error:
                raise ValidationError({"recurrence": str(error)}) from None

    @property
    def completed(self) -> bool:
        return self.completed_at is not None

    def mark(self, *, completed: bool, by: "User | None") -> set[str]:
        """Sets the fields that say so; returns their names, for `save(update_fields=...)`."""
        self.completed_at = timezone.now() if completed else None
        self.completed_by = by if completed else None
        return {"completed_at", "completed_by"}

    def move_to(self, task_list: TaskList, *, position: float | None = None) -> set[str]:
        """To another list, by default to its end; returns the names of the fields that changed."""
        self.list = task_list
        self.position = position  # type: ignore[assignment]  # at the end, where it has none
        return {"list", "position"}
