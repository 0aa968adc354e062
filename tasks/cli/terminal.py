"""What commands print for people, and the JSON that they print for programs."""

import json
import re
from io import StringIO
from typing import Any

from django.core.management.base import OutputWrapper
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tasks.items.models import Priority, RecurrenceFrom, Task
from tasks.items.representation import PRIORITIES, task_json
from tasks.recurrence.words import in_words

COLORS = {Priority.URGENT: "bold red", Priority.HIGH: "red", Priority.MEDIUM: "yellow", Priority.LOW: "cyan"}
SHORT_ID = 8
BEYOND_ASCII = re.compile(r"[^\x20-\x7e]")


def clean(text: str) -> str:
    """Somebody else's text, which must not draw on this terminal by escape sequences."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def plain(text: str) -> Text:
    """The same where markup would be read too."""
    return Text(clean(text))


def console(out: OutputWrapper) -> Console:
    """Rich where `out` is a terminal; plain and unwrapped lines where it is a file or a pipe."""
    return Console(file=out, soft_wrap=True) if out.isatty() else Console(file=out, width=1_000, no_color=True)  # type: ignore[arg-type]


class Held(OutputWrapper):
    """Keeps what is written until the transaction that it tells of has committed."""

    def __init__(self, out: OutputWrapper) -> None:
        self._text, self._shown = StringIO(), out
        super().__init__(self._text)
        self.encoding = getattr(out, "encoding", None) or "utf-8"
        """Of where it will be shown: rich draws with the signs that there are in it."""

    def isatty(self) -> bool:
        return self._shown.isatty()

    def show(self) -> None:
        """What cannot be shown there becomes a question mark: an error would tell of a failure, after the commit."""
        text = self._text.getvalue().encode(self.encoding, errors="replace").decode(self.encoding)
        self._shown.write(text, ending="")


class Output:
    """Where a command writes: what was asked for to `out`, as text or as JSON, and hints to `err`."""

    def __init__(self, out: OutputWrapper, err: OutputWrapper, *, as_json: bool) -> None:
        self.out = out
        self.err = err
        self.as_json = as_json

    def report(self, verb: str, rows: list[Task], *, single: bool = False) -> None:
        """What was done, with each task as it is then."""
        if self.as_json:
            data = [task_json(row) for row in rows]
            self.json(data[0] if single else data)
            return
        for row in rows:
            when = f", due {due(row)}" if row.due_date else ""
            rule = f", {repeats(row)}" if row.recurrence else ""
            self.out.write(f"{verb} {str(row.pk)[:SHORT_ID]} {row.title!r} ({clean(row.list.name)}){when}{rule}")

    def tasks(self, rows: list[Task]) -> None:
        """A table, or an array."""
        if self.as_json:
            self.json([task_json(row) for row in rows])
        else:
            print_tasks(self.out, rows)

    def json(self, value: Any) -> None:
        """On one line; what cannot be printed is escaped, also where JSON would not ask for it."""
        self.out.write(BEYOND_ASCII.sub(_escaped, json.dumps(value, ensure_ascii=False)))

    def hints(self, sentences: list[str]) -> None:
        for sentence in sentences:
            self.err.write(f"Note: {clean(sentence)}")


def _escaped(found: re.Match[str]) -> str:
    units = memoryview(found[0].encode("utf-16-le", "surrogatepass")).cast("H")
    return found[0] if found[0].isprintable() else "".join(f"\\u{unit:04x}" for unit in units)


def print_tasks(out: OutputWrapper, rows: list[Task]) -> None:
    table = Table("id", "done", "priority", "due", "title", "list", box=None, pad_edge=False)
    for task in rows:
        table.add_row(
            str(task.pk)[:SHORT_ID],
            "x" if task.completed else "",
            Text(PRIORITIES[task.priority], style=COLORS.get(Priority(task.priority), "")),
            due(task),
            plain(task.title),
            plain(task.list.name),
        )
    console(out).print(table if rows else "No tasks.")


def print_details(out: OutputWrapper, details: dict[str, str]) -> None:
    """One line for each that is not empty; several lines of text stand under their name."""
    table = Table(box=None, pad_edge=False, show_header=False)
    for name, text in details.items():
        if text:
            table.add_row(Text(name, "bold"), Text("\n".join(clean(line) for line in text.splitlines())))
    console(out).print(table)


def due(task: Task) -> str:
    time = f" {task.due_time:%H:%M} {task.due_zone}" if task.due_time else ""
    return f"{task.due_date}{time}" if task.due_date else ""


def repeats(task: Task) -> str:
    """The rule in words: every 2nd Friday."""
    rule = task.recurrence or ""
    return clean(in_words(rule, from_completion=task.recurrence_from == RecurrenceFrom.COMPLETION) if rule else "")
