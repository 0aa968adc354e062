"""Who may import whom: todo_project knows tasks, tasks knows realtime, and never the other way round."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import ROOT

FORBIDDEN = {
    "realtime": {"tasks", "todo_project", "rest_framework", "rest_framework_simplejwt", "django_filters", "tests"},
    "tasks": {"todo_project", "tests"},
    "todo_project": {"tests"},
}


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Line and module of each absolute import in a file, wherever it stands."""
    for node in ast.walk(ast.parse(path.read_text(), str(path))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.lineno, node.module


def breaches(folder: Path, forbidden: set[str]) -> list[str]:
    return [
        f"{path.relative_to(folder.parent)}:{line}: imports {module}"
        for path in sorted(folder.rglob("*.py"))
        for line, module in imports(path)
        if module.partition(".")[0] in forbidden
    ]


@pytest.mark.parametrize("package", FORBIDDEN)
def test_nobody_imports_backwards(package: str) -> None:
    """The lower package does not know the higher one."""
    found = breaches(ROOT / package, FORBIDDEN[package])
    assert not found, "\n".join(["imports against the rule:", *found])


@pytest.mark.parametrize("line", ["import tasks.models", "from tasks import models", "def f():\n    import tasks"])
def test_a_breach_is_found_with_its_place(tmp_path: Path, line: str) -> None:
    """An import inside a function counts too."""
    folder = tmp_path / "realtime"
    folder.mkdir()
    (folder / "hub.py").write_text(line)
    (breach,) = breaches(folder, FORBIDDEN["realtime"])
    assert breach.startswith(f"realtime/hub.py:{line.count(chr(10)) + 1}: imports tasks")
