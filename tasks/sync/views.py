from django.conf import settings
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from realtime import events
from tasks.accounts.people import signed_in
from tasks.core.api.private import PrivateView
from tasks.lists.access import streams_of
from tasks.lists.models import TaskList
from tasks.sync.snapshot import snapshot


class UnreadableStreams(NotFound):
    def __init__(self, extra: dict[str, list[str]]) -> None:
        super().__init__("None of these streams exists for you.")
        self.extra = extra


class SyncView(PrivateView):
    """`?stream=`, repeated, restricts the response to those streams. `unreadable` names those of them that do not
    exist or that the person may not read; clients drop them. 404 if that is all of them."""

    def get(self, request: Request) -> Response:
        if not settings.EVERYONE_LIST:
            TaskList.objects.inbox_of(signed_in(request))  # so that nobody starts without a list
        # First the positions, then the rows: an event between the two is delivered twice rather than never.
        readable = streams_of(signed_in(request).pk)
        wanted = self.wanted(request) or readable
        unreadable = {"unreadable": sorted(wanted - readable)} if wanted - readable else {}
        if unreadable and not wanted & readable:
            raise UnreadableStreams(unreadable)
        position = events.positions(wanted & readable)
        return Response({**position, **unreadable, **snapshot(signed_in(request), set(position["positions"]))})

    def wanted(self, request: Request) -> set[str]:
        if unknown := request.query_params.keys() - {"stream"}:
            raise ValidationError(dict.fromkeys(unknown, "There is no such parameter."))
        return set(request.query_params.getlist("stream"))
