"""The page and the drawing say what was measured."""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.benchmarks import report
from tests.benchmarks.summary import Spread, Summary, of_load
from tests.benchmarks.tables import amount, cell, table
from tests.benchmarks.trial import MANY, ONE, SINGLY


def load(per_cpu_second: float) -> dict[str, Any]:
    return {
        "events": 10,
        "deliveries_per_second": per_cpu_second / 2,
        "deliveries_per_cpu_second": per_cpu_second,
        "cpu_percent": 50.0,
        "p50": 1.0,
        "p99": None,
    }


def trial(contestant: str, per_cpu_second: float, connections: int = 1000) -> dict[str, Any]:
    names = (ONE, MANY, SINGLY) if contestant == "todo" else (ONE, MANY)
    return {
        "contestant": contestant,
        "connections": connections,
        "connects_per_second": 500.0,
        "connects_per_cpu_second": 1000.0,
        "kilobytes": 12.0,
        "idle_percent": 0.4,
        "loads": {name: load(per_cpu_second) for name in names},
    }


TRIALS = [trial("todo", 100_000), trial("channels", 2500), trial("todo", 120_000), trial("channels", 2400)]
ABOUT = {
    "date": "2030-01-01",
    "machine": "a machine",
    "command": "a command",
    "quiet": True,
    "database": "SQLite",
    "rounds": 2,
    "versions": {"todo": "1", "channels": "2"},
}


def test_a_ratio_is_taken_within_a_round() -> None:
    """So that what slowed the machine down for a while does not tilt it."""
    value = of_load(ONE, "deliveries_per_cpu_second")
    assert Summary(TRIALS).ratio("todo", "channels", 1000, value, value) == Spread(45, 40, 50)


def test_what_was_not_measured_is_not_made_up() -> None:
    """A cut-off run has no latency."""
    summary = Summary(TRIALS)
    assert summary.spread("todo", 1000, of_load(ONE, "p99")) is None
    assert summary.spread("todo", 9000, of_load(ONE, "p50")) is None


def test_the_page_has_what_was_measured(tmp_path: Path) -> None:
    """And says what was not."""
    costs = {"GET one": {"this application": [3.0, 4.0], "stock": [4.0, 4.0]}}
    measured = {"compare": TRIALS, "rest": costs}
    report.write({name: {"about": ABOUT, "results": found} for name, found in measured.items()}, tmp_path)
    page = (tmp_path / "benchmarks.md").read_text()
    assert "| GET one | 3.50 (3.00 to 4.00) |  4.00 | 0.88 (0.75 to 1.00) |" in page
    assert "110,000 (100,000 to 120,000)" in page
    assert "Not measured yet: `python -m tests.benchmarks storm`" in page
    drawing = ElementTree.parse(tmp_path / "images" / "benchmarks.svg").getroot()  # noqa: S314 -- our own
    assert "110,000" in "".join(drawing.itertext())


@pytest.mark.parametrize(
    ("number", "text"), [(7.25, "7"), (94.6, "95"), (2512, "2,510"), (94_649, "94,600"), (1_034_000, "1.03 M")]
)
def test_amounts_have_three_figures(number: float, text: str) -> None:
    """More would pretend."""
    assert amount(number) == text


def test_columns_of_numbers_are_aligned_to_the_right() -> None:
    """Words to the left."""
    assert table(["a", "b"], [["one", "1"], ["three", "100"]]) == (
        "| a     |   b |\n| ----- | --: |\n| one   |   1 |\n| three | 100 |"
    )


def test_a_single_round_has_no_spread() -> None:
    """One figure is enough."""
    assert cell(Spread(1, 1, 1), amount) == "1"
    assert cell(None, amount) == "-"
