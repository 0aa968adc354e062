from argparse import RawDescriptionHelpFormatter
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from realtime.attribution import attribution
from tasks.cli import arguments, reading, writing
from tasks.cli.acting import Acting
from tasks.cli.terminal import Held, Output, clean
from tasks.core.api.repeat import repeat_on_deadlock
from tasks.history.undo import CantReverse, put_off

ACTIONS: dict[str, Callable[..., None]] = {
    "add": writing.add,
    "list": reading.list_tasks,
    "show": reading.show,
    "edit": writing.edit,
    "done": writing.done,
    "rm": writing.rm,
    "undo": writing.undo,
    "search": reading.search,
    "today": reading.today,
}

OF_DJANGO = {
    "settings", "pythonpath", "traceback", "verbosity", "no_color", "force_color", "skip_checks", "stdout", "stderr",
}  # fmt: skip
"""Options that each command of manage.py has, and those of `call_command()`."""


class Command(BaseCommand):
    """Exits with 0 when it is done, 1 when it can't be (in words), 2 when the command line is wrong."""

    help = "Adds, shows, changes and completes tasks. With --user it acts as that person; else it may do all."
    requires_system_checks: list[str] = []  # the server's operator reads their warnings elsewhere

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        keywords = {"epilog": arguments.EPILOG, "formatter_class": RawDescriptionHelpFormatter}
        return super().create_parser(prog_name, subcommand, **{**keywords, **kwargs})

    def add_arguments(self, parser: CommandParser) -> None:
        arguments.add_arguments(parser)

    def handle(self, *args: Any, action: str, user: str | None, json: bool, **options: Any) -> None:
        given = {name: value for name, value in options.items() if name not in OF_DJANGO}
        try:
            self.carry_out(action, Acting(user), as_json=json, given=given)
        except CantReverse as error:
            put_off(error.unit)
            raise CommandError(clean(str(error.detail))) from None

    @repeat_on_deadlock
    def carry_out(self, action: str, acting: Acting, *, as_json: bool, given: dict[str, Any]) -> None:
        """Says what was done once it is committed."""
        out, err = Held(self.stdout), Held(self.stderr)
        with attribution(actor=acting.user), transaction.atomic():
            ACTIONS[action](acting, Output(out, err, as_json=as_json), **given)
        err.show()
        out.show()
