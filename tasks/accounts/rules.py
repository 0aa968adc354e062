"""Where rights begin and end: with a person's creation, deactivation and return, and with a sign-in's deletion."""

from typing import Any

from django.db.models import Model, QuerySet
from django.db.models.signals import post_delete
from django.utils import timezone

from realtime.events.live import model_of, saved
from tasks.accounts.models import SignIn, User, signed_out


def connect() -> None:
    """Called once by the app's configuration."""
    saved.connect(keep_rights_in_step, sender=User)
    post_delete.connect(sign_in_deleted, sender=SignIn)


def keep_rights_in_step(instance: User, previous: User | None, **kwargs: Any) -> None:
    """Tokens and sessions from before a deactivation stay worthless when the person is active again."""
    was_active = previous is not None and previous.is_active
    has_ended = was_active and not instance.is_active
    wanted = {
        "deactivations": (previous.deactivations if previous else 0) + has_ended,
    }
    if previous is not None:
        wanted["first_seq"] = previous.first_seq
    # Also where an instance that was read earlier would write old numbers.
    if changed := {name: number for name, number in wanted.items() if getattr(instance, name) != number}:
        User.objects.filter(pk=instance.pk).update(**changed)
        for name, number in changed.items():
            setattr(instance, name, number)
    if has_ended:
        SignIn.objects.filter(user=instance).end()


def sign_in_deleted(instance: SignIn, origin: Model | QuerySet[Any], **kwargs: Any) -> None:
    if model_of(origin) is SignIn and instance.ended_at is None and instance.expires_at > timezone.now():
        signed_out.send(sender=SignIn, user_id=instance.user_id)
