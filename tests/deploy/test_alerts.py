"""The alerts fire when they should and not before, say what they found, and lead to a chapter that is there."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.alert_cases import CASES
from tests.deploy.alert_series import Case, Series
from tests.deploy.monitoring import GROUPS, RULES, promtool
from tests.servers import ROOT

RECORDED = [rule for group in GROUPS for rule in group["rules"] if "record" in rule]
ALERTS = {rule["alert"]: rule for group in GROUPS for rule in group["rules"] if "alert" in rule}

WAKES = {"TodoNoReplica", "TodoLogUnreadable", "TodoServerErrors", "TodoWritesFail"}
"""For which somebody gets up. No word of Redis: without it nothing is lost."""


def group(case: Case, series: Series, expected: list[dict[str, Any]]) -> dict[str, Any]:
    """One test in promtool's form."""
    return {
        "name": case.alert,
        "interval": "30s",
        "input_series": [{"series": name, "values": values.strip()} for name, values in series.items()],
        "alert_rule_test": [{"eval_time": f"{case.minutes}m", "alertname": case.alert, "exp_alerts": expected}],
    }


def run(folder: Path, groups: list[dict[str, Any]]) -> None:
    """In a file for each alert, beside what it asks for alone: promtool calculates all rules of a file at each step."""
    for name, rule in ALERTS.items():
        rules = [{"name": "alone", "rules": [*(one for one in RECORDED if one["record"] in rule["expr"]), rule]}]
        (folder / f"{name}.rules.yaml").write_text(json.dumps({"groups": rules}))
        tests = [each for each in groups if each["name"] == name]
        about = {"rule_files": [f"{name}.rules.yaml"], "evaluation_interval": "30s", "tests": tests}
        (folder / f"{name}.test.yaml").write_text(json.dumps(about))
    promtool("test", "rules", *folder.glob("*.test.yaml"))


def test_prometheus_takes_the_rules():
    """Expressions, durations and templates."""
    promtool("check", "rules", "--lint-fatal", RULES)


def test_each_alert_has_cases():
    """None goes without."""
    assert {case.alert for case in CASES} == set(ALERTS)


def test_they_fire_and_say_what_they_found(tmp_path):
    """With the values in the text, and the labels that a person needs."""
    groups = []
    for case in CASES:
        rule = ALERTS[case.alert]
        # The sum over no targets at all has no labels but what absent() gives.
        labels = {**rule["labels"], "job": case.job, **case.labels}
        annotations = {**rule["annotations"], "description": case.says}
        groups.append(group(case, case.fires, [{"exp_labels": labels, "exp_annotations": annotations}]))
    run(tmp_path, groups)


def test_they_are_quiet_just_below(tmp_path):
    """And where something else explains it."""
    run(tmp_path, [group(case, case.quiet, []) for case in CASES])


def test_only_what_hurts_people_wakes_somebody():
    """The others can wait for the morning."""
    assert {rule["labels"]["severity"] for rule in ALERTS.values()} == {"critical", "warning"}
    assert {name for name, rule in ALERTS.items() if rule["labels"]["severity"] == "critical"} == WAKES


def anchors(text: str) -> set[str]:
    """What the headings of a document can be linked by."""
    return {
        re.sub(r"[^\w -]", "", one).strip().lower().replace(" ", "-")
        for one in re.findall(r"^#+ (.*)", text, re.MULTILINE)
    }


@pytest.mark.parametrize("name", ALERTS)
def test_the_runbook_has_a_chapter_for_it(name):
    """Of the alert's name; what the alert names as its runbook is there."""
    path, _, anchor = ALERTS[name]["annotations"]["runbook_url"].partition("#")
    assert anchor == name.lower()
    assert anchor in anchors((ROOT / path).read_text())
    assert "$value" not in ALERTS[name]["annotations"]["summary"], "which would make an alert of its own of each value"
