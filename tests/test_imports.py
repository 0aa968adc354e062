"""Who may import whom, held by the import-linter contracts of pyproject.toml."""

import gc
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from django.apps import apps

from tests.servers import ROOT

PACKAGES = ("realtime", "tasks", "todo_project")


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Checks the packages of `folder` against its pyproject.toml."""
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [program, "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(folder)},
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The packages and their contracts, to be broken."""
    for package in PACKAGES:
        ignored = shutil.ignore_patterns("__pycache__", "static", "templates")
        shutil.copytree(ROOT / package, tmp_path / package, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_every_contract_is_kept() -> None:
    """Layers in order, and no circle at any depth."""
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("module", "line", "broken"),
    [
        ("realtime/models.py", "import tasks.models", "todo_project -> tasks -> realtime"),
        ("realtime/models.py", "def f():\n    from tasks import models", "todo_project -> tasks -> realtime"),
        ("realtime/conf.py", "from realtime import consumers", "The layers of realtime"),
        ("realtime/events/live.py", "from realtime.delivery import hub", "The layers of realtime"),
        ("realtime/delivery/feed.py", "from realtime.delivery import hub", "No circle"),
        ("tasks/core/models.py", "from tasks.items import models", "The capabilities of tasks"),
    ],
)
def test_a_breach_is_found(copy: Path, module: str, line: str, broken: str) -> None:
    """An import inside a function counts too, and so does a circle made on purpose."""
    with (copy / module).open("a") as file:
        file.write(f"\n{line}\n")
    done = lint_imports(copy)
    assert done.returncode == 1
    assert any(broken in row and "BROKEN" in row for row in done.stdout.splitlines()), done.stdout


@pytest.mark.parametrize("package", ["realtime", "tasks"])
def test_foreign_packages_stay_out(package: str) -> None:
    """The layer works in a project that has no REST framework; nothing but tests imports tests."""
    forbidden = {"realtime": ("rest_framework", "django_filters", "tests"), "tasks": ("tests",)}[package]
    breaches = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in sorted((ROOT / package).rglob("*.py"))
        for line in path.read_text().splitlines()
        if line.strip().startswith(tuple(f"{verb} {name}" for verb in ("import", "from") for name in forbidden))
    ]
    assert not breaches


def test_the_contracts_cover_every_package() -> None:
    """A package that is added is under contract at once."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    found = {path.parent.name for path in ROOT.glob("*/apps.py")} | {"todo_project"}
    assert found == set(contracts["root_packages"])


@pytest.mark.parametrize("suffix", ["py", "js", "css", "html"])
def test_no_module_is_too_long(suffix: str) -> None:
    """350 lines at most: a longer one holds two things."""
    long = {
        str(path.relative_to(ROOT)): lines
        for package in (*PACKAGES, "scripts")
        for path in (ROOT / package).rglob(f"*.{suffix}")
        if "migrations" not in path.parts and (lines := len(path.read_text().splitlines())) > 350
    }
    assert not long


def test_the_garbage_collector_is_back_when_all_is_imported() -> None:
    """manage.py switches it off, which takes a quarter of a start."""
    gc.disable()
    try:
        apps.get_app_config("todo_project").ready()
        assert gc.isenabled()
    finally:
        gc.enable()
