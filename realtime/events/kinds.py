"""A kind: what the rows of a live model are called on the wire, which stream they are in, and how they are shown."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from django.db import models

from realtime.events.database import log_alias
from realtime.events.live_model import LiveModel
from realtime.events.publishing import publish


class Change(NamedTuple):
    """What an event tells. `row`: after the change, or its last state; `previous`: the row before an update."""

    action: Literal["created", "updated", "deleted"]
    row: Any
    previous: Any = None


def deleted_payload(row: LiveModel) -> dict[str, Any]:
    """What the event of a deletion carries."""
    return {"id": row.pk, "version": row.version}


def no_effects(change: Change) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """A kind as it was registered, see `registry.register()`."""

    name: str
    model: type[LiveModel]
    fields: tuple[str, ...]
    represent: Callable[[Any], Mapping[str, Any]]
    parent: str | None
    stream: Callable[[Any], str | None] | None
    rows: Callable[[Collection[str]], models.QuerySet[Any]] | None
    effects: Callable[[Change], Mapping[str, Any]]

    @property
    def parent_kind(self) -> "Kind | None":
        return None if self.parent is None else kinds_of(related_model(self.model, self.parent))[0]

    def stream_of(self, row: Any, alias: str) -> str | None:
        """The stream that `row` is in; None where nobody is told of it. The parent is read from the database."""
        if self.stream is not None:
            return self.stream(row)
        assert self.parent is not None  # noqa: S101 -- `register()` has seen to it
        parent_model = related_model(self.model, self.parent)
        parent = parent_model._base_manager.using(alias).filter(pk=getattr(row, f"{self.parent}_id")).first()
        return None if parent is None else kinds_of(parent_model)[0].stream_of(parent, alias)

    def rows_in(self, streams: Collection[str]) -> models.QuerySet[Any]:
        """The rows of `streams`, read where they are written."""
        if self.rows is not None:
            return self.rows(streams).using(log_alias())
        assert self.parent_kind is not None  # noqa: S101 -- `register()` has seen to it
        parents = self.parent_kind.rows_in(streams).order_by().values("pk")
        return self.model._default_manager.using(log_alias()).filter(**{f"{self.parent}__in": parents})

    def publish(self, stream: str | None, change: Change) -> None:
        """Adds the event of a change to `stream`."""
        if stream is not None:
            row = change.row
            gone = change.action == "deleted"
            data = deleted_payload(row) if gone else self.represent(row)
            publish(stream, f"{self.name}.{change.action}", data, **self.effects(change))

    def is_implied_by(self, origin: type[models.Model]) -> bool:
        """Whether clients that are told of a deleted row of `origin` know that this kind's rows are gone with it."""
        above = self.parent_kind
        return above is not None and (above.model is origin or above.is_implied_by(origin))


registered: dict[str, Kind] = {}
"""By name, in the order of registration. Filled by `registry`."""


def kinds() -> tuple[Kind, ...]:
    """All kinds, in the order of their registration."""
    return tuple(registered.values())


def kinds_of(model: type[models.Model]) -> list[Kind]:
    """The kinds of a model."""
    return [kind for kind in registered.values() if kind.model is model._meta.concrete_model]


def children_of(model: type[models.Model]) -> dict[type[LiveModel], list[Kind]]:
    """The kinds whose parents are rows of `model`, by their own model."""
    children: dict[type[LiveModel], list[Kind]] = {}
    for kind in registered.values():
        if kind.parent is not None and related_model(kind.model, kind.parent) is model._meta.concrete_model:
            children.setdefault(kind.model, []).append(kind)
    return children


def related_model(model: type[models.Model], name: str) -> type[Any]:
    """The concrete model that a foreign key refers to."""
    related: Any = model._meta.get_field(name).related_model
    concrete: type[Any] = related._meta.concrete_model
    return concrete
