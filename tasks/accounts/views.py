from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.hashers import make_password
from django.db import transaction
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from tasks.accounts.forms import address_of
from tasks.accounts.guesses import TooManyGuesses, guess, throttled
from tasks.accounts.models import User
from tasks.accounts.people import signed_in
from tasks.accounts.serializers import MeSerializer, PasswordSerializer
from tasks.accounts.tokens import sign_in
from tasks.core.api.private import PrivateView
from tasks.core.api.repeat import repeat_on_deadlock


class MeView(PrivateView):
    """The person who is signed in."""

    def get(self, request: Request) -> Response:
        return Response(MeSerializer(signed_in(request)).data)

    @repeat_on_deadlock
    def patch(self, request: Request) -> Response:
        with transaction.atomic():
            row = User.objects.select_for_update(no_key=True).get(pk=signed_in(request).pk)
            serializer = MeSerializer(row, data=request.data, partial=True)
            serializer.is_valid(raise_exception=True)
            serializer.save()
        return Response(serializer.data)


class PasswordView(PrivateView):
    """A person's new password. Ends all their other sign-ins: this session goes on, or gets new tokens."""

    keeps_answers = False

    def post(self, request: Request) -> Response:
        person = signed_in(request)
        serializer = PasswordSerializer(data=request.data, context={"request": request})
        serializer.is_valid(raise_exception=True)
        try:
            with guess(person.username, address_of(request._request)) as current:
                if not person.check_password(serializer.validated_data["current_password"]):
                    raise ValidationError({"current_password": "This is not your current password."})
                current.right()
        except TooManyGuesses as error:
            raise throttled(error) from None
        password = make_password(serializer.validated_data["new_password"])  # before the lock: it takes a while
        with transaction.atomic():
            row = User.objects.select_for_update(no_key=True).get(pk=person.pk)
            row.password = password
            row.save(update_fields=["password"])
        if request.auth is not None:
            return Response(sign_in(row))
        update_session_auth_hash(request, row)
        return Response(status=status.HTTP_204_NO_CONTENT)
