"""docs/quick-add.md: each example in its tables is what the parser says."""

import json
import re
from pathlib import Path

import pytest

from tasks.quick_add.parser import parse
from tasks.quick_add.representation import parsed_json
from tasks.quick_add.vocabulary import Name, Names, Vocabulary
from tests.tasks.test_quick_add_parser import NOW

DOCUMENT = (Path(__file__).parents[2] / "docs" / "quick-add.md").read_text()


def rows(chapter: str) -> list[tuple[str, list[str]]]:
    """Each example of a chapter's table, with the other columns."""
    text = DOCUMENT.split(f"\n## {chapter}\n")[1].split("\n## ")[0]
    table = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("| `")]
    return [
        (example, [cell.strip().strip("`") for cell in others])
        for first, *others in table
        for example in re.findall(r"`([^`]+)`", first)
    ]


@pytest.mark.parametrize(("example", "expected"), rows("Dates and times"))
def test_dates_and_times(example: str, expected: list[str]) -> None:
    """In the middle of a line and at its end."""
    for line in (f"Tea {example}", f"Tea {example}, really"):
        fields = parse(line, now=NOW).fields
        at = f"{fields.due_time:%H:%M}" if fields.due_time else ""
        assert [str(fields.due_date), at] == expected, line


@pytest.mark.parametrize(("example", "expected"), rows("Recurrence"))
def test_recurrence(example: str, expected: list[str]) -> None:
    """The title keeps nothing of it; only those with ! count from the completion."""
    parsed = parse(f"Tea {example}", now=NOW)
    assert (parsed.title, [parsed.fields.recurrence]) == ("Tea", expected)
    assert parsed.fields.from_completion == ("!" in example)


@pytest.mark.parametrize("example", [example for example, _ in rows("Signs")])
def test_signs(example: str) -> None:
    """Each is understood, in a line with a date."""
    known = {name: Names([(name, Name(name, name))]) for name in ("home", "Big Project", "money")}
    people = Names((word, Name(1, "bob")) for word in ("bob", "Bob Builder", "me", "mich"))
    lists = Names([("home", Name("1", "home")), ("Big Project", Name("2", "Big Project"))])
    vocabulary = Vocabulary(lambda: lists, lambda target: people, lambda target: known["money"])
    assert parse(f"Tea {example} tomorrow", now=NOW, vocabulary=vocabulary).title == "Tea"


def test_the_answer() -> None:
    """The JSON of the document, but for the list's id."""
    (shown,) = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", DOCUMENT, re.DOTALL))
    text = "Pay rent tomorrow 5pm *money #hme"
    assert parsed_json(text, parse(text, now=NOW), target=shown["fields"]["list"]) == shown


def test_every_kind_of_ambiguity_has_its_example() -> None:
    """What the document calls text is text."""
    for line in (
        "at 5 Main Street", "1/2 cup", "support 24/7", "version 3.5", "May the force", "weekly report",
        "mail from Monday", "31 Feb", "25:00", "every 32nd", "C# code", "mail anna@example.com",
    ):  # fmt: skip
        parsed = parse(line, now=NOW)
        assert (parsed.title, parsed.spans) == (line, [])
