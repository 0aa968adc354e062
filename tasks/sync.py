"""All that a person may see, in one answer, with the position from which the events go on."""

from typing import Any

from django.conf import settings
from django.db import transaction
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from realtime import events
from tasks.access import EVERYONE_STREAM, lists_visible_to, stream_of, streams_of
from tasks.models import Membership, Task, TaskList, User
from tasks.people import signed_in
from tasks.serializers import MembershipSerializer, MeSerializer, TaskListSerializer, TaskSerializer, UserSerializer


class SyncView(APIView):
    """`?stream=` (as often as need be) restricts the answer to those streams."""

    def get(self, request: Request) -> Response:
        if not settings.EVERYONE_LIST:
            TaskList.objects.inbox_of(signed_in(request))  # nobody is to find no list at all
        # First the positions, then the rows: an event between the two is told twice rather than never.
        position = events.positions(self.streams(request))
        return Response({**position, **snapshot(signed_in(request), set(position["positions"]))})

    def streams(self, request: Request) -> set[str]:
        if unknown := request.query_params.keys() - {"stream"}:
            raise ValidationError(dict.fromkeys(unknown, "There is no such parameter."))
        readable = streams_of(signed_in(request).pk)
        wanted = set(request.query_params.getlist("stream")) or readable
        if not wanted <= readable:
            raise NotFound("There is no such stream that you may read.")
        return wanted


def snapshot(user: User, streams: set[str]) -> dict[str, Any]:
    """The objects that belong to `streams`, and `me`. A list that the person came into a moment ago, after the
    positions were read, is left to the event that says so.
    """
    lists = [row for row in lists_visible_to(user) if stream_of(row.pk) in streams]
    inside = {"list__in": [row.pk for row in lists]}
    everybody = settings.EVERYONE_LIST and EVERYONE_STREAM in streams
    members = Membership.objects.filter(**inside).select_related("user")
    return {
        "me": MeSerializer(user).data,
        "users": UserSerializer(User.objects.all() if everybody else [], many=True).data,
        "lists": TaskListSerializer(lists, many=True).data,
        "members": MembershipSerializer(members, many=True).data,
        "tasks": TaskSerializer(Task.objects.filter(**inside), many=True).data,
    }


class MeView(APIView):
    """The person who is signed in."""

    def get(self, request: Request) -> Response:
        return Response(MeSerializer(signed_in(request)).data)

    def patch(self, request: Request) -> Response:
        with transaction.atomic():
            row = User.objects.select_for_update(no_key=True).get(pk=signed_in(request).pk)
            serializer = MeSerializer(row, data=request.data, partial=True)
            serializer.is_valid(raise_exception=True)
            serializer.save()
        return Response(serializer.data)
