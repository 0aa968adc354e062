from typing import Any

from rest_framework.exceptions import ValidationError

from tasks.accounts.people import signed_in
from tasks.core.api.serializers import IdField, LiveSerializer, RowField
from tasks.lists.access import lists_visible_to
from tasks.lists.models import TaskList


class ListPartSerializer(LiveSerializer):
    """A label, a section or a place. Its list may be sent again, and never changes."""

    id = IdField(required=False)
    list = RowField(queryset=TaskList.objects.none())

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        if "list" in fields and "request" in self.context:
            fields["list"].queryset = lists_visible_to(signed_in(self.context["request"]))
        return fields

    def validate_list(self, value: TaskList) -> TaskList:
        if self.instance is not None and value.pk != self.instance.list_id:
            raise ValidationError(f"A {self.instance._meta.verbose_name} stays in its list.")
        return value
