"""Models whose every write is noticed: `save()`, `delete()`, bulk methods, and what Django does by these."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, ClassVar, Self

from django.db import models, router, transaction
from django.db.models.signals import class_prepared

from realtime.events.database import require_log_alias
from realtime.events.live_queryset import LiveManager, Write, first_version
from realtime.events.locks import live_models, lock_cascade, lock_parents, moving_parents
from realtime.events.rows import row_by_key
from realtime.events.signals import relay_deletions, saved, written


class LiveModel(models.Model):
    """A row with a `version` that grows with every write, also over deletion and re-creation."""

    version = models.BigIntegerField(editable=False, default=first_version)

    silent_fields: ClassVar[frozenset[str]] = frozenset()
    """Fields (many-to-many too) whose change alone sends no signal and makes no new version."""

    objects = LiveManager()

    class Meta:
        abstract = True
        # Django itself writes by the base manager: related_set.add(), on_delete=SET_NULL.
        base_manager_name = "objects"

    def save(
        self,
        *,
        force_insert: bool | tuple[models.base.ModelBase, ...] = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Iterable[str] | None = None,
    ) -> None:
        """Writes and sends `saved`. With `update_fields` the other fields are read from the locked row, so that the
        instance shows the whole row as it is after the write.

        Raises the model's `DoesNotExist` when the row is gone: a deleted row is not created again.
        """
        fields = None if update_fields is None else set(update_fields)
        if fields is not None and fields <= self.silent_fields:
            super().save(using=using, update_fields=fields)
            return
        alias = self._write_alias(using)
        with transaction.atomic(alias, savepoint=False):
            self._lock_parents(alias)
            if self._state.adding:
                previous = None
                self.version = first_version()
            else:
                # The key stays, so rows that refer to this one can be written meanwhile.
                previous = row_by_key(type(self), self.pk, alias, lock=True)
                self.version = previous.version + 1
                if fields is not None:
                    fields.add("version")
                    self.take_from(previous, excluding=fields)
            self.before_writes([Write(self, previous, fields)])
            super().save(
                force_insert=force_insert or previous is None,
                force_update=previous is not None and fields is None,
                using=alias,
                update_fields=fields,
            )
            self._evaluate_expressions(alias)
            sender = self._meta.concrete_model
            saved.send(sender=sender, instance=self, previous=previous, using=alias)
            written.send(sender=sender, changes=[(self, previous)], using=alias)

    def before_write(self, previous: Self | None, fields: set[str] | None) -> None:
        """For models whose columns depend on each other. Called by `save()` in its transaction, with the row locked and
        shown as it will be written. May change more columns; their names are added to `fields`, unless that is None:
        then all are written. `previous` is the row as it was; None for a new one.
        """

    @classmethod
    def before_writes(cls, writes: Sequence[Write]) -> None:
        """Calls `before_write()` for each row of a `save()`, or of the queryset's `write()`. For models that can ask
        for many rows at once what they have to know.
        """
        for row, previous, fields in writes:
            row.before_write(previous, fields)

    def delete(self, using: str | None = None, keep_parents: bool = False) -> tuple[int, dict[str, int]]:
        """Deletes as Django does; `deleted` shows the row's last state. Deleting a row that is gone does nothing."""
        alias = self._write_alias(using)
        with transaction.atomic(alias, savepoint=False):
            if self.pk is not None:
                self._lock_parents(alias)
                row = self._rows(alias).select_for_update().first()
                if row is None:
                    return 0, {}
                self.take_from(row, excluding=())
                lock_cascade(type(self), [self.pk], alias)
            return super().delete(using=using or alias, keep_parents=keep_parents)

    def _write_alias(self, using: str | None) -> str:
        alias = using or router.db_for_write(type(self), instance=self)
        require_log_alias(alias, type(self).__name__)
        return alias

    def _lock_parents(self, alias: str) -> None:
        """Locks the parent that the row has, and the one that it gets."""
        if name := moving_parents.get(self._meta.concrete_model or type(self)):
            keys = [] if self._state.adding else [*self._rows(alias).values_list(f"{name}_id", flat=True)]
            lock_parents(type(self), [*keys, self.__dict__.get(f"{name}_id")], alias)

    def _rows(self, alias: str) -> models.QuerySet[Self]:
        """This row, as a queryset."""
        return type(self)._base_manager.using(alias).filter(pk=self.pk)

    def _evaluate_expressions(self, alias: str) -> None:
        """Reads the value that the database gave to an `F("position") + 1`."""
        names = [field.attname for field in self._meta.concrete_fields]
        expressions = [name for name in names if hasattr(self.__dict__.get(name), "resolve_expression")]
        if expressions:
            self.refresh_from_db(using=alias, fields=expressions)

    def take_from(self, row: Self, excluding: Collection[str]) -> None:
        """Takes over what another copy of the row has in its fields."""
        for field in self._meta.concrete_fields:
            if field.name not in excluding and field.attname not in excluding:
                setattr(self, field.attname, getattr(row, field.attname))


def _enlist(sender: type[models.Model], **kwargs: Any) -> None:
    """Called by Django for each model, proxies included, when its class is complete."""
    if issubclass(sender, LiveModel) and not sender._meta.abstract and sender not in live_models:
        live_models.append(sender)
        relay_deletions(sender)


class_prepared.connect(_enlist)
