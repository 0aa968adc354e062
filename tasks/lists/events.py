"""The events of lists and their members. The handlers run inside the transaction of the write."""

from functools import partial
from typing import Any

from django.db.models import F, Model, QuerySet

from realtime.events import live, publish
from realtime.events.live import deleted_payload, model_of
from realtime.models import Stream
from tasks.accounts.models import User
from tasks.core.api import used_ids
from tasks.core.streams import user_stream
from tasks.lists.access import lists_of, stream_of
from tasks.lists.models import Membership, TaskList
from tasks.lists.representation import list_json, member_json
from tasks.lists.serializers import TaskListSerializer


def connect() -> None:
    """Called once by the app's configuration."""
    live.register(
        TaskList,
        kind="list",
        fields=TaskListSerializer.Meta.fields,
        represent=list_json,
        stream=lambda task_list: stream_of(task_list.pk),
        rows=lambda streams: TaskList.objects.filter(pk__in=lists_of(streams)),
        effects=effects_of,
    )
    used_ids.register(Stream, "name", stream_of)  # of a list that is gone, too
    used_ids.register(Membership, "id")
    live.saved.connect(member_saved, sender=Membership)
    live.deleted.connect(member_deleted, sender=Membership)
    live.saved.connect(person_renamed, sender=User)


def effects_of(change: live.Change) -> dict[str, Any]:
    """All leave a list that is deleted; nobody writes in one that is archived."""
    if change.action == "deleted":
        return {"leave": "*"}
    was_current = change.previous is not None and change.previous.archived_at is None
    return {"revokes": was_current and change.row.archived_at is not None}


def member_saved(instance: Membership, previous: Membership | None, **kwargs: Any) -> None:
    if previous is not None and (previous.list_id, previous.user_id) != (instance.list_id, instance.user_id):
        member_left(previous)
        previous = None
    stream = stream_of(instance.list_id)
    # The event shows the person's present name. The lock orders this against a renaming at the same time, which
    # publishes the rows that exist.
    people = User.objects.all() if previous else User.objects.select_for_update(no_key=True)
    instance.user = people.get(pk=instance.user_id)
    if previous is not None:
        if instance.first_seq != previous.first_seq:  # of an instance that was read before it had one
            keep_first_seq(instance, previous.first_seq)
        publish(stream, "member.updated", member_json(instance), revokes=instance.role != previous.role)
    else:
        publish(stream, "member.created", member_json(instance), on_number=partial(keep_first_seq, instance))
        joined = {"list": str(instance.list_id), "stream": stream}
        publish(user_stream(instance.user_id), "list.joined", joined, refresh=[instance.user_id])


def keep_first_seq(member: Membership, seq: int) -> None:
    """From this event of the list on the person may read it."""
    Membership.objects.filter(pk=member.pk).update(first_seq=seq)
    member.first_seq = seq


def member_deleted(instance: Membership, origin: Model | QuerySet[Any], **kwargs: Any) -> None:
    if model_of(origin) is not TaskList:
        member_left(instance)


def member_left(instance: Membership) -> None:
    publish(stream_of(instance.list_id), "member.deleted", deleted_payload(instance), leave=[instance.user_id])


def person_renamed(instance: User, previous: User | None, **kwargs: Any) -> None:
    """Members show their person's names, and an object changes only with its version."""
    if previous is not None and (previous.username, previous.name) != (instance.username, instance.name):
        Membership.objects.filter(user=instance).update(role=F("role"))
