"""A PATCH with `base_version`: changes of different fields are all kept; two of the same field are a conflict."""

from collections.abc import Collection, Mapping
from typing import Any

from rest_framework.exceptions import ValidationError

from tasks.core.api.problems import Conflict
from tasks.core.changes import STAMPS, row_at

NAME = "base_version"


class MergeConflict(Conflict):
    """`conflicts`: for each field its value in the base version, the sent one and the present one."""

    def __init__(self, conflicts: Mapping[str, Any], current: Mapping[str, Any], *, detail: str) -> None:
        super().__init__(detail)
        self.extra = {"conflicts": conflicts, "current": current}


CHANGED = "Somebody else has changed the same fields since base_version; `current` is the object's present state."
UNKNOWN = "The changes since base_version are not known any more; `current` is the object's present state."


def base_version_of(data: Mapping[str, Any]) -> int | None:
    """The request's base_version; None if it has none. Raises ValidationError."""
    version = data.get(NAME)
    if version is None and NAME not in data:
        return None
    if isinstance(version, bool) or not isinstance(version, int) or not 0 <= version < 2**63:
        raise ValidationError({NAME: "This has to be the version of the object that the change is based on."})
    return version


def validate(serializer: Any, base: int | None) -> None:
    """Validates the data of a PATCH, and with an older `base` version leaves in it only what the client changed.

    A field that was sent with the value that it has in the base version was not changed by the client. Raises
    MergeConflict where others changed the same field since, or fields without which the change makes no sense.
    """
    row = serializer.instance
    if base is None or base == row.version:
        serializer.is_valid(raise_exception=True)
        return
    known, current = row_at(row, base), serializer.to_representation(row)
    old_row = known if known is not None and serializer.may_read(known) else None
    old = None if old_row is None else serializer.to_representation(old_row)
    theirs = set(current) if old is None else {name for name in current if old[name] != current[name]} - STAMPS
    try:
        serializer.is_valid(raise_exception=True)
    except ValidationError:
        if old_row is not None and _would_be_valid(serializer, old_row):
            raise _conflict(theirs, old, serializer.initial_data, current) from None
        raise
    changed = serializer.validated_data
    names = {field.source: name for name, field in serializer.fields.items()}
    mine = {source: value for source, value in changed.items() if getattr(old_row or row, source) != value}
    conflicts = {
        names[source] for source, value in mine.items() if names.get(source) in theirs and getattr(row, source) != value
    }
    if conflicts:
        raise _conflict(conflicts, old, serializer.initial_data, current)
    for name in changed.keys() - mine.keys():
        del changed[name]


def _would_be_valid(serializer: Any, row: Any) -> bool:
    """Whether the data could be written to another state of the row."""
    other = type(serializer)(row, data=serializer.initial_data, partial=True, context=serializer.context)
    valid: bool = other.is_valid()
    return valid


def _conflict(
    names: Collection[str], old: Mapping[str, Any] | None, sent: Mapping[str, Any], current: Mapping[str, Any]
) -> MergeConflict:
    values = {
        name: {
            **({} if old is None else {"base": old[name]}),
            **({"yours": sent[name]} if name in sent else {}),
            "current": current[name],
        }
        for name in sorted(names)
    }
    return MergeConflict(values, current, detail=UNKNOWN if old is None else CHANGED)
