"""Tasks as the API reads them: which fields a client may write, and with which values."""

import re
from datetime import date
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from tasks.accounts.people import signed_in
from tasks.core.api.serializers import IdField, LiveSerializer, NumberField, RowField
from tasks.core.positions import MAX_POSITION
from tasks.core.text import validate_line
from tasks.core.zones import MAX_LENGTH, validate_zone
from tasks.items.access import tasks_visible_to
from tasks.items.limits import MAX_LABELS_OF_TASK, MAX_NOTES, MAX_TITLE
from tasks.items.models import Priority, Task
from tasks.items.representation import PRIORITIES, task_json
from tasks.lists.access import lists_visible_to
from tasks.lists.models import TaskList
from tasks.lists.moving import PlaceSerializer
from tasks.recurrence.occurrences import check
from tasks.recurrence.rule import MAX_LENGTH as RULE_LENGTH
from tasks.recurrence.rule import RuleError, parse


class PriorityField(serializers.ChoiceField):
    """A word in the API, a number in the database."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=list(PRIORITIES.values()), **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        return Priority[super().to_internal_value(data).upper()]


class ClockField(serializers.TimeField):
    """A time of day. REST framework's field would drop an offset from UTC, and reads 20260101 as 20:26:01.01."""

    def to_internal_value(self, value: Any) -> Any:
        if isinstance(value, str) and not re.fullmatch(r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?", value):
            raise ValidationError("Write HH:MM or HH:MM:SS, without an offset; its zone is due_zone.")
        return super().to_internal_value(value)


class RuleField(serializers.CharField):
    """A rule of recurrence, without what may be left out of its text."""

    def to_internal_value(self, data: Any) -> str:
        text: str = super().to_internal_value(data)
        try:
            return parse(text).text
        except RuleError as error:
            raise ValidationError(str(error)) from None


class LabelsField(serializers.ListField):
    """Ids of labels, as they are stored: text, each once, sorted."""

    child = IdField()

    def to_internal_value(self, data: Any) -> list[str]:
        return sorted({str(pk) for pk in super().to_internal_value(data)})


class TaskSerializer(LiveSerializer):
    """A task as a client writes it; it is shown by `task_json()`."""

    represent = task_json
    id = IdField(required=False)
    list = RowField(queryset=TaskList.objects.none(), required=False)
    parent = RowField(  # type: ignore[assignment]  # the base class has one, for itself
        queryset=Task.objects.none(), allow_null=True, required=False
    )
    section = IdField(source="section_id", allow_null=True, required=False)
    title = serializers.CharField(max_length=MAX_TITLE, validators=[validate_line])
    notes = serializers.CharField(max_length=MAX_NOTES, allow_blank=True, trim_whitespace=False, required=False)
    priority = PriorityField(required=False)
    labels = LabelsField(source="label_ids", max_length=MAX_LABELS_OF_TASK, required=False)
    assignee = NumberField(source="assignee_id", allow_null=True, required=False)
    completed = serializers.BooleanField(required=False)
    position = serializers.FloatField(min_value=-MAX_POSITION, max_value=MAX_POSITION, required=False)
    due_time = ClockField(allow_null=True, required=False)
    recurrence = RuleField(max_length=RULE_LENGTH, allow_null=True, required=False)
    recurrence_text = serializers.CharField(read_only=True)
    due_zone = serializers.CharField(max_length=MAX_LENGTH, allow_null=True, validators=[validate_zone], required=False)

    class Meta:
        model = Task
        fields = [
            "id", "list", "parent", "section", "title", "notes", "priority", "labels", "assignee",
            "completed", "completed_at", "completed_by", "due_date", "due_time", "due_zone",
            "recurrence", "recurrence_from", "recurrence_anchor", "recurrence_text", "position", "version",
            "created_by", "updated_by", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = [
            "completed_at", "completed_by", "recurrence_anchor", "recurrence_text", "version",
            "created_by", "updated_by", "created_at", "updated_at",
        ]  # fmt: skip

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        if "list" in fields and "request" in self.context:
            fields["list"].queryset = lists_visible_to(signed_in(self.context["request"]))
        if "parent" in fields and "request" in self.context:
            fields["parent"].queryset = tasks_visible_to(signed_in(self.context["request"])).select_related("list")
        return fields

    def may_read(self, earlier: Task) -> bool:
        """Not as it was in another list that the person may not read."""
        is_here = self.instance is not None and earlier.list_id == self.instance.list_id
        return is_here or lists_visible_to(signed_in(self.context["request"])).filter(pk=earlier.list_id).exists()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        parent, task_list = attrs.get("parent"), attrs.get("list")
        if parent is not None and task_list is not None and parent.list_id != task_list.pk:
            raise ValidationError({"parent": "This task is in another list."})
        stays_subtask = getattr(self.instance, "parent_id", None) is not None and not {"parent", "list"} & attrs.keys()
        if attrs.get("section_id") is not None and (parent is not None or stays_subtask):
            raise ValidationError({"section": "A subtask is in the section of its task."})
        names = ("due_date", "due_time", "due_zone", "recurrence")
        day, clock, zone, rule = (attrs.get(name, getattr(self.instance, name, None)) for name in names)
        if clock is not None and zone is None and "due_zone" not in attrs and "request" in self.context:
            attrs["due_zone"] = zone = signed_in(self.context["request"]).time_zone
        if clock is not None and (day is None or zone is None):
            raise ValidationError({"due_time": "A time needs a due_date and a due_zone."})
        if rule is not None:
            self._check_rule(rule, day, is_new="recurrence" in attrs)
        return attrs

    def _check_rule(self, rule: str, day: date | None, *, is_new: bool) -> None:
        if day is None and is_new:
            raise ValidationError({"recurrence": "A repeating task needs a due date."})
        if day is None:
            text = "A repeating task needs a due date. Send recurrence: null too, and it does not repeat any more."
            raise ValidationError({"due_date": text})
        if is_new:
            try:
                check(rule, day)
            except RuleError as error:
                raise ValidationError({"recurrence": str(error)}) from None

    def create(self, validated_data: dict[str, Any]) -> Task:
        """The caller of `save()` gives `created_by`, and a list if the client named none."""
        completed = validated_data.pop("completed", False)
        task = Task(**validated_data, updated_by=validated_data["created_by"])
        if completed:
            task.mark(completed=True, by=task.created_by)
        task.save(force_insert=True)
        return task

    def update(self, instance: Task, validated_data: dict[str, Any]) -> Task:
        self.wanted_position = validated_data.get("position")  # also where it is the same as in the other list
        updated: Task = super().update(instance, validated_data)
        return updated

    def apply(self, instance: Task, changed: dict[str, Any]) -> set[str]:
        person = signed_in(self.context["request"])
        fields = {"updated_by"}
        if "completed" in changed:
            fields |= instance.mark(completed=changed.pop("completed"), by=person)
        parent = changed.get("parent")
        target = changed.pop("list", None) or (parent and parent.list)
        if target is not None and target.pk != instance.list_id:
            fields |= instance.move_to(target, position=self.wanted_position)
            changed.pop("position", None)
        if "parent" in changed and parent is None and "section_id" not in changed and target is None:
            changed["section"] = instance.parent and instance.parent.section  # that it was shown in
        return fields | super().apply(instance, {**changed, "updated_by": person})


class MoveSerializer(PlaceSerializer):
    """Where a task goes. Who may put it there, and whether these fit together, is asked by the task's serializer."""

    list = IdField(required=False)
    section = IdField(required=False, allow_null=True)
    parent = IdField(required=False, allow_null=True)  # type: ignore[assignment]  # the base class has one, for itself
