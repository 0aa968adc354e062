"""Rules that a task may not have, how they are shown, and the preview of what they give."""

from datetime import date, timedelta
from typing import Any

import pytest

from tasks.models import Task, User
from tests.tasks.answers import Api, error_fields, problem
from tests.tasks.rent import FRIDAY, FRIDAYS
from tests.tasks.test_recurring_tasks import complete

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("rule", ["nonsense", "FREQ=SECONDLY", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "x" * 200])
def test_a_bad_row_stops_nothing(rule: str, rent: Task, api: Api, alice: User) -> None:
    """It is shown, and can be completed; it does not come again."""
    Task.objects.filter(pk=rent.pk).update(recurrence=rule, recurrence_anchor="nonsense", due_zone="Mars/Olympus")
    assert api(alice).get("/api/tasks").json()["results"][0]["recurrence"] == rule
    preview = api(alice).get(f"/api/tasks/{rent.pk}/occurrences")
    assert (preview.status_code, preview.json()["occurrences"]) == (200, [])
    assert api(alice).patch(f"/api/tasks/{rent.pk}", {"completed": True}).status_code == 200
    assert Task.objects.count() == 1


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("FREQ=SECONDLY", "once a day"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "None of the months"),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=MO", "no other date"),
        ("FREQ=DAILY;BYMONTHDAY=" + ",".join(["1"] * 10_000), "255"),
        ("every friday", "FREQ=WEEKLY"),
        ("", "blank"),
        (7, "text"),
    ],
)
def test_rules_that_are_refused(rule: Any, said: str, rent: Task, api: Api, alice: User) -> None:
    for answer in (
        api(alice).patch(f"/api/tasks/{rent.pk}", {"recurrence": rule}),
        api(alice).post("/api/tasks", {"title": "x", "due_date": "2095-01-07", "recurrence": rule}),
    ):
        assert said in " ".join(problem(answer, 400)["errors"]["recurrence"])


def test_a_rule_needs_a_date(rent: Task, api: Api, alice: User) -> None:
    assert error_fields(api(alice).post("/api/tasks", {"title": "x", "recurrence": "FREQ=DAILY"})) == {"recurrence"}
    nothing = {"due_date": None, "due_time": None, "due_zone": None}
    assert error_fields(api(alice).patch(f"/api/tasks/{rent.pk}", nothing)) == {"due_date"}
    assert api(alice).patch(f"/api/tasks/{rent.pk}", {**nothing, "recurrence": None}).status_code == 200


def test_the_rule_as_it_is_stored_and_said(rent: Task, api: Api, alice: User) -> None:
    """Without what may be left out; in words beside it. Nothing but these two can be written by clients."""
    shown = api(alice).patch(f"/api/tasks/{rent.pk}", {"recurrence": " rrule:freq=weekly;byday=fr "}).json()
    assert (shown["recurrence"], shown["recurrence_text"]) == ("FREQ=WEEKLY;BYDAY=FR", "every Friday")
    shown = api(alice).patch(f"/api/tasks/{rent.pk}", {"recurrence_from": "completion"}).json()
    assert shown["recurrence_text"] == "every Friday after completion"
    assert error_fields(api(alice).patch(f"/api/tasks/{rent.pk}", {"recurrence_from": "now"})) == {"recurrence_from"}
    read_only = {"recurrence_text": "x", "recurrence_anchor": "2095-01-01"}
    assert error_fields(api(alice).patch(f"/api/tasks/{rent.pk}", read_only)) == set(read_only)


def test_the_admin_checks_a_rule(rent: Task) -> None:
    rent.recurrence = "FREQ=DAILY;INTERVAL=7;BYDAY=MO"
    with pytest.raises(Exception, match="no other date"):
        rent.full_clean()


def test_preview(rent: Task, api: Api, alice: User, dora: User) -> None:
    """The ten that follow, or as many as are asked for; over the change of the clocks, in the words of the reader."""
    shown = api(alice).get(f"/api/tasks/{rent.pk}/occurrences").json()
    assert (shown["recurrence"], shown["recurrence_text"]) == (FRIDAYS, "every 2nd Friday")
    assert [found["due_date"] for found in shown["occurrences"]] == [
        (FRIDAY + timedelta(weeks=2 * number)).isoformat() for number in range(1, 11)
    ]
    first = {"due_date": "2095-01-21", "due_time": "17:00:00", "due_zone": "Europe/Berlin"}
    assert shown["occurrences"][0] == {**first, "at": "2095-01-21T16:00:00Z"}
    assert shown["occurrences"][-1]["at"] == "2095-05-27T15:00:00Z"
    few = api(alice).get(f"/api/tasks/{rent.pk}/occurrences?count=2", headers={"Accept-Language": "de-DE,de;q=0.9"})
    assert (len(few.json()["occurrences"]), few.json()["recurrence_text"]) == (2, "jeden 2. Freitag")
    assert complete(rent).due_date == date(2095, 1, 21)
    problem(api(dora).get(f"/api/tasks/{rent.pk}/occurrences"), 404)


@pytest.mark.parametrize("query", ["count=0", "count=101", "count=x", "count=", "count=²", "number=3"])
def test_parameters_of_the_preview(query: str, rent: Task, api: Api, alice: User) -> None:
    assert error_fields(api(alice).get(f"/api/tasks/{rent.pk}/occurrences?{query}")) == {query.partition("=")[0]}


def test_a_task_that_does_not_recur_has_no_preview(milk: Task, api: Api, alice: User) -> None:
    shown = api(alice).get(f"/api/tasks/{milk.pk}/occurrences").json()
    assert shown == {"recurrence": None, "recurrence_text": None, "occurrences": []}
