"""Every model of the app, for Django and for imports from outside; each stands in its capability's folder."""

from tasks.accounts.models import SignIn, User
from tasks.items.models import Priority, Task
from tasks.lists.models import EVERYONE_ID, Kind, Membership, Role, TaskList

__all__ = ["EVERYONE_ID", "Kind", "Membership", "Priority", "Role", "SignIn", "Task", "TaskList", "User"]
