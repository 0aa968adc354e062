"""What a browser keeps to open the page without a connection: the page without a person, and the files of this release.

`tasks/static/tasks/worker.js` keeps them. The version is in the page's address, so that a browser keeps all of one
release or nothing while two releases answer side by side.
"""

import json
from functools import cache
from hashlib import sha256
from typing import NamedTuple

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


@cache
def release() -> Release | None:
    """None for files that are not collected: without a hash in its name a kept file may be an old one."""
    if not getattr(staticfiles_storage, "hashed_files", None):
        return None
    page = render_to_string(
        "tasks/index.html", {**page_context(), "user": AnonymousUser(), "worker": reverse("worker")}
    )
    files = [static(name) for name in FILES]
    worker = static(WORKER)
    version = sha256("\n".join([page, *files, worker]).encode()).hexdigest()[:12]
    known = {"version": version, "root": reverse("index"), "page": reverse("offline", args=[version]), "files": files}
    return Release(version, page, f"self.release = {json.dumps(known)};\nimportScripts({json.dumps(worker)});\n")
