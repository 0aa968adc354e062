"""The signals of live models. All are sent inside the transaction of the write, with the row locked.

The sender is always the concrete model, also where a proxy was written.
"""

from typing import Any

from django.db import models
from django.db.models.signals import ModelSignal, post_delete

saved = ModelSignal(use_caching=True)
"""Sent with `instance`, `previous` (the row as it was; None where it was created) and `using`."""

written = ModelSignal(use_caching=True)
"""Sent once for each write, after `saved` of its rows, with `changes` (pairs of `instance` and `previous`) and `using`.
For what is kept beside the rows, and costs less for many of them at once."""

deleted = ModelSignal(use_caching=True)
"""Sent with `instance` (its last state), `origin` (the instance or queryset whose delete() was called) and `using`."""


def model_of(origin: models.Model | models.QuerySet[Any]) -> type[Any]:
    """The model on whose instance or queryset `delete()` was called; the other rows were deleted by cascade."""
    return origin.model if isinstance(origin, models.QuerySet) else type(origin)


def relay_deletions(model: type[Any]) -> None:
    """Makes each `post_delete` of Django's for `model` send `deleted`, too."""
    post_delete.connect(_relay, sender=model, dispatch_uid="realtime.events.signals")


def _relay(sender: type[Any], instance: Any, origin: Any, using: str, **kwargs: Any) -> None:
    deleted.send(sender=sender._meta.concrete_model, instance=instance, origin=origin, using=using)
