"""People, and where they are signed in."""

from collections.abc import Iterator
from typing import ClassVar
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models, transaction
from django.dispatch import Signal
from django.utils import timezone

from realtime.events.live import LiveManager, LiveModel
from tasks.core.text import validate_line
from tasks.core.zones import MAX_LENGTH, validate_zone

signed_out = Signal()
"""Sent with `user_id`, inside the transaction that ends a sign-in of that person."""


class UserManager(LiveManager, DjangoUserManager):
    use_in_migrations = False


class GuessCounter(models.Model):
    """Wrong passwords of one name, network or both, see `tasks.accounts.guesses`; starts again once it has expired."""

    key = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.count} until {self.expires_at:%Y-%m-%d %H:%M:%S}"


class User(LiveModel, AbstractUser):
    """A person. Names are one field: not everybody has a first and a last one."""

    silent_fields: ClassVar[frozenset[str]] = frozenset(
        {"last_login", "date_joined", "deactivations", "first_seq", "groups", "user_permissions"}
    )

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    username = models.CharField(
        max_length=150,
        unique=True,
        help_text="150 characters or fewer: letters, digits and @ . + - _",
        validators=[UnicodeUsernameValidator(), validate_line],
        error_messages={"unique": "A user with that username already exists."},
    )
    name = models.CharField(max_length=150, blank=True, validators=[validate_line])
    time_zone = models.CharField(max_length=MAX_LENGTH, default="UTC", validators=[validate_zone])
    deactivations = models.PositiveIntegerField(default=0, editable=False)
    """How often the person has been deactivated. A session counts only while this is what it was at its sign-in."""

    first_seq = models.BigIntegerField(default=0, editable=False)
    """The number of the first event of Everyone's stream that the person may read: the one that let them in."""

    objects: ClassVar[UserManager] = UserManager()

    def get_session_auth_hash(self) -> str:
        return self._since_deactivation(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        for older in super().get_session_auth_fallback_hash():
            yield self._since_deactivation(older)

    def _since_deactivation(self, digest: str) -> str:
        return f"{digest}.{self.deactivations}" if self.deactivations else digest

    def get_full_name(self) -> str:
        return self.name or self.username

    def get_short_name(self) -> str:
        return self.get_full_name()


class SignInQuerySet(models.QuerySet["SignIn"]):
    def end(self) -> int:
        """Ends those that have not ended; returns how many those were. Their tokens are worth nothing from then on."""
        with transaction.atomic():
            going = dict(self.filter(ended_at=None).select_for_update().values_list("pk", "user_id"))
            self.model.objects.filter(pk__in=going).update(ended_at=timezone.now())
            for user_id in sorted(set(going.values())):
                signed_out.send(sender=self.model, user_id=user_id)
        return len(going)

    end.alters_data = True  # type: ignore[attr-defined]


class SignIn(models.Model):
    """One person signed in with one client. Its refresh tokens replace each other; ending it ends all of them."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sign_ins")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(help_text="When its newest refresh token does.")
    ended_at = models.DateTimeField(null=True, blank=True, help_text="Signed out, or a used token came back.")

    objects = SignInQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.user} since {self.created_at:%Y-%m-%d %H:%M}"
