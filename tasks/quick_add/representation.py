"""What the parser understood, as JSON for the page and for programs."""

from datetime import datetime, time
from typing import Any

from tasks.quick_add.line import Due
from tasks.quick_add.meaning import Fields
from tasks.quick_add.parser import Parsed
from tasks.quick_add.repeats import Repeat
from tasks.quick_add.sigils import NewLabel
from tasks.quick_add.vocabulary import Name
from tasks.quick_add.words import utf16


def parsed_json(text: str, parsed: Parsed, *, target: str | None) -> dict[str, Any]:
    """Offsets in UTF-16 code units, in which JavaScript counts. `target`: the list if the line names none."""
    return {
        "title": parsed.title,
        "spans": [
            {**_place(text, span.start, span.end), "kind": span.kind, "value": _value(span.kind, span.value)}
            for span in parsed.spans
        ],
        "hints": [
            {**_place(text, hint.start, hint.end), "kind": hint.kind, "message": hint.message} for hint in parsed.hints
        ],
        "fields": fields_json(parsed.fields, zone=parsed.zone, target=target),
    }


def fields_json(fields: Fields, *, zone: str, target: str | None) -> dict[str, Any]:
    """The task's fields under the names of the API; null, or an empty list, for what the line does not say."""
    return {
        "due_date": fields.due_date.isoformat() if fields.due_date else None,
        "due_time": fields.due_time.isoformat() if fields.due_time is not None else None,
        "due_zone": zone if fields.due_time is not None else None,
        "recurrence": fields.recurrence,
        "recurrence_from": ("completion" if fields.from_completion else "due") if fields.recurrence else None,
        "list": fields.task_list.id if fields.task_list else target,
        "labels": [label.id for label in fields.labels if isinstance(label, Name)],
        "new_labels": [label.name for label in fields.labels if isinstance(label, NewLabel)],
        "assignee": fields.assignee.id if fields.assignee else None,
        "priority": fields.priority,
        "reminders": [{"minutes_before": minutes} for minutes in fields.reminders],
    }


def _place(text: str, start: int, end: int) -> dict[str, Any]:
    return {"start": utf16(text, start), "end": utf16(text, end), "text": text[start:end]}


def _value(kind: str, value: Any) -> Any:
    if isinstance(value, Name | NewLabel):
        return {"id": value.id if isinstance(value, Name) else None, "name": value.name}
    if isinstance(value, Due):
        return value.day.isoformat() if value.at is None else datetime.combine(value.day, value.at).isoformat()
    if isinstance(value, Repeat):
        return value.text
    if isinstance(value, time):
        return value.isoformat()
    if isinstance(value, dict):
        return ";".join(f"{name}={part}" for name, part in value.items())
    return {"minutes_before": value} if kind == "reminder" else value
