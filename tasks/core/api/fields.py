"""Fields that several capabilities write."""

from typing import Any

from rest_framework import serializers


class ColorField(serializers.RegexField):
    """#rrggbb, stored in lower case."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs["error_messages"] = {"invalid": "Write #rrggbb."}
        super().__init__(r"\A#[0-9a-fA-F]{6}\Z", required=False, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        return super().to_internal_value(data).lower()
