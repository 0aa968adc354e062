"""Which tasks a text finds, and how well."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db.models import Case, IntegerField, QuerySet, Value, When

from tasks.items.models import Task
from tasks.lists.access import in_lists
from tasks.search.models import SearchEntry

MOST_RANKED = 2_000
"""Results. Of more, the newest tasks are taken: the first letters of a word may match every task there is."""


def find(text: str, list_ids: Collection[UUID], among: QuerySet[Task] | None = None) -> QuerySet[Any]:
    """The entries of the newest tasks in these lists that match `text`, each with its `rank`: the best have the least.
    `among` restricts the tasks.

    Open tasks stand before completed ones; then those with the whole words in the title, with words in it that begin
    so, and with words in labels and notes; of equal ones the newest.
    """
    found = SearchEntry.objects.filter(in_lists(list_ids), words__matches=text)
    if among is not None:
        found = found.filter(task__in=among.order_by())
    place = Case(
        When(title__matches_whole=text, then=Value(0)), When(title__matches=text, then=Value(1)), default=Value(2)
    )
    after_open = Case(When(is_open=True, then=Value(0)), default=Value(3), output_field=IntegerField())
    ranked: QuerySet[Any] = found.annotate(rank=after_open + place).order_by("-id")[:MOST_RANKED]
    return ranked
