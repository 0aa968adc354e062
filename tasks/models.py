"""Every model of the app, for Django and for imports from outside; each stands in its capability's folder."""

from tasks.accounts.models import GuessCounter, SignIn, User
from tasks.capabilities import modules_named
from tasks.core.changes import Change
from tasks.core.models import Creation
from tasks.history.models import Trashed
from tasks.items.models import Priority, Task
from tasks.labels.models import Label
from tasks.lists.models import EVERYONE_ID, Kind, Membership, Role, TaskList
from tasks.reminders.models import Reminder
from tasks.sections.models import Section

__all__ = [
    "EVERYONE_ID",
    "Change",
    "Creation",
    "GuessCounter",
    "Kind",
    "Label",
    "Membership",
    "Priority",
    "Reminder",
    "Role",
    "Section",
    "SignIn",
    "Task",
    "TaskList",
    "Trashed",
    "User",
]

found = list(modules_named("models"))
"""Django has to load every model with this module, also those that are not named above."""
