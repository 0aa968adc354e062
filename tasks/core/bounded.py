"""Models with a limit on how many rows belong to one object, however the rows are written."""

from collections import Counter
from collections.abc import Iterable
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError

from tasks.core.models import StampedModel, StampedQuerySet


class BoundedQuerySet(StampedQuerySet):
    def before_bulk_create(self, rows: list[Any]) -> None:
        super().before_bulk_create(rows)
        self.model.check_room(rows)


class BoundedModel(StampedModel):
    """At most `most` rows belong to one row of the foreign key `of`."""

    most: ClassVar[int]
    of: ClassVar[str] = "list"

    class Meta:
        abstract = True

    def before_write(self, previous: Self | None, fields: set[str] | None) -> None:
        super().before_write(previous, fields)
        if previous is None:
            self.check_room([self])

    @classmethod
    def check_room(cls, rows: Iterable[Any]) -> None:
        """Raises ValidationError where these new rows would be too many. Locks what they belong to, so that two who add
        the last one do so one after the other.
        """
        owner: Any = cls._meta.get_field(cls.of)
        for key, count in sorted(Counter(getattr(row, owner.attname) for row in rows).items()):
            owners = owner.related_model._base_manager.select_for_update(no_key=True).filter(pk=key)
            list(owners.order_by().values_list("pk", flat=True))
            if cls._base_manager.filter(**{cls.of: key}).count() + count > cls.most:
                raise ValidationError({cls.of: f"A {cls.of} has at most {cls.most} {cls._meta.verbose_name_plural}."})
