from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.db import models

from realtime.events.live import LiveManager, LiveModel
from tasks.models.zones import MAX_LENGTH, validate_zone


class UserManager(LiveManager, DjangoUserManager):
    use_in_migrations = False


class User(LiveModel, AbstractUser):
    """A person. Names are one field: not everybody has a first and a last one."""

    silent_fields: ClassVar[frozenset[str]] = frozenset({"last_login", "date_joined"})

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    name = models.CharField(max_length=150, blank=True)
    time_zone = models.CharField(max_length=MAX_LENGTH, default="UTC", validators=[validate_zone])

    objects: ClassVar[UserManager] = UserManager()

    def get_full_name(self) -> str:
        return self.name or self.username

    def get_short_name(self) -> str:
        return self.get_full_name()
