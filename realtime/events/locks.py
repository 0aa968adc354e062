"""Row locks of live models, always taken from parents to children and in the order of keys.

On SQLite there is nothing to lock: a transaction that writes is alone.
"""

from collections.abc import Collection, Iterable
from typing import Any

from django.db import connections, models

moving_parents: dict[type[models.Model], str] = {}
"""For each model whose rows are in the stream of their parent: the name of the foreign key. See `registry`."""

live_models: list[type[models.Model]] = []
"""All concrete live models and their proxies."""


def lock_parents(model: type[models.Model], keys: Iterable[Any], alias: str) -> None:
    """Locks the rows with these keys, to which rows of `model` belong, so that they stay in their stream."""
    name = moving_parents.get(model._meta.concrete_model or model)
    wanted = {key for key in keys if key is not None}
    if name is None or not wanted or not connections[alias].features.has_select_for_update:
        return
    parent: Any = model._meta.get_field(name).related_model
    rows = parent._base_manager.using(alias).filter(pk__in=wanted)
    if grandparent := moving_parents.get(parent):
        lock_parents(parent, rows.values_list(f"{grandparent}_id", flat=True), alias)
    list(rows.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))


def lock_parents_of(model: type[models.Model], rows: Any, alias: str) -> None:
    """Locks the parents of the rows of a queryset."""
    if name := moving_parents.get(model._meta.concrete_model or model):
        lock_parents(model, list(rows.order_by().values_list(f"{name}_id", flat=True).distinct()), alias)


def lock_cascade(model: type[models.Model], keys: Collection[Any], alias: str) -> None:
    """Locks the live rows that a deletion cascades to.

    Django reads them, then deletes them by their keys: a row that is moved away in between would be lost, and nobody in
    its new stream would be told.
    """
    if not keys or not connections[alias].features.has_select_for_update:
        return
    for relation in model._meta.related_objects:
        child: Any = relation.related_model
        if relation.on_delete is models.CASCADE and child in live_models:
            rows = child._base_manager.using(alias).select_for_update().filter(**{f"{relation.field.name}__in": keys})
            lock_cascade(child, list(rows.order_by("pk").values_list("pk", flat=True)), alias)
