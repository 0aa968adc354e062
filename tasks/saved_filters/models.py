from time import time
from typing import ClassVar
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models

from tasks.core.bounded import BoundedModel, BoundedQuerySet
from tasks.core.positions import validate_position
from tasks.core.text import validate_line
from tasks.saved_filters.query import NO_QUERY, validate_query, validate_sort

MOST_FILTERS = 200
"""Of one person."""


class Group(models.TextChoices):
    """By what the found tasks are put together."""

    LIST = "list"
    SECTION = "section"
    LABEL = "label"
    PRIORITY = "priority"
    ASSIGNEE = "assignee"
    DUE = "due"


SavedFilterManager = models.Manager.from_queryset(BoundedQuerySet, class_name="SavedFilterManager")


class SavedFilter(BoundedModel):
    id = models.UUIDField(primary_key=True, default=uuid4)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_filters")
    name = models.CharField(max_length=100, validators=[validate_line])
    query = models.JSONField(
        default=dict, blank=True, validators=[validate_query], help_text="The parameters of GET /api/tasks."
    )
    sort = models.CharField(max_length=200, null=True, blank=True, validators=[validate_sort])  # noqa: DJ001  (none)
    group = models.CharField(max_length=10, null=True, blank=True, choices=Group.choices)  # noqa: DJ001  (none)
    position = models.FloatField(default=time, validators=[validate_position])
    """At first the time in seconds, and so behind the person's others."""

    most = MOST_FILTERS
    of = "user"

    objects: ClassVar[SavedFilterManager] = SavedFilterManager()  # type: ignore[assignment]

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """The field's validators are not asked about an empty list or text."""
        if not isinstance(self.query, dict):
            raise ValidationError({"query": NO_QUERY})
