"""The command line of `manage.py task`, and the help that teaches it."""

from argparse import ArgumentTypeError, RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from tasks.cli.due import NONE, parse_due
from tasks.core.text import number_in
from tasks.items.representation import PRIORITIES

DUE_HELP = "as in quick add: tomorrow, friday 17:00, 'in 3 days', 24.12., 2026-12-24T18:00, or with an offset; '': none"
ASSIGN_HELP = "username or name of somebody who can read the list, or me"
REPEAT_HELP = "'every 2nd Friday', or FREQ=WEEKLY;BYDAY=FR"
MOST_LISTED = 100_000

EPILOG = """\
examples:
  manage.py task add 'Pay rent tomorrow 5pm #home !high every month'
  manage.py task today --user bob
  manage.py task list --list home
  manage.py task done 3f2a91c0
  manage.py task COMMAND --help      more about one of them

Ids are shown with their first 8 digits; as many as are unique are enough. With --json each command prints JSON on one
line: one task for add, show and edit, an array for the others; a task as GET /api/tasks/ID has it. Texts of errors and
hints go to the standard error. Exit codes: 0 done, 1 it can't be done, 2 the command line is wrong.
"""

EXAMPLES = {
    "add": """\
The words are read as by quick add, English and German (docs/quick-add.md). Options win over words. Put the line in
single quotation marks: # and ! mean something to the shell too.

examples:
  manage.py task add 'Pay rent tomorrow 5pm #home @bob !high *money every month *30m before'
  manage.py task add 'Miete zahlen morgen 17 Uhr' --user anna
  manage.py task add 'Read "Tomorrow never dies"'            words in quotation marks stay
  manage.py task add --plain "$SUBJECT" --due 2026-12-24      the title as it is
  manage.py task add 'Water the plants' --repeat 'every 3 days'
""",
    "list": """\
examples:
  manage.py task list --list home
  manage.py task list --done --limit 20
  manage.py task list --all --json
""",
    "show": """\
example:
  manage.py task show 3f2a91c0
""",
    "edit": """\
Changes only what is named. '' (or none) empties --due, --assign, --repeat, --priority, --label and --notes.

examples:
  manage.py task edit 3f2a91c0 --due 'friday 17:00' --priority high
  manage.py task edit 3f2a91c0 --title 'Pay the rent' --label money --unlabel soon
  manage.py task edit 3f2a91c0 --due '' --assign ''
  manage.py task edit 3f2a91c0 --list home
""",
    "done": """\
examples:
  manage.py task done 3f2a91c0 77b0
  manage.py task done 3f2a91c0 --undo
""",
    "rm": """\
example:
  manage.py task rm 3f2a91c0
""",
    "search": """\
examples:
  manage.py task search rent
  manage.py task search 'water plants' --user bob --limit 5 --json
""",
    "undo": """\
Only where nobody has changed the same since, and within ten minutes.

examples:
  manage.py task undo --user bob
  manage.py task undo --redo --user bob
""",
    "today": """\
examples:
  manage.py task today --user bob
  manage.py task today --user bob --zone America/New_York
""",
}


def add_arguments(parser: CommandParser) -> None:
    """Fills the command's parser."""
    common = CommandParser(add_help=False)
    common.add_argument("--user", metavar="NAME", help="act as this person; by default as the operator, who may do all")
    common.add_argument("--json", action="store_true", help="print JSON, as the API has it")
    actions = parser.add_subparsers(dest="action", required=True, metavar="COMMAND")

    def command(name: str, text: str) -> Any:
        return actions.add_parser(
            name, parents=[common], help=text, description=f"{text[:1].upper()}{text[1:]}.",
            epilog=EXAMPLES[name], formatter_class=RawDescriptionHelpFormatter,
        )  # fmt: skip

    _add(command("add", "add a task"))
    _list(command("list", "list open tasks"))
    command("show", "show a task with all that it has").add_argument("id", metavar="ID")
    _edit(command("edit", "change a task"))
    for name, text in (("done", "mark tasks as done"), ("rm", "delete tasks; they go to the trash")):
        action = command(name, text)
        action.add_argument("ids", nargs="+", metavar="ID", help="an id, or its beginning if that is unique")
    actions.choices["done"].add_argument("--undo", action="store_true", help="mark them as open again")

    search = command("search", "find tasks by words of title, notes and labels, the best first")
    search.add_argument("words", nargs="+", metavar="WORDS")
    _limit(search)

    undo = command("undo", "take back a person's own last change, whether made here, in the page or by the API")
    undo.add_argument("--redo", action="store_true", help="do again what was taken back last")

    today = command("today", "list what is late, and then what is due today")
    today.add_argument("--zone", help="whose today; default: the person's zone")
    _limit(today)


def _add(parser: Any) -> None:
    parser.add_argument("words", nargs="+", metavar="WORDS", help="the line; several arguments are joined")
    parser.add_argument("--plain", action="store_true", help="take the words as the title, without reading them")
    parser.add_argument("--list", metavar="LIST", help="name or id; default: Everyone; with --user the person's Inbox")
    parser.add_argument("--notes", default="")
    _fields(parser)


def _list(parser: Any) -> None:
    parser.add_argument("--list", metavar="LIST", help="name or id; default: all")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--done", dest="completed", action="store_const", const=True, default=False)
    which.add_argument("--all", dest="completed", action="store_const", const=None)
    _limit(parser)


def _edit(parser: Any) -> None:
    parser.add_argument("id", metavar="ID")
    parser.add_argument("--title")
    parser.add_argument("--list", metavar="LIST", help="move it to this list")
    parser.add_argument("--notes")
    _fields(parser)
    parser.add_argument("--unlabel", action="append", metavar="NAME", help="take a label off; may be repeated")


def _fields(parser: Any) -> None:
    parser.add_argument("--priority", type=or_none, choices=list(PRIORITIES.values()))
    parser.add_argument("--due", type=due_argument, metavar="DATE", help=DUE_HELP)
    parser.add_argument("--zone", help="time zone of the date; default: the person's")
    parser.add_argument("--label", action="append", metavar="NAME", help="made if missing; may be repeated; '': none")
    parser.add_argument("--assign", type=or_none, metavar="NAME", help=f"{ASSIGN_HELP}; '': nobody")
    parser.add_argument("--repeat", type=or_none, metavar="RULE", help=f"{REPEAT_HELP}; '': no longer")


def _limit(parser: Any) -> None:
    parser.add_argument("--limit", type=limit_argument, default=100, metavar="N", help="default: %(default)s")


def or_none(text: str) -> str:
    """The argument; for an empty one the word that empties a field."""
    return text or NONE


def due_argument(text: str) -> str:
    """The argument as it is, once it can be read. Raises ArgumentTypeError."""
    wanted = or_none(text)
    try:
        if wanted != NONE:
            parse_due(wanted, now=timezone.now())
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None
    return wanted


def limit_argument(text: str) -> int:
    """A number of tasks from 1 to MOST_LISTED. Raises ArgumentTypeError."""
    number = number_in(text, most=MOST_LISTED)
    if number is None:
        raise ArgumentTypeError(f"{text!r} is not a number from 1 to {MOST_LISTED}")
    return number
