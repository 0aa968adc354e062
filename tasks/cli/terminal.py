"""What commands print for people."""

import json
from typing import Any

from django.core.management.base import OutputWrapper
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tasks.items.models import Priority, Task
from tasks.items.representation import PRIORITIES

COLORS = {Priority.URGENT: "bold red", Priority.HIGH: "red", Priority.MEDIUM: "yellow", Priority.LOW: "cyan"}
SHORT_ID = 8


def plain(text: str) -> Text:
    """Somebody else's text, which must not draw on this terminal: neither as markup nor by escape sequences."""
    return Text("".join(letter if letter.isprintable() else " " for letter in text))


def console(out: OutputWrapper) -> Console:
    """Rich where `out` is a terminal; plain and unwrapped lines where it is a file or a pipe."""
    return Console(file=out, soft_wrap=True) if out.isatty() else Console(file=out, width=1_000, no_color=True)  # type: ignore[arg-type]


def print_json(out: OutputWrapper, value: Any) -> None:
    out.write(json.dumps(value, ensure_ascii=False))


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


def due(task: Task) -> str:
    time = f" {task.due_time:%H:%M} {task.due_zone}" if task.due_time else ""
    return f"{task.due_date}{time}" if task.due_date else ""
