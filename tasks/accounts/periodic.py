"""Sessions, tokens and sign-ins that have expired are deleted by one of the processes that serve."""

import logging
from importlib import import_module
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

from realtime import periodic
from realtime.events.clock import deletion_now
from tasks.accounts.models import SignIn

logger = logging.getLogger(__name__)

BATCH = 2_000


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
        _delete(sessions.objects.filter(expire_date__lt=now)),
        _delete(OutstandingToken.objects.filter(expires_at__lt=now)),
        _delete(SignIn.objects.filter(expires_at__lt=now)),
    )
    if any(counts):
        logger.info("Expired and deleted: %d sessions, %d refresh tokens, %d sign-ins", *counts)


def _delete(rows: QuerySet[Any]) -> int:
    """A few at a time, so that other writers need not wait long; returns how many."""
    count = 0
    while keys := list(rows.values_list("pk", flat=True)[:BATCH]):
        count += len(keys)
        rows.model._default_manager.filter(pk__in=keys).delete()
    return count
