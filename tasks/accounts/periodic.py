"""Sessions, tokens and sign-ins that have expired are deleted by one of the processes that serve."""

import logging
from importlib import import_module

from django.conf import settings
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

from realtime import periodic
from realtime.events.clock import deletion_now
from tasks.accounts import guesses
from tasks.accounts.models import SignIn
from tasks.core.deletion import delete_in_batches

logger = logging.getLogger(__name__)


def connect() -> None:
    """Called once by the app's configuration."""
    periodic.register("delete expired sign-ins", delete_expired, seconds=3600)


def delete_expired() -> None:
    """What nobody can use any more; nobody is signed out by it."""
    now = deletion_now()
    if now is None:
        return
    sessions = import_module(settings.SESSION_ENGINE).SessionStore.get_model_class()
    counts = (
        delete_in_batches(sessions.objects.filter(expire_date__lt=now)),
        delete_in_batches(OutstandingToken.objects.filter(expires_at__lt=now)),
        delete_in_batches(SignIn.objects.filter(expires_at__lt=now)),
    )
    if any(counts):
        logger.info("Expired and deleted: %d sessions, %d refresh tokens, %d sign-ins", *counts)
    while guesses.clear_expired(now):
        pass
