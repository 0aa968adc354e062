from django.db import transaction
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tasks.accounts.models import User
from tasks.accounts.people import signed_in
from tasks.accounts.serializers import MeSerializer


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
