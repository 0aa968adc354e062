"""The objects as the API and the events show them, and what a client may write.

What is shown depends on the row alone, never on who asks, so that an event and an answer are the same text. It is
written out by hand: a page of 50 tasks costs a tenth of what the generic fields take.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from tasks.access import lists_visible_to
from tasks.models import Membership, Priority, Role, Task, TaskList, User
from tasks.models.zones import MAX_LENGTH, validate_zone
from tasks.people import signed_in

PRIORITIES = {word.value: word.name.lower() for word in Priority}


def moment(value: datetime | None) -> str | None:
    return None if value is None else value.astimezone(UTC).isoformat().replace("+00:00", "Z")


class ClosedSerializer(serializers.Serializer):
    """Refuses fields that it does not know, and those that can only be read."""

    def to_internal_value(self, data: Any) -> Any:
        writable = {name for name, field in self.fields.items() if not field.read_only}
        refused = {
            str(name): ["This field can't be written." if name in self.fields else "There is no such field."]
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


class UserSerializer(LiveSerializer):
    class Meta:
        model = User
        fields = ["id", "username", "name", "is_active", "version"]
        read_only_fields = fields

    def to_representation(self, instance: User) -> dict[str, Any]:
        return {
            "id": instance.pk,
            "username": instance.username,
            "name": instance.get_full_name(),
            "is_active": instance.is_active,
            "version": instance.version,
        }


class MeSerializer(LiveSerializer):
    class Meta:
        model = User
        fields = ["id", "username", "name", "is_active", "version", "email", "time_zone", "is_staff"]
        read_only_fields = ["id", "username", "is_active", "version", "is_staff"]

    def to_representation(self, instance: User) -> dict[str, Any]:
        return {
            **UserSerializer(instance).data,
            "email": instance.email,
            "time_zone": instance.time_zone,
            "is_staff": instance.is_staff,
        }


class TaskListSerializer(LiveSerializer):
    id = serializers.UUIDField(required=False)
    color = serializers.RegexField(r"\A#[0-9a-fA-F]{6}\Z", required=False, error_messages={"invalid": "Write #rrggbb."})
    owner = serializers.PrimaryKeyRelatedField(queryset=User.objects.filter(is_active=True), required=False)

    class Meta:
        model = TaskList
        fields = ["id", "name", "color", "kind", "owner", "version", "created_at", "updated_at"]
        read_only_fields = ["kind", "version", "created_at", "updated_at"]
        validators: list[Any] = []

    def to_representation(self, instance: TaskList) -> dict[str, Any]:
        return {
            "id": str(instance.pk),
            "name": instance.name,
            "color": instance.color,
            "kind": str(instance.kind),
            "owner": instance.owner_id,
            "version": instance.version,
            "created_at": moment(instance.created_at),
            "updated_at": moment(instance.updated_at),
        }

    def validate_color(self, value: str) -> str:
        return value.lower()

    def validate_owner(self, value: User) -> User:
        if self.instance is None:
            raise ValidationError("A new list belongs to the person who makes it.")
        if not self.instance.memberships.filter(user=value).exists():
            raise ValidationError("Only a member of the list can become its owner.")
        return value


class MembershipSerializer(LiveSerializer):
    role = serializers.ChoiceField([Role.EDITOR, Role.VIEWER], default=Role.EDITOR)

    class Meta:
        model = Membership
        fields = ["id", "list", "user", "role", "version"]
        read_only_fields = ["id", "list", "version"]
        validators: list[Any] = []

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        fields["user"] = PersonField() if self.instance is None else serializers.PrimaryKeyRelatedField(read_only=True)
        return fields

    def to_representation(self, instance: Membership) -> dict[str, Any]:
        person = instance.user
        return {
            "id": str(instance.pk),
            "list": str(instance.list_id),
            "user": {"id": person.pk, "username": person.username, "name": person.get_full_name()},
            "role": str(instance.role),
            "version": instance.version,
        }


class PersonField(serializers.Field):
    """An active person, by number or by username."""

    default_error_messages = {"unknown": "Nobody here has that name or number."}

    def to_internal_value(self, data: Any) -> User:
        if isinstance(data, bool) or not isinstance(data, int | str):
            self.fail("unknown")
        people = User.objects.filter(is_active=True)
        name = serializers.CharField().run_validation(data) if isinstance(data, str) else None
        try:
            person: User = people.get(pk=data) if name is None else people.get(username=name)
        except ObjectDoesNotExist:
            self.fail("unknown")
        return person


class PriorityField(serializers.ChoiceField):
    """A word in the API, a number in the database."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=list(PRIORITIES.values()), **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        return Priority[super().to_internal_value(data).upper()]


class TaskSerializer(LiveSerializer):
    id = serializers.UUIDField(required=False)
    list = serializers.PrimaryKeyRelatedField(
        queryset=TaskList.objects.none(), required=False, pk_field=serializers.UUIDField()
    )
    title = serializers.CharField(max_length=500)
    notes = serializers.CharField(max_length=20_000, allow_blank=True, trim_whitespace=False, required=False)
    priority = PriorityField(required=False)
    completed = serializers.BooleanField(required=False)
    due_zone = serializers.CharField(max_length=MAX_LENGTH, allow_null=True, validators=[validate_zone], required=False)

    class Meta:
        model = Task
        fields = [
            "id", "list", "title", "notes", "priority", "completed", "completed_at", "completed_by",
            "due_date", "due_time", "due_zone", "position", "version",
            "created_by", "updated_by", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = [
            "completed_at", "completed_by", "version", "created_by", "updated_by", "created_at", "updated_at",
        ]  # fmt: skip

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        if "request" in self.context:
            fields["list"].queryset = lists_visible_to(signed_in(self.context["request"]))
        return fields

    def to_representation(self, instance: Task) -> dict[str, Any]:
        return {
            "id": str(instance.pk),
            "list": str(instance.list_id),
            "title": instance.title,
            "notes": instance.notes,
            "priority": PRIORITIES[instance.priority],
            "completed": instance.completed_at is not None,
            "completed_at": moment(instance.completed_at),
            "completed_by": instance.completed_by_id,
            "due_date": instance.due_date.isoformat() if instance.due_date else None,
            "due_time": instance.due_time.isoformat() if instance.due_time else None,
            "due_zone": instance.due_zone,
            "position": instance.position,
            "version": instance.version,
            "created_by": instance.created_by_id,
            "updated_by": instance.updated_by_id,
            "created_at": moment(instance.created_at),
            "updated_at": moment(instance.updated_at),
        }

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        date, time, zone = (
            attrs.get(name, getattr(self.instance, name, None)) for name in ("due_date", "due_time", "due_zone")
        )
        if time is not None and (date is None or zone is None):
            raise ValidationError({"due_time": "A time needs a due_date and a due_zone."})
        return attrs

    def create(self, validated_data: dict[str, Any]) -> Task:
        """The caller of `save()` gives `created_by`, and a list if the client named none."""
        completed = validated_data.pop("completed", False)
        task = Task(**validated_data, updated_by=validated_data["created_by"])
        if completed:
            task.mark(completed=True, by=task.created_by)
        task.save(force_insert=True)
        return task

    def apply(self, instance: Task, changed: dict[str, Any]) -> set[str]:
        person = signed_in(self.context["request"])
        fields = {"updated_by"}
        if "completed" in changed:
            fields |= instance.mark(completed=changed.pop("completed"), by=person)
        if "list" in changed:
            fields |= instance.move_to(changed.pop("list"))
        return fields | super().apply(instance, {**changed, "updated_by": person})
