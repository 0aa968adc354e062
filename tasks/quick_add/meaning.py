"""What the phrases of a line say together: which of them count, and the task's fields."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from tasks.quick_add.ends import first_day, last_day
from tasks.quick_add.line import Due, Found
from tasks.quick_add.repeats import Repeat
from tasks.quick_add.sigils import NewLabel
from tasks.quick_add.vocabulary import Name

MOST_REMINDERS = 10


@dataclass
class Fields:
    """None: not said. `due_time` is in the zone of `now`."""

    due_date: date | None = None
    due_time: time | None = None
    recurrence: str | None = None
    from_completion: bool = False
    task_list: Name | None = None
    assignee: Name | None = None
    priority: str | None = None
    labels: list[Name | NewLabel] = field(default_factory=list)
    reminders: list[int] = field(default_factory=list)
    """Minutes before."""


class Meaning:
    """`used`: the words whose phrases count. `hints`: by word, the kind and a sentence."""

    def __init__(self, now: datetime, chosen: dict[int, Found]) -> None:
        self.now = now
        self.chosen = chosen
        self.used: set[int] = set()
        self.hints: dict[int, tuple[str, str]] = {}
        self.fields = Fields()
        self._ends: dict[int, dict[str, str]] = {}
        self._single_fields()
        self._date_fields()
        self._labels()
        self._reminders()

    def shown(self, place: int, found: Found) -> tuple[str, Any]:
        """The kind and value of a span. The end of a recurrence belongs to it."""
        if place in self._ends:
            return "recurrence", self._ends[place]
        return found.kind, found.value

    def _places(self, *kinds: str) -> list[int]:
        return [place for place, found in self.chosen.items() if found.kind in kinds]

    def _last(self, kind: str) -> Any:
        """The value of the last phrase of this kind, which is used. The others stay in the title."""
        places = self._places(kind)
        if not places:
            return None
        self.used.add(places[-1])
        for place in places[:-1]:
            self.hints[place] = (kind, f"A task has one {kind}: the last one in the line counts.")
        return self.chosen[places[-1]].value

    def _single_fields(self) -> None:
        self.fields.task_list = self._last("list")
        self.fields.assignee = self._last("assignee")
        self.fields.priority = self._last("priority")

    def _labels(self) -> None:
        for place in self._places("label"):
            label = self.chosen[place].value
            known = {other.name.casefold() for other in self.fields.labels}
            if label.name.casefold() not in known:
                self.fields.labels.append(label)
            self.used.add(place)

    def _reminders(self) -> None:
        for place in self._places("reminder"):
            if self.fields.due_date is None:
                self.hints[place] = ("reminder", "A reminder before the task is due needs a date.")
            elif len(self.fields.reminders) < MOST_REMINDERS:
                self.used.add(place)
                if self.chosen[place].value not in self.fields.reminders:
                    self.fields.reminders.append(self.chosen[place].value)

    def _date_fields(self) -> None:
        repeat: Repeat | None = self._last("recurrence")
        at: time | None = self._last("time")
        after = self._places("recurrence")[-1] if repeat else None
        dates = {place: self.chosen[place].value for place in self._places("date")}
        ends, days = {}, {}
        for place, due in dates.items():
            if due.role == "until" and after is not None and place > after:
                ends[place] = due
            elif due.role != "start" or repeat is not None:
                days[place] = due
        last = self._use_last(days)
        at = next((one for one in (at, last and last.at, repeat and repeat.at) if one is not None), None)
        day = last.day if last else None
        if repeat is not None:
            day = self._recur(repeat, start=day or self._from_now(at), ends=ends)
        elif day is None and at is not None:
            day = self._from_now(at)
        self.fields.due_date, self.fields.due_time = day, at
        self._check_clock()

    def _use_last(self, phrases: dict[int, Any]) -> Any:
        if not phrases:
            return None
        place = max(phrases)
        self.used.add(place)
        return phrases[place]

    def _from_now(self, at: time | None) -> date:
        """Today, or tomorrow if it is past this time."""
        is_past = at is not None and at <= self.now.time()
        return self.now.date() + timedelta(days=is_past)

    def _recur(self, repeat: Repeat, *, start: date, ends: dict[int, Due]) -> date:
        """Sets the rule with its end; returns the first day."""
        first = first_day(repeat.rule, start) or start
        rule = {**repeat.rule, **self._end(first, ends)}
        self.fields.recurrence = repeat._replace(rule=rule).text
        self.fields.from_completion = repeat.from_completion
        return first

    def _end(self, first: date, ends: dict[int, Due]) -> dict[str, str]:
        """COUNT or UNTIL, whichever is said last. An end before the first day is none, and stays in the title."""
        begins = self._places("recurrence")[-1]
        counts = [place for place in self._places("count") if place > begins]
        for place in sorted([*ends, *counts], reverse=True):
            if place in ends:
                end = _until(ends[place].day)
                is_possible = ends[place].day >= first
            else:
                end = self.chosen[place].value
                end = end if "COUNT" in end else _until(last_day(first, end))
                is_possible = True
            if is_possible:
                self.used.add(place)
                self._ends[place] = end
                return end
            self.hints[place] = ("recurrence", f"It would end before it begins on {first}.")
        return {}

    def _check_clock(self) -> None:
        day, at, zone = self.fields.due_date, self.fields.due_time, self.now.tzinfo
        places = self._places("time")
        if day is None or at is None or not places:
            return
        try:
            there = datetime.combine(day, at, zone).astimezone(UTC).astimezone(zone).time()
        except OverflowError:  # on the calendar's first or last day
            return
        if there != at:
            self.hints[places[-1]] = ("time", f"{at:%H:%M} does not exist on {day} in {zone}: clocks are put forward.")


def _until(day: date) -> dict[str, str]:
    return {"UNTIL": day.strftime("%Y%m%d")}
