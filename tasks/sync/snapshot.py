"""The rows of streams."""

from typing import Any

from django.conf import settings

from tasks.accounts.models import User
from tasks.accounts.representation import me_json, user_json
from tasks.core.streams import EVERYONE_STREAM
from tasks.items.models import Task
from tasks.items.representation import task_json
from tasks.lists.access import lists_visible_to, stream_of
from tasks.lists.models import Membership
from tasks.lists.representation import list_json, member_json


def snapshot(user: User, streams: set[str]) -> dict[str, Any]:
    """The objects that belong to `streams`, and `me`. A list that the person joined after the positions were read is
    left to the event that says so.
    """
    lists = [row for row in lists_visible_to(user) if stream_of(row.pk) in streams]
    inside = {"list__in": [row.pk for row in lists]}
    everybody = settings.EVERYONE_LIST and EVERYONE_STREAM in streams
    members = Membership.objects.filter(**inside).select_related("user")
    return {
        "me": me_json(user),
        "users": [user_json(row) for row in (User.objects.all() if everybody else [])],
        "lists": [list_json(row) for row in lists],
        "members": [member_json(row) for row in members],
        "tasks": [task_json(row) for row in Task.objects.filter(**inside)],
    }
