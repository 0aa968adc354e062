"""The commands: task, first_user, seed_demo."""

import json
from datetime import UTC, date, datetime, time, timedelta
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from realtime.models import Event
from tasks.cli.due import parse_due
from tasks.models import EVERYONE_ID, Task, TaskList, User
from tests.tasks.answers import Api, People, events_of

pytestmark = [pytest.mark.django_db, pytest.mark.databases]


def run(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def last(stream: str) -> Any:
    return json.loads(Event.objects.filter(stream=stream).latest("seq").text)


# task


def test_a_task_is_added_by_the_command() -> None:
    """A title is enough; it goes to Everyone, and the event names the command and nobody."""
    assert "'Milk' (Everyone)" in run("task", "add", "Milk")
    told = last("all")
    assert (told["type"], told["source"], told["actor"]) == ("task.created", "command", None)
    assert (told["data"]["title"], told["data"]["created_by"]) == ("Milk", None)


def test_a_task_is_added_with_all_that_it_can_have(api: Api, people: People, shared: TaskList) -> None:
    """For a person, in a list by name; --json prints it as the API has it."""
    people["alice"].time_zone = "Europe/Berlin"
    people["alice"].save()
    words = ["--user", "alice", "--list", "shared", "--notes", "n", "--priority", "high", "--due", "2026-12-24T18:00"]
    task = json.loads(run("task", "add", "Milk", "--json", *words))
    assert task == api(people["alice"]).get(f"/api/tasks/{task['id']}").json()
    assert (task["due_date"], task["due_time"], task["due_zone"]) == ("2026-12-24", "18:00:00", "Europe/Berlin")
    assert (task["list"], task["notes"], task["priority"]) == (str(shared.pk), "n", "high")
    assert last(f"list.{shared.pk}")["actor"]["username"] == "alice"


def test_a_day_needs_no_time() -> None:
    """--due with a date alone sets neither a time nor a zone."""
    task = json.loads(run("task", "add", "Milk", "--due", "2026-12-24", "--json"))
    assert (task["due_date"], task["due_time"], task["due_zone"]) == ("2026-12-24", None, None)


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("today", (date(2026, 11, 25), None)),
        ("Tomorrow", (date(2026, 11, 26), None)),
        ("wednesday", (date(2026, 12, 2), None)),
        ("thu", (date(2026, 11, 26), None)),
        ("Tuesday 18:00", (date(2026, 12, 1), time(18))),
        ("tomorrow 09:30", (date(2026, 11, 26), time(9, 30))),
        ("2026-12-24", (date(2026, 12, 24), None)),
        ("2026-12-24T18:00", (date(2026, 12, 24), time(18))),
    ],
)
def test_days_in_words(text: str, due: Any) -> None:
    """Seen from a Wednesday; a weekday is always a day to come."""
    assert parse_due(text, now=datetime(2026, 11, 25, 10, tzinfo=UTC)) == due


@pytest.mark.parametrize("text", ["soon", "", "tomorrow tomorrow", "tues day", "friday 25:00", "2026-02-30"])
def test_days_that_are_none(text: str) -> None:
    """With examples of how to say it."""
    with pytest.raises(ValueError, match="is no date like"):
        parse_due(text, now=datetime(2026, 11, 25, 10, tzinfo=UTC))


def test_tomorrow_is_the_persons_tomorrow(people: People) -> None:
    """By the clock of their time zone, as README has it."""
    for zone in ("Pacific/Kiritimati", "Etc/GMT+12"):
        User.objects.filter(username="alice").update(time_zone=zone)
        task = json.loads(run("task", "add", "Water the plants", "--due", "tomorrow", "--user", "alice", "--json"))
        there = datetime.now(ZoneInfo(zone)).date()
        assert task["due_date"] == str(there + timedelta(days=1))


def test_tasks_are_listed(people: People, shared: TaskList, milk: Task) -> None:
    """The open ones, the done ones, or all; of one list, or of those that a person sees."""
    run("task", "add", "For everyone")
    eggs = Task.objects.create(list=shared, title="Eggs")
    run("task", "done", str(eggs.pk))

    def titles(*words: str) -> set[str]:
        return {row["title"] for row in json.loads(run("task", "list", "--json", *words))}

    assert titles() == {"Milk", "For everyone"}
    assert titles("--done") == {"Eggs"}
    assert titles("--all") == {"Milk", "Eggs", "For everyone"}
    assert titles("--list", str(shared.pk)) == {"Milk"}
    assert titles("--user", "dora") == {"For everyone"}
    assert len(titles("--all", "--limit", "2")) == 2


def test_a_list_for_people_shows_foreign_text_as_text(shared: TaskList) -> None:
    """Neither markup nor escape sequences in a title reach the terminal."""
    Task.objects.create(list=shared, title="[red]x[/red] \x1b[31mboo\x07 end")
    shown = run("task", "list")
    assert "[red]x[/red]" in shown
    assert "\x1b" not in shown
    assert "\x07" not in shown
    assert run("task", "list", "--done") == "No tasks.\n"


def test_tasks_are_done_and_open_again(people: People, milk: Task) -> None:
    """By an id's beginning; what is so already makes no event."""
    short = str(milk.pk)[:8]
    assert "Done" in run("task", "done", short, short, "--user", "bob")
    milk.refresh_from_db()
    assert (milk.completed, milk.completed_by) == (True, people["bob"])
    before = events_of(f"list.{milk.list_id}")
    run("task", "done", short)
    assert events_of(f"list.{milk.list_id}") == before
    assert "Open again" in run("task", "done", short, "--undo")
    milk.refresh_from_db()
    assert not milk.completed


def test_tasks_are_removed(people: People, milk: Task) -> None:
    """What was removed is printed; the event follows."""
    removed = json.loads(run("task", "rm", str(milk.pk), "--json"))
    assert [row["id"] for row in removed] == [str(milk.pk)]
    assert not Task.objects.exists()
    assert events_of(f"list.{milk.list_id}")[-1] == "task.deleted"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["add", "x", "--user", "zoe"], "nobody called 'zoe'"),
        (["add", "x", "--list", "nope"], "There is: Everyone, Shared"),
        (["add", "x", "--list", "Shared", "--user", "dora"], "There is no list 'Shared'. There is: Everyone."),
        (["add", "x", "--list", "Shared", "--user", "carol"], "carol may read the list Shared, not write"),
        (["add", "x" * 501], "title: "),
        (["add", ""], "Nothing is left for the title"),
        (["add", "x", "--due", "2026-12-24T18:00", "--zone", "Mars"], "due_zone: Mars is no time zone"),
        (["done", "{milk}", "--user", "carol"], "carol may read"),
        (["done", "{milk}", "--user", "dora"], "There is no task that begins with"),
        (["done", "ffffffff"], "There is no task that begins with ffffffff"),
        (["rm", "abc"], "at least its first 4 digits"),
        (["rm", "milk"], "is no id"),
    ],
)
def test_what_cannot_be_done_is_said(words: list[str], message: str, people: People, milk: Task) -> None:
    """In words that help, with the exit code 1, and nothing is written."""
    with pytest.raises(CommandError) as caught:
        run("task", *(word.format(milk=milk.pk) for word in words))
    assert message in str(caught.value)
    assert caught.value.returncode == 1
    assert [(task.title, task.completed) for task in Task.objects.all()] == [("Milk", False)]


def test_names_and_ids_that_fit_twice(people: People, shared: TaskList) -> None:
    """Two lists of one name, two tasks of one beginning: the command asks instead of guessing."""
    TaskList.objects.create(name="shared", owner=people["bob"])
    with pytest.raises(CommandError, match="2 lists are called"):
        run("task", "add", "x", "--list", "Shared")
    for end in "12":
        Task.objects.create(pk=f"aaaaaaaa-0000-4000-8000-00000000000{end}", list=shared, title=end)
    with pytest.raises(CommandError, match="Several tasks begin"):
        run("task", "done", "aaaa")
    run("task", "done", "aaaaaaaa-0000-4000-8000-000000000001")
    assert [task.title for task in Task.objects.filter(completed_at__isnull=False)] == ["1"]


def test_one_bad_id_stops_all(people: People, milk: Task) -> None:
    """All of the tasks or none."""
    with pytest.raises(CommandError):
        run("task", "rm", str(milk.pk), "ffffffff")
    assert Task.objects.filter(pk=milk.pk).exists()


def test_a_wrong_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Usage and the exit code 2, as the shell is used to."""
    from tasks.cli.tasks import Command

    limits = [["list", "--limit", text] for text in ("0", "-1", "9" * 30, "x", "\uff11")]
    for words in (
        [],
        ["fly"],
        ["add"],
        ["add", "x", "--priority", "huge"],
        ["add", "x", "--due", "soon"],
        ["done"],
        *limits,
    ):
        with pytest.raises(SystemExit) as caught:
            Command().run_from_argv(["manage.py", "task", *words])
        assert caught.value.code == 2, words
    assert "is no date like 2026-12-24" in capsys.readouterr().err


def test_without_everyone(alice: User, settings: Any) -> None:
    """A task goes to the Inbox of a person; without one, the command asks for one."""
    settings.EVERYONE_LIST = False
    with pytest.raises(CommandError, match="Everyone is switched off"):
        run("task", "add", "x")
    assert "'x' (Inbox)" in run("task", "add", "x", "--user", "alice")
    with pytest.raises(CommandError, match="There is: Inbox"):
        run("task", "add", "x", "--list", str(EVERYONE_ID))


# changepassword


def test_a_password_through_a_pipe(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line of standard input. One that is refused is not asked for again."""
    monkeypatch.setattr("sys.stdin", StringIO("a new and long one\n"))
    assert "Password changed successfully" in run("changepassword", "alice")
    alice.refresh_from_db()
    assert alice.check_password("a new and long one")
    monkeypatch.setattr("sys.stdin", StringIO("short\n"))
    with pytest.raises(CommandError, match="There is no terminal"):
        run("changepassword", "alice")


# first_user


def test_a_first_user_needs_a_name_that_can_be_one() -> None:
    """As in the admin."""
    with pytest.raises(CommandError, match="--username 'bad name' can't be used: Enter a valid username"):
        run("first_user", "--username", "bad name")
    assert not User.objects.exists()


def test_the_first_user_may_do_everything() -> None:
    """Their password is printed once, and opens the admin."""
    name, password = run("first_user").splitlines()[0].removeprefix("The first user is ").split(" with the password ")
    assert name == "admin"
    client = Client()
    assert client.login(username=name, password=password)
    assert client.get("/admin/tasks/task/").status_code == 200


def test_there_is_one_first_user() -> None:
    """With somebody there it makes nobody, under whatever name, and says how to go on."""
    assert "zoe" in run("first_user", "--username", "zoe")
    assert "manage.py changepassword NAME" in run("first_user")
    assert "There are users already" in run("first_user", "--username", "max")
    assert [user.username for user in User.objects.all()] == ["zoe"]


# seed_demo


def test_demo_tasks(alice: User) -> None:
    """As many as asked for, in Everyone and in lists of the first person's, each told to the clients."""
    assert run("seed_demo", "--tasks", "60") == "Made 60 tasks.\n"
    assert Task.objects.count() == 60
    names = {task.list.name for task in Task.objects.select_related("list")}
    assert "Everyone" in names
    assert len(names) == 4
    for task in Task.objects.all():
        task.full_clean()
    assert events_of("all").count("task.created") == Task.objects.filter(list=EVERYONE_ID).count()
    run("seed_demo", "--tasks", "60")
    assert TaskList.objects.count() == 4, "the lists of the first time are used again"


def test_demo_tasks_for_a_start(alice: User) -> None:
    """A few are for Everyone alone; --if-empty leaves a place alone that has tasks."""
    run("seed_demo", "--tasks", "5", "--if-empty")
    assert run("seed_demo", "--tasks", "5", "--if-empty") == ""
    assert list(Task.objects.values_list("list", flat=True)) == [EVERYONE_ID] * 5


def test_demo_tasks_without_everyone(settings: Any, bob: User) -> None:
    """They go to an Inbox; with nobody to have one, the command says what to do."""
    settings.EVERYONE_LIST = False
    run("seed_demo", "--tasks", "3")
    assert {task.list.kind for task in Task.objects.all()} == {"inbox"}
    Task.objects.all().delete()
    TaskList.objects.exclude(pk=EVERYONE_ID).delete()
    bob.delete()
    with pytest.raises(CommandError, match="first_user"):
        run("seed_demo")
    with pytest.raises(CommandError, match="at least 1"):
        run("seed_demo", "--tasks", "0")
