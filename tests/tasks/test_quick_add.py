"""Quick add over the API: a line becomes a task, with its labels, for a person and their rights."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from realtime.models import Event
from tasks.labels.models import MAX_NAME, Label
from tasks.models import EVERYONE_ID, Membership, Task, TaskList
from tasks.quick_add.sigils import LONGEST_LABEL
from tests.tasks.answers import Api, People, error_fields, events_of, problem

pytestmark = pytest.mark.django_db

URL = "/api/tasks/quick-add"
DRY = f"{URL}?dry_run=1"


@pytest.fixture
def home(people: People) -> TaskList:
    """A list of alice's, with bob."""
    home: TaskList = TaskList.objects.create(name="Big Home", owner=people["alice"])
    Membership.objects.create(list=home, user=people["bob"], role="editor")
    return home


def tomorrow(zone: str) -> str:
    return str(datetime.now(ZoneInfo(zone)).date() + timedelta(days=1))


def test_a_line_becomes_a_task(api: Api, people: People, home: TaskList) -> None:
    """All that it says, in one transaction: the new label's event comes first, and both name the person."""
    people["alice"].time_zone = "Asia/Kathmandu"
    people["alice"].save()
    known = Label.objects.create(list=home, name="Money")
    text = "Pay rent tomorrow 5pm #big home @bob !high *money *soon every month"
    response = api(people["alice"]).post(URL, {"text": text})
    assert response.status_code == 201, response.content
    answer = response.json()
    task = answer["task"]
    assert task == api(people["alice"]).get(f"/api/tasks/{task['id']}").json()
    (new,) = answer["labels"]
    assert (new["name"], new["list"]) == ("soon", str(home.pk))
    assert task["labels"] == sorted([str(known.pk), new["id"]])
    expected = {
        "title": "Pay rent",
        "list": str(home.pk),
        "priority": "high",
        "assignee": people["bob"].pk,
        "recurrence": "FREQ=MONTHLY",
        "recurrence_from": "due",
    }
    assert {name: task[name] for name in expected} == expected
    assert (task["due_date"], task["due_time"], task["due_zone"]) == (
        tomorrow("Asia/Kathmandu"), "17:00:00", "Asia/Kathmandu",
    )  # fmt: skip
    assert task["created_by"] == task["updated_by"] == people["alice"].pk
    assert events_of(f"list.{home.pk}")[-2:] == ["label.created", "task.created"]
    assert answer["fields"]["new_labels"] == ["soon"]
    assert [span["kind"] for span in answer["spans"]][:3] == ["date", "time", "list"]


def test_reminders_are_the_persons(api: Api, people: People, home: TaskList) -> None:
    """In the same transaction, on their own stream; nobody else has them."""
    alice = api(people["alice"])
    answer = alice.post(URL, {"text": "Tea tomorrow 5pm #big home *30m before *1 day before"}).json()
    assert [one["minutes_before"] for one in answer["reminders"]] == [30, 1440]
    assert {(one["task"], one["user"]) for one in answer["reminders"]} == {(answer["task"]["id"], people["alice"].pk)}
    assert answer["reminders"][0]["fires_at"] == f"{answer['task']['due_date']}T16:30:00Z"
    assert events_of(f"user.{people['alice'].pk}")[-2:] == ["reminder.created"] * 2
    assert [row["id"] for row in alice.get("/api/reminders").json()["results"]] == [
        one["id"] for one in answer["reminders"]
    ]
    assert api(people["bob"]).get("/api/reminders").json()["results"] == []


@pytest.mark.parametrize("everyone", [True, False])
def test_a_dry_run_writes_nothing(everyone: bool, api: Api, people: People, home: TaskList, settings: Any) -> None:
    """Neither a task nor a label, and no Inbox either."""
    settings.EVERYONE_LIST = everyone
    before = Event.objects.count(), TaskList.objects.count()
    answer = api(people["dora"]).post(DRY, {"text": "Tea *new tomorrow"}).json()
    assert (answer["title"], answer["fields"]["list"], answer["fields"]["new_labels"]) == ("Tea", None, ["new"])
    assert (Event.objects.count(), TaskList.objects.count()) == before
    assert not Task.objects.exists()
    assert not Label.objects.exists()


def test_the_same_is_understood(api: Api, people: People, home: TaskList) -> None:
    """What the dry run says is what happens; ?dry_run=0 is none."""
    body = {"text": "Pay tomorrow #big home *x", "list": str(EVERYONE_ID)}
    said = api(people["alice"]).post(DRY, body)
    assert said.status_code == 200
    done = api(people["alice"]).post(f"{URL}?dry_run=0", body)
    assert done.status_code == 201
    assert {name: done.json()[name] for name in said.json()} == said.json()
    assert said.json()["fields"]["list"] == str(home.pk)


def test_where_a_task_goes(api: Api, people: People, home: TaskList, settings: Any) -> None:
    """To the list that the line names, else to the one that was sent, else to the person's Inbox: never to Everyone by
    itself.
    """
    alice = api(people["alice"])
    first = alice.post(URL, {"text": "a"}).json()
    assert first["task"]["list"] == str(TaskList.objects.get(owner=people["alice"], kind="inbox").pk)
    assert events_of("all").count("task.created") == 0
    assert alice.post(DRY, {"text": "a"}).json()["fields"]["list"] == first["task"]["list"]
    assert alice.post(URL, {"text": "a #everyone"}).json()["task"]["list"] == str(EVERYONE_ID)
    assert alice.post(URL, {"text": "a", "list": str(home.pk)}).json()["task"]["list"] == str(home.pk)
    settings.EVERYONE_LIST = False
    inbox = alice.post(URL, {"text": "a #everyone"}).json()
    assert inbox["task"]["list"] == first["task"]["list"]
    assert inbox["task"]["title"] == "a #everyone"
    assert alice.post(URL, {"text": "a #inbox", "list": str(home.pk)}).json()["task"]["list"] == inbox["task"]["list"]


def test_who_may_write_where(api: Api, people: People, shared: TaskList) -> None:
    """A viewer is told so; for others the list does not exist, and its name is not known either."""
    line = {"text": "a #shared @alice"}
    carol = api(people["carol"])
    problem(carol.post(URL, {"text": "a", "list": str(shared.pk)}), 403)
    hinted = carol.post(DRY, line).json()
    assert hinted["hints"][0]["message"] == "In the list Shared you may read, not write."
    assert hinted["fields"]["list"] is None
    dora = api(people["dora"])
    assert error_fields(dora.post(DRY, {"text": "a", "list": str(shared.pk)})) == {"list"}
    assert dora.post(DRY, line).json()["hints"][0]["message"] == "There is no list called shared."
    shared.archived_at = timezone.now()
    shared.save()
    assert api(people["bob"]).post(DRY, line).json()["hints"][0]["message"] == "There is no list called shared."


def test_people_are_those_of_the_list(api: Api, people: People, shared: TaskList) -> None:
    """By username, name, a first name that one of them has, and me; nobody else, nor somebody who was deactivated."""
    for name, full in (("bob", "Bob Builder"), ("carol", "Carol Smith"), ("alice", "Alice Smith")):
        people[name].name = full
        people[name].save()
    bob = api(people["bob"])

    def assignee(text: str) -> Any:
        return bob.post(DRY, {"text": f"a {text} #shared"}).json()["fields"]["assignee"]

    ids = {name: person.pk for name, person in people.items()}
    assert assignee("@carol") == assignee("@CAROL SMITH") == ids["carol"]
    assert assignee("@me") == assignee("@mich") == assignee("@Bob") == ids["bob"]
    assert assignee("@dora") is None
    people["carol"].is_active = False
    people["carol"].save()
    assert assignee("@carol") is None
    everyone = bob.post(DRY, {"text": "a @dora #everyone"}).json()
    assert everyone["fields"]["assignee"] == ids["dora"]
    inbox = bob.post(DRY, {"text": "a @dora @me"}).json()
    assert (inbox["title"], inbox["fields"]["assignee"]) == ("a @dora", ids["bob"])


def test_labels_are_those_of_the_inbox(api: Api, people: People, home: TaskList) -> None:
    """Where the line names no list, and none is sent; there are none before there is an Inbox."""
    bob = api(people["bob"])
    assert bob.post(DRY, {"text": "a *soon"}).json()["fields"]["new_labels"] == ["soon"]
    label = Label.objects.create(list=TaskList.objects.inbox_of(people["bob"]), name="Soon")
    Label.objects.create(list=TaskList.objects.inbox_of(people["alice"]), name="Late")
    fields = bob.post(DRY, {"text": "a *soon *late"}).json()["fields"]
    assert (fields["labels"], fields["new_labels"]) == ([str(label.pk)], ["late"])


def test_words_can_be_refused(api: Api, people: People) -> None:
    """By their place in UTF-16 code units, as the page counts."""
    text = "🎉 Party tomorrow 5pm"
    spans = api(people["alice"]).post(DRY, {"text": text}).json()["spans"]
    assert (spans[0]["start"], spans[0]["end"], spans[0]["text"]) == (9, 17, "tomorrow")
    ignore = [[spans[0]["start"], spans[0]["end"]]]
    task = api(people["alice"]).post(URL, {"text": text, "ignore": ignore}).json()["task"]
    assert (task["title"], task["due_time"]) == ("🎉 Party tomorrow", "17:00:00")


def test_a_zone_can_be_given(api: Api, people: People) -> None:
    """For a line typed on a journey."""
    body = {"text": "Tea tomorrow 5pm", "time_zone": "Pacific/Kiritimati"}
    task = api(people["alice"]).post(URL, body).json()["task"]
    assert (task["due_date"], task["due_zone"]) == (tomorrow("Pacific/Kiritimati"), "Pacific/Kiritimati")


def test_a_line_sent_twice_is_one_task(api: Api, people: People) -> None:
    """With an id that the client chose; another line under it is a conflict."""
    alice, body = api(people["alice"]), {"id": str(uuid4()), "text": "Tea *new tomorrow"}
    first = alice.post(URL, body)
    again = alice.post(URL, body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == {"task": first.json()["task"]}
    assert again["ETag"] == first["ETag"]
    assert Task.objects.count() == Label.objects.count() == 1
    problem(alice.post(URL, {**body, "text": "Coffee"}), 422)


def test_what_a_line_created_is_noted_as_a_task(api: Api, people: People) -> None:
    """Another body under its id is another creation, also one that would make the same task."""
    alice, pk = api(people["alice"]), str(uuid4())
    assert alice.post(URL, {"id": pk, "text": "Tea"}).status_code == 201
    problem(alice.post("/api/tasks", {"id": pk, "title": "Tea"}), 422)


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"text"}),
        ({"text": None}, {"text"}),
        ({"text": 5}, {"text"}),
        ({"text": ""}, {"text"}),
        ({"text": "tomorrow #everyone"}, {"text"}),
        ({"text": "x" * 501}, {"text"}),
        ({"text": "a\nb"}, {"text"}),
        ({"text": "a\x00b"}, {"text"}),
        ({"text": "a\u2028b"}, {"text"}),
        ({"text": "a", "list": "x"}, {"list"}),
        ({"text": "a", "list": str(uuid4())}, {"list"}),
        ({"text": "a", "time_zone": "Mars"}, {"time_zone"}),
        ({"text": "a", "time_zone": 1}, {"time_zone"}),
        ({"text": "a", "ignore": 1}, {"ignore"}),
        ({"text": "a", "ignore": [[1]]}, {"ignore.0"}),
        ({"text": "a", "ignore": [[1, "2"]]}, {"ignore.0.1"}),
        ({"text": "a", "ignore": [[0, 1]] * 101}, {"ignore"}),
        ({"text": "a", "id": 5}, {"id"}),
        ({"text": "a", "title": "b"}, {"title"}),
    ],
)
def test_what_is_refused(api: Api, people: People, body: dict[str, Any], fields: set[str]) -> None:
    """As a problem that names the field; nothing is written."""
    assert error_fields(api(people["alice"]).post(URL, body)) == fields
    assert not Task.objects.exists()


def test_parameters(api: Api, people: People) -> None:
    """One, with two values; other methods are not there."""
    alice = api(people["alice"])
    for query, name in (("dry_run=2", "dry_run"), ("dry_run=1&dry_run=0", "dry_run"), ("dryrun=1", "dryrun")):
        assert error_fields(alice.post(f"{URL}?{query}", {"text": "a"})) == {name}
    for method in ("get", "put", "patch", "delete"):
        problem(getattr(alice, method)(URL), 405)
    assert alice.post(f"{URL}/?dry_run=1", {"text": "a"}).status_code == 200
    problem(alice.post(URL, ["a"]), 400)


def test_strange_ranges_do_no_harm(api: Api, people: People) -> None:
    """Backwards, beyond the line, negative, very large."""
    ignore = [[5, 2], [-3, -1], [900, 1000], [10**30, 10**31]]
    answer = api(people["alice"]).post(DRY, {"text": "Tea tomorrow", "ignore": ignore})
    assert answer.json()["title"] == "Tea"


def test_signed_in_people_only(anybody: Any) -> None:
    """As everywhere."""
    problem(anybody.post(URL, {"text": "a"}), 401)


def test_queries_of_a_dry_run(api: Api, people: People, home: TaskList, django_assert_num_queries: Any) -> None:
    """One for each table that a name may be in, however many rows these have; and one for the Inbox where a line names
    no list.
    """
    alice = api(people["alice"])
    for number in range(30):
        TaskList.objects.create(name=f"List {number}", owner=people["alice"])
        Label.objects.create(list=home, name=f"label {number}")
    for text, queries in (
        ("Tea tomorrow 5pm", 1),
        ("Tea #big home", 2),
        ("Tea #big home *label 7 *label 8", 3),
        ("Tea #big home @bob @alice *label 7", 4),
    ):
        with django_assert_num_queries(queries):
            assert alice.post(DRY, {"text": text}).json()["title"].startswith("Tea")


def test_labels_have_one_bound() -> None:
    """The parser knows no model."""
    assert LONGEST_LABEL == MAX_NAME


def test_a_moment_with_an_offset(api: Api, people: People) -> None:
    """It becomes the person's own time."""
    task = api(people["alice"]).post(URL, {"text": "Call 2026-12-24T18:00+05:00"}).json()["task"]
    there = datetime.fromisoformat("2026-12-24T18:00+05:00").astimezone(UTC)
    assert (task["due_date"], task["due_time"], task["due_zone"]) == ("2026-12-24", f"{there:%H:%M:%S}", "UTC")


def test_days_are_counted_from_when_the_line_was_typed(api: Api, people: People) -> None:
    """A line may wait for a connection. A moment that no device can mean is refused."""
    alice = api(people["alice"])
    body = {"text": "Pay rent tomorrow", "time_zone": "Asia/Kathmandu"}
    typed = timezone.now() - timedelta(days=3)
    answer = alice.post(URL, {**body, "typed_at": typed.isoformat()})
    expected = typed.astimezone(ZoneInfo("Asia/Kathmandu")).date() + timedelta(days=1)
    assert (answer.status_code, answer.json()["task"]["due_date"]) == (201, str(expected))
    for wrong in (timezone.now() + timedelta(days=2), timezone.now() - timedelta(days=400)):
        assert error_fields(alice.post(URL, {**body, "typed_at": wrong.isoformat()})) == {"typed_at"}
    for wrong_text in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00", "soon", None, 5):
        assert error_fields(alice.post(URL, {**body, "typed_at": wrong_text})) == {"typed_at"}


def test_a_rule_with_no_other_date_is_refused(api: Api, people: People) -> None:
    """As it is where a task is written by its fields."""
    refused = api(people["alice"]).post(URL, {"text": "x 31.12.9999 every day"})
    assert error_fields(refused) == {"recurrence"}
