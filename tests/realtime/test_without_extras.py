"""The layer without prometheus-client and structlog: nothing is counted, the rest works."""

import logging
import subprocess
import sys

from realtime.log_context import LogContextFilter, bind_contextvars
from tests.servers import ROOT

WITHOUT = """
import importlib.util, sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"prometheus_client", "structlog"}:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Missing())
find_spec = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name == "prometheus_client" else find_spec(name, package)

import django
from django.conf import settings

settings.configure(
    SECRET_KEY="x",
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "realtime"],
    DATABASES={"default": {"ENGINE": "realtime.backends.sqlite3", "NAME": ":memory:"}},
    MIDDLEWARE=["realtime.attribution.AttributionMiddleware"],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
)
django.setup()
from django.core.management import call_command

call_command("migrate", verbosity=0)
from realtime import consumers, events, metrics, views
from realtime.delivery import hub
from realtime.server import server, supervisor

events.publish("s", "thing", 1)
assert len(events.since("s", 0)) == 1
assert metrics.exposition("")[0].startswith(b"#")
print("works")
"""


def test_the_layer_needs_neither() -> None:
    """Every module of it can be imported, and events are published."""
    command = [sys.executable, "-c", WITHOUT]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.strip() == "works", done.stderr


def test_ids_stand_in_the_log_of_the_standard_library() -> None:
    """By a filter; a dash where there is none."""
    record = logging.LogRecord("n", logging.INFO, "p", 1, "m", None, None)
    assert LogContextFilter().filter(record)
    assert vars(record)["connection_id"] == "-"
    bind_contextvars(connection_id="c-1")
    try:
        LogContextFilter().filter(record)
        assert vars(record)["connection_id"] == "c-1"
    finally:
        bind_contextvars(connection_id="-")
