"""The options of `task add` and `task edit` as fields of a task. They win over words."""

from dataclasses import dataclass, replace
from datetime import date, time
from typing import Any

from django.core.management.base import CommandError

from tasks.cli.acting import Acting
from tasks.cli.due import NONE, parse_due
from tasks.lists.models import TaskList
from tasks.quick_add.knowledge import vocabulary_of
from tasks.quick_add.meaning import Fields
from tasks.quick_add.parser import MOST_CHARACTERS, parse
from tasks.quick_add.sigils import NewLabel
from tasks.quick_add.vocabulary import Name


@dataclass(frozen=True)
class Options:
    """Of one command: `given` as argparse has them, for a task that is or will be in `task_list`."""

    acting: Acting
    given: dict[str, Any]
    task_list: TaskList

    def applied_to(self, fields: Fields) -> Fields:
        """The fields with those that were given instead of theirs. Raises CommandError."""
        given = self.given
        changed: dict[str, Any] = {}
        if given["priority"]:
            changed["priority"] = given["priority"]
        if given["due"]:
            changed["due_date"], changed["due_time"] = self.due()
        if given["assign"]:
            changed["assignee"] = self.assignee()
        if given["label"]:
            names = dict.fromkeys(filter(None, given["label"]))  # an empty one stands for none
            changed["labels"] = [self.label(name) or NewLabel(name) for name in names]
        if given["repeat"]:
            changed |= self.recurrence(changed.get("due_date", fields.due_date))
        return replace(fields, **changed)

    def due(self) -> tuple[date | None, time | None]:
        if self.given["due"] == NONE:
            return None, None
        try:
            return parse_due(self.given["due"], now=self.acting.now(self.given["zone"]))
        except ValueError as error:
            raise CommandError(f"--due: {error}") from None

    def assignee(self) -> Name | None:
        name = self.given["assign"]
        if name == NONE:
            return None
        found = vocabulary_of(self.acting.user).people(str(self.task_list.pk)).exactly(name)
        if len(found) != 1:
            who, are = (f"{len(found)} people", "are") if found else ("Nobody", "is")
            raise CommandError(f"{who} who can read the list {self.task_list.name!r} {are} called {name!r}.")
        return found[0]

    def label(self, name: str) -> Name | None:
        """The label of the list that is called so."""
        found = vocabulary_of(self.acting.user).labels(str(self.task_list.pk)).exactly(name)
        return found[0] if found else None

    def recurrence(self, day: date | None) -> dict[str, Any]:
        """The rule, by words or as an RRULE, and the first day where the task has none."""
        rule = self.given["repeat"]
        if rule == NONE:
            return {"recurrence": None, "from_completion": False}
        if rule.upper().removeprefix("RRULE:").startswith("FREQ="):
            now = self.acting.now(self.given["zone"]).date()
            return {"recurrence": rule.upper().removeprefix("RRULE:"), "due_date": day or now}
        parsed = parse(rule[:MOST_CHARACTERS], now=self.acting.now(self.given["zone"]))
        if parsed.title or parsed.fields.recurrence is None:
            raise CommandError(f"--repeat: {rule!r} is no rule like 'every 2nd Friday' or FREQ=WEEKLY;BYDAY=FR.")
        found = {"recurrence": parsed.fields.recurrence, "from_completion": parsed.fields.from_completion}
        return found if day else {**found, "due_date": parsed.fields.due_date, "due_time": parsed.fields.due_time}
