"""The page's table of kinds (static/tasks/core/kinds.js) and the server name the same."""

import json
import shutil
import subprocess
from typing import Any

import pytest

from tests.servers import ROOT

KINDS = ROOT / "tasks/static/tasks/core/kinds.js"


@pytest.fixture(scope="module")
def kinds() -> Any:
    if not shutil.which("node"):
        pytest.skip("node is missing: 'make lint' installs it")
    script = f"import({json.dumps(KINDS.as_uri())}).then(({{KINDS}}) => console.log(JSON.stringify(KINDS)))"
    done = subprocess.run(["node", "-e", script], capture_output=True, text=True, timeout=60, check=True)
    return json.loads(done.stdout)


def test_a_task_has_the_same_fields_on_both_sides(kinds: Any):
    """A field that only the server knew would be lost in a copy of a task, without a word."""
    from tasks.items.serializers import TaskSerializer

    assert sorted(kinds["task"]["fields"]) == sorted(TaskSerializer.Meta.fields)


def test_a_copy_takes_over_what_a_person_has_written(kinds: Any):
    """Each field that a client may write is copied, but for those that say which task it is and where it stands."""
    from tasks.items.serializers import TaskSerializer

    writable = set(TaskSerializer.Meta.fields) - set(TaskSerializer.Meta.read_only_fields)
    copied = {name for name, field in kinds["task"]["fields"].items() if field.get("copied")}
    assert copied == writable - {"id", "list", "position", "completed"}
