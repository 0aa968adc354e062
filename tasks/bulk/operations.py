"""One operation of a bulk request: what it is called, and the change of a task that it stands for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from rest_framework.exceptions import ValidationError

from tasks.core.api.merging import NAME as BASE_VERSION
from tasks.core.api.viewsets import as_uuid
from tasks.items.models import Task

FIELDS: dict[str, frozenset[str] | None] = {
    "create": None,
    "update": None,
    "complete": frozenset(),
    "reopen": frozenset(),
    "move": frozenset({"list", "section", "parent", "position", "before", "after"}),
    "label": frozenset({"add", "remove", "labels"}),
    "assign": frozenset({"assignee"}),
    "due": frozenset({"due_date", "due_time", "due_zone"}),
    "delete": frozenset(),
}
"""By operation the fields that it takes beside `op`, `id` and `base_version`; None: those of a task."""

NEIGHBOURS = ("before", "after")

NEEDED = {"assign": "assignee", "due": "due_date"}


@dataclass
class Operation:
    """`answer` is what the client is told of it; without one it has not been carried out yet."""

    name: str
    body: Mapping[str, Any]
    key: UUID | None
    answer: dict[str, Any] | None = field(default=None)

    @property
    def group(self) -> str:
        """Operations of one group that follow each other are carried out together."""
        if self.name in ("create", "delete"):
            return self.name
        return "place" if self.place else "change"

    @property
    def sent(self) -> dict[str, Any]:
        """The fields of a creation."""
        return {name: value for name, value in self.body.items() if name != "op"}

    @property
    def place(self) -> dict[str, Any]:
        """The neighbours between which a move puts the task."""
        return {name: self.body[name] for name in NEIGHBOURS if name in self.body} if self.name == "move" else {}

    def data_for(self, task: Task) -> dict[str, Any]:
        """The fields of a PATCH that does the same."""
        data = {name: value for name, value in self.body.items() if name not in ("op", "id", BASE_VERSION)}
        data = data if self.name != "move" else {name: data[name] for name in data.keys() - set(NEIGHBOURS)}
        match self.name:
            case "complete" | "reopen":
                return {"completed": self.name == "complete"}
            case "label" if "labels" not in data:
                taken = set(ids_in(data, "remove"))
                return {"labels": sorted({*task.label_ids, *ids_in(data, "add")} - taken)}
            case "due":
                return {"due_time": None, "due_zone": None, **data} if data["due_date"] is None else data
        return data


def parse(raw: Any) -> Operation:
    """Raises ValidationError for what is no operation."""
    if not isinstance(raw, Mapping):
        raise ValidationError('An operation is an object such as {"op": "complete", "id": …}.')
    name = raw.get("op")
    if not isinstance(name, str) or name not in FIELDS:
        raise ValidationError({"op": f"Must be one of {', '.join(FIELDS)}."})
    allowed, key = FIELDS[name], as_uuid(raw.get("id"))
    if key is None and (name != "create" or "id" in raw):
        raise ValidationError({"id": "This has to be the id of a task."})
    if allowed is not None and (unknown := raw.keys() - allowed - {"op", "id", BASE_VERSION}):
        raise ValidationError(dict.fromkeys(map(str, unknown), f"The operation {name} has no such field."))
    if name == "move" and "position" in raw and not raw.keys().isdisjoint(NEIGHBOURS):
        raise ValidationError({"position": "Give either a position or a neighbour."})
    if name in NEEDED and NEEDED[name] not in raw:
        raise ValidationError({NEEDED[name]: "This field is required."})
    return Operation(name, raw, key)


def ids_in(data: Mapping[str, Any], name: str) -> list[str]:
    values = data.get(name, [])
    found = [as_uuid(value) for value in values] if isinstance(values, list) else [None]
    if None in found:
        raise ValidationError({name: "This has to be a list of ids."})
    return [str(pk) for pk in found]
