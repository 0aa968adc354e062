"""Sets the environment before Django reads its settings, so that no .env and no shell can change what tests see.

A pytest plugin (see pyproject.toml), since a conftest.py is read too late. This process, and every process that the
tests start, gets a key, no Redis, and the database that --database names:

    pytest                                           SQLite
    pytest --database postgresql -m databases        a PostgreSQL of its own
    TEST_DATABASE_URL=postgres://... pytest          one that is already running
"""

import functools
import gc
import os
import re
import sys
import tempfile
from pathlib import Path

import pytest

from tests.processes import mark_this_run
from tests.servers import ROOT, PostgresServer
from tests.servers.postgres import SHARED_FOLDER

POSTGRES = pytest.StashKey[PostgresServer]()
UNAVAILABLE = pytest.StashKey[str]()

SHARED_POSTGRES = "TODO_TEST_POSTGRES_URL"
"""Tells the workers of a run of the PostgreSQL that they share. Each has databases of its own in it."""

SETTINGS = {
    "ENV_FILE": os.devnull,
    "SECRET_KEY": "only-for-tests-and-long-enough-to-sign-tokens-with-it",
    "LOG_LEVEL": "INFO",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=["sqlite", "postgresql"], default="sqlite", help="for tests in this process")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    mark_this_run()
    gc.disable()  # until the tests run: what is made before stays, and to look it over took a third of that time
    _keep_bytecode()
    for name in re.findall(r"^#? ?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE):
        os.environ.pop(name, None)
    os.environ.update(SETTINGS)
    if SHARED_FOLDER not in os.environ:  # a worker inherits it
        os.environ[SHARED_FOLDER] = _own_folder(early_config)
    os.environ["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL") or _own_database(early_config)


def _keep_bytecode() -> None:
    """Hundreds of processes import the application, and none compiles it again, whatever the shell has set."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False


def _own_database(config: pytest.Config) -> str:
    """The URL of a database that is removed after this run; pytest-django creates the tests' own beside it."""
    if config.known_args_namespace.database == "postgresql":
        if "PYTEST_XDIST_WORKER" in os.environ and SHARED_POSTGRES in os.environ:
            return os.environ[SHARED_POSTGRES]
        try:
            config.stash[POSTGRES] = PostgresServer().start()
            os.environ[SHARED_POSTGRES] = config.stash[POSTGRES].url()
            return config.stash[POSTGRES].url()
        except (pytest.skip.Exception, pytest.fail.Exception) as missing:
            if os.environ.get("CI"):
                raise pytest.UsageError(str(missing)) from None
            config.stash[UNAVAILABLE] = str(missing)
    return f"sqlite:///{Path(_own_folder(config)) / 'db.sqlite3'}"


def _own_folder(config: pytest.Config) -> str:
    """Removed after this run."""
    folder = tempfile.TemporaryDirectory(prefix="todo-tests-")
    config.add_cleanup(folder.cleanup)
    return folder.name


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """With -m databases, modules without that mark are not imported; to import all of them is most of the work."""
    is_test = collection_path.is_dir() or collection_path.name.startswith("test_")
    if config.option.markexpr == "databases" and is_test and collection_path.is_relative_to(ROOT / "tests"):
        return collection_path not in _with_databases() or None
    return None


@functools.cache
def _with_databases() -> frozenset[Path]:
    """The modules that name the mark, and the folders that they are in."""
    found = [path for path in (ROOT / "tests").rglob("test_*.py") if "databases" in path.read_text()]
    return frozenset({*found, *(folder for path in found for folder in path.parents)})


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if missing := config.stash.get(UNAVAILABLE, None):
        for item in items:
            item.add_marker(pytest.mark.skip(reason=missing))


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


def pytest_unconfigure(config: pytest.Config) -> None:
    if server := config.stash.get(POSTGRES, None):
        server.close()
