from typing import Any

from tasks.core.api.problems import Conflict
from tasks.labels.filters import LabelFilter
from tasks.labels.models import Label, key_of
from tasks.labels.serializers import LabelSerializer
from tasks.lists.writing import ListPartViewSet


class LabelViewSet(ListPartViewSet):
    model = Label
    serializer_class = LabelSerializer
    filterset_class = LabelFilter

    def perform_create(self, serializer: Any) -> None:
        self.check_name(serializer)
        super().perform_create(serializer)

    def perform_update(self, serializer: Any) -> None:
        self.check_name(serializer)
        super().perform_update(serializer)

    def check_name(self, serializer: Any) -> None:
        """Raises Conflict where another label of the list has the name."""
        name = serializer.validated_data.get("name")
        if name is None:
            return
        row = serializer.instance
        list_id = serializer.validated_data["list"].pk if row is None else row.list_id
        others = Label.objects.filter(list=list_id, name_key=key_of(name)).exclude(pk=row and row.pk)
        if (other := others.first()) is not None:
            raise Conflict(f"This list has a label {other.name} already.")
