"""The ids that the next of a recurring task may have. Each replica finds the same ones, and nobody else can: who knew
one before the task exists could create something else under it.
"""

from collections.abc import Callable, Collection
from uuid import UUID, uuid4

from django.conf import settings
from django.utils.crypto import salted_hmac

MOST = 8
"""The first one is taken while a next task that somebody deleted is in the trash; then it is the second, and so on."""

PURPOSE = "tasks.items.next_ids"

Kept = Callable[[Collection[UUID]], set[UUID]]

_kept: list[Kept] = []


def register(kept: Kept) -> None:
    """`kept`: which of some ids are those of tasks that can be restored. To be called when the app is configured."""
    _kept.append(kept)


def next_ids(pk: UUID) -> list[UUID]:
    """All that the task after this one may have, also those that follow from an older SECRET_KEY."""
    return [_derived(pk, number, key) for key in _keys() for number in range(MOST)]


def free_id(pk: UUID) -> UUID:
    """The first that nothing in the trash has, for a task after which there is none yet."""
    ids = [_derived(pk, number, settings.SECRET_KEY) for number in range(MOST)]
    taken = {key for kept in _kept for key in kept(ids)}
    return next((key for key in ids if key not in taken), None) or uuid4()


def _keys() -> list[str]:
    return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]


def _derived(pk: UUID, number: int, key: str) -> UUID:
    digest = salted_hmac(PURPOSE, f"{pk} {number}", secret=key, algorithm="sha256").digest()
    return UUID(bytes=digest[:16], version=4)
