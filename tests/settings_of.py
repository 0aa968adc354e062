"""The settings as they are with other variables, without a process for each."""

import re
import runpy
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.environment import SETTINGS
from tests.servers import ROOT

EXAMPLE = (ROOT / ".env.example").read_text()
DEFAULTS = dict(re.findall(r"^#([A-Z_]+)=(.*)$", EXAMPLE, re.MULTILINE))

SECRET = "s3cr3t-that-nobody-may-see"
RANDOM = "wq3R-a7uEoxLzVtJk0_hYbTn2sPdGmCi"
SECRETS = [
    "SECRET_KEY", "SECRET_KEY_FALLBACKS", "DATABASE_URL", "REDIS_URL", "REDIS_USERNAME", "REDIS_PASSWORD",
    "REDIS_SENTINEL_PASSWORD", "REDIS_ENCRYPTION_KEYS", "CACHE_URL", "METRICS_TOKEN", "SENTRY_DSN",
]  # fmt: skip


def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but what a test sets, and afterwards nothing that a file has added."""
    for name in [*DEFAULTS, *(f"{name}_FILE" for name in SECRETS)]:
        monkeypatch.setenv(name, "")  # so that it is put back, whatever a file adds
        monkeypatch.delenv(name)
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)


def load() -> dict[str, Any]:
    """The settings as they are with this environment, apart from those of this process."""
    found = runpy.run_path(str(ROOT / "todo_project/settings.py"))
    return {name: value for name, value in found.items() if name.isupper()}


def refusal(monkeypatch: pytest.MonkeyPatch, **variables: str) -> str:
    """The one line with which the start is refused."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured) as error:
        load()
    said = str(error.value)
    assert "\n" not in said
    assert SECRET not in f"{said}{error.value.__cause__ or ''}"
    return said
