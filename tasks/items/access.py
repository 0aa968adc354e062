from django.db.models import QuerySet

from tasks.accounts.models import User
from tasks.items.models import Task
from tasks.lists.access import in_visible_list


def tasks_visible_to(user: User) -> QuerySet[Task]:
    tasks: QuerySet[Task] = Task.objects.filter(in_visible_list(user, "list"))
    return tasks
