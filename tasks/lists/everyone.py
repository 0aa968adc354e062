"""The built-in list Everyone."""

from typing import Any

from django.apps import apps as current_apps
from django.apps.registry import Apps
from django.db.models import QuerySet

from tasks.lists.models import EVERYONE_ID, Kind, TaskList


def make_everyone(using: str, apps: Apps = current_apps, **kwargs: Any) -> None:
    """Receives `post_migrate`, which also follows a flush: no database is ever without the list.

    Works on the models as the migrations have them so far, and publishes no event: nobody was there before.
    """
    try:
        model = apps.get_model("tasks", "TaskList")
    except LookupError:  # migrated back to nothing
        return
    everyone = model(pk=EVERYONE_ID, name="Everyone", kind=Kind.EVERYONE)
    rows: QuerySet[TaskList] = QuerySet(model, using=using)
    rows.bulk_create([everyone], ignore_conflicts=True)  # plain, thus no event
