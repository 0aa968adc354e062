"""README's shell blocks are typed as they stand; each block of other documents is run somewhere, or says why not."""

import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.documents import Block, Walk, blocks
from tests.servers import ROOT, program, wait_until

README = ROOT / "README.md"

RUN = {
    "README.md": {"Try the API": __name__},
    "docs/redis.md": {
        "Quick start": "test_redis_guide",
        "Local development": "test_redis_guide",
        "Testing": "test_redis_guide",
        "Monitoring": "test_redis_guide",
        "Performance": "test_redis_guide",
        "Migration": "test_redis_guide",
    },
    "docs/operations.md": {"Back-up and restore": __name__},
}
"""Chapters whose blocks are typed, and by which test."""

NOT_RUN = {
    ("docs/redis.md", "Configuration"): "settings, which tests/system/test_redis_forms.py gives to real servers",
    ("docs/redis.md", "Clouds"): "settings and commands for accounts that the tests don't have",
    ("docs/redis.md", "Troubleshooting"): "one line for each of many situations; check_redis has tests of its own",
    ("docs/redis.md", "Security"): "the rights are tried by tests/system/test_check_redis.py",
    ("docs/redis.md", "High availability"): "tests/system/test_redis_forms.py starts Sentinels and clusters",
    ("docs/redis.md", "Capacity"): "takes minutes, and its figures are this machine's",
    ("docs/operations.md", "Docker Compose"): "the secrets are made by tests/deploy/test_compose.py",
    ("docs/operations.md", "Kubernetes, with plain manifests"): "needs a cluster",
    ("docs/operations.md", "Metrics and logs"): "needs a host of that name",
    ("docs/operations.md", "Alerts and runbooks"): "needs a cluster",
    ("docs/operations.md", "Upgrade without downtime"): "tests/deploy/test_rolling.py does it without Docker",
}


def documents() -> Iterator[tuple[str, Block]]:
    for name in ("README.md", "docs/operations.md", "docs/redis.md", "docs/rest.md"):
        for block in blocks(ROOT / name):
            if block.language == "bash":
                yield name, block


def test_each_block_is_run_or_says_why_not():
    """And no reason is left over."""
    used = set()
    for name, block in documents():
        if block.is_elsewhere or block.chapter in RUN.get(name, {}):
            continue
        assert (name, block.chapter) in NOT_RUN, f"{name}, {block.chapter}:\n{block.text}"
        used.add((name, block.chapter))
    assert used == set(NOT_RUN)


@pytest.fixture
def walk(tmp_path: Path) -> Iterator[Walk]:
    for name in ("redis-server", "redis-cli", "curl"):
        program(name)
    with Walk(tmp_path, {"ALLOWED_HOSTS": "localhost"}) as walk:
        (walk.folder / ".venv").symlink_to(Path(sys.executable).parent.parent)
        yield walk


@pytest.mark.timeout(180)
def test_readme(walk: Walk):
    """From the first server to two of them, as a newcomer types it."""
    # What `make run` does, whose own steps tests/test_bootstrap.py tries.
    walk.type("echo SECRET_KEY=only-for-tests-and-long-enough-to-sign-with > .env")
    walk.type("python manage.py migrate --verbosity 0")
    (password,) = re.findall(r"with the password (\S+)", walk.type("python manage.py first_user"))
    walk.start("python manage.py serve --port 8000", "Listening on")
    typed = [block for name, block in documents() if name == "README.md" and not block.is_elsewhere]
    assert len(typed) == 7

    sign_in, watch, changes, setting, *servers, statistics = typed
    with pytest.raises(AssertionError, match=r"\n[^\n{]*[Nn]o active account[^\n]*$"):
        walk.run(sign_in, given="a wrong password\n")
    walk.run(sign_in, given=f"{password}\n")
    walk.run(watch)
    watcher = walk.terminals[-1]
    walk.run(changes)
    watcher.until("Buy milk")
    watcher.until("Water the plants")

    walk.type("redis-server --port 6379 --daemonize yes")
    assert "0 failed" in walk.run(setting)
    for server in servers:
        walk.run(server)

    def both() -> bool:
        return bool(json.loads(walk.run(statistics))["total_instances"] >= 2)

    wait_until(both, timeout=20, what="both to be counted")
    assert json.loads(walk.run(statistics))["redis_enabled"] is True


@pytest.mark.timeout(120)
def test_sqlite_is_backed_up_and_restored(walk: Walk, sqlite_template: Path):
    """As docs/operations.md has it: what came after the back-up is gone, and no old position is trusted."""
    back_up, restore = (
        block for _, block in documents() if block.chapter == "Back-up and restore" and not block.is_elsewhere
    )
    walk.type("echo SECRET_KEY=only-for-tests-and-long-enough-to-sign-with > .env")
    shutil.copy(sqlite_template, walk.folder / "db.sqlite3")
    walk.type("python manage.py task add 'before the back-up'")
    walk.run(back_up)
    walk.type("python manage.py task add 'after the back-up'")
    assert "epoch" in walk.run(restore)
    assert (walk.folder / "db.sqlite3.before-restore").exists()
    listed = walk.type("python manage.py task list")
    assert "before the back-up" in listed
    assert "after the back-up" not in listed


def test_links_lead_somewhere():
    """To files of the repository."""
    for path in re.findall(r"\]\((?!https?:)([^)#]+)", README.read_text()):
        assert (ROOT / path).exists(), path


def test_its_table_names_targets_that_exist():
    """Of the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z-]+)", README.read_text())) <= targets
