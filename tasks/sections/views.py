from django.db import transaction
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from tasks.core.api.repeat import repeat_on_deadlock
from tasks.lists.models import TaskList
from tasks.lists.moving import PlaceSerializer, place_among
from tasks.lists.writing import ListPartViewSet
from tasks.sections.filters import SectionFilter
from tasks.sections.models import Section
from tasks.sections.serializers import SectionSerializer


class SectionViewSet(ListPartViewSet):
    model = Section
    serializer_class = SectionSerializer
    filterset_class = SectionFilter

    @action(detail=True, methods=["post"])
    @repeat_on_deadlock
    def move(self, request: Request, pk: str) -> Response:
        """To another place of its list."""
        wanted = PlaceSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        with transaction.atomic():
            seen: Section = self.get_object_seen(pk)
            TaskList.objects.select_for_update(no_key=True).get(pk=seen.list_id)
            row: Section = self.get_object_for_update(pk)
            sections = Section.objects.all()
            place = place_among(sections.filter(list=row.list_id), wanted.validated_data, moving=row)
            position = sections.positions_at(row.list_id, place, moving=row)[0]
            if position != row.position:
                row.position = position
                row.save(update_fields=["position"])
        return self.respond(row)
