"""Sockets end with the sign-in that opened them: at sign-out, with a new password, at deactivation and deletion.

Django's own signals tell of these, so a project need not. What happens past the signals, as
`User.objects.update(is_active=False)` on a user model that is not live, is told by a call of `revoke()`.
"""

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_out
from django.db.models.signals import post_delete, post_save, pre_save

from realtime.conf import PEOPLE_STREAM
from realtime.events import publish
from realtime.events.live import LiveModel, saved
from realtime.events.publishing import UserKey

_WATCHED = ("password", "is_active")


def revoke(user_ids: Iterable[UserKey], *, why: str = "user.revoked") -> None:
    """Closes the sockets of these users on all replicas, in the open transaction: they have to sign in again."""
    keys = list(user_ids)
    if keys:
        publish(PEOPLE_STREAM, why, {"ids": [str(key) for key in keys]}, reconnect=keys)


def connect() -> None:
    """Called once by the app's configuration."""
    user_logged_out.connect(_logged_out, dispatch_uid="realtime.revocation")
    user_model = get_user_model()
    if issubclass(user_model, LiveModel):
        saved.connect(_live_user_saved, sender=user_model, dispatch_uid="realtime.revocation")
    for model in apps.get_models():
        if not issubclass(model, user_model):
            continue
        post_delete.connect(_user_deleted, sender=model, dispatch_uid="realtime.revocation")
        if not issubclass(model, LiveModel):
            pre_save.connect(_before_save, sender=model, dispatch_uid="realtime.revocation")
            post_save.connect(_user_saved, sender=model, dispatch_uid="realtime.revocation")


def _logged_out(sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
    if user is None or user.pk is None:
        return
    session = getattr(request, "session", None)
    if session is not None and session.session_key:
        # Django does so after this signal. A client that comes back at once must not find the session any more.
        session.delete(session.session_key)
    revoke([user.pk], why="user.signed_out")


def _live_user_saved(sender: Any, instance: Any, previous: Any, **kwargs: Any) -> None:
    if previous is not None:
        _compare(instance, {name: getattr(previous, name) for name in _WATCHED if hasattr(previous, name)})


def _before_save(sender: Any, instance: Any, raw: bool, using: str, update_fields: Any, **kwargs: Any) -> None:
    """Remembers the row as it is, where the save may change what counts."""
    instance.__dict__.pop("_realtime_before", None)
    names = [field.name for field in sender._meta.concrete_fields if field.name in _WATCHED]
    if raw or instance._state.adding or (update_fields is not None and not set(update_fields) & set(names)):
        return
    before = sender._base_manager.using(using).filter(pk=instance.pk).values(*names).first()
    if before is not None:
        instance._realtime_before = before


def _user_saved(sender: Any, instance: Any, **kwargs: Any) -> None:
    before = instance.__dict__.pop("_realtime_before", None)
    if before is not None:
        _compare(instance, before)


def _compare(user: Any, before: dict[str, Any]) -> None:
    if before.get("is_active", True) and not user.is_active:
        _ask_again(user.pk, why="user.deactivated")
    elif before.get("password") != getattr(user, "password", None):
        revoke([user.pk], why="user.new_password")


def _user_deleted(sender: Any, instance: Any, **kwargs: Any) -> None:
    _ask_again(instance.pk, why="user.deleted")


def _ask_again(user_id: UserKey, *, why: str) -> None:
    """`STREAMS_OF` leaves out users who are inactive or deleted, so their sockets are closed for good (4403)."""
    publish(PEOPLE_STREAM, why, {"ids": [str(user_id)]}, refresh=[user_id])
