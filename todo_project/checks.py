"""What `manage.py check` and `serve` say of the environment beyond single values, which settings.py refuses itself."""

import os
import re
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

from todo_project.settings import env
from todo_project.values import is_collected

PREFIXES = (
    "ACCESS_TOKEN_", "CACHE_", "CORS_", "CSRF_", "DATABASE_", "EMAIL_", "EVENT_", "LOG_", "METRICS_",
    "REDIS_", "REFRESH_", "SECRET_KEY", "WS_",
)  # fmt: skip
"""Variables that begin so are meant for this application."""

OF_OTHERS = re.compile(
    r"REDIS_(ADMIN_PASSWORD|APP_PASSWORD|EXPORTER_PASSWORD|ADDR|USER)"
    r"|\w+_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP)(_\w+)?)?)"
)
"""Those of compose.yaml and of the exporter, and what Kubernetes adds for each Service, as REDIS_PORT."""

THIS_MACHINE = re.compile(r"([\w.-]*\.)?localhost|127(\.\d+){3}|\[::1\]")


def check_variables(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Warns of variables that look like ours and that nobody reads, and of ones without effect."""
    known = sorted({*env.names, *(f"{name}_FILE" for name in env.secrets)})
    found: list[CheckMessage] = []
    for name, value in env.unknown():
        if OF_OTHERS.fullmatch(name) or not value.strip():
            continue
        similar = get_close_matches(name.upper(), known, n=1, cutoff=0.85)
        if name.startswith(PREFIXES) or similar:
            hint = f"Did you mean {similar[0]}?" if similar else ".env.example lists the variables."
            found.append(
                Warning(f"The variable {name} is set, and nothing reads it.", hint=hint, id="todo_project.W001")
            )
    if "*" in settings.ALLOWED_HOSTS and not settings.DEBUG:
        hint = "Name the hosts: with * a page of anybody's can reach this server under a name of its own."
        found.append(Warning("ALLOWED_HOSTS allows every host.", hint=hint, id="todo_project.W002"))
    if env.text("REDIS_PASSWORD") and not (settings.CHANNEL_LAYERS["default"].get("CONFIG") or env.secret("CACHE_URL")):
        hint = "Set REDIS_URL or REDIS_SENTINELS too."
        found.append(Warning("REDIS_PASSWORD is set, and no Redis is.", hint=hint, id="todo_project.W003"))
    for name, lines in env.doubled.items():
        *others, last = map(str, lines)
        said = f"{env.file}: {name} is set in lines {', '.join(others)} and {last}; the last one counts."
        found.append(Warning(said, hint="Remove the others.", id="todo_project.W004"))
    return found


def check_mail(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Warns of mails that nobody can follow, or that mail servers refuse."""
    found: list[CheckMessage] = []
    if settings.EMAIL_HOST and not settings.PUBLIC_URL:
        hint = "Set PUBLIC_URL, as in https://todo.example.com."
        said = "EMAIL_HOST is set and PUBLIC_URL is not: mails have no link to the page."
        found.append(Warning(said, hint=hint, id="todo_project.W006"))
    if settings.EMAIL_HOST and settings.DEFAULT_FROM_EMAIL == "todo@localhost":
        hint = "Set DEFAULT_FROM_EMAIL, as in Todo <todo@example.com>."
        said = "EMAIL_HOST is set and DEFAULT_FROM_EMAIL is not: many mail servers refuse mails from todo@localhost."
        found.append(Warning(said, hint=hint, id="todo_project.W007"))
    return found


def check_debug(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Warns of DEBUG, above all where other machines are meant to reach the server."""
    if not settings.DEBUG:
        return []
    others = [host for host in settings.ALLOWED_HOSTS if not THIS_MACHINE.fullmatch(host)]
    where = f"DEBUG is on, and ALLOWED_HOSTS has {', '.join(others)}" if others else "DEBUG is on"
    whom = "to other machines" if others else "to everybody who reaches this server"
    hint = "Set DEBUG=false in the environment or in .env. `serve` listens for this machine only while it is on."
    return [Warning(f"{where}: error pages show code and settings {whom}.", hint=hint, id="todo_project.W005")]


def check_private_files(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Warns of files with secrets that every user of this machine may read: hashes of passwords, and sessions."""
    database = settings.DATABASES["default"]
    files = [env.file, database["NAME"] if database["ENGINE"].endswith("sqlite3") else ""]
    return [
        Warning(f"Every user of this machine can read {path}.", hint=f"Run chmod 600 {path}*", id="todo_project.W008")
        for path in map(Path, filter(None, files))
        if path.is_file() and path.stat().st_mode & 0o007
    ]


def check_database_file(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """SQLite makes its file, but not the folder around it."""
    database = settings.DATABASES["default"]
    folder = Path(database["NAME"]).parent
    if not database["ENGINE"].endswith("sqlite3") or os.access(folder, os.W_OK | os.X_OK):
        return []
    said = f"DATABASE_URL can't be used: {folder} is not a folder that this user may write to."
    return [Error(said, id="todo_project.E001")]


def check_static_files(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Warns of a folder that was made or named for the collected files, and that has none."""
    folder = Path(settings.STATIC_ROOT)
    if is_collected(folder) or not (folder.exists() or env.text("STATIC_ROOT")):
        return []
    said = f"STATIC_ROOT ({folder}) is empty: the page takes a hundred files, which browsers may not keep."
    return [Warning(said, hint="Run manage.py collectstatic.", id="todo_project.W009")]
