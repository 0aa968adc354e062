"""The events of people and their sign-ins. The handlers run inside the transaction of the write."""

from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_out
from django.http import HttpRequest
from django.middleware.csrf import rotate_token

from realtime.events import heads, publish
from realtime.events.live import deleted, deleted_payload, saved
from tasks.accounts.models import User, signed_out
from tasks.accounts.representation import me_json, user_json
from tasks.core.streams import EVERYONE_STREAM, user_stream


def connect() -> None:
    """Called once by the app's configuration."""
    saved.connect(user_saved, sender=User)
    deleted.connect(user_deleted, sender=User)
    signed_out.connect(person_signed_out)
    user_logged_out.connect(new_csrf_token)


def user_saved(instance: User, previous: User | None, **kwargs: Any) -> None:
    has_new_password = previous is not None and previous.password != instance.password
    publish(
        user_stream(instance.pk),
        "me.updated",
        me_json(instance),
        refresh=[instance.pk],
        reconnect=[instance.pk] if has_new_password else [],
    )
    is_back = previous is not None and instance.is_active and not previous.is_active
    begins = partial(keep_first_seq, instance) if previous is None or is_back else None
    if settings.EVERYONE_LIST:
        publish(
            EVERYONE_STREAM,
            "user.updated" if previous else "user.created",
            user_json(instance),
            leave=[] if instance.is_active else [instance.pk],
            on_number=begins,
        )
    elif begins is not None:  # nothing is added to Everyone's stream meanwhile
        begins(heads([EVERYONE_STREAM])[EVERYONE_STREAM] + 1)


def keep_first_seq(person: User, seq: int) -> None:
    """What happened in Everyone before this event stays unread."""
    User.objects.filter(pk=person.pk).update(first_seq=seq)
    person.first_seq = seq


def person_signed_out(user_id: int, **kwargs: Any) -> None:
    """The sockets of the sign-in that ended go with it; those of the person's others come back."""
    publish(user_stream(user_id), "me.signed_out", {"id": user_id}, reconnect=[user_id])


def new_csrf_token(request: HttpRequest | None, **kwargs: Any) -> None:
    """As Django does at a sign-in: the page keeps what it shows on the device under the token of the sign-in."""
    if request is not None:
        rotate_token(request)


def user_deleted(instance: User, **kwargs: Any) -> None:
    publish(user_stream(instance.pk), "user.deleted", deleted_payload(instance), refresh=[instance.pk])
    if settings.EVERYONE_LIST:
        publish(EVERYONE_STREAM, "user.deleted", deleted_payload(instance), leave=[instance.pk])
