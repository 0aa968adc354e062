from typing import Any

from rest_framework import serializers

from tasks.core.positions import MAX_POSITION
from tasks.core.text import validate_line
from tasks.lists.part_serializer import ListPartSerializer
from tasks.sections.models import Section
from tasks.sections.representation import section_json


class SectionSerializer(ListPartSerializer):
    represent = section_json
    name = serializers.CharField(max_length=200, validators=[validate_line])
    position = serializers.FloatField(min_value=-MAX_POSITION, max_value=MAX_POSITION, required=False)

    class Meta:
        model = Section
        fields = ["id", "list", "name", "position", "version", "created_at", "updated_at"]
        read_only_fields = ["version", "created_at", "updated_at"]
        validators: list[Any] = []
