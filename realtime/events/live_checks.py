"""Writes of live models that would send no event, found before they happen."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage, Error, Warning
from django.db import models, router

from realtime.events.database import log_alias
from realtime.events.live_model import LiveModel
from realtime.events.live_queryset import LiveQuerySet


def check_live_models(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Looks at the managers, the inheritance, the database and the many-to-many fields of each live model."""
    live_models = [model for model in apps.get_models() if issubclass(model, LiveModel)]
    return [message for model in live_models for message in check_live_model(model)]


def check_live_model(model: type[LiveModel]) -> Iterator[CheckMessage]:
    yield from _check_managers(model)
    if any(issubclass(parent, LiveModel) for parent in model._meta.parents) and not model._meta.proxy:
        yield Error(
            "A live model can't inherit the table of another one: the parent's events would not tell of it.",
            hint="Inherit from an abstract model, or relate the two by a OneToOneField.",
            obj=model,
            id="realtime.E007",
        )
    if (alias := router.db_for_write(model)) != (expected := log_alias()):
        yield Error(
            f"It is written to the database {alias!r}, but the event log is in {expected!r}.",
            hint="A change and its event have to commit together: let the router's db_for_write() name one for both.",
            obj=model,
            id="realtime.E006",
        )
    for relation in model._meta.concrete_fields:
        if relation.remote_field is not None and _changes_silently(relation.remote_field.on_delete):
            yield Error(
                f"When what {relation.name} refers to is deleted, Django changes the row without telling.",
                hint="Use SET_NULL, or SET() with a value that is not callable: these are told.",
                obj=model,
                id="realtime.E009",
            )
    for field in model._meta.many_to_many:
        through: Any = field.remote_field.through
        if not issubclass(through, LiveModel) and field.name not in model.silent_fields:
            yield Warning(
                f"No event is sent when {field.name} changes: its table is not of a live model.",
                hint=f"Give it a live model as `through`, or name {field.name!r} in `silent_fields`.",
                obj=model,
                id="realtime.W004",
            )


def _changes_silently(on_delete: Any) -> bool:
    """SET_DEFAULT and SET(callable): Django reads these rows first, and then updates them past the manager."""
    known = (models.CASCADE, models.PROTECT, models.RESTRICT, models.DO_NOTHING)
    return on_delete not in known and not getattr(on_delete, "lazy_sub_objs", False)


def _check_managers(model: type[LiveModel]) -> Iterator[CheckMessage]:
    base = model._base_manager
    managers: list[models.Manager[models.Model]] = [*model._meta.managers, base]
    for manager in dict.fromkeys(managers):
        if not isinstance(manager.get_queryset(), LiveQuerySet):
            yield Error(
                f"The bulk writes of its manager {manager.name!r} send no events.",
                hint="Make it a LiveManager, or the as_manager() of a subclass of LiveQuerySet; inherit LiveModel "
                "before other models.",
                obj=model,
                id="realtime.E005",
            )
    query = base.get_queryset().query
    if query.where or query.is_sliced:
        yield Error(
            f"Its base manager {base.name!r} hides rows, which then can't be saved, and change without an event.",
            hint="Let `objects` show all rows, and give the filtered manager another name.",
            obj=model,
            id="realtime.E005",
        )
