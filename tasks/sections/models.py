from typing import ClassVar

from django.db import models

from tasks.core.text import validate_line
from tasks.lists.part import ListPart, ListPartQuerySet
from tasks.lists.positioned import PositionedModel, PositionedQuerySet

MAX_SECTIONS = 100
"""In one list."""


class SectionQuerySet(PositionedQuerySet, ListPartQuerySet):  # type: ignore[override]  # of as_manager(), unused
    pass


SectionManager = models.Manager.from_queryset(SectionQuerySet, class_name="SectionManager")


class Section(PositionedModel, ListPart):
    name = models.CharField(max_length=200, validators=[validate_line])

    most = MAX_SECTIONS

    objects: ClassVar[SectionManager] = SectionManager()  # type: ignore[assignment]

    class Meta(PositionedModel.Meta):
        indexes = [models.Index(fields=["list", "position", "id"], name="section_in_its_place")]

    def __str__(self) -> str:
        return self.name
