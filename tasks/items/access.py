"""Which tasks a person may read."""

from collections.abc import Collection
from functools import cached_property

from django.db.models import QuerySet

from tasks.accounts.models import User
from tasks.accounts.people import signed_in
from tasks.core.api.private import PrivateView
from tasks.items.models import Task
from tasks.lists.access import Reach, in_active_list, in_lists, in_visible_list, reach_of


def tasks_visible_to(user: User) -> QuerySet[Task]:
    """The tasks of all lists that the person may read, archived ones included."""
    tasks: QuerySet[Task] = Task.objects.filter(in_visible_list(user, "list"))
    return tasks


def active_tasks_of(user: User) -> QuerySet[Task]:
    """The tasks that views over all lists show: of the lists that are not archived."""
    tasks: QuerySet[Task] = Task.objects.filter(in_active_list(user, "list"))
    return tasks


class ReachView(PrivateView):
    """The base of views over all lists that are not archived: looks up once what the person may read."""

    @cached_property
    def reach(self) -> Reach:
        return reach_of(signed_in(self.request))

    def readable_streams(self) -> Collection[str]:
        return self.reach.streams

    def current_tasks(self) -> QuerySet[Task]:
        tasks: QuerySet[Task] = Task.objects.filter(in_lists(self.reach.current_lists))
        return tasks
