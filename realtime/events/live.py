"""Models whose every write is noticed: `save()`, `delete()` and the queryset's bulk methods alike.

Subclass `LiveModel`, connect to `saved` and `deleted`, and publish there. Both signals are sent inside the transaction
of the write, with the row locked, so what a handler publishes commits with the change or not at all.
"""

import time
from collections.abc import Collection, Iterable
from typing import Any, ClassVar, Self

from django.db import DEFAULT_DB_ALIAS, NotSupportedError, connections, models, transaction
from django.db.models.signals import ModelSignal, post_delete

saved = ModelSignal(use_caching=True)
"""Sent with `instance` and `previous` (the row as it was; None when it was created)."""

deleted = post_delete
"""Django's own: sent with `instance` and `origin` (what `delete()` was called on)."""


def first_version() -> int:
    """Microseconds since 1970, so that a row made anew under an old id is newer than all that was known of it: no row
    is written faster than that. JavaScript counts so far without error."""
    return time.time_ns() // 1_000


class LiveQuerySet(models.QuerySet[Any]):
    """Bulk writes that send the signals too. `_raw_delete` and raw SQL remain silent."""

    def update(self, **kwargs: Any) -> int:
        """Updates as Django does, each row's `version` too. Rows are locked in the order of their keys."""
        if not kwargs.keys() - self.model.silent_fields:
            return super().update(**kwargs)
        with transaction.atomic(self.db, savepoint=False):
            before = self._locked(no_key=True)
            rows = self.model._base_manager.using(self.db).filter(pk__in=list(before))
            # The condition is asked again, now that nobody else can change the rows.
            still = self.order_by().filter(pk__in=list(before))
            changed = super(LiveQuerySet, still).update(**kwargs, version=models.F("version") + 1)
            for row in rows.order_by("pk"):
                if row.version != before[row.pk].version:
                    saved.send(sender=self.model, instance=row, previous=before[row.pk])
        return changed

    update.alters_data = True  # type: ignore[attr-defined]

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        """Creates as Django does; refuses the forms in which the database alone knows what was written."""
        if kwargs.get("ignore_conflicts") or kwargs.get("update_conflicts") or len(args) > 1:
            raise NotSupportedError(f"{self.model.__name__} is live: bulk_create() can't tell which rows it wrote")
        rows = list(objs)
        with transaction.atomic(self.db, savepoint=False):
            for row in rows:
                row.version = first_version()
            created = super().bulk_create(rows, *args, **kwargs)
            for row in created:
                saved.send(sender=self.model, instance=row, previous=None)
        return created

    def delete(self) -> tuple[int, dict[str, int]]:
        """Deletes as Django does. Rows are locked in the order of their keys; `deleted` shows their last state."""
        with transaction.atomic(self.db, savepoint=False):
            keys = list(self._locked())
            _lock_what_goes_along(self.model, keys, self.db)
            return super(LiveQuerySet, self.order_by().filter(pk__in=keys)).delete()

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]

    def _locked(self, *, no_key: bool = False) -> dict[Any, Any]:
        """The rows by key, as they are now that nobody else can change them."""
        keys = list(self.order_by().values_list("pk", flat=True))
        rows = self.model._base_manager.using(self.db).select_for_update(no_key=no_key)
        return {row.pk: row for row in rows.filter(pk__in=keys).order_by("pk")}


LiveManager = models.Manager.from_queryset(LiveQuerySet, class_name="LiveManager")


class LiveModel(models.Model):
    """A row with a `version` that grows with every write, also over deletion and re-creation."""

    version = models.BigIntegerField(editable=False, default=first_version)

    silent_fields: ClassVar[frozenset[str]] = frozenset()
    """Fields whose change alone is no news: no signal, no new version."""

    objects = LiveManager()

    class Meta:
        abstract = True

    def save(
        self,
        *,
        force_insert: bool | tuple[models.base.ModelBase, ...] = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Iterable[str] | None = None,
    ) -> None:
        """Writes and sends `saved`. With `update_fields` the other fields are read anew from the locked row, so that
        the instance shows the whole row as it is after the write.

        Raises the model's `DoesNotExist` when the row is gone: a row that somebody deleted is not brought back.
        """
        fields = None if update_fields is None else set(update_fields)
        if fields is not None and fields <= self.silent_fields:
            super().save(using=using, update_fields=fields)
            return
        alias = using or self._state.db or DEFAULT_DB_ALIAS
        with transaction.atomic(alias, savepoint=False):
            if self._state.adding:
                previous = None
                self.version = first_version()
            else:
                # The key stays, so those who refer to the row need not wait.
                previous = self._rows(alias).select_for_update(no_key=True).get()
                self.version = previous.version + 1
                if fields is not None:
                    fields.add("version")
                    self._take_from(previous, excluding=fields)
            super().save(
                force_insert=force_insert or previous is None,
                force_update=previous is not None and fields is None,
                using=alias,
                update_fields=fields,
            )
            self._evaluate_expressions(alias)
            saved.send(sender=type(self), instance=self, previous=previous)

    def delete(self, using: str | None = None, keep_parents: bool = False) -> tuple[int, dict[str, int]]:
        """Deletes as Django does; `deleted` shows the row as it was at last. One that is gone already is no news."""
        alias = using or self._state.db or DEFAULT_DB_ALIAS
        with transaction.atomic(alias, savepoint=False):
            if self.pk is not None:
                row = self._rows(alias).select_for_update().first()
                if row is None:
                    return 0, {}
                self._take_from(row, excluding=())
                _lock_what_goes_along(type(self), [self.pk], alias)
            return super().delete(using=using, keep_parents=keep_parents)

    def _rows(self, alias: str) -> models.QuerySet[Self]:
        """This row, as a queryset."""
        return type(self)._base_manager.using(alias).filter(pk=self.pk)

    def _evaluate_expressions(self, alias: str) -> None:
        """Reads what the database made of an `F("position") + 1`."""
        names = [field.attname for field in self._meta.concrete_fields]
        expressions = [name for name in names if hasattr(self.__dict__.get(name), "resolve_expression")]
        if expressions:
            self.refresh_from_db(using=alias, fields=expressions)

    def _take_from(self, row: Self, excluding: Collection[str]) -> None:
        for field in self._meta.concrete_fields:
            if field.name not in excluding and field.attname not in excluding:
                setattr(self, field.attname, getattr(row, field.attname))


def _lock_what_goes_along(model: type[models.Model], keys: list[Any], alias: str) -> None:
    """Locks the live rows that a deletion cascades to. Django reads them, then deletes them by their keys: one that
    somebody moved away in between would be lost, and where it came to nobody would hear of it.
    """
    if not keys or not connections[alias].features.has_select_for_update:
        return
    for relation in model._meta.related_objects:
        child: Any = relation.related_model
        if relation.on_delete is models.CASCADE and issubclass(child, LiveModel):
            rows = child._base_manager.using(alias).select_for_update().filter(**{f"{relation.field.name}__in": keys})
            _lock_what_goes_along(child, list(rows.order_by("pk").values_list("pk", flat=True)), alias)
