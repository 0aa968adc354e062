from typing import Any

from rest_framework import serializers

from tasks.core.api.fields import ColorField
from tasks.core.text import validate_line
from tasks.labels.models import MAX_NAME, Label
from tasks.labels.representation import label_json
from tasks.lists.part_serializer import ListPartSerializer


class LabelSerializer(ListPartSerializer):
    represent = label_json
    name = serializers.CharField(max_length=MAX_NAME, validators=[validate_line])
    color = ColorField()

    class Meta:
        model = Label
        fields = ["id", "list", "name", "color", "version", "created_at", "updated_at"]
        read_only_fields = ["version", "created_at", "updated_at"]
        validators: list[Any] = []
