from django.conf import settings
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from realtime import events
from tasks.accounts.people import signed_in
from tasks.lists.access import streams_of
from tasks.lists.models import TaskList
from tasks.sync.snapshot import snapshot


class SyncView(APIView):
    """`?stream=` (as often as need be) restricts the answer to those streams."""

    def get(self, request: Request) -> Response:
        if not settings.EVERYONE_LIST:
            TaskList.objects.inbox_of(signed_in(request))  # so that nobody starts without a list
        # First the positions, then the rows: an event between the two is delivered twice rather than never.
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
