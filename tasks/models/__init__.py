"""The rows of a todo application. Each write of one becomes an event, see `tasks.signal_handlers`."""

from tasks.models.lists import EVERYONE_ID, Kind, Membership, Role, TaskList
from tasks.models.sign_in import SignIn
from tasks.models.task import Priority, Task
from tasks.models.user import User

__all__ = ["EVERYONE_ID", "Kind", "Membership", "Priority", "Role", "SignIn", "Task", "TaskList", "User"]
