"""What this app counts for Prometheus."""

from typing import Any

from django.contrib.auth.signals import user_login_failed
from prometheus_client import Counter

import realtime.metrics  # noqa: F401 -- says to which files several processes write, before there is a counter

sign_in_failures = Counter(
    "todo_sign_in_failures", "Names and passwords refused: at the page, the admin or /api/token."
)


def connect() -> None:
    """Called once by the app's configuration."""
    user_login_failed.connect(_count)


def _count(**kwargs: Any) -> None:
    sign_in_failures.inc()
