"""Which of the files in the static folders are served, and what is said of a folder that is not as it should be."""

from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.test import RequestFactory

from tests.servers import ROOT
from todo_project.static_files import StaticFilesMiddleware
from todo_project.values import MANIFEST, static_root

HIDDEN = (".env", ".git/config", "tasks/.hidden/key.txt")


@pytest.mark.django_db  # the end of an answer looks at the database's connection
@pytest.mark.parametrize("are_collected", [True, False])
def test_what_is_hidden_is_not_served(settings: Any, tmp_path: Path, are_collected: bool) -> None:
    """Neither from the collected files nor from where they lie: a file or a folder whose name begins with a dot."""
    for name in ("tasks/app.js", *HIDDEN):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    settings.STATIC_ROOT, settings.STATICFILES_DIRS = (tmp_path, []) if are_collected else (None, [tmp_path])
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = not are_collected
    serve = StaticFilesMiddleware(lambda request: HttpResponse(status=404))
    found = {name: serve(RequestFactory().get(f"/static/{name}")) for name in ("tasks/app.js", *HIDDEN)}
    assert {name: response.status_code for name, response in found.items()} == {
        "tasks/app.js": 200,
        **dict.fromkeys(HIDDEN, 404),
    }
    for response in found.values():
        response.close()


def test_a_folder_that_is_not_filled_is_told(settings: Any, tmp_path: Path) -> None:
    """With the command that fills it. What an interrupted one left is no reason to serve half of the page."""
    settings.STATIC_ROOT = tmp_path
    assert "Run manage.py collectstatic." in _told()
    (tmp_path / MANIFEST).touch()
    assert "STATIC_ROOT" not in _told()
    settings.STATIC_ROOT = tmp_path / "to be made"
    assert "STATIC_ROOT" not in _told(), "nobody has asked for it"


def test_an_interrupted_collectstatic_is_told(tmp_path: Path) -> None:
    """Half of the files are not served as if they were all."""
    (tmp_path / "app.js").touch()
    with pytest.raises(ImproperlyConfigured, match="interrupted collectstatic has left: empty it, or name another"):
        static_root("STATIC_ROOT", str(tmp_path), base=ROOT)


def _told() -> str:
    return "\n".join(str(message) for message in run_checks())
