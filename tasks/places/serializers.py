from typing import Any

from tasks.lists.part_serializer import ListPartSerializer
from tasks.places.models import Place
from tasks.places.representation import place_json


class PlaceSerializer(ListPartSerializer):
    represent = place_json

    class Meta:
        model = Place
        fields = ["id", "list", "favorite", "position", "version"]
        read_only_fields = ["version"]
        validators: list[Any] = []
