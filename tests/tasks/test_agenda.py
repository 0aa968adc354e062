"""Today, Upcoming and Assigned: on the days that the person sees, over the lists that they may read."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from tasks.items.days import Window, with_days
from tasks.models import EVERYONE_ID, Task, TaskList, User
from tests.tasks.answers import Api, People, error_fields

pytestmark = [pytest.mark.django_db, pytest.mark.databases]

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """Monday, at noon in Greenwich."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    return NOW


def due(
    task_list: TaskList, title: str, day: str | None, at: str | None = None, zone: str | None = None, **more: Any
) -> Task:
    task: Task = Task.objects.create(
        list=task_list,
        title=title,
        due_date=day and date.fromisoformat(day),
        due_time=at and time.fromisoformat(at),
        due_zone=zone,
        **more,
    )
    return task


def titles(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["title"] for row in answer.json()["results"]]


def test_today_has_what_is_overdue_first(api: Api, people: People, shared: TaskList) -> None:
    """Then today's: those with a time, then by priority. Not what is completed, later, or without a day."""
    due(shared, "today", "2026-03-02")
    due(shared, "today, urgent", "2026-03-02", priority=4)
    due(shared, "today at nine", "2026-03-02", "09:00", "UTC")
    due(shared, "yesterday", "2026-03-01")
    due(shared, "long ago", "0001-01-01")
    due(shared, "tomorrow", "2026-03-03")
    due(shared, "done", "2026-03-02", completed_at=NOW)
    due(shared, "some day", None)
    answer = api(people["alice"]).get("/api/today")
    assert titles(answer) == ["long ago", "yesterday", "today at nine", "today, urgent", "today"]
    body = answer.json()
    assert (body["today"], body["time_zone"]) == ("2026-03-02", "UTC")
    assert [body["days"][row["id"]] for row in body["results"]][-2:] == ["2026-03-02"] * 2
    assert {"epoch", "positions", "next_cursor"} <= body.keys()


CASES = [
    # due, and on which day for whom
    (("2026-03-02", "23:00", "America/New_York"), {"Europe/Berlin": "2026-03-03", "America/New_York": "2026-03-02"}),
    (("2026-03-02", "01:00", "Asia/Tokyo"), {"Europe/Berlin": "2026-03-01", "Asia/Tokyo": "2026-03-02"}),
    (("2026-03-01", "23:30", "Pacific/Pago_Pago"), {"Pacific/Kiritimati": "2026-03-03", "UTC": "2026-03-02"}),
    (("2026-03-03", "00:30", "Pacific/Kiritimati"), {"Pacific/Pago_Pago": "2026-03-01", "UTC": "2026-03-02"}),
    (("2026-03-02", None, None), {"Pacific/Kiritimati": "2026-03-02", "Pacific/Pago_Pago": "2026-03-02"}),
    (("2026-03-02", None, "Asia/Tokyo"), {"America/New_York": "2026-03-02"}),
    # the clocks of New York change on 8 March, those of Berlin on the 29th
    (("2026-03-07", "18:30", "America/New_York"), {"Europe/Berlin": "2026-03-08"}),
    (("2026-03-08", "18:30", "America/New_York"), {"Europe/Berlin": "2026-03-08"}),
    (("2026-03-08", "19:00", "America/New_York"), {"Europe/Berlin": "2026-03-09"}),
    # midnight does not exist there on that day, and what would be at half past twelve is at half past one
    (("2026-04-24", "00:30", "Africa/Cairo"), {"Africa/Cairo": "2026-04-24", "UTC": "2026-04-23"}),
    (("2026-04-23", "22:30", "UTC"), {"Africa/Cairo": "2026-04-24"}),
    (("2026-04-23", "21:30", "UTC"), {"Africa/Cairo": "2026-04-23"}),
]  # fmt: skip


def test_the_day_is_the_viewers(api: Api, people: People, shared: TaskList) -> None:
    """In their setting, or the zone that they ask for; a date without a time is the same day everywhere."""
    alice = api(people["alice"])
    for (day, at, zone), views in CASES:
        Task.objects.filter(list=shared).delete()
        task = due(shared, "it", day, at, zone)
        for viewer, seen in views.items():
            for other in ((date.fromisoformat(seen) + timedelta(days=n)).isoformat() for n in (-2, -1, 0, 1, 2)):
                answer = alice.get("/api/upcoming", {"from": other, "days": "1", "time_zone": viewer})
                assert titles(answer) == (["it"] if other == seen else []), (day, at, zone, viewer, other)
            whole = alice.get("/api/upcoming", {"from": "2026-02-26", "days": "62", "time_zone": viewer}).json()
            assert whole["days"] == {str(task.pk): seen}
            User.objects.filter(pk=people["alice"].pk).update(time_zone=viewer)
            me = api(User.objects.get(pk=people["alice"].pk))
            for name, is_there in {"today": seen <= today_of(viewer), "assigned": False}.items():
                assert titles(me.get(f"/api/{name}")) == ["it"] * is_there


def today_of(zone: str) -> str:
    return NOW.astimezone(ZoneInfo(zone)).date().isoformat()


def moments() -> Iterator[tuple[date, time, str]]:
    random = Random(5)
    zones = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "UTC"]
    for _ in range(150):
        yield (
            date(2026, 3, 1) + timedelta(days=random.randrange(45)),
            time(random.randrange(24), 30),
            random.choice(zones),
        )


@pytest.mark.parametrize("viewer", ["America/Los_Angeles", "Australia/Lord_Howe", "Europe/Paris"])
def test_days_are_what_a_calendar_says(viewer: str, shared: TaskList) -> None:
    """For 150 moments around changes of the clocks: the date of the moment in the person's zone."""
    Task.objects.bulk_create(
        Task(list=shared, title=f"{day} {at} {zone}", due_date=day, due_time=at, due_zone=zone)
        for day, at, zone in moments()
    )
    window = Window(date(2026, 3, 1), date(2026, 4, 15))
    for task in with_days(Task.objects.filter(list=shared), window, viewer):
        moment = datetime.combine(task.due_date, task.due_time, ZoneInfo(task.due_zone))
        assert task.day == moment.astimezone(ZoneInfo(viewer)).date(), task.title


def test_a_row_with_a_zone_that_nobody_knows_stops_no_view(api: Api, people: People, shared: TaskList) -> None:
    """It stands on its own date."""
    task = due(shared, "odd", "2026-03-02", "23:00", "UTC", assignee=people["alice"])
    Task.objects.filter(pk=task.pk).update(due_zone="Mars/Olympus")
    alice = api(people["alice"])
    for path in ("today", "upcoming", "assigned", "tasks?due=today"):
        assert titles(alice.get(f"/api/{path}")) == ["odd"]


def test_upcoming_goes_by_days(api: Api, people: People, shared: TaskList) -> None:
    """Seven from today, or those that are asked for, page by page."""
    for number in range(12):
        due(shared, str(number), (date(2026, 3, 1) + timedelta(days=number)).isoformat())
    alice = api(people["alice"])
    assert titles(alice.get("/api/upcoming")) == [str(number) for number in range(1, 8)]
    assert titles(alice.get("/api/upcoming?from=2026-02-01&days=30")) == ["0", "1"]
    rows, cursor = [], ""
    while cursor is not None:
        answer = alice.get(f"/api/upcoming?limit=3{cursor and '&cursor=' + cursor}")
        rows += titles(answer)
        cursor = answer.json()["next_cursor"]
    assert rows == [str(number) for number in range(1, 8)]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("upcoming?from=2026-3-2", "from"),
        ("upcoming?from=2026-02-30", "from"),
        ("upcoming?from=9999-12-31", "from"),
        ("upcoming?from=0001-01-01", "from"),
        ("upcoming?from=%D9%A2026-03-02", "from"),
        ("upcoming?days=0", "days"),
        ("upcoming?days=63", "days"),
        ("upcoming?days=1e1", "days"),
        ("today?days=1", "days"),
        ("today?time_zone=Mars/Olympus", "time_zone"),
        ("today?time_zone=..%2F..%2Fetc%2Fpasswd", "time_zone"),
        ("today?time_zone=%00", "time_zone"),
        ("assigned?completed=false", "completed"),
        ("assigned?ordering=title", "ordering"),
        ("today?cursor=x", "cursor"),
        ("tasks?due=soon", "due"),
        ("tasks?due=today,", "due"),
        ("tasks?assignee=bob", "assignee"),
        ("tasks?assignee=99999999999999999999", "assignee"),
        ("tasks?parent=1", "parent"),
        ("tasks?label=a,,b", "label"),
        ("tasks?label=%00", "label"),
    ],
)
def test_what_is_refused(path: str, name: str, api: Api, alice: User) -> None:
    """400 that names the parameter."""
    assert error_fields(api(alice).get(f"/api/{path}")) == {name}


@pytest.mark.parametrize("zone", ["%20", "%20Europe/Berlin", "Europe/Berlin%09", "%0A"])
@pytest.mark.parametrize("path", ["today", "upcoming", "assigned"])
def test_spaces_around_a_zone(path: str, zone: str, api: Api, alice: User) -> None:
    """The name without them counts, for the days and in the answer; without a name it is the person's zone."""
    found = api(alice).get(f"/api/{path}?time_zone={zone}").json()["time_zone"]
    assert found == ("Europe/Berlin" if "Berlin" in zone else alice.time_zone)


def test_assigned_has_mine_and_nobody_elses(api: Api, people: People, shared: TaskList) -> None:
    """What is due by days, then the rest by priority."""
    mine: dict[str, Any] = {"assignee": people["bob"]}
    due(shared, "some day", None, **mine)
    due(shared, "urgent", None, priority=4, **mine)
    due(shared, "tomorrow", "2026-03-03", **mine)
    due(shared, "alice's", "2026-03-02", assignee=people["alice"])
    due(shared, "nobody's", "2026-03-02")
    due(shared, "done", "2026-03-02", completed_at=NOW, **mine)
    assert titles(api(people["bob"]).get("/api/assigned")) == ["tomorrow", "urgent", "some day"]
    assert titles(api(people["bob"]).get("/api/assigned?limit=2")) == ["tomorrow", "urgent"]
    assert titles(api(people["bob"]).get("/api/assigned?priority=urgent")) == ["urgent"]


def test_only_lists_that_one_may_read_and_that_are_not_archived(api: Api, people: People, shared: TaskList) -> None:
    """In the views, the search, and the filters."""
    due(shared, "shared", "2026-03-02", assignee=people["bob"])
    old = TaskList.objects.create(name="Old", owner=people["alice"], archived_at=NOW)
    due(old, "archived", "2026-03-02", assignee=people["alice"])
    due(TaskList.objects.get(pk=EVERYONE_ID), "common", "2026-03-02")
    seen = {name: titles(api(people[name]).get("/api/today")) for name in ("alice", "carol", "dora")}
    assert {name: set(found) for name, found in seen.items()} == {
        "alice": {"shared", "common"}, "carol": {"shared", "common"}, "dora": {"common"},
    }  # fmt: skip
    alice = api(people["alice"])
    assert titles(alice.get("/api/assigned")) == []
    assert titles(alice.get("/api/search?q=archived")) == []
    assert titles(alice.get("/api/tasks?search=archived")) == []
    assert titles(alice.get("/api/tasks?search=archived&list=")) == [], "which names no list"
    assert titles(alice.get(f"/api/tasks?search=archived&list={old.pk}")) == ["archived"]


@pytest.mark.parametrize("path", ["today", "upcoming", "assigned", "today?label=x&priority=high"])
def test_the_number_of_queries_is_fixed(
    path: str, api: Api, people: People, shared: TaskList, django_assert_num_queries: Any
) -> None:
    """Lists, zones, epoch and heads, and the page."""
    alice = api(people["alice"])
    alice.get("/api/sync")
    for count in (1, 20):
        for number in range(count):
            due(shared, str(number), "2026-03-02", "10:00", "Asia/Tokyo", assignee=people["alice"])
        with django_assert_num_queries(4):
            alice.get(f"/api/{path}")


# Filters of tasks


def test_due(api: Api, people: People, shared: TaskList) -> None:
    """Words for days, several of them together, in the person's zone."""
    for title, day in (("old", "2026-03-01"), ("now", "2026-03-02"), ("next", "2026-03-03"), ("week", "2026-03-08"),
                       ("later", "2026-03-09"), ("month", "2026-03-30"), ("spring", "2026-03-31")):  # fmt: skip
        due(shared, title, day)
    due(shared, "none", None)
    due(shared, "tokyo", "2026-03-03", "08:00", "Asia/Tokyo")
    due(shared, "first", "0001-01-01")
    due(shared, "last", "9999-12-31")
    alice = api(people["alice"])
    expected = {
        "overdue": {"old", "first"},
        "today": {"now", "tokyo"},
        "tomorrow": {"next"},
        "week": {"now", "next", "week", "tokyo"},
        "month": {"now", "next", "week", "later", "month", "tokyo"},
        "none": {"none"},
        "overdue,today": {"old", "now", "tokyo", "first"},
        "none,tomorrow": {"none", "next"},
        "any": {"old", "now", "next", "week", "later", "month", "spring", "tokyo", "first", "last"},
        "today&time_zone=Asia/Tokyo": {"now"},
        "tomorrow&time_zone=Asia/Tokyo": {"next", "tokyo"},
        "overdue&time_zone=Pacific/Kiritimati": {"old", "first", "now"},
        "today&ordering=-title": {"now", "tokyo"},
    }
    for words, found in expected.items():
        assert set(titles(alice.get(f"/api/tasks?due={words}"))) == found, words


def test_assignee_parent_and_section(api: Api, people: People, shared: TaskList) -> None:
    """By number, `me` and `none`, several of them; by id and `none`."""
    parent = due(shared, "alice's", None, assignee=people["alice"])
    due(shared, "bob's", None, assignee=people["bob"], parent=parent)
    due(shared, "nobody's", None)
    alice, bob = api(people["alice"]), people["bob"].pk
    expected = {
        "assignee=me": {"alice's"},
        f"assignee={bob}": {"bob's"},
        "assignee=none": {"nobody's"},
        f"assignee=me,{bob}": {"alice's", "bob's"},
        "assignee=none,me": {"alice's", "nobody's"},
        "assignee=9223372036854775807": set(),
        "assignee=-1": set(),
        f"parent={parent.pk}": {"bob's"},
        "parent=none": {"alice's", "nobody's"},
        "section=none": {"alice's", "bob's", "nobody's"},
        f"section={parent.pk}": set(),
    }
    for query, found in expected.items():
        assert set(titles(alice.get(f"/api/tasks?{query}"))) == found, query
