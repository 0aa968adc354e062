from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from tasks.core.api.private import PrivateView
from tasks.core.api.serializers import ClosedSerializer
from tasks.core.api.slots import Slots
from tasks.core.api.unavailable import Unavailable
from tasks.items.limits import MAX_NOTES
from tasks.notes.markdown import tree_of


class NotesBusy(Unavailable):
    default_detail = "Too many notes are being formatted at this moment. Try again in a few seconds."


class NotesSlots(Slots):
    busy = NotesBusy


slots = NotesSlots(2, most_waiting=3, longest_wait=4.0)
"""Notes that are parsed at once in this process. It takes a core up to 0.1 seconds, and requests have eight threads."""


class Notes(ClosedSerializer):
    text = serializers.CharField(max_length=MAX_NOTES, allow_blank=True, trim_whitespace=False)


class NotesView(PrivateView):
    """Notes as a tree of known kinds, for a client that shows them. Nothing is stored."""

    def post(self, request: Request) -> Response:
        notes = Notes(data=request.data)
        notes.is_valid(raise_exception=True)
        with slots.slot():
            return Response({"tree": tree_of(notes.validated_data["text"])})
