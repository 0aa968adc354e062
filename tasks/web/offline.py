"""What a browser keeps to open the page without a connection: the page without a person, and the files of this release.

`tasks/static/tasks/worker.js` keeps them. The version is in the page's address, so that a browser keeps all of one
release or nothing while two releases answer side by side.
"""

import json
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.staticfiles.storage import staticfiles_storage
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse

from tasks.web.page import page_context

FILES = (
    "tasks/app.js",
    "tasks/later.js",
    "tasks/theme.js",
    "tasks/css/app.css",
    "tasks/css/later.css",
    "tasks/icon.svg",
)
WORKER = "tasks/worker.js"


class Release(NamedTuple):
    version: str
    page: str
    script: str
    """Of the service worker; another one with each release, which is how browsers notice it."""


def kept_release() -> Release | None:
    """What browsers are to keep; None for nothing."""
    return current_release() if settings.KEEP_ON_DEVICE and is_collected() else None


def is_collected() -> bool:
    """Without a hash in its name, a kept file may be an old one."""
    return bool(getattr(staticfiles_storage, "hashed_files", None))


@cache
def current_release() -> Release:
    page = render_to_string(
        "tasks/index.html", {**page_context(), "user": AnonymousUser(), "worker": reverse("worker")}
    )
    files = [static(name) for name in FILES]
    version = sha256("\n".join([page, *files, static(WORKER)]).encode()).hexdigest()[:12]
    known = {"version": version, "root": reverse("index"), "page": reverse("offline", args=[version]), "files": files}
    return Release(version, page, script(known))


def script(release: Mapping[str, object] | None) -> str:
    """Of the service worker; without a release, one that deletes what browsers have kept, and itself."""
    return f"self.release = {json.dumps(release)};\nimportScripts({json.dumps(static(WORKER))});\n"
