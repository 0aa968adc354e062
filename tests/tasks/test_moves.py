"""The order that people choose: there is always room, and few others move."""

import itertools
import threading
from typing import Any

import pytest
from django.db import connection

from tasks.core.positions import GAP, MAX_POSITION, between, spread
from tasks.lists.positioned import MOST_MOVED
from tasks.models import Section, Task, TaskList
from tests.tasks.answers import Api, People, error_fields, events_of, problem

pytestmark = [pytest.mark.django_db, pytest.mark.databases]


# The numbers


def insert(line: list[float], place: int) -> int:
    """As tasks.lists.positioned does it with rows; returns how many others were moved."""
    below, above = line[:place][-1:], line[place : place + 1]
    found = between(below[0] if below else None, above[0] if above else None)
    if found is not None:
        line.insert(place, found)
        return 0
    reach = 2
    while True:
        start, end = max(0, place - reach), min(len(line), place + reach)
        low = line[start - 1] if start else None
        high = line[end] if end < len(line) else None
        positions = spread(low, high, end - start + 1)
        if positions is not None:
            line[start:end] = positions
            return end - start
        reach *= 2


FEW = [GAP * number for number in range(1, 101)]


@pytest.mark.parametrize(
    ("line", "place", "times"),
    [
        (FEW, 50, 100_000),
        (FEW, -50, 5_000),
        (FEW, 0, 5_000),
        ([5.0] * 100, 50, 5_000),
        ([MAX_POSITION] * 100, 100, 5_000),
        ([GAP, MAX_POSITION], -1, 5_000),
        ([-MAX_POSITION, 0.0], 0, 5_000),
        ([-1e308, 1e308], 1, 5_000),
    ],
)
def test_a_hundred_thousand_go_to_the_same_place(line: list[float], place: int, times: int) -> None:
    """From the front or from the end; all stay in order, within the bounds, and others are moved seldom."""
    line, moved = [*line], 0
    for _ in range(times):
        moved += insert(line, place if place >= 0 else len(line) + place)
    assert all(one < other for one, other in itertools.pairwise(line))
    assert line[0] >= -MAX_POSITION
    assert line[-1] <= MAX_POSITION
    assert moved < times * (0.5 if times > 5_000 else 5)


# The rows


@pytest.fixture
def line(shared: TaskList) -> list[Task]:
    tasks: list[Task] = Task.objects.bulk_create([Task(list=shared, title=title) for title in "abcdef"])
    return tasks


def titles(task_list: TaskList) -> str:
    return "".join(Task.objects.filter(list=task_list).values_list("title", flat=True))


def test_a_task_goes_before_or_behind_another_one(api: Api, people: People, shared: TaskList, line: list[Task]) -> None:
    a, b, c, d, e, f = (str(task.pk) for task in line)
    bob = api(people["bob"])
    for task, where, expected in (
        (f, {"before": a}, "fabcde"),
        (a, {"after": c}, "fbcade"),
        (b, {}, "fcadeb"),
        (b, {"after": e, "before": a}, "fcadeb"),
        (e, {"after": f, "before": c}, "fecadb"),
    ):
        response = bob.post(f"/api/tasks/{task}/move", where)
        assert response.status_code == 200
        assert titles(shared) == expected
    assert events_of(f"list.{shared.pk}").count("task.updated") == 4  # the fourth was there already
    assert response.json() == bob.get(f"/api/tasks/{e}").json()
    assert d


def test_a_neighbour_that_is_gone(api: Api, people: People, shared: TaskList, line: list[Task]) -> None:
    """The other one says the place; without one it is refused."""
    a, b, c, d, *_ = line
    gone = str(b.pk)
    b.delete()
    bob = api(people["bob"])
    assert bob.post(f"/api/tasks/{d.pk}/move", {"after": gone, "before": str(c.pk)}).status_code == 200
    assert titles(shared) == "adcef"
    foreign = Task.objects.create(list=TaskList.objects.create(name="x", owner=people["bob"]), title="x")
    for wrong in (gone, str(foreign.pk), str(a.pk)):
        assert error_fields(bob.post(f"/api/tasks/{a.pk}/move", {"after": wrong})) == {"after"}
    assert error_fields(bob.post(f"/api/tasks/{a.pk}/move", {"before": "x"})) == {"before"}


def test_a_task_goes_to_a_place_of_another_list_section_and_task(
    api: Api, people: People, shared: TaskList, line: list[Task]
) -> None:
    other = TaskList.objects.create(name="Other", owner=people["alice"])
    section = Section.objects.create(list=other, name="Later")
    x, y = (Task.objects.create(list=other, title=title) for title in "xy")
    alice = api(people["alice"])
    where = {"list": str(other.pk), "section": str(section.pk), "after": str(x.pk)}
    moved = alice.post(f"/api/tasks/{line[1].pk}/move", where).json()
    assert (moved["list"], moved["section"], titles(other)) == (str(other.pk), str(section.pk), "xby")
    below = alice.post(f"/api/tasks/{line[2].pk}/move", {"parent": str(y.pk), "before": str(x.pk)}).json()
    assert (below["parent"], below["list"], titles(other)) == (str(y.pk), str(other.pk), "cxby")
    again = alice.post(f"/api/tasks/{line[2].pk}/move", {"parent": None, "section": str(section.pk)}).json()
    assert (again["parent"], again["section"], titles(other)) == (None, str(section.pk), "xbyc")
    problem(api(people["bob"]).post(f"/api/tasks/{line[0].pk}/move", {"list": str(other.pk)}), 400)


@pytest.mark.parametrize("position", [5.0, MAX_POSITION, -MAX_POSITION])
def test_where_there_is_no_room_a_few_others_move(
    position: float, api: Api, people: People, shared: TaskList, line: list[Task]
) -> None:
    """With events for these. Behind a task at the bound, too."""
    Task.objects.update(position=position)
    order = [*Task.objects.values_list("title", flat=True)]
    first, *_, last = Task.objects.all()
    before = len(events_of(f"list.{shared.pk}"))
    bob = api(people["bob"])
    assert bob.post(f"/api/tasks/{first.pk}/move", {"after": str(last.pk)}).status_code == 200
    order.append(order.pop(0))
    assert titles(shared) == "".join(order)
    second = Task.objects.all()[1]
    assert bob.post(f"/api/tasks/{first.pk}/move", {"before": str(second.pk)}).status_code == 200
    order.insert(1, order.pop())
    assert titles(shared) == "".join(order)
    positions = [*Task.objects.values_list("position", flat=True)]
    assert max(map(abs, positions)) <= MAX_POSITION
    assert 2 <= len(events_of(f"list.{shared.pk}")) - before <= 8


@pytest.mark.parametrize("position", [5.0, MAX_POSITION])
def test_where_hundreds_stand_at_one_position_few_are_moved(
    position: float, api: Api, people: People, shared: TaskList, line: list[Task]
) -> None:
    """Else a client that has put thousands there would have them all moved by the next request, one by one."""
    rows = [Task(list=shared, title="x", position=position) for _ in range(MOST_MOVED + 200)]
    first, second, *_ = sorted(row.pk for row in Task.objects.bulk_create(rows))[MOST_MOVED // 2 + 50 :]
    alice, before = api(people["alice"]), len(events_of(f"list.{shared.pk}"))
    made = alice.post("/api/tasks", {"title": "y", "list": str(shared.pk)}).json()
    assert made["position"] >= position
    assert alice.post(f"/api/tasks/{first}/move", {"after": str(second)}).status_code == 200
    assert len(events_of(f"list.{shared.pk}")) - before <= 2
    assert alice.post(f"/api/tasks/{line[0].pk}/move", {"after": str(line[1].pk)}).status_code == 200
    assert titles(shared).replace("x", "").replace("y", "") == "bacdef"


def test_sections_have_an_order_too(api: Api, people: People, shared: TaskList) -> None:
    bob = api(people["bob"])
    a, b, c = (bob.post("/api/sections", {"list": str(shared.pk), "name": name}).json()["id"] for name in "abc")
    assert bob.post(f"/api/sections/{c}/move", {"before": a}).status_code == 200
    assert bob.post(f"/api/sections/{a}/move", {"after": b}).status_code == 200
    found = bob.get(f"/api/sections?list={shared.pk}").json()["results"]
    assert [row["name"] for row in found] == ["c", "b", "a"]
    problem(api(people["carol"]).post(f"/api/sections/{a}/move", {}), 403)
    assert error_fields(bob.post(f"/api/sections/{a}/move", {"before": str(shared.pk)})) == {"before"}


@pytest.mark.django_db(transaction=True)
def test_people_move_tasks_at_the_same_time(api: Api, people: People, shared: TaskList, line: list[Task]) -> None:
    """All to one place: each has a position of its own in the end, and nothing is answered with 500."""
    Task.objects.update(position=7.0)
    start, answers = threading.Barrier(4), []

    def run(number: int) -> None:
        client: Any = api(people["alice" if number % 2 else "bob"])
        start.wait()
        try:
            for round_ in range(6):
                task = line[1 + (number + round_) % 5]
                answers.append(client.post(f"/api/tasks/{task.pk}/move", {"after": str(line[0].pk)}))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {200}
    positions = [*Task.objects.values_list("position", flat=True)]
    assert len(set(positions)) == len(line)
    assert Task.objects.first() == line[0]
