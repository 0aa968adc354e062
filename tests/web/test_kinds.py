"""What the page knows of the kinds: what the server describes, and nothing that contradicts it."""

import json
import shutil
import subprocess
from typing import Any

import pytest
from django.test import Client

from realtime.events import live
from tests.servers import ROOT

KINDS = ROOT / "tasks/static/tasks/core/kinds.js"
SCRIPT = """
globalThis.document = { getElementById: () => ({ textContent: %s }) };
import(%s).then(({ KINDS }) => console.log(JSON.stringify(KINDS)));
"""


@pytest.fixture(scope="module")
def kinds() -> Any:
    """The page's kinds, made of the server's description."""
    if not shutil.which("node"):
        pytest.skip("node is missing: 'make lint' installs it")
    script = SCRIPT % (json.dumps(json.dumps(live.describe())), json.dumps(KINDS.as_uri()))
    done = subprocess.run(["node", "-e", script], capture_output=True, text=True, timeout=60, check=True)
    return json.loads(done.stdout)


@pytest.mark.django_db
def test_the_page_holds_the_description_of_every_kind(client: Client, alice: Any):
    client.force_login(alice)
    page = client.get("/").content.decode()
    text = page.split('<script id="kinds" type="application/json">')[1].split("</script>")[0]
    assert json.loads(text) == live.describe()


def test_every_kind_has_its_table_its_parent_and_its_fields(kinds: Any):
    """As the snapshot names them; without a line in JavaScript."""
    for described in live.describe():
        kind = kinds[described["kind"]]
        assert kind["table"] == f"{described['kind']}s"
        assert kind["parent"] == described["parent"]
        assert list(kind["fields"]) == described["fields"]


def test_what_the_page_says_of_a_task_is_said_of_fields_that_it_has(kinds: Any):
    """A misspelt name would be forgotten in a copy without a word."""
    from tasks.items.serializers import TaskSerializer

    text = KINDS.read_text().split("task: {")[1].split("    },\n  },")[0]
    said = {line.split(":")[0].strip() for line in text.splitlines() if line.startswith("      ")}
    assert said
    assert said <= set(TaskSerializer.Meta.fields)


def test_a_copy_takes_over_what_a_person_has_written(kinds: Any):
    """Each field that a client may write is copied, but for those that say which task it is and where it stands."""
    from tasks.items.serializers import TaskSerializer

    writable = set(TaskSerializer.Meta.fields) - set(TaskSerializer.Meta.read_only_fields)
    copied = {name for name, field in kinds["task"]["fields"].items() if field.get("copied")}
    assert copied == writable - {"id", "list", "position", "completed"}
