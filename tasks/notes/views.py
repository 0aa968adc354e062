from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from tasks.core.api.private import PrivateView
from tasks.core.api.serializers import ClosedSerializer
from tasks.notes.markdown import tree_of


class Notes(ClosedSerializer):
    text = serializers.CharField(max_length=20_000, allow_blank=True, trim_whitespace=False)


class NotesView(PrivateView):
    """Notes as a tree of known kinds, for a client that shows them. Nothing is stored."""

    def post(self, request: Request) -> Response:
        notes = Notes(data=request.data)
        notes.is_valid(raise_exception=True)
        return Response({"tree": tree_of(notes.validated_data["text"])})
