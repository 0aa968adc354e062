from django.db.models import QuerySet

from tasks.accounts.models import User
from tasks.items.models import Task
from tasks.lists.access import in_active_list, in_visible_list


def tasks_visible_to(user: User) -> QuerySet[Task]:
    """Those of archived lists, too."""
    tasks: QuerySet[Task] = Task.objects.filter(in_visible_list(user, "list"))
    return tasks


def active_tasks_of(user: User) -> QuerySet[Task]:
    """Those that views over all lists show: of the lists that are not archived."""
    tasks: QuerySet[Task] = Task.objects.filter(in_active_list(user, "list"))
    return tasks
