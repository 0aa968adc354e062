from collections.abc import Iterator
from typing import Any

import rjsmin  # type: ignore[import-untyped]
from django.core.files import File
from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

OWN = ("tasks/", "realtime/")


class StaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Hashed names for everything, also for the modules that a module imports. Our own modules go without the comments
    and the space that are for people: that is a third of their bytes.
    """

    support_js_module_import_aggregation = True
    max_post_process_passes = 20  # a pass for each level of imports; more than 20 levels would be a circle

    def _save(self, name: str, content: File) -> str:
        if is_own_module(name):
            content.seek(0)
            content = ContentFile(rjsmin.jsmin(content.read().decode()).encode())
        saved: str = super()._save(name, content)
        return saved

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        """Looks for imports in the modules as they are here, not in the comments of their sources."""
        here = {name: (self, name) if is_own_module(name) else found for name, found in paths.items()}
        yield from super().post_process(here, dry_run, **options)


def is_own_module(name: str) -> bool:
    return name.startswith(OWN) and name.endswith(".js")
