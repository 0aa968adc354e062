"""The variables that an operator is promised."""

import re

from tests.servers import ROOT
from todo_project.settings import env


def documented_variables() -> set[str]:
    """All that .env.example names, in its comments too, and for each secret the one that names a file with it."""
    text = (ROOT / ".env.example").read_text()
    assigned = set(re.findall(r"^#?([A-Z_]+)=", text, re.MULTILINE))
    mentioned = set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", text))
    return assigned | mentioned | {f"{name}_FILE" for name in env.secrets}
