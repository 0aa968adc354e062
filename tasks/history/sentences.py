"""What was done, in words: completed “Milk”, moved 12 tasks."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from tasks.core.changes import Action

LONGEST_TITLE = 60

VERBS = [
    ("list", "moved"),
    ("parent", "moved"),
    ("section", "moved"),
    ("archived_at", "archived"),
    ("owner", "gave away"),
    ("title", "renamed"),
    ("name", "renamed"),
    ("recurrence", "rescheduled"),
    ("due_date", "rescheduled"),
    ("due_time", "rescheduled"),
    ("assignee", "assigned"),
    ("label_ids", "labelled"),
    ("priority", "prioritised"),
    ("notes", "edited the notes of"),
    ("color", "coloured"),
    ("position", "moved"),
]
"""For a changed column, the first that is among them."""


class Done(NamedTuple):
    """What was done to one object."""

    kind: str
    action: Action | None
    values: Mapping[str, Sequence[Any]]
    title: Callable[[], str]


def opposite(done: Done) -> Done:
    """What an undo has taken back."""
    actions = {Action.CREATED: Action.DELETED, Action.DELETED: Action.CREATED}
    action = None if done.action is None else actions.get(done.action, done.action)
    values = {name: [new, old] for name, (old, new) in done.values.items()}
    return done._replace(action=action, values=values)


def describe(done: Sequence[Done]) -> str:
    """The part of a sentence that says what was done to all of them."""
    if not done:
        return "nothing"
    named = [each for each in done if each.kind in ("list", "task")] or done
    # The completion of a recurring task makes the next one.
    subject = next((each for each in named if verb(each) in ("completed", "reopened")), named[0])
    alike = [each for each in done if (each.kind, verb(each)) == (subject.kind, verb(subject))]
    title = subject.title() if len(alike) == 1 else ""
    if not title:
        return f"{verb(subject)} {len(alike)} {subject.kind}{'' if len(alike) == 1 else 's'}"
    return f"{verb(subject)} {quoted(title)}"


def verb(done: Done) -> str:
    if done.action == Action.CREATED:
        return "added"
    if done.action == Action.DELETED:
        return "deleted"
    if pair := done.values.get("completed_at"):
        return "reopened" if pair[1] is None else "completed"
    if (pair := done.values.get("archived_at")) and pair[1] is None:
        return "took out of the archive"
    return next((word for name, word in VERBS if name in done.values), "changed")


def quoted(title: str) -> str:
    return f"“{title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1] + '…'}”"
