"""Tasks to look at, as people might have written them. The same number gives the same tasks."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from django.utils import timezone

from tasks.models import Priority, Task, TaskList, User

TERMINAL = (
    "Try it from a terminal: python manage.py task add 'Buy milk' "
    "(with Docker, put `docker exec` and the container's name in front)"
)
FIRST = [
    ("Open this page in a second window and watch it follow", Priority.HIGH),
    ("Edit a title with the key E or in its details; others see it when you leave the field", Priority.NONE),
    ("Complete a task with the circle at its left", Priority.NONE),
    ("Make a list and invite somebody to it", Priority.LOW),
    (TERMINAL, Priority.MEDIUM),
]
VERBS = ["Write", "Check", "Order", "Repair", "Plan", "Call about", "Tidy up", "Compare", "Pay for", "Sketch", "Send"]
THINGS = [
    "the invoice for March", "the kitchen shelf", "next week's meals", "the release notes", "the bicycle's brakes",
    "birthday presents", "the tax return", "the garden fence", "the slides for Thursday", "train tickets to Leipzig",
    "the backup that nobody has tested", "new batteries", "the school trip", "the contract", "the old photographs",
    "flour, eggs and butter", "the onboarding page", "the dentist", "the summer holidays", "the broken lamp",
]  # fmt: skip
NOTES = ["", "", "", "Ask Kim first.", "Before the weekend if possible.", "It took two hours last time."]
NAMES = ["Household", "Release 1.0", "Summer trip"]


def demo_tasks(number: int, lists: list[TaskList], by: User | None) -> Iterator[Task]:
    """`number` tasks for the first of `lists`, and for the others too once the first ones are there. Not saved."""
    random = Random(number)  # noqa: S311 -- not a secret
    now = timezone.now()
    for index in range(number):
        title, priority = FIRST[index] if index < len(FIRST) else invented(random)
        target = lists[0] if index < len(FIRST) else random.choice(lists)
        task = Task(list=target, title=title, priority=priority, created_by=by, updated_by=by)
        if index >= len(FIRST):
            task.notes = random.choice(NOTES)
            task.due_date = due(random, now.date())
            if random.random() < 0.3:
                task.completed_at, task.completed_by = now - timedelta(hours=random.randrange(1, 500)), by
        yield task


def invented(random: Random) -> tuple[str, Priority]:
    priority = random.choices(list(Priority), weights=[10, 4, 4, 3, 1])[0]
    return f"{random.choice(VERBS)} {random.choice(THINGS)}", priority


def due(random: Random, today: date) -> date | None:
    return today + timedelta(days=random.randrange(-5, 30)) if random.random() < 0.5 else None
