"""Sessions, tokens and sign-ins that have expired are deleted by one of the processes that serve."""

from importlib import import_module

from django.conf import settings
from django.utils import timezone
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

from realtime import periodic
from tasks.accounts.models import SignIn


def connect() -> None:
    """Called once by the app's configuration."""
    periodic.register("delete expired sign-ins", delete_expired, seconds=3600)


def delete_expired() -> None:
    """What nobody can use any more; nobody is signed out by it."""
    now = timezone.now()
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    OutstandingToken.objects.filter(expires_at__lt=now).delete()
    SignIn.objects.filter(expires_at__lt=now).delete()
