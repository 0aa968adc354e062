from typing import Any

from django.db.models import QuerySet
from rest_framework.exceptions import ValidationError

from tasks.accounts.people import signed_in
from tasks.core.api.problems import Conflict
from tasks.core.api.viewsets import ClientIdViewSet
from tasks.lists.access import in_visible_list, lock_reader
from tasks.places.models import Place
from tasks.places.serializers import PlaceSerializer


class PlaceViewSet(ClientIdViewSet):
    """Where the person who asks has their lists."""

    serializer_class = PlaceSerializer

    def get_queryset(self) -> QuerySet[Place]:
        person = signed_in(self.request)
        own: QuerySet[Place] = Place.objects.filter(in_visible_list(person, "list"), user=person)
        return own

    def check_write(self, row: Place) -> None:
        """Each is its person's, and others do not see it."""

    def perform_create(self, serializer: Any) -> None:
        person = signed_in(self.request)
        task_list = serializer.validated_data["list"]
        if not lock_reader(person.pk, task_list.pk):  # locks the person too, so that a second place waits here
            raise ValidationError({"list": "There is no such list."})
        if person.places.filter(list=task_list).exists():
            raise Conflict("This list has a place already; change that one.")
        serializer.save(user=person)
