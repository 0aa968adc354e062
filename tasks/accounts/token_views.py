"""The four addresses under /api/token."""

from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.serializers import TokenObtainPairSerializer
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken
from rest_framework_simplejwt.tokens import Token
from rest_framework_simplejwt.views import TokenViewBase

from tasks.accounts.forms import address_of
from tasks.accounts.guesses import TooManyGuesses, guess, throttled
from tasks.accounts.models import SignIn
from tasks.accounts.token_keys import SIGN_IN, AccessToken
from tasks.accounts.tokens import RotatingToken, TokenAuthentication, rotate, sign_in
from tasks.core.api import bodies
from tasks.core.api.private import PrivateView
from tasks.core.api.serializers import ClosedSerializer


class ObtainSerializer(ClosedSerializer, TokenObtainPairSerializer):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"] = serializers.CharField(trim_whitespace=False, write_only=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, str]:
        with guess(attrs["username"], address_of(self.context["request"])) as current:
            super(TokenObtainPairSerializer, self).validate(attrs)
            current.right()
        return sign_in(self.user)  # type: ignore[arg-type]  # validated: somebody


class RefreshSerializer(ClosedSerializer):
    refresh = serializers.CharField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, str]:
        return rotate(RotatingToken(attrs["refresh"]))


class VerifySerializer(ClosedSerializer):
    token = serializers.CharField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, str]:
        try:
            token: Token = AccessToken(attrs["token"])
        except TokenError:
            token = RotatingToken(attrs["token"])
            if BlacklistedToken.objects.filter(token__jti=token["jti"]).exists():
                raise AuthenticationFailed("This refresh token has been replaced.") from None
        TokenAuthentication().get_user(token)
        return {}


class BlacklistSerializer(ClosedSerializer):
    refresh = serializers.CharField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, str]:
        token = RotatingToken(attrs["refresh"])
        SignIn.objects.filter(pk=token.get(SIGN_IN)).end()
        return {}


class TokenView(PrivateView, TokenViewBase):
    """Anybody may ask."""

    largest_body = bodies.SIGN_IN


class ObtainView(TokenView):
    serializer_class = ObtainSerializer

    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        try:
            return super().post(request, *args, **kwargs)
        except TooManyGuesses as error:
            raise throttled(error) from None


class RefreshView(TokenView):
    serializer_class = RefreshSerializer


class VerifyView(TokenView):
    serializer_class = VerifySerializer


class BlacklistView(TokenView):
    """Signs out."""

    serializer_class = BlacklistSerializer
