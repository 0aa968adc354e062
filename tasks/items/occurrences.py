"""When a recurring task comes again, for a preview."""

from itertools import islice
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language_from_request
from rest_framework.exceptions import ValidationError
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from tasks.accounts.people import signed_in
from tasks.core.api.private import PrivateView
from tasks.core.representation import isoformat_utc
from tasks.core.text import number_in
from tasks.items.access import tasks_visible_to
from tasks.items.recurring import upcoming
from tasks.items.representation import recurrence_text
from tasks.recurrence.due import Due, today_in

MOST = 100


class OccurrencesView(PrivateView):
    """What comes after the task as it is, if it is completed now: the first is when the next one would be due."""

    parameters = ("count",)

    def get(self, request: Request, pk: str) -> Response:
        count = self.count(request)
        person = signed_in(request)
        task = get_object_or_404(tasks_visible_to(person), pk=pk)
        zone = task.due_zone if task.due_time else person.time_zone
        dues = upcoming(task, today=today_in(zone, timezone.now())) if task.recurrence else iter(())
        language = "de" if get_language_from_request(request._request).startswith("de") else "en"
        return Response(
            {
                "recurrence": task.recurrence,
                "recurrence_text": recurrence_text(task, language),
                "occurrences": [due_json(due) for due in islice(dues, count)],
            }
        )

    def count(self, request: Request) -> int:
        number = number_in(request.query_params.get("count", "10"), most=MOST)
        if number is None:
            raise ValidationError({"count": f"Must be between 1 and {MOST}."})
        return number


def due_json(due: Due) -> dict[str, Any]:
    """`at` is the moment of one with a time."""
    return {
        "due_date": due.day.isoformat(),
        "due_time": None if due.clock is None else due.clock.isoformat(),
        "due_zone": due.zone,
        "at": None if due.clock is None else isoformat_utc(due.moment()),
    }
