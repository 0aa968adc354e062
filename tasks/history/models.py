from typing import Any

from django.conf import settings
from django.db import models

from tasks.items.limits import MAX_TITLE


class Trashed(models.Model):
    """A deleted row, kept until the trash is emptied. Rows of one deletion refer to each other by `parent`.

    Each deletion has rows of its own, so that none takes the place of another person's, or of another kind's.
    """

    object_id = models.UUIDField(help_text="the id of the deleted row")
    kind = models.CharField(max_length=40)
    stream = models.CharField(max_length=90, help_text="in which the row was")
    parent = models.UUIDField(null=True, db_index=True, help_text="the row that this one belonged to")
    title = models.CharField(max_length=MAX_TITLE)
    version = models.BigIntegerField()
    data = models.JSONField(help_text="its columns")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_constraint=False
    )
    unit = models.UUIDField(help_text="the same for all deletions of one request")
    deleted_at = models.DateTimeField(db_index=True)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_constraint=False
    )

    class Meta:
        verbose_name = "deleted object"
        ordering = ["-deleted_at", "id"]
        constraints = [models.UniqueConstraint(fields=["object_id", "kind", "unit"], name="trashed_once")]
        indexes = [models.Index(fields=["stream", "-deleted_at"], name="trash_of_stream")]

    def __str__(self) -> str:
        return self.title

    def __getitem__(self, column: str) -> Any:
        """The value of one of its columns, as JSON."""
        return self.data.get(column)
