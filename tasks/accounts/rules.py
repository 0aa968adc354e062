"""What ends with a deactivation, and with a sign-in that is deleted."""

from typing import Any

from django.db.models import Model, QuerySet
from django.db.models.signals import post_delete
from django.utils import timezone

from realtime.events.live import saved
from tasks.accounts.models import SignIn, User, signed_out
from tasks.core.representation import model_of


def connect() -> None:
    """Called once by the app's configuration."""
    saved.connect(end_deactivated, sender=User)
    post_delete.connect(sign_in_deleted, sender=SignIn)


def end_deactivated(instance: User, previous: User | None, **kwargs: Any) -> None:
    """Tokens and sessions from before a deactivation stay worthless when the person is active again."""
    if previous is None:
        return
    is_new = previous.is_active and not instance.is_active
    number = previous.deactivations + is_new
    if instance.deactivations != number:  # also where an instance that was read earlier would write an old number
        User.objects.filter(pk=instance.pk).update(deactivations=number)
        instance.deactivations = number
    if is_new:
        SignIn.objects.filter(user=instance).end()


def sign_in_deleted(instance: SignIn, origin: Model | QuerySet[Any], **kwargs: Any) -> None:
    if model_of(origin) is SignIn and instance.ended_at is None and instance.expires_at > timezone.now():
        signed_out.send(sender=SignIn, user_id=instance.user_id)
