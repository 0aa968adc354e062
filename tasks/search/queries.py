"""Which tasks a text finds, and how well."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import connections
from django.db.models import BooleanField, Case, F, Func, IntegerField, Q, QuerySet, Subquery, Value, When

from tasks.items.models import Task
from tasks.search.models import SearchEntry

MOST_RANKED = 2_000
"""Results. Of more, the newest tasks are taken: the first letters of a word may match every task there is."""


def find(text: str, list_ids: Collection[UUID], among: QuerySet[Task] | None = None) -> QuerySet[Any]:
    """The entries of the newest tasks in these lists that match `text`, each with its `rank`: the best have the least.
    `among` restricts the tasks.

    Open tasks stand before completed ones; then those with the whole words in the title, with words in it that begin
    so, and with words in labels and notes; of equal ones the newest.
    """
    found = SearchEntry.objects.filter(words__matches=text, list__in=list_ids)
    if among is not None:
        found = found.filter(task__in=among.order_by())
    place = Case(
        When(title__matches_whole=text, then=Value(0)), When(title__matches=text, then=Value(1)), default=Value(2)
    )
    after_open = Case(When(is_open=True, then=Value(0)), default=Value(3), output_field=IntegerField())
    # First the newest, then their ranks: a rank costs more than a match, and a letter may match every fifth task.
    newest = found.order_by("-id").values("pk")[:MOST_RANKED]
    ranked: QuerySet[Any] = SearchEntry.objects.filter(_are(newest)).annotate(rank=after_open + place).order_by("-id")
    return ranked


class _Ids(Subquery):
    empty_result_set_value = NotImplemented  # a text that matches nothing by itself finds nothing, instead of NULL


def _are(newest: QuerySet[Any]) -> Any:
    """The condition that an entry is one of these. For an IN, PostgreSQL reads the whole table beside a thousand ids;
    an array it looks up one by one."""
    if connections[newest.db].vendor != "postgresql":
        return Q(pk__in=newest)
    ids = _Ids(newest)
    return Func(F("pk"), ids, template="%(expressions)s)", arg_joiner=" = ANY(ARRAY", output_field=BooleanField())
