"""manage.py task: quick add in the terminal, the options that win over it, and what people and programs read."""

import json
from datetime import datetime, timedelta
from io import BytesIO, StringIO, TextIOWrapper
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from tasks.labels.models import Label
from tasks.models import EVERYONE_ID, Membership, Task, TaskList
from tests.tasks.answers import Api, People, events_of

pytestmark = pytest.mark.django_db


def run(*words: str, err: StringIO | None = None) -> str:
    out = StringIO()
    call_command("task", *words, stdout=out, stderr=err or StringIO())
    return out.getvalue()


def shown(*words: str) -> Any:
    return json.loads(run(*words, "--json"))


def days(number: int, zone: str = "UTC") -> str:
    return str((datetime.now(ZoneInfo(zone)) + timedelta(days=number)).date())


def test_a_line_is_read_as_by_quick_add(api: Api, people: People, shared: TaskList) -> None:
    """With everything, for a person; printed as the API has it, and in one sentence for people."""
    people["alice"].time_zone = "Asia/Kathmandu"
    people["alice"].save()
    line = "Pay rent tomorrow 5pm #shared @bob !high *money every 2nd friday"
    task = shown("add", *line.split(), "--user", "alice")
    assert task == api(people["alice"]).get(f"/api/tasks/{task['id']}").json()
    (label,) = Label.objects.filter(list=shared)
    assert (task["title"], task["list"], task["labels"]) == ("Pay rent", str(shared.pk), [str(label.pk)])
    assert (task["assignee"], task["priority"]) == (people["bob"].pk, "high")
    assert (task["due_time"], task["due_zone"]) == ("17:00:00", "Asia/Kathmandu")
    assert task["recurrence"] == "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR"
    assert events_of(f"list.{shared.pk}")[-2:] == ["label.created", "task.created"]
    said = run("add", "Tea", "tomorrow", "every day", "--user", "alice")
    assert said.endswith(f"'Tea' (Inbox), due {days(1, 'Asia/Kathmandu')}, every day\n")
    assert "'Tea' (Everyone)" in run("add", "Tea"), "the operator has no Inbox"


def test_the_operator_writes_everywhere(shared: TaskList) -> None:
    """Without --user; hints go to the standard error, and the words stay."""
    err = StringIO()
    task = json.loads(run("add", "Milk #shared @zoe", "--json", err=err))
    assert (task["list"], task["title"], task["created_by"]) == (str(shared.pk), "Milk @zoe", None)
    assert err.getvalue() == "Note: Nobody who can read the list is called zoe.\n"


def test_reminders(people: People) -> None:
    """Are the person's; the operator has none, and is told so."""
    from tasks.reminders.models import Reminder

    err = StringIO()
    run("add", "Tea tomorrow 5pm *30m before", err=err)
    assert err.getvalue() == "Note: A reminder is a person's; say whose with --user NAME.\n"
    run("add", "Tea tomorrow 5pm *30m before", "--user", "bob")
    assert [(row.user, row.minutes_before) for row in Reminder.objects.all()] == [(people["bob"], 30)]


def test_a_title_can_be_plain() -> None:
    """For scripts, whose texts nobody reads before."""
    assert shown("add", "--plain", "Pay tomorrow #home !high")["title"] == "Pay tomorrow #home !high"


def test_options_win_over_words(people: People, shared: TaskList) -> None:
    """The words are understood all the same, thus not in the title; labels and people are those of the list named."""
    home = TaskList.objects.create(name="Home", owner=people["alice"])
    Membership.objects.create(list=home, user=people["bob"])
    task = shown(
        "add", "Pay tomorrow #home @bob !high *money every day", "--list", "shared", "--due", "2026-12-24",
        "--priority", "low", "--label", "a", "--label", "b", "--assign", "me", "--repeat", "every! 3 days",
        "--user", "alice",
    )  # fmt: skip
    assert (task["title"], task["list"], task["due_date"]) == ("Pay", str(shared.pk), "2026-12-24")
    assert (task["priority"], task["assignee"]) == ("low", people["alice"].pk)
    assert (task["recurrence"], task["recurrence_from"]) == ("FREQ=DAILY;INTERVAL=3", "completion")
    assert {label.name for label in Label.objects.filter(pk__in=task["labels"])} == {"a", "b"}
    assert not Label.objects.filter(name="money").exists()


@pytest.mark.parametrize(
    ("due", "zone", "expected"),
    [
        ("2026-12-24T18:00+05:00", "UTC", ("2026-12-24", "13:00:00", "UTC")),
        ("2026-12-24T18:00+05:00", "Europe/Berlin", ("2026-12-24", "14:00:00", "Europe/Berlin")),
        ("2026-12-24T23:30-05:00", "Asia/Kathmandu", ("2026-12-25", "10:15:00", "Asia/Kathmandu")),
        ("2026-12-24T18:00Z", "America/New_York", ("2026-12-24", "13:00:00", "America/New_York")),
        ("2026-12-24T18:00", "Europe/Berlin", ("2026-12-24", "18:00:00", "Europe/Berlin")),
        ("20261224", "Europe/Berlin", ("2026-12-24", None, None)),
        ("24.12.2026 17 Uhr", "Europe/Berlin", ("2026-12-24", "17:00:00", "Europe/Berlin")),
    ],
)
def test_a_moment_keeps_its_offset(due: str, zone: str, expected: tuple[str, ...]) -> None:
    """It is the same moment by the clocks of the task's zone, however the zone is named."""
    task = shown("add", "x", "--due", due, "--zone", zone)
    assert (task["due_date"], task["due_time"], task["due_zone"]) == expected
    other = shown("edit", shown("add", "x")["id"], "--due", due, "--zone", zone)
    assert (other["due_date"], other["due_time"], other["due_zone"]) == expected


def test_the_zone_is_the_persons(people: People) -> None:
    """Also where the offset says another one."""
    people["alice"].time_zone = "Pacific/Kiritimati"
    people["alice"].save()
    task = shown("add", "x", "--due", "2026-12-24T23:00-10:00", "--user", "alice")
    assert (task["due_date"], task["due_time"], task["due_zone"]) == ("2026-12-25", "23:00:00", "Pacific/Kiritimati")


def test_a_task_is_changed(people: People, shared: TaskList, milk: Task) -> None:
    """Only what is named; none empties."""
    before = shown("show", str(milk.pk))
    words = ["--title", "Oat milk", "--notes", "2 l", "--priority", "urgent", "--due", "2026-12-24T18:00"]
    words += ["--assign", "bob", "--label", "shop", "--label", "soon", "--repeat", "FREQ=WEEKLY"]
    task = shown("edit", str(milk.pk)[:8], *words, "--user", "bob")
    names = {label.name: str(label.pk) for label in Label.objects.all()}
    assert {name: task[name] for name in task if task[name] != before[name]} == {
        "title": "Oat milk", "notes": "2 l", "priority": "urgent", "due_date": "2026-12-24", "due_time": "18:00:00",
        "due_zone": "UTC", "assignee": people["bob"].pk, "labels": sorted(names.values()), "recurrence": "FREQ=WEEKLY",
        "recurrence_text": "every week",
        "version": task["version"], "updated_by": people["bob"].pk, "updated_at": task["updated_at"],
    }  # fmt: skip
    task = shown(
        "edit", str(milk.pk), "--due", "none", "--assign", "none", "--repeat", "none", "--label", "new",
        "--unlabel", "SHOP", "--zone", "Europe/Berlin",
    )  # fmt: skip
    kept = [str(label.pk) for label in Label.objects.filter(name__in=["soon", "new"])]
    assert task["labels"] == sorted(kept)
    assert [task[name] for name in ("due_date", "due_time", "due_zone", "assignee", "recurrence")] == [None] * 5


def test_an_empty_value_empties_a_field(people: People, shared: TaskList, milk: Task) -> None:
    """'' is a value as any other, also for `add`, where options win over words."""
    fields = ["--notes", "2 l", "--priority", "high", "--due", "2026-12-24T18:00", "--assign", "bob", "--label", "shop"]
    run("edit", str(milk.pk), *fields, "--repeat", "FREQ=WEEKLY")
    empty = [part for name in ("notes", "priority", "due", "assign", "label", "repeat") for part in (f"--{name}", "")]
    task = shown("edit", str(milk.pk), *empty)
    names = ("notes", "priority", "due_date", "due_time", "due_zone", "assignee", "recurrence")
    assert [task[name] for name in names] == ["", "none", None, None, None, None, None]
    assert task["labels"] == []
    assert shown("add", "Pay tomorrow !high", "--due", "", "--priority", "")["due_date"] is None


def test_a_repeating_task_keeps_its_date(milk: Task) -> None:
    """One sentence says so, as the API does."""
    run("edit", str(milk.pk), "--due", "tomorrow", "--repeat", "every day")
    with pytest.raises(CommandError, match=r"^A repeating task needs a due date\.$"):
        run("edit", str(milk.pk), "--due", "")
    for words in (["add", "x"], ["edit", str(milk.pk)]):
        with pytest.raises(CommandError, match="no other date"):
            run(*words, "--due", "9999-12-31", "--repeat", "every day")
    run("edit", str(milk.pk), "--due", "", "--repeat", "")
    milk.refresh_from_db()
    assert (milk.due_date, milk.recurrence) == (None, None)


def test_a_task_is_moved(people: People, shared: TaskList, milk: Task) -> None:
    """--list moves it; its labels are then those of the other list."""
    home = TaskList.objects.create(name="Home", owner=people["alice"])
    task = shown("edit", str(milk.pk), "--list", "home", "--label", "x", "--user", "alice")
    assert task["list"] == str(home.pk)
    assert [label.list_id for label in Label.objects.filter(pk__in=task["labels"])] == [home.pk]
    assert "'Milk' (Home)" in run("edit", str(milk.pk), "--list", "home")


def test_a_task_is_shown(people: People, shared: TaskList, milk: Task) -> None:
    """Each line that is not empty, with names instead of numbers; nothing in it draws on the terminal."""
    run("edit", str(milk.pk), "--assign", "bob", "--label", "shop", "--repeat", "jeden zweiten Freitag")
    Task.objects.filter(pk=milk.pk).update(notes="a\n\x1b[31mb")
    TaskList.objects.filter(pk=shared.pk).update(name="Sha\x9b31mred")
    text = run("show", str(milk.pk))
    for part in (str(milk.pk), "Milk", "every 2nd Friday", "shop", "bob", "by alice"):
        assert part in text, part
    assert not {"\x1b", "\x9b"} & set(text)
    assert "priority" not in text


def test_json_is_safe_on_a_terminal(shared: TaskList) -> None:
    """What is not printable is escaped; a program reads what was written."""
    title = "a\x1b[31m\x9b31m\x7f\u202e\U000e0001 ü 🎉"
    Task.objects.create(list=shared, title=title)
    printed = run("list", "--json")
    assert printed.rstrip("\n").isprintable()
    assert "ü 🎉" in printed
    assert json.loads(printed)[0]["title"] == title
    assert "\x9b" not in run("list")


def test_today(people: People, shared: TaskList) -> None:
    """Overdue, then due today, in the person's zone; open tasks of lists that are not archived and that they see."""
    zone = "Pacific/Kiritimati"
    for number, title in ((-3, "late"), (0, "now"), (1, "later")):
        run("add", "--plain", title, "--list", "shared", "--due", days(number, zone))
    run("done", shown("add", "done today", "--list", "shared")["id"])
    old = TaskList.objects.create(name="Old", owner=people["alice"], archived_at=timezone.now())
    Task.objects.create(list=old, title="archived", due_date=days(0))
    people["alice"].time_zone = zone
    people["alice"].save()
    assert [task["title"] for task in shown("today", "--user", "alice")] == ["late", "now"]
    assert [task["title"] for task in shown("today", "--user", "alice", "--limit", "1")] == ["late"]
    assert shown("today", "--user", "dora") == []
    assert "No tasks." in run("today", "--user", "dora", "--zone", "UTC")


def test_search(people: People, shared: TaskList, milk: Task) -> None:
    """The best first, without regard to case and accents, in lists that are not archived and that the person sees."""
    run("add", "--plain", "Crème for the milk", "--list", "shared")
    run("add", "--plain", "Bread", "--notes", "and milk", "--list", "shared")
    assert [task["title"] for task in shown("search", "MILK")][-1] == "Bread"
    assert len(shown("search", "milk")) == 3
    assert [task["title"] for task in shown("search", "creme", "milk", "--user", "carol")] == ["Crème for the milk"]
    assert len(shown("search", "milk", "--limit", "1")) == 1
    assert shown("search", "milk", "--user", "dora") == []
    shared.archived_at = timezone.now()
    shared.save()
    assert run("search", "milk") == "No tasks.\n"


def test_today_is_the_persons_also_for_times(people: People, shared: TaskList) -> None:
    """A time of another zone is due on the day that it is for the person."""
    now = datetime.now(ZoneInfo("Pacific/Kiritimati"))
    late = now.replace(hour=1, minute=0) + timedelta(days=1)
    there = late.astimezone(ZoneInfo("Etc/GMT+12"))
    run("add", "--plain", "far", "--due", f"{there:%Y-%m-%dT%H:%M}", "--zone", "Etc/GMT+12")
    assert shown("today", "--zone", "Pacific/Kiritimati") == []
    soon = now.replace(hour=0, minute=30).astimezone(ZoneInfo("Etc/GMT+12"))
    run("add", "--plain", "near", "--due", f"{soon:%Y-%m-%dT%H:%M}", "--zone", "Etc/GMT+12")
    assert [task["title"] for task in shown("today", "--zone", "Pacific/Kiritimati")] == ["near"]


def test_undo(people: People, shared: TaskList, milk: Task) -> None:
    """The person's own last command is taken back as a whole, and done again; one sentence says what it was."""
    with pytest.raises(CommandError, match="--user NAME"):
        run("undo")
    with pytest.raises(CommandError, match="nothing of yours"):
        run("undo", "--user", "bob")
    run("add", "Tea #shared *new", "--user", "bob")
    assert "Tea" in run("undo", "--user", "bob")
    assert [task.title for task in Task.objects.all()] == ["Milk"]
    assert not Label.objects.exists()
    again = shown("undo", "--redo", "--user", "bob")
    assert "Tea" in again["detail"]
    assert Task.objects.filter(title="Tea").count() == Label.objects.count() == 1
    run("rm", str(milk.pk), "--user", "bob")
    run("undo", "--user", "bob")
    run("edit", str(milk.pk), "--title", "Oat milk", "--user", "bob")
    run("edit", str(milk.pk), "--title", "Soy milk", "--user", "alice")
    with pytest.raises(CommandError, match=r"can't be taken back any more: .* was changed by alice since"):
        run("undo", "--user", "bob")
    assert "Tea" in run("undo", "--user", "bob")  # what came before it is next


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["add", "x tomorrow", "--zone", "Mars"], "due_zone: Mars is no time zone"),
        (["add", "tomorrow #shared"], "Nothing is left for the title"),
        (
            ["add", "x", "--assign", "dora", "--list", "shared"],
            "can read the list 'Shared' is called 'dora'",
        ),
        (["add", "x", "--repeat", "sometimes"], "--repeat: 'sometimes' is no rule like 'every 2nd Friday'"),
        (["add", "x", "--label", "y" * 61], "Ensure this value has at most 60 characters"),
        (["edit", "{milk}"], "Nothing is named that could be changed"),
        (["edit", "{milk}", "--title", ""], "title: This field cannot be blank"),
        (["edit", "{milk}", "--unlabel", "x"], "The task has no label 'x'"),
        (["edit", "{milk}", "--list", "nope"], "There is no list 'nope'. There is: Everyone, Shared."),
        (["edit", "{milk}", "--list", "", "--title", "x"], "There is no list ''."),
        (["add", "x", "--list", ""], "There is no list ''."),
        (["list", "--list", ""], "There is no list ''."),
        (["edit", "{milk}", "--title", "x", "--user", "carol"], "carol may read the list Shared, not write"),
        (["show", "{milk}", "--user", "dora"], "There is no task that begins with"),
        (["today", "--zone", "Mars"], "Mars is no time zone"),
    ],
)
def test_what_cannot_be_done(words: list[str], message: str, people: People, milk: Task) -> None:
    """A sentence that helps, the exit code 1, and nothing is written."""
    before = milk.version
    with pytest.raises(CommandError) as caught:
        run(*(word.format(milk=milk.pk) for word in words))
    assert message in str(caught.value)
    assert caught.value.returncode == 1
    assert [(task.title, task.version) for task in Task.objects.all()] == [("Milk", before)]
    assert not Label.objects.exists()


def test_an_archived_list_is_left_alone(shared: TaskList, milk: Task) -> None:
    """By option and by #name."""
    shared.archived_at = timezone.now()
    shared.save()
    for words in (["add", "x", "--list", "shared"], ["edit", str(milk.pk), "--title", "x"], ["rm", str(milk.pk)]):
        with pytest.raises(CommandError, match="archived"):
            run(*words)
    assert shown("add", "x #shared")["list"] == str(EVERYONE_ID)


def test_a_terminal_that_knows_only_ascii(milk: Task) -> None:
    """The change is committed when it is told: what the terminal cannot show is a question mark there."""
    Task.objects.filter(pk=milk.pk).update(title="Käse")
    written = BytesIO()
    out = TextIOWrapper(written, encoding="ascii")
    call_command("task", "list", stdout=out)
    call_command("task", "done", str(milk.pk), stdout=out)
    out.flush()
    assert written.getvalue().count(b"K?se") == 2


def test_help_teaches(capsys: pytest.CaptureFixture[str]) -> None:
    """Each command has examples; so has the whole."""
    from tasks.cli.tasks import ACTIONS, Command

    for words in ([], *([name] for name in ACTIONS)):
        with pytest.raises(SystemExit) as caught:
            Command().run_from_argv(["manage.py", "task", *words, "--help"])
        assert caught.value.code == 0
        printed = capsys.readouterr().out
        assert "example" in printed
        assert f"manage.py task {' '.join(words)}".rstrip() in printed
