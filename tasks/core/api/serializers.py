"""What a client may write. A serializer's `represent` is the plain function that shows the row."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import cache
from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.exceptions import ValidationError


class ClosedSerializer(serializers.Serializer):
    """Refuses unknown fields, and those that can only be read."""

    def to_internal_value(self, data: Any) -> Any:
        writable = {name for name, field in self.fields.items() if not field.read_only}
        known = getattr(getattr(self, "Meta", None), "fields", self.fields)
        refused = {
            str(name): ["This field can't be written." if name in known else "There is no such field."]
            for name in (data if isinstance(data, Mapping) else ())
            if name not in writable
        }
        try:
            value = super().to_internal_value(data)
        except ValidationError as error:
            raise ValidationError({**error.detail, **refused}) from None  # type: ignore[dict-item]
        if refused:
            raise ValidationError(refused)
        return value


class LiveSerializer(ClosedSerializer, serializers.ModelSerializer):
    """Writes only what differs from the row."""

    represent: ClassVar[Callable[[Any], dict[str, Any]]]
    """The row as the API and the events show it, with the fields of `Meta.fields`."""

    def get_fields(self) -> dict[str, Any]:
        """The fields that can be written; of a partial update only those that are in the request."""
        fields = _writable_fields(type(self))
        data = getattr(self, "initial_data", None)
        if self.partial and isinstance(data, Mapping):
            fields = {name: field for name, field in fields.items() if name in data}
        return deepcopy(fields)

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return type(self).represent(instance)

    def update(self, instance: Any, validated_data: dict[str, Any]) -> Any:
        changed = {name: value for name, value in validated_data.items() if getattr(instance, name) != value}
        if changed:
            instance.save(update_fields=self.apply(instance, changed))
        return instance

    def apply(self, instance: Any, changed: dict[str, Any]) -> set[str]:
        """Sets what has changed; returns the names of the model's fields that did."""
        for name, value in changed.items():
            setattr(instance, name, value)
        return set(changed)


@cache
def _writable_fields(serializer_class: type[LiveSerializer]) -> dict[str, Any]:
    """Made once: REST framework looks through the model for each serializer, which is most of what one costs."""
    fields = super(LiveSerializer, serializer_class()).get_fields()
    return {name: field for name, field in fields.items() if not field.read_only}
