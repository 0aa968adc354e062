"""What each write changed, column by column. History, undo and merging read it.

A row is written in the transaction of the change, before its events are numbered; see `tasks.history.recording`.
"""

from collections.abc import Iterable, Mapping
from copy import copy
from datetime import date, datetime, time
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from realtime.events.kinds import kinds_of
from realtime.events.live import LiveModel

STAMPS = frozenset({"version", "updated_at", "updated_by", "created_at", "created_by"})
"""Columns that say when and by whom a row was written: every change has these itself."""

PLAIN = (str, int, float, bool, list, dict, type(None))


class Action(models.TextChoices):
    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"


class Way(models.TextChoices):
    DO = ""
    UNDO = "undo"
    REDO = "redo"


class Change(models.Model):
    """One write of one live row. `values` has for each changed column its value before and after, as JSON."""

    kind = models.CharField(max_length=40)
    object_id = models.UUIDField()
    version = models.BigIntegerField(help_text="of the object after the change, or its last one")
    stream = models.CharField(max_length=90, help_text="in which the object is after the change")
    action = models.CharField(max_length=7, choices=Action.choices)
    values = models.JSONField()
    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    source = models.CharField(max_length=16)
    request_id = models.CharField(max_length=64, null=True)  # noqa: DJ001  (none, as in the events)
    unit = models.UUIDField(help_text="the same for all changes of one request")
    way = models.CharField(max_length=4, choices=Way.choices, default=Way.DO, blank=True)
    is_reversed = models.BooleanField(default=False, help_text="undone, or an undo that was redone")
    is_put_off = models.BooleanField(default=False, help_text="could not be undone: what came before it is next")

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["object_id", "id"], name="change_of_object"),
            models.Index(fields=["actor", "at"], name="change_of_actor", condition=Q(actor__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id} {self.action}"


def as_json(value: Any) -> Any:
    """A column's value as JSON; `from_json()` reads it."""
    if isinstance(value, PLAIN):
        return value
    return value.isoformat() if isinstance(value, datetime | date | time) else str(value)


def difference(before: LiveModel | None, after: LiveModel) -> dict[str, list[Any]]:
    """For each column that differs, the two values as JSON. Without `before` those that are not empty."""
    found = {}
    for field in after._meta.concrete_fields:
        if field.name in STAMPS or field.primary_key:
            continue
        new = getattr(after, field.attname)
        if before is None:
            if new not in (None, "", []):
                found[field.name] = [None, as_json(new)]
        elif (old := getattr(before, field.attname)) != new:
            found[field.name] = [as_json(old), as_json(new)]
    return found


def columns(row: LiveModel) -> dict[str, Any]:
    """All columns of a row as JSON."""
    return {field.name: as_json(getattr(row, field.attname)) for field in row._meta.concrete_fields}


def set_columns(row: LiveModel, values: Mapping[str, Any]) -> set[str]:
    """Sets columns from JSON; returns their names. Columns that the model no longer has are left out."""
    fields = {field.name: field for field in row._meta.concrete_fields if field.name in values}
    for name, field in fields.items():
        setattr(row, field.attname, field.to_python(values[name]))
    return set(fields)


def row_at(row: Any, version: int) -> Any:
    """The row as it was at an older version; None where that is not known (any more)."""
    changes = Change.objects.filter(kind=kinds_of(type(row))[0].name, object_id=row.pk)
    if version > row.version or not changes.filter(version__lte=version).exists():
        return None
    later = changes.filter(version__gt=version).order_by("-id")
    return before(row, later.values_list("action", "values"))


def before(row: Any, changes: Iterable[tuple[str, Mapping[str, list[Any]]]]) -> Any:
    """A copy of the row without the changes, of which the newest comes first; None if one of them made the row."""
    found = copy(row)
    found._state.fields_cache.clear()  # a copy's own
    for action, values in changes:
        if action != Action.UPDATED:
            return None
        set_columns(found, {name: pair[0] for name, pair in values.items()})
    return found
