from argparse import ArgumentTypeError
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from realtime.attribution import attribution
from tasks.accounts.models import User
from tasks.cli.due import parse_due
from tasks.cli.terminal import SHORT_ID, print_json, print_tasks
from tasks.items.models import Priority, Task
from tasks.items.representation import PRIORITIES, task_json
from tasks.lists.access import lists_visible_to, role_in
from tasks.lists.models import EVERYONE_ID, Role, TaskList

DUE_HELP = "2026-12-24, today, tomorrow or friday (the next one), with a time like 2026-12-24T18:00"

MOST_LISTED = 100_000


class Command(BaseCommand):
    """Exits with 0 when it is done, 1 when it can't be (in words), 2 when the command line is wrong."""

    help = "Adds, lists, completes and removes tasks. With --user it acts as that person; else it may do all."

    def add_arguments(self, parser: CommandParser) -> None:
        common = CommandParser(add_help=False)
        common.add_argument("--user", metavar="NAME", help="act as this person")
        common.add_argument("--json", action="store_true", help="print JSON, as the API has it")
        actions = parser.add_subparsers(dest="action", required=True, metavar="add|list|done|rm")

        add = actions.add_parser("add", parents=[common], help="add a task")
        add.add_argument("title")
        add.add_argument("--list", metavar="LIST", help="name or id; default: Everyone, or the person's Inbox")
        add.add_argument("--notes", default="")
        add.add_argument("--priority", choices=list(PRIORITIES.values()), default="none")
        add.add_argument("--due", type=due_argument, metavar="DATE", help=DUE_HELP)
        add.add_argument("--zone", help="time zone of --due; default: the person's")

        listing = actions.add_parser("list", parents=[common], help="list open tasks")
        listing.add_argument("--list", metavar="LIST", help="name or id; default: all")
        which = listing.add_mutually_exclusive_group()
        which.add_argument("--done", dest="completed", action="store_const", const=True, default=False)
        which.add_argument("--all", dest="completed", action="store_const", const=None)
        listing.add_argument("--limit", type=limit_argument, default=100, metavar="N")

        for name, text in (("done", "mark tasks as done"), ("rm", "remove tasks for good")):
            action = actions.add_parser(name, parents=[common], help=text)
            action.add_argument("ids", nargs="+", metavar="ID", help="an id, or its beginning if that is unique")
        actions.choices["done"].add_argument("--undo", action="store_true", help="mark them as open again")

    def handle(self, *args: Any, action: str, user: str | None, **options: Any) -> None:
        self.user = None if user is None else person(user)
        with attribution(actor=self.user), transaction.atomic():
            getattr(self, action)(**options)

    def add(self, *, title: str, notes: str, priority: str, due: Any, zone: str | None, **options: Any) -> None:
        task_list = self.list_called(options["list"]) if options["list"] else self.default_list()
        self.check_write(task_list)
        task = Task(list=task_list, title=title, notes=notes, created_by=self.user, updated_by=self.user)
        task.priority = Priority[priority.upper()]
        if due is not None:
            zone = zone or (self.user.time_zone if self.user else settings.TIME_ZONE)
            task.due_date, task.due_time = parse_due(due, today=today_in(zone))
            task.due_zone = zone if task.due_time else None
        try:
            task.full_clean()
        except ValidationError as error:
            said = [f"{name}: {' '.join(messages)}" for name, messages in error.message_dict.items()]
            raise CommandError("; ".join(said)) from None
        task.save()
        self.report("Added", [task], single=True, **options)

    def list(self, *, completed: bool | None, limit: int, **options: Any) -> None:
        tasks = self.tasks().select_related("list")
        if options["list"]:
            tasks = tasks.filter(list=self.list_called(options["list"]))
        if completed is not None:
            tasks = tasks.filter(completed_at__isnull=not completed)
        rows = [*tasks[:limit]]
        if options["json"]:
            print_json(self.stdout, [task_json(row) for row in rows])
        else:
            print_tasks(self.stdout, rows)

    def done(self, *, ids: Any, undo: bool, **options: Any) -> None:
        rows = self.tasks_called(ids)
        for task in rows:
            if task.completed == undo:
                task.updated_by = self.user
                task.save(update_fields=[*task.mark(completed=not undo, by=self.user), "updated_by"])
        self.report("Open again:" if undo else "Done:", rows, **options)

    def rm(self, *, ids: Any, **options: Any) -> None:
        rows = self.tasks_called(ids)
        self.report("Removed", rows, **options)
        for task in rows:
            task.delete()

    def report(self, verb: str, rows: Any, *, json: bool, single: bool = False, **options: Any) -> None:
        if json:
            data = [task_json(row) for row in rows]
            print_json(self.stdout, data[0] if single else data)
        else:
            for row in rows:
                self.stdout.write(f"{verb} {str(row.pk)[:SHORT_ID]} {row.title!r} ({row.list.name})")

    def lists(self) -> Any:
        if self.user:
            return lists_visible_to(self.user)
        return TaskList.objects.all() if settings.EVERYONE_LIST else TaskList.objects.exclude(pk=EVERYONE_ID)

    def tasks(self) -> QuerySet[Task]:
        return Task.objects.filter(list__in=self.lists().values("pk"))

    def check_write(self, task_list: TaskList) -> None:
        if self.user and role_in(self.user, task_list) == Role.VIEWER:
            raise CommandError(f"{self.user} may read the list {task_list}, not write in it.")

    def default_list(self) -> TaskList:
        if self.user:
            return TaskList.objects.default_for(self.user)
        if not settings.EVERYONE_LIST:
            raise CommandError("The list Everyone is switched off: say which --list, or whose Inbox with --user.")
        everyone: TaskList = TaskList.objects.get(pk=EVERYONE_ID)
        return everyone

    def list_called(self, name: str) -> TaskList:
        as_id = uuid_or_none(name)
        found = [*(self.lists().filter(name__iexact=name) if as_id is None else self.lists().filter(pk=as_id))]
        if not found:
            known = ", ".join(sorted({row.name for row in self.lists()[:20]}))
            raise CommandError(f"There is no list {name!r}. There is: {known or 'none'}.")
        if len(found) > 1:
            ids = ", ".join(str(row.pk) for row in found)
            raise CommandError(f"{len(found)} lists are called {name!r}; take an id: {ids}")
        only: TaskList = found[0]
        return only

    def tasks_called(self, ids: Any) -> Any:
        """The tasks, locked, each once and in the order of their ids. Raises CommandError if one is unclear."""
        keys = sorted({self.task_called(text).pk for text in ids})
        locked = Task.objects.select_for_update(of=("self",)).select_related("list")
        rows = [*locked.filter(pk__in=keys).order_by("pk")]
        for row in rows:
            self.check_write(row.list)
        return rows

    def task_called(self, text: str) -> Task:
        digits = text.replace("-", "").lower()
        if not 4 <= len(digits) <= 32 or not set(digits) <= set("0123456789abcdef"):
            raise CommandError(f"{text!r} is no id: give at least its first 4 digits, as `task list` shows them.")
        first, last = UUID(digits.ljust(32, "0")), UUID(digits.ljust(32, "f"))
        found = [*self.tasks().filter(pk__gte=first, pk__lte=last)[:2]]
        if len(found) != 1:
            raise CommandError(f"{'Several tasks begin' if found else 'There is no task that begins'} with {text}.")
        return found[0]


def person(name: str) -> User:
    found: User | None = User.objects.filter(username=name, is_active=True).first()
    if found is None:
        raise CommandError(f"There is nobody called {name!r} who is active.")
    return found


def due_argument(text: str) -> str:
    """The argument as it is, once it can be read. Raises ArgumentTypeError."""
    try:
        parse_due(text, today=timezone.now().date())
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None
    return text


def limit_argument(text: str) -> int:
    """A number of tasks from 1 to MOST_LISTED. Raises ArgumentTypeError."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
    if not 0 < number <= MOST_LISTED:
        raise ArgumentTypeError(f"{text!r} is not a number from 1 to {MOST_LISTED}")
    return number


def today_in(zone: str) -> date:
    """Today's date there; an unknown zone is reported when the task is checked."""
    try:
        return timezone.now().astimezone(ZoneInfo(zone)).date()
    except (ValueError, LookupError, OSError):
        return timezone.now().date()


def uuid_or_none(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
