from itertools import islice
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from rich.progress import Progress

from tasks.cli.terminal import console
from tasks.models import EVERYONE_ID, Task, TaskList, User
from tasks.web.demo import FIRST, NAMES, demo_tasks

BATCH = 500


class Command(BaseCommand):
    help = "Makes tasks to look at, in Everyone (or the first user's Inbox) and in lists of the first user's."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tasks", type=int, default=50, metavar="N", help="how many (default: %(default)s)")
        parser.add_argument("--if-empty", action="store_true", help="do nothing if there is a task already")

    def handle(self, *args: Any, tasks: int, if_empty: bool, **options: Any) -> None:
        if tasks < 1:
            raise CommandError("--tasks: at least 1, please.")
        if if_empty and Task.objects.exists():
            return
        person = User.objects.filter(is_active=True).order_by("pk").first()
        rows = demo_tasks(tasks, self.lists(person, several=tasks > len(FIRST)), person)
        with Progress(console=console(self.stdout), transient=True, disable=not self.stdout.isatty()) as progress:
            bar = progress.add_task("Making tasks", total=tasks)
            while batch := list(islice(rows, BATCH)):
                Task.objects.bulk_create(batch)
                progress.advance(bar, len(batch))
        self.stdout.write(f"Made {tasks} task{'s' if tasks > 1 else ''}.")

    def lists(self, person: User | None, *, several: bool) -> list[TaskList]:
        if person is None and not settings.EVERYONE_LIST:
            raise CommandError("There is nobody to own the tasks; make a user first (manage.py first_user).")
        first = TaskList.objects.get(pk=EVERYONE_ID) if person is None else TaskList.objects.default_for(person)
        if person is None or not several:
            return [first]
        with transaction.atomic():
            mine = {row.name: row for row in TaskList.objects.filter(owner=person, name__in=NAMES)}
            return [first, *(mine.get(name) or TaskList.objects.create(name=name, owner=person) for name in NAMES)]
