"""The results of the last runs, kept between them: one section for each kind of measurement."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from tests.benchmarks import machine
from tests.benchmarks.contestants import CACHE

RESULTS = CACHE / "results.json"


def load(path: Path = RESULTS) -> dict[str, Any]:
    """Section by section; empty before the first run."""
    results: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return results


def section(command: str, results: Any, **facts: Any) -> dict[str, Any]:
    """Results with where, when and by what command they came about."""
    about = {
        "date": date.today().isoformat(),  # noqa: DTZ011 -- where it was measured
        "machine": machine.description(),
        "command": command,
        "quiet": machine.was_quiet(),
        **facts,
    }
    return {"about": about, "results": results}


def save(sections: dict[str, Any], path: Path = RESULTS) -> None:
    """Keeps these sections in place of their former selves."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(load(path) | sections, indent=1) + "\n")
