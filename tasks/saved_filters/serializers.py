from typing import Any

from django.core.exceptions import ValidationError as InvalidValue
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from tasks.core.api.serializers import IdField, LiveSerializer
from tasks.core.text import validate_line
from tasks.saved_filters.models import Group, SavedFilter
from tasks.saved_filters.query import check_query, validate_sort
from tasks.saved_filters.representation import filter_json


class SavedFilterSerializer(LiveSerializer):
    represent = filter_json
    id = IdField(required=False)
    name = serializers.CharField(max_length=100, validators=[validate_line])
    query = serializers.JSONField(required=False)
    sort = serializers.CharField(max_length=200, allow_null=True, required=False, validators=[validate_sort])
    group = serializers.ChoiceField(Group.choices, allow_null=True, required=False)

    class Meta:
        model = SavedFilter
        fields = ["id", "name", "query", "sort", "group", "position", "version", "created_at", "updated_at"]
        read_only_fields = ["version", "created_at", "updated_at"]
        validators: list[Any] = []

    def validate_query(self, value: Any) -> Any:
        try:
            check_query(value)
        except InvalidValue as error:
            raise ValidationError(getattr(error, "message_dict", None) or error.messages) from None
        return value
