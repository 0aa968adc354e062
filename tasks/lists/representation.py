"""Lists and their members as the API and the events show them."""

from typing import Any

from tasks.core.representation import isoformat_utc
from tasks.lists.models import Membership, TaskList


def list_json(task_list: TaskList) -> dict[str, Any]:
    return {
        "id": str(task_list.pk),
        "name": task_list.name,
        "color": task_list.color,
        "kind": str(task_list.kind),
        "owner": task_list.owner_id,
        "archived_at": isoformat_utc(task_list.archived_at),
        "version": task_list.version,
        "created_at": isoformat_utc(task_list.created_at),
        "updated_at": isoformat_utc(task_list.updated_at),
    }


def member_json(membership: Membership) -> dict[str, Any]:
    person = membership.user
    return {
        "id": str(membership.pk),
        "list": str(membership.list_id),
        "user": {"id": person.pk, "username": person.username, "name": person.get_full_name()},
        "role": str(membership.role),
        "version": membership.version,
    }
