"""What the event log costs those who write."""

import json
import os
import subprocess
import sys

from tests.benchmarks.surroundings import Surroundings
from tests.servers import ROOT

Writes = dict[str, dict[str, float]]
"""Milliseconds, by "with the log" or "without", and by the kind of write."""


def run(around: Surroundings, *, count: int) -> Writes:
    """So many writes of each kind, with Redis told of each."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.writing", str(count)],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "todo_project.settings", **around.environment},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    writes: Writes = json.loads(done.stdout)
    return writes
