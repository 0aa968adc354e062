from collections.abc import Collection
from functools import cached_property

from django.db.models import QuerySet

from tasks.accounts.models import User
from tasks.accounts.people import signed_in
from tasks.core.api.private import PrivateView
from tasks.items.models import Task
from tasks.lists.access import Reach, in_active_list, in_lists, in_visible_list, reach_of


def tasks_visible_to(user: User) -> QuerySet[Task]:
    """Those of archived lists, too."""
    tasks: QuerySet[Task] = Task.objects.filter(in_visible_list(user, "list"))
    return tasks


def active_tasks_of(user: User) -> QuerySet[Task]:
    """Those that views over all lists show: of the lists that are not archived."""
    tasks: QuerySet[Task] = Task.objects.filter(in_active_list(user, "list"))
    return tasks


class ReachView(PrivateView):
    """Over all lists that are not archived: asks once what the person may read."""

    @cached_property
    def reach(self) -> Reach:
        return reach_of(signed_in(self.request))

    def readable_streams(self) -> Collection[str]:
        return self.reach.streams

    def current_tasks(self) -> QuerySet[Task]:
        tasks: QuerySet[Task] = Task.objects.filter(in_lists(self.reach.current_lists))
        return tasks
