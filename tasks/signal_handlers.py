"""What happened to a row, told to everybody who may know. Runs inside the transaction of the write."""

from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_out
from django.db.models import F, Model, QuerySet

from realtime.events import publish
from realtime.events.live import deleted, saved
from tasks.access import EVERYONE_STREAM, stream_of, user_stream
from tasks.models import Membership, Task, TaskList, User
from tasks.models.sign_in import signed_out
from tasks.serializers import MembershipSerializer, MeSerializer, TaskListSerializer, TaskSerializer, UserSerializer


def connect() -> None:
    """Called once by the app's configuration."""
    saved.connect(task_saved, sender=Task)
    deleted.connect(task_deleted, sender=Task)
    saved.connect(list_saved, sender=TaskList)
    deleted.connect(list_deleted, sender=TaskList)
    saved.connect(member_saved, sender=Membership)
    deleted.connect(member_deleted, sender=Membership)
    saved.connect(user_saved, sender=User)
    deleted.connect(user_deleted, sender=User)
    user_logged_out.connect(session_ended)
    signed_out.connect(person_signed_out)


def task_saved(instance: Task, previous: Task | None, **kwargs: Any) -> None:
    stream = stream_of(instance.list_id)
    if previous is not None and previous.list_id != instance.list_id:
        publish(stream_of(previous.list_id), "task.deleted", gone(instance))
        previous = None
    publish(stream, "task.updated" if previous else "task.created", TaskSerializer(instance).data)


def task_deleted(instance: Task, origin: Model | QuerySet[Any], **kwargs: Any) -> None:
    if model_of(origin) is Task:  # else its list is deleted, and that says it all
        publish(stream_of(instance.list_id), "task.deleted", gone(instance))


def list_saved(instance: TaskList, previous: TaskList | None, **kwargs: Any) -> None:
    publish(stream_of(instance.pk), "list.updated" if previous else "list.created", TaskListSerializer(instance).data)


def list_deleted(instance: TaskList, **kwargs: Any) -> None:
    publish(stream_of(instance.pk), "list.deleted", gone(instance), leave="*")


def member_saved(instance: Membership, previous: Membership | None, **kwargs: Any) -> None:
    if previous is not None and (previous.list_id, previous.user_id) != (instance.list_id, instance.user_id):
        member_left(previous)
        previous = None
    stream = stream_of(instance.list_id)
    # The person as they are called now. Who is being renamed has to wait for a new row or be waited for: the renaming
    # tells of the rows that are there.
    people = User.objects.all() if previous else User.objects.select_for_update(no_key=True)
    instance.user = people.get(pk=instance.user_id)
    publish(stream, "member.updated" if previous else "member.created", MembershipSerializer(instance).data)
    if previous is None:
        joined = {"list": str(instance.list_id), "stream": stream}
        publish(user_stream(instance.user_id), "list.joined", joined, refresh=[instance.user_id])


def member_deleted(instance: Membership, origin: Model | QuerySet[Any], **kwargs: Any) -> None:
    if model_of(origin) is not TaskList:
        member_left(instance)


def member_left(instance: Membership) -> None:
    publish(stream_of(instance.list_id), "member.deleted", gone(instance), leave=[instance.user_id])


def user_saved(instance: User, previous: User | None, **kwargs: Any) -> None:
    has_new_password = previous is not None and previous.password != instance.password
    publish(
        user_stream(instance.pk),
        "me.updated",
        MeSerializer(instance).data,
        refresh=[instance.pk],
        reconnect=[instance.pk] if has_new_password else [],
    )
    if settings.EVERYONE_LIST:
        publish(
            EVERYONE_STREAM,
            "user.updated" if previous else "user.created",
            UserSerializer(instance).data,
            leave=[] if instance.is_active else [instance.pk],
        )
    if previous is not None and (previous.username, previous.name) != (instance.username, instance.name):
        # Members carry their person's names, and an object changes only with its version.
        Membership.objects.filter(user=instance).update(role=F("role"))


def session_ended(user: User | None, **kwargs: Any) -> None:
    if user is not None:
        person_signed_out(user.pk)


def person_signed_out(user_id: int, **kwargs: Any) -> None:
    """The sockets of the sign-in that ended go with it; those of the person's others come back."""
    publish(user_stream(user_id), "me.signed_out", {"id": user_id}, reconnect=[user_id])


def user_deleted(instance: User, **kwargs: Any) -> None:
    publish(user_stream(instance.pk), "user.deleted", gone(instance), refresh=[instance.pk])
    if settings.EVERYONE_LIST:
        publish(EVERYONE_STREAM, "user.deleted", gone(instance), leave=[instance.pk])


def gone(instance: Task | TaskList | Membership | User) -> dict[str, Any]:
    """What the event of a deletion carries."""
    return {"id": instance.pk, "version": instance.version}


def model_of(origin: Model | QuerySet[Any]) -> type[Model]:
    """The model on whose instance or queryset `delete()` was called; the rest went along with it."""
    return origin.model if isinstance(origin, QuerySet) else type(origin)
