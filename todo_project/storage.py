from collections.abc import Iterator
from typing import Any

import rjsmin  # type: ignore[import-untyped]
from django.core.files import File
from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

from todo_project.bundling import bundled, inlined

OWN = ("tasks/", "realtime/")
APP = "tasks/app.js"
LATER = "tasks/later.js"
STYLES = ("tasks/css/app.css", "tasks/css/later.css")


class StaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Hashed names for everything, and the page in few files: its modules are bundled into two, and its style sheets.
    Our own modules go without the comments and the space that are for people: that is a third of their bytes.
    """

    support_js_module_import_aggregation = True

    def stored_name(self, name: str) -> str:
        """Before `collectstatic` has run, a file's own name."""
        stored: str = super().stored_name(name) if self.hashed_files else name
        return stored

    def _save(self, name: str, content: File) -> str:
        if is_own_module(name):
            content.seek(0)
            content = ContentFile(rjsmin.jsmin(content.read().decode()).encode())
        saved: str = super()._save(name, content)
        return saved

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        if not dry_run:
            paths = self._bundle(paths)
        yield from super().post_process(paths, dry_run, **options)

    def _bundle(self, paths: dict[str, Any]) -> dict[str, Any]:
        """Writes the bundles, and returns the files of which browsers get hashed copies: without the modules that are
        in a bundle, but for those that other pages may import.
        """

        def read(name: str) -> str:
            storage, path = paths[name]
            with storage.open(path) as file:
                text: str = file.read().decode()
                return text

        bundle = bundled(APP, read, later=LATER.rpartition("/")[2])
        styles = {name: inlined(name, read) for name in STYLES}
        for name, text in {APP: bundle.first, LATER: bundle.later, **styles}.items():
            self.delete(name)
            self._save(name, ContentFile(text.encode()))
        inside = {name for name in bundle.names if name.startswith("tasks/")}
        here = {name: (self, name) if is_own_module(name) else found for name, found in paths.items()}
        kept = {name: found for name, found in here.items() if name not in inside}
        return {**kept, **{name: (self, name) for name in (APP, LATER, *STYLES)}}


def is_own_module(name: str) -> bool:
    return name.startswith(OWN) and name.endswith(".js")
