"""Signing in by a page: slow for who guesses passwords, as `/api/token` is."""

from typing import Any

from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.views import APIView

from tasks.accounts.throttling import AddressThrottle, NameThrottle


class SignInForm(AuthenticationForm):
    request: HttpRequest

    def clean(self) -> dict[str, Any]:
        request = Request(self.request, parsers=[FormParser(), MultiPartParser()])
        throttles = [NameThrottle(), AddressThrottle()]
        waits = [throttle.wait() or 0.0 for throttle in throttles if not throttle.allow_request(request, APIView())]
        if waits:
            seconds = {"seconds": round(max(waits)) + 1}
            raise ValidationError("Too many wrong passwords. Try again in %(seconds)d seconds.", "throttled", seconds)
        try:
            return super().clean()
        except ValidationError:
            for throttle in throttles:
                throttle.count_failure()
            raise


class AdminSignInForm(SignInForm, AdminAuthenticationForm):
    pass
