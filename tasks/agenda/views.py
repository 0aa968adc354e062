"""What a person has to do, over all lists that they may read and that are not archived."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from tasks.accounts.people import signed_in
from tasks.agenda.filters import AgendaFilter, UpcomingFilter
from tasks.core.api.filters import StrictFilterBackend
from tasks.items.access import ReachView
from tasks.items.days import FARTHEST, Window, with_days
from tasks.items.models import Task
from tasks.items.pagination import TaskPagination
from tasks.items.representation import task_json
from tasks.recurrence.due import today_in

DAYS = 7
"""How many Upcoming shows, unless it is asked for others."""

BY_DAYS = ("day", "due_time", "-priority", "position", "id")


class AgendaView(ReachView, GenericAPIView):
    """Open tasks in pages, each with the day on which it is due for the person: `days`, by id. `?time_zone=`, and most
    filters of tasks. A subclass says which tasks, and in which order.
    """

    filter_backends = [StrictFilterBackend]
    filterset_class = AgendaFilter
    pagination_class = TaskPagination

    cleaned: Mapping[str, Any]

    def get_queryset(self) -> QuerySet[Task]:
        return self.current_tasks().filter(completed_at__isnull=True)

    def get(self, request: Request) -> Response:
        tasks = self.filter_queryset(self.get_queryset())
        self.zone = self.cleaned.get("time_zone") or signed_in(request).time_zone
        self.today = today_in(self.zone, timezone.now())
        page: list[Any] = self.paginate_queryset(self.chosen(tasks)) or []
        response = self.get_paginated_response([task_json(task) for task in page])
        days = {str(task.pk): task.day.isoformat() for task in page if task.day is not None}
        response.data |= {"days": days, "today": self.today.isoformat(), "time_zone": self.zone}
        return response

    def chosen(self, tasks: QuerySet[Task]) -> QuerySet[Task]:
        """Those of the open tasks that the view shows, with `day`, in its order."""
        raise NotImplementedError

    def due_until(self, tasks: QuerySet[Task], last: date, *, first: date) -> QuerySet[Any]:
        """With days that are exact from `first` on; by days, those with a time first, then by priority."""
        near = tasks.filter(due_date__lte=last + FARTHEST)  # the date is in an index, the day is not
        return with_days(near, Window(first, last), self.zone).filter(day__lte=last).order_by(*BY_DAYS)


class TodayView(AgendaView):
    """Late tasks, and then those of today."""

    def chosen(self, tasks: QuerySet[Task]) -> QuerySet[Task]:
        return self.due_until(tasks, self.today, first=self.today - timedelta(days=1))


class UpcomingView(AgendaView):
    """The tasks of `?days=` days, from `?from=` on; seven from today, if they are not given."""

    filterset_class = UpcomingFilter

    def chosen(self, tasks: QuerySet[Task]) -> QuerySet[Task]:
        first: date = self.cleaned.get("from") or self.today
        last = first + timedelta(days=(self.cleaned.get("days") or DAYS) - 1)
        near = tasks.filter(due_date__gte=first - FARTHEST)
        return self.due_until(near, last, first=first).filter(day__gte=first)


class AssignedView(AgendaView):
    """What is assigned to the person: what is due, by days, and then the rest."""

    def chosen(self, tasks: QuerySet[Task]) -> QuerySet[Task]:
        mine = tasks.filter(assignee=signed_in(self.request))
        around = Window(self.today - timedelta(days=1), self.today + timedelta(days=DAYS))
        return with_days(mine, around, self.zone).order_by(*BY_DAYS)
