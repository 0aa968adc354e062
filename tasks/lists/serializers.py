from typing import Any

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from tasks.accounts.models import User
from tasks.accounts.people import signed_in
from tasks.core.api.fields import ColorField
from tasks.core.api.serializers import IdField, LiveSerializer, NumberField, RowField
from tasks.lists.models import Membership, Role, TaskList
from tasks.lists.representation import list_json, member_json


class TaskListSerializer(LiveSerializer):
    represent = list_json
    id = IdField(required=False)
    color = ColorField()
    owner = RowField(queryset=User.objects.filter(is_active=True), required=False, pk_field=NumberField())

    class Meta:
        model = TaskList
        fields = ["id", "name", "color", "kind", "owner", "archived_at", "version", "created_at", "updated_at"]
        read_only_fields = ["kind", "archived_at", "version", "created_at", "updated_at"]
        validators: list[Any] = []

    def validate_owner(self, value: User) -> User:
        if self.instance is None:
            raise ValidationError("A new list belongs to the person who makes it.")
        if not self.instance.memberships.filter(user=value).exists():
            raise ValidationError("Only a member of the list can become its owner.")
        return value


class MembershipSerializer(LiveSerializer):
    represent = member_json
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


class PersonField(serializers.Field):
    """An active person, by number or by username."""

    default_error_messages = {"unknown": "Unknown user."}

    def people_by_number(self) -> QuerySet[User]:
        """While Everyone is off, those whom one meets in a list: numbers can be counted through, and show names."""
        people: QuerySet[User] = User.objects.filter(is_active=True)
        if settings.EVERYONE_LIST:
            return people
        mine = Membership.objects.filter(user=signed_in(self.context["request"])).values("list")
        return people.filter(pk__in=Membership.objects.filter(list__in=mine).values("user"))

    def to_internal_value(self, data: Any) -> User:
        if isinstance(data, bool) or not isinstance(data, int | str):
            self.fail("unknown")
        people = self.people_by_number() if isinstance(data, int) else User.objects.filter(is_active=True)
        name = serializers.CharField().run_validation(data) if isinstance(data, str) else None
        try:
            person: User = people.get(pk=data) if name is None else people.get(username=name)
        except ObjectDoesNotExist:
            self.fail("unknown")
        return person
