"""Passwords that are entered on a page: guessing them is limited, as at `/api/token`."""

from typing import Any

from django.contrib.admin.forms import AdminAuthenticationForm, AdminPasswordChangeForm
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from tasks.accounts.guesses import TooManyGuesses, guess


class SignInForm(AuthenticationForm):
    request: HttpRequest

    def clean(self) -> dict[str, Any]:
        name = self.cleaned_data.get("username")
        if name is None or not self.cleaned_data.get("password"):
            return super().clean()
        try:
            with guess(name, address_of(self.request)) as current:
                cleaned = super().clean()
                current.right()
        except TooManyGuesses as error:
            raise too_many(error) from None
        return cleaned


class AdminSignInForm(SignInForm, AdminAuthenticationForm):
    pass


class OwnPasswordForm(AdminPasswordChangeForm):
    """For somebody's own password in the admin. `address`: where the request comes from."""

    def __init__(self, *args: Any, address: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.address = address

    def clean_old_password(self) -> str:
        try:
            with guess(self.user.get_username(), self.address) as current:
                password: str = super().clean_old_password()
                current.right()
        except TooManyGuesses as error:
            raise too_many(error) from None
        return password


def too_many(error: TooManyGuesses) -> ValidationError:
    seconds = {"seconds": round(error.wait) + 1}
    return ValidationError("Too many wrong passwords. Try again in %(seconds)d seconds.", "throttled", seconds)


def address_of(request: HttpRequest) -> str:
    """The client's address. What a client says in X-Forwarded-For counts only as far as `serve` believes it."""
    return str(request.META.get("REMOTE_ADDR") or "")
