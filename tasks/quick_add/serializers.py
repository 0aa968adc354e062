from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError as ModelValidationError
from django.utils import timezone
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from tasks.accounts.people import signed_in
from tasks.core.api.serializers import ClosedSerializer, IdField, NumberField, RowField
from tasks.core.text import validate_line
from tasks.core.zones import MAX_LENGTH, validate_zone
from tasks.items.models import Task
from tasks.lists.access import lists_visible_to
from tasks.lists.models import TaskList
from tasks.quick_add.creation import Created, create, now_in
from tasks.quick_add.knowledge import inbox_id, vocabulary_of
from tasks.quick_add.parser import MOST_CHARACTERS, NOTHING_LEFT, parse
from tasks.quick_add.representation import parsed_json
from tasks.quick_add.words import from_utf16

MOST_REFUSED = 100
OLDEST = timedelta(days=366)
AHEAD = timedelta(days=1)
"""How far a device's clock may be ahead."""


class RangeField(serializers.ListField):
    """[start, end]: a part of the line, in UTF-16 code units."""

    child = NumberField()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_length=2, max_length=2, **kwargs)


class QuickAddSerializer(ClosedSerializer):
    """A line, and where it is typed: in which list, in which time zone. Once valid, `parsed` is what it says."""

    id = IdField(required=False)
    text = serializers.CharField(
        max_length=MOST_CHARACTERS, allow_blank=True, trim_whitespace=False, validators=[validate_line]
    )
    list = RowField(queryset=TaskList.objects.none(), required=False)
    time_zone = serializers.CharField(max_length=MAX_LENGTH, validators=[validate_zone], required=False)
    ignore = serializers.ListField(child=RangeField(), max_length=MOST_REFUSED, required=False)
    typed_at = serializers.DateTimeField(required=False)

    created: Created

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        fields["list"].queryset = lists_visible_to(signed_in(self.context["request"]))
        return fields

    def validate_typed_at(self, value: datetime) -> datetime:
        if not -OLDEST <= value - timezone.now() <= AHEAD:
            raise ValidationError("Write a moment of the last year: when the line was typed.")
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        person, text = signed_in(self.context["request"]), attrs["text"]
        given = attrs.get("list")
        self.parsed = parse(
            text,
            now=now_in(attrs.get("time_zone", person.time_zone), attrs.get("typed_at")),
            vocabulary=vocabulary_of(person),
            target=str(given.pk) if given else None,
            refused=[(from_utf16(text, start), from_utf16(text, end)) for start, end in attrs.get("ignore", ())],
        )
        return attrs

    @property
    def understood(self) -> dict[str, Any]:
        return parsed_json(self.validated_data["text"], self.parsed, target=self._target())

    def _target(self) -> str | None:
        """The list if the line names none. The Inbox is looked up only then."""
        if given := self.validated_data.get("list"):
            return str(given.pk)
        return None if self.parsed.fields.task_list else inbox_id(signed_in(self.context["request"]))

    def task_list(self) -> TaskList:
        """The list that the line names, else the one that was sent, else the person's Inbox."""
        person, named = signed_in(self.context["request"]), self.parsed.fields.task_list
        if named is not None:
            return lists_visible_to(person).get(pk=UUID(str(named.id)))
        return self.validated_data.get("list") or TaskList.objects.inbox_of(person)

    def create(self, validated_data: dict[str, Any]) -> Task:
        """The caller of `save()` gives the `list`, in which the person may write."""
        if not self.parsed.title:
            raise ValidationError({"text": NOTHING_LEFT})
        extra = {"id": validated_data["id"]} if "id" in validated_data else {}
        try:
            self.created = create(
                self.parsed.title,
                self.parsed.fields,
                task_list=validated_data["list"],
                zone=self.parsed.zone,
                person=signed_in(self.context["request"]),
                **extra,
            )
        except ModelValidationError as error:
            raise ValidationError(serializers.as_serializer_error(error)) from None
        return self.created.task
