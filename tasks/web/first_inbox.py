"""A person's first Inbox, which teaches the page."""

from django.db import transaction

from realtime.attribution import attribution
from tasks.models import Task, TaskList, User

SAMPLES = [
    "Complete me: click the circle",
    "Open me: click this title for notes, a date, subtasks and more",
    "Drag me above the others, or to a list in the navigation",
]


def begin_inbox(person: User) -> None:
    """Makes the person's Inbox, if they have none, with tasks to try the page on; once, however many pages are opened.

    Nobody is said to have made the tasks, so that the person's first undo does not remove them.
    """
    if TaskList.objects.present_inbox_of(person):
        return
    with attribution(source="web"), transaction.atomic():
        inbox, is_new = TaskList.objects.make_inbox_of(person)
        if is_new:
            Task.objects.bulk_create(Task(list=inbox, title=title) for title in SAMPLES)
