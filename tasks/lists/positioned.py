"""Rows in an order that the people of their list choose."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Max

from tasks.core.models import StampedModel, StampedQuerySet
from tasks.core.positions import GAP, MAX_POSITION, validate_position


class PositionedQuerySet(StampedQuerySet):
    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        rows = list(objs)
        ends: dict[UUID, float] = {}
        for row in rows:
            if row.position is None:
                end = ends.get(row.list_id)
                row.position = ends[row.list_id] = self.next_position(row.list_id) if end is None else end + GAP
        return super().bulk_create(rows, *args, **kwargs)

    def next_position(self, list_id: UUID) -> float:
        """The position behind the list's last row. Where that is at the bound, it is moved away from there first."""
        rows = self.model._default_manager.using(self.db).filter(list=list_id)
        end = _last_position(rows)
        if end + GAP > MAX_POSITION:
            far = rows.filter(position__gt=MAX_POSITION / 2)
            end = _last_position(rows.exclude(pk__in=far.values("pk")))
            for row in far.order_by("position", "pk"):
                end += GAP
                row.position = end
                row.save(update_fields=["position"])
        return end + GAP


def _last_position(rows: models.QuerySet[Any]) -> float:
    """0 if there are none."""
    return rows.aggregate(last=Max("position"))["last"] or 0.0


class PositionedModel(StampedModel):
    position = models.FloatField(blank=True, validators=[validate_position], help_text="Empty: at the list's end.")

    class Meta:
        abstract = True
        ordering = ["position", "id"]

    def save(self, **kwargs: Any) -> None:
        """As any live row; one without a position goes to the end of its list."""
        if self.position is None:
            manager: Any = type(self)._default_manager
            self.position = manager.next_position(self.list_id)
        super().save(**kwargs)
