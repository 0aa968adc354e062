"""`?due=`: words for the days on which a task is due, as the person sees them."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from tasks.items.days import FARTHEST, Window, with_days
from tasks.recurrence.due import today_in

SPANS = {"today": (0, 0), "tomorrow": (1, 1), "week": (0, 6), "month": (0, 28)}
"""Their first and last day, counted from today."""

WORDS = ("overdue", *SPANS, "none", "any")


def due_on(tasks: QuerySet[Any], words: Collection[str], zone: str) -> QuerySet[Any]:
    """The tasks to which any of the words applies."""
    today = today_in(zone, timezone.now())
    if {"overdue", *SPANS} & set(words):
        last = max(SPANS[word][1] for word in {"today", *words} & set(SPANS))
        tasks = with_days(tasks, Window(today, today + timedelta(days=last)), zone)
    condition = Q()
    for word in words:
        condition |= _condition(word, today)
    return tasks.filter(condition)


def _condition(word: str, today: date) -> Q:
    """The date is named beside the day: unlike that, it is in indexes."""
    if word in {"none", "any"}:
        return Q(due_date__isnull=word == "none")
    if word == "overdue":
        return Q(due_date__lt=today + FARTHEST, day__lt=today)
    first, last = (today + timedelta(days=number) for number in SPANS[word])
    return Q(due_date__range=Window(first, last).widened(), day__range=(first, last))
