"""The capabilities, lowest layer first. URLs, the app's start and the admin loop over them."""

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

CAPABILITIES = (
    "accounts", "lists", "labels", "sections", "places", "items", "reminders", "history", "notes",
    "bulk", "search", "agenda", "saved_filters", "quick_add", "sync",
)  # fmt: skip


def modules_named(name: str) -> Iterator[ModuleType]:
    """The module `name` of each capability that has one, e.g. each `urls`. Imports them."""
    for capability in CAPABILITIES:
        path = f"tasks.{capability}.{name}"
        if find_spec(path):
            yield import_module(path)
