"""Rows that know when they were made and last changed."""

from collections.abc import Collection, Iterable
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from realtime.events.live import LiveModel, LiveQuerySet


class StampedQuerySet(LiveQuerySet):
    def update(self, **kwargs: Any) -> int:
        return super().update(**{"updated_at": timezone.now(), **kwargs})

    update.alters_data = True  # type: ignore[attr-defined]

    def write(self, rows: Iterable[tuple[Any, Collection[str]]]) -> None:
        """All at the same moment."""
        wanted, now = [(row, {*names, "updated_at"}) for row, names in rows], timezone.now()
        for row, _ in wanted:
            row.to_python()
            row.updated_at = now
        super().write(wanted)

    write.alters_data = True  # type: ignore[attr-defined]

    def before_bulk_create(self, rows: list[Any]) -> None:
        for row in rows:
            row.to_python()
        super().before_bulk_create(rows)


class StampedModel(LiveModel):
    """A live model with the times of its creation and of its newest write."""

    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True

    def save(self, *, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """As any live row; `updated_at` need not be named in `update_fields`."""
        self.to_python()
        fields = None if update_fields is None else set(update_fields)
        if fields:
            fields.add("updated_at")
        super().save(update_fields=fields, **kwargs)

    def to_python(self) -> None:
        """Gives each field the type that it would have when read back, because the event shows what is in memory:
        a date that was set as text has to look the same there as in the next answer of the API.
        """
        for field in self._meta.concrete_fields:
            value = getattr(self, field.attname)
            if not hasattr(value, "resolve_expression"):  # an F() is read back after the write
                setattr(self, field.attname, field.to_python(value))


class Creation(models.Model):
    """A creation under an id that a client chose: a repeat can be told from another one, also after a deletion. Of two
    at once under one id only the first is noted, whatever they create; the other one is rolled back.
    """

    id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=40)
    digest = models.CharField(max_length=64, help_text="Of what was sent.")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class StoredAnswer(models.Model):
    """The answer to a POST with an `Idempotency-Key`, for its repetitions. `body`: None if it was too large to keep."""

    key = models.CharField(max_length=64, primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, help_text="Of what was asked.")
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField()
    body = models.TextField(null=True)  # noqa: DJ001  (empty is another answer)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return self.key
