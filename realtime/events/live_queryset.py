"""Bulk writes of live models."""

import time
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from django.db import NotSupportedError, models, transaction

from realtime.events.database import require_log_alias
from realtime.events.locks import lock_cascade, lock_parents, lock_parents_of, moving_parents
from realtime.events.row_values import write_values
from realtime.events.signals import saved, written


def first_version() -> int:
    """Microseconds since 1970, so that a row created again under an old id is newer than every copy of the old one: no
    row is written faster than that. JavaScript's numbers are exact that far."""
    return time.time_ns() // 1_000


class Write(NamedTuple):
    """A row as it is about to be written, as it was (None: it is new), and the fields to write (None: all)."""

    row: Any
    previous: Any
    fields: set[str] | None


class LiveQuerySet(models.QuerySet[Any]):
    """Bulk writes that send `saved` and `deleted` for each row. `_raw_delete` and raw SQL stay silent."""

    def update(self, **kwargs: Any) -> int:
        """Updates as Django does, each row's `version` too. Rows are locked in the order of their keys."""
        if not kwargs.keys() - self.model.silent_fields:
            return super().update(**kwargs)
        alias = self._write_alias()
        with transaction.atomic(alias, savepoint=False):
            self._lock_parents(kwargs)
            before = self._locked(self._keys(), no_key=True)
            rows = self.model._base_manager.using(alias).filter(pk__in=list(before))
            # The condition is evaluated again, now that nobody else can change the rows.
            still = self.order_by().filter(pk__in=list(before))
            changed = super(LiveQuerySet, still).update(**kwargs, version=models.F("version") + 1)
            self._send_saved(
                [(row, before[row.pk]) for row in rows.order_by("pk") if row.version != before[row.pk].version]
            )
        return changed

    update.alters_data = True  # type: ignore[attr-defined]

    def write(self, rows: Iterable[tuple[Any, Collection[str]]]) -> None:
        """Writes the named fields of each row as its `save(update_fields=...)` does, with few statements for all.

        Not by `save()` itself: what a model adds there, its queryset has to add here. Values are plain, without F().
        Raises the model's `DoesNotExist` when a row is gone.
        """
        alias = self._write_alias()
        wanted = [(row, {self.model._meta.get_field(name).name for name in names}) for row, names in rows]
        if not wanted:
            return
        keys = [row.pk for row, _ in wanted]
        with transaction.atomic(alias, savepoint=False):
            if name := moving_parents.get(self._concrete()):
                present = self.model._base_manager.using(alias).filter(pk__in=keys)
                new = [getattr(row, f"{name}_id") for row, _ in wanted]
                lock_parents(self.model, [*present.values_list(f"{name}_id", flat=True), *new], alias)
            before = self._locked(keys, no_key=True)
            writes = []
            for row, names in wanted:
                if row.pk not in before:
                    raise self.model.DoesNotExist
                row.version = before[row.pk].version + 1
                row.take_from(before[row.pk], excluding=names | {"version"})
                writes.append(Write(row, before[row.pk], names | {"version"}))
            self.model.before_writes(writes)
            write_values([row for row, _ in wanted], set().union(*(each.fields or () for each in writes)), alias)
            self._send_saved([(row, previous) for row, previous, _ in writes])

    write.alters_data = True  # type: ignore[attr-defined]

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        """Creates as Django does; refuses the forms in which only the database knows what was written."""
        if kwargs.get("ignore_conflicts") or kwargs.get("update_conflicts") or len(args) > 1:
            raise NotSupportedError(f"{self.model.__name__} is live: bulk_create() can't tell which rows it wrote")
        rows = list(objs)
        alias = self._write_alias()
        with transaction.atomic(alias, savepoint=False):
            self.before_bulk_create(rows)
            if name := moving_parents.get(self._concrete()):
                lock_parents(self.model, [getattr(row, f"{name}_id") for row in rows], alias)
            for row in rows:
                row.version = first_version()
            created = super().bulk_create(rows, *args, **kwargs)
            self._send_saved([(row, None) for row in created])
        return created

    def before_bulk_create(self, rows: list[Any]) -> None:
        """Called in the transaction of bulk_create(), right before its rows are written; may change them."""

    def delete(self) -> tuple[int, dict[str, int]]:
        """Deletes as Django does. Rows are locked in the order of their keys; `deleted` shows their last state."""
        alias = self._write_alias()
        with transaction.atomic(alias, savepoint=False):
            lock_parents_of(self.model, self, alias)
            keys = list(self._locked(self._keys()))
            lock_cascade(self.model, keys, alias)
            return super(LiveQuerySet, self.order_by().filter(pk__in=keys)).delete()

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]

    def _write_alias(self) -> str:
        """The database of this write, which must be the log's. From now on rows are read there too."""
        self._for_write = True
        require_log_alias(self.db, self.model.__name__)
        return self.db

    def _concrete(self) -> type[models.Model]:
        return self.model._meta.concrete_model or self.model

    def _send_saved(self, changes: list[tuple[Any, Any]]) -> None:
        """`changes`: each row with what it was before, None where it is new."""
        for row, previous in changes:
            saved.send(sender=self._concrete(), instance=row, previous=previous, using=self.db)
        if changes:
            written.send(sender=self._concrete(), changes=changes, using=self.db)

    def _lock_parents(self, changes: dict[str, Any]) -> None:
        """Locks the parents that the rows have, and the one that they get."""
        if (name := moving_parents.get(self._concrete())) is None:
            return
        new = changes.get(name, changes.get(f"{name}_id"))
        rows = self.order_by()
        keys = [*rows.values_list(f"{name}_id", flat=True).distinct()]
        if hasattr(new, "resolve_expression"):  # as from bulk_update()
            keys += rows.annotate(new_parent=new).values_list("new_parent", flat=True).distinct()
        else:
            keys.append(new.pk if isinstance(new, models.Model) else new)
        lock_parents(self.model, keys, self.db)

    def _keys(self) -> list[Any]:
        return list(self.order_by().values_list("pk", flat=True))

    def _locked(self, keys: Collection[Any], *, no_key: bool = False) -> dict[Any, Any]:
        """The rows with these keys, as they are now that nobody else can change them."""
        rows = self.model._base_manager.using(self.db).select_for_update(no_key=no_key)
        return {row.pk: row for row in rows.filter(pk__in=keys).order_by("pk")}


LiveManager = models.Manager.from_queryset(LiveQuerySet, class_name="LiveManager")
