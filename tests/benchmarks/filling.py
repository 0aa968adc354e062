"""A process that fills the database with tasks in lists of its first person, without events: they are history.

python -m tests.benchmarks.filling TASKS LISTS [NOTES]: of so many words, 11 by default, and 0 for no notes
"""

import sys
from collections.abc import Iterator
from datetime import timedelta
from itertools import accumulate
from random import Random
from typing import Any

BATCH = 5_000

TITLE = 5
"""Words."""


def main() -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.db.models import QuerySet

    from tasks.models import Task, TaskList, User

    total, number_of_lists, notes = (*map(int, sys.argv[1:]), 11)[:3]
    person = User.objects.order_by("pk").first()
    lists = [TaskList.objects.create(name=f"List {number}", owner=person) for number in range(number_of_lists)]
    rows = tasks(total, lists, notes)
    for _ in range(0, total, BATCH):
        QuerySet(Task).bulk_create(
            [row for _, row in zip(range(BATCH), rows, strict=False)]
        )  # a plain queryset: no events
    call_command("reindex_search", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def tasks(total: int, lists: list[Any], notes: int) -> Iterator[Any]:
    """Titles and notes of words of which a few are in most tasks, and most in few; a third done, half with a date."""
    from django.utils import timezone

    from tasks.models import Task

    random, now = Random(11), timezone.now()
    vocabulary = words(random)
    weights = list(accumulate(1 / rank for rank in range(1, len(vocabulary) + 1)))
    for number in range(total):
        chosen = random.choices(vocabulary, cum_weights=weights, k=TITLE + notes)
        yield Task(
            list=lists[number % len(lists)],
            title=" ".join(chosen[:TITLE]),
            notes=" ".join(chosen[TITLE:]),
            position=1024.0 * number,
            priority=random.randrange(5),
            due_date=now.date() + timedelta(days=random.randrange(-20, 300)) if random.random() < 0.5 else None,
            completed_at=now if random.random() < 0.35 else None,
        )


def words(random: Random, count: int = 5_000) -> list[str]:
    syllables = [first + second for first in "bcdfghklmnprstvw" for second in "aeiou"]
    return ["".join(random.choices(syllables, k=random.randrange(2, 5))) for _ in range(count)]


if __name__ == "__main__":
    main()
