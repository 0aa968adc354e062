"""`.env.example` is the list of the settings, with the defaults that they have."""

import re
import runpy
from typing import Any

import pytest

from tests.servers import ROOT

EXAMPLE = dict(re.findall(r"^#?([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE))
INCOMPARABLE = {"DATABASES", "LOGGING"}
"""The default database stands beside manage.py wherever one is, and the log's parts are objects."""


def settings(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> dict[str, Any]:
    """What settings.py makes of these variables."""
    for name in EXAMPLE:
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    found = runpy.run_path(str(ROOT / "todo_project/settings.py"))
    return {name: value for name, value in found.items() if name.isupper() and name not in INCOMPARABLE}


def test_it_names_every_variable_that_the_settings_read() -> None:
    """And none that they don't."""
    source = (ROOT / "todo_project/settings.py").read_text()
    read = set(re.findall(r'\b(?:read|number|flag|time_zone|env\.\w+)\(\s*"([A-Z_]+)"', source))
    assert read - {"ENV_FILE"} == set(EXAMPLE)


def test_its_values_are_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    """To set what the example shows changes nothing."""
    key = {"SECRET_KEY": "made up, and long enough to sign with"}
    assert settings(monkeypatch, EXAMPLE | key) == settings(monkeypatch, key)
