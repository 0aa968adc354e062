"""What a list has of its own, for its tasks: labels and sections."""

from typing import Any, Self
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import models

from tasks.core.bounded import BoundedModel, BoundedQuerySet
from tasks.lists.models import TaskList


class ListPartQuerySet(BoundedQuerySet):
    def update(self, **kwargs: Any) -> int:
        if not kwargs.keys().isdisjoint({"list", "list_id"}):
            raise TypeError(f"A {self.model._meta.verbose_name} stays in its list: its tasks are there")
        return super().update(**kwargs)

    update.alters_data = True  # type: ignore[attr-defined]


class ListPart(BoundedModel):
    """A row that belongs to one list, for ever."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    list = models.ForeignKey(TaskList, on_delete=models.CASCADE, related_name="%(class)ss")

    class Meta:
        abstract = True

    def before_write(self, previous: Self | None, fields: set[str] | None) -> None:
        super().before_write(previous, fields)
        if previous is not None and previous.list_id != self.list_id:
            raise ValidationError({"list": f"A {self._meta.verbose_name} stays in its list."})
