from uuid import uuid4

from django.conf import settings
from django.db import models

from realtime.events.live import LiveModel
from tasks.core.positions import validate_position
from tasks.lists.models import TaskList


class Place(LiveModel):
    """A list's place among those of one person. A list without one is no favourite, and stands where it was made."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="places")
    list = models.ForeignKey(TaskList, on_delete=models.CASCADE, related_name="places")
    favorite = models.BooleanField(default=False)
    position = models.FloatField(
        null=True,
        blank=True,
        validators=[validate_position],
        help_text="Empty: the time at which the list was made, in seconds.",
    )

    class Meta:
        ordering = ["user", "list"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "list"],
                name="one_place_per_person_and_list",
                violation_error_message="The list has a place already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.list} of {self.user}"
