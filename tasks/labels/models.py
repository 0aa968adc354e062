import unicodedata
from collections.abc import Collection, Iterable
from typing import Any, ClassVar

from django.db import models

from tasks.core.colors import DEFAULT_COLOR, validate_color
from tasks.core.text import validate_line
from tasks.lists.part import ListPart, ListPartQuerySet

MAX_LABELS = 200
"""In one list."""

MAX_NAME = 60


def key_of(name: str) -> str:
    """Names that differ in case alone, or in how their accents are stored, have the same key."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


class LabelQuerySet(ListPartQuerySet):
    def update(self, **kwargs: Any) -> int:
        if "name" in kwargs:
            kwargs["name_key"] = key_of(kwargs["name"])
        return super().update(**kwargs)

    update.alters_data = True  # type: ignore[attr-defined]

    def write(self, rows: Iterable[tuple[Any, Collection[str]]]) -> None:
        super().write((row, {*names, "name_key"} if "name" in names else names) for row, names in rows)

    write.alters_data = True  # type: ignore[attr-defined]


LabelManager = models.Manager.from_queryset(LabelQuerySet, class_name="LabelManager")


class Label(ListPart):
    name = models.CharField(max_length=MAX_NAME, validators=[validate_line])
    name_key = models.CharField(max_length=3 * MAX_NAME, editable=False, help_text="By which names are the same.")
    color = models.CharField(max_length=7, default=DEFAULT_COLOR, validators=[validate_color])

    most = MAX_LABELS

    objects: ClassVar[LabelManager] = LabelManager()  # type: ignore[assignment]

    class Meta:
        ordering = ["name_key", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["list", "name_key"],
                name="label_has_its_name_alone",
                violation_error_message="The list has another label of this name by now.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """As any live row; the key follows the name."""
        fields = None if update_fields is None else set(update_fields)
        if fields is not None and "name" in fields:
            fields.add("name_key")
        super().save(update_fields=fields, **kwargs)

    def to_python(self) -> None:
        super().to_python()
        self.name_key = key_of(self.name)
