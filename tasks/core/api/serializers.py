"""What a client may write. A serializer's `represent` is the plain function that shows the row."""

import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import date
from functools import cache
from typing import Any, ClassVar

from django.core.exceptions import ValidationError as InvalidValue
from django.db import models
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from tasks.core.api.problems import as_refusal

ID = re.compile(r"[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}")
"""An id as clients write it. Python's UUID also takes other scripts' digits, underscores, braces."""

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
"""A day as clients write it. Python's date also takes 20261224 and 2026-W52-4."""

TYPES: list[tuple[type[serializers.Field], type | tuple[type, ...], str]] = [
    (serializers.CharField, str, "This has to be text."),
    (serializers.FloatField, (int, float), "This has to be a number."),
    (serializers.BooleanField, bool, "This has to be true or false."),
]
"""What REST framework's fields convert silently: numbers to text, text and true to numbers, "yes" and 1 to true."""


class IdField(serializers.UUIDField):
    """An id, as text. REST framework's field takes any number for one, and `true`."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str) or not ID.fullmatch(data):
            self.fail("invalid", value=data)
        return super().to_internal_value(data)


class RowField(serializers.PrimaryKeyRelatedField):
    """A row, by its id. REST framework's field takes empty text for null.

    With `known_rows`, a dict, in the context, each is looked up once for all serializers that share it.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"pk_field": IdField(), **kwargs})

    def run_validation(self, data: Any = serializers.empty) -> Any:
        return super().run_validation([] if data == "" else data)

    def to_internal_value(self, data: Any) -> Any:
        known = self.context.get("known_rows")
        if known is None:
            return super().to_internal_value(data)
        key = self.field_name, str(data)
        if key not in known:
            known[key] = super().to_internal_value(data)
        return known[key]


class DayField(serializers.DateField):
    """A day as YYYY-MM-DD."""

    default_error_messages = {"invalid": "Write YYYY-MM-DD, a day of the calendar."}

    def to_internal_value(self, value: Any) -> date:
        found = day_of(value)
        if found is None:
            self.fail("invalid")
        return found


def day_of(text: Any) -> date | None:
    """The day that is written as YYYY-MM-DD; None for anything else."""
    try:
        return date.fromisoformat(text) if isinstance(text, str) and DAY.fullmatch(text) else None
    except ValueError:
        return None


class NumberField(serializers.Field):
    """The number of a person: a JSON number without a fraction, nothing that can be converted to one."""

    default_error_messages = {"invalid": "This has to be a whole number."}

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return data


class ClosedSerializer(serializers.Serializer):
    """Refuses unknown fields, and those that can only be read."""

    def to_internal_value(self, data: Any) -> Any:
        writable = {name for name, field in self.fields.items() if not field.read_only}
        known = getattr(getattr(self, "Meta", None), "fields", self.fields)
        refused = {
            str(name): ["This field can't be written." if name in known else "There is no such field."]
            for name in (data if isinstance(data, Mapping) else ())
            if name not in writable
        } | self._wrong_types(data)
        try:
            value = super().to_internal_value(data)
        except ValidationError as error:
            raise ValidationError({**error.detail, **refused}) from None  # type: ignore[dict-item]
        if refused:
            raise ValidationError(refused)
        return value

    def _wrong_types(self, data: Any) -> dict[str, list[str]]:
        """The fields whose values have another JSON type, with words for each. null is left to the field."""
        return {
            name: [text]
            for name, field in self.fields.items()
            for kind, types, text in TYPES
            if isinstance(data, Mapping) and isinstance(field, kind) and data.get(name) is not None
            if not isinstance(data[name], types) or (isinstance(data[name], bool) and types is not bool)
        }


class EmptySerializer(ClosedSerializer):
    """The body of a request that needs none."""


class LiveSerializer(ClosedSerializer, serializers.ModelSerializer):
    """Writes only what differs from the row."""

    serializer_field_mapping = {**serializers.ModelSerializer.serializer_field_mapping, models.DateField: DayField}

    represent: ClassVar[Callable[[Any], dict[str, Any]]]
    """The row as the API and the events show it, with the fields of `Meta.fields`."""

    def get_fields(self) -> dict[str, Any]:
        """The fields that can be written: those that are in the request, and those that it lacks."""
        fields = _writable_fields(type(self))
        data = getattr(self, "initial_data", None)
        if isinstance(data, Mapping):
            fields = {
                name: field
                for name, field in fields.items()
                if name in data or not (self.partial or _may_be_absent(field))
            }
        return deepcopy(fields)

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return type(self).represent(instance)

    def may_read(self, earlier: Any) -> bool:
        """Whether the person, who may read the row, may read it as it was `earlier`."""
        return True

    def save(self, **kwargs: Any) -> Any:
        """Raises the API's ValidationError for what the model says of values that don't fit together."""
        try:
            return super().save(**kwargs)
        except InvalidValue as error:
            raise as_refusal(error) from None

    def update(self, instance: Any, validated_data: dict[str, Any]) -> Any:
        changed = {name: value for name, value in validated_data.items() if getattr(instance, name) != value}
        if changed:
            self.write(instance, self.apply(instance, changed))
        return instance

    def write(self, instance: Any, names: set[str]) -> None:
        instance.save(update_fields=names)

    def apply(self, instance: Any, changed: dict[str, Any]) -> set[str]:
        """Sets what has changed; returns the names of the model's fields that did."""
        for name, value in changed.items():
            setattr(instance, name, value)
        return set(changed)


def _may_be_absent(field: Any) -> bool:
    return not field.required and field.default is serializers.empty


@cache
def _writable_fields(serializer_class: type[LiveSerializer]) -> dict[str, Any]:
    """Made once: REST framework looks through the model for each serializer, which is most of what one costs."""
    fields = super(LiveSerializer, serializer_class()).get_fields()
    return {name: field for name, field in fields.items() if not field.read_only}
