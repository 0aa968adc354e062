"""The files of the chart that are made from others: its defaults for templates, its README, and the version everywhere.

The version stands in pyproject.toml, and nowhere else by hand.
"""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).resolve().parent.parent
CHART = ROOT / "helm/todo-phase5"

README = """\
# todo-phase5

{description}.

<!-- Made from values.yaml by 'make manifests'. -->

```bash
helm upgrade --install todo-phase5-app {source} -n todo-phase5 --create-namespace -f my-values.yaml
```

It requires Kubernetes {kubernetes} or newer, and a Secret with `SECRET_KEY` and `DATABASE_URL`; Helm's notes have the
command. [docs/operations.md](../../docs/operations.md) explains upgrades, back-up and monitoring.

Use one release per namespace. As a dependency of another chart it takes `global`, and `enabled` for a `condition`.
After an upgrade with `--reuse-values`, values that the older chart did not have get their defaults. Unknown keys, and
values that no cluster could run, are refused with the name of the key.

Not in the table, because they are unset by default: `podSecurityContext` and `securityContext` replace the security
contexts of the application as a whole, and `{{}}` leaves them out, for OpenShift. `redis`, `postgresql` and
`metrics.redisExporter` have the same two keys.

| key | default | |
|---|---|---|
{rows}
"""


FILLED_BY_PEOPLE = re.compile(r"resources|(\w+L|l)abels|(\w+A|a)nnotations")
"""Keys whose value is one row, although it is a map."""


class Row(NamedTuple):
    key: str
    default: str
    comment: str


def version() -> str:
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])


def rows() -> Iterator[Row]:
    """Each setting of values.yaml, with the comment above it. A section's comment goes to its first setting."""
    text = (CHART / "values.yaml").read_text()
    yield from _rows(yaml.compose(text, yaml.SafeLoader), text.splitlines(), "", "")


def _rows(node: Any, lines: list[str], way: str, comment: str) -> Iterator[Row]:
    for key, value in node.value:
        comment = f"{comment} {_comment_above(lines, key.start_mark.line)}".strip()
        if isinstance(value, yaml.MappingNode) and value.value and not FILLED_BY_PEOPLE.fullmatch(key.value):
            yield from _rows(value, lines, f"{way}{key.value}.", comment)
        else:
            default = yaml.SafeLoader("").construct_object(value, deep=True)
            yield Row(way + key.value, json.dumps(default, ensure_ascii=False), comment)
        comment = ""


def _comment_above(lines: list[str], line: int) -> str:
    found: list[str] = []
    while line and lines[line - 1].lstrip().startswith("#"):
        line -= 1
        found.insert(0, lines[line].strip().removeprefix("#").strip())
    return " ".join(found)


def readme() -> str:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    return README.format(
        description=chart["description"],
        source=CHART.relative_to(ROOT),
        kubernetes=chart["kubeVersion"].removesuffix("-0").removeprefix(">="),
        rows="\n".join(f"| `{one.key}` | `{one.default}` | {one.comment} |" for one in rows()),
    )


def chart_files() -> dict[Path, str]:
    """The text of each, by path."""
    number = version()
    return {
        CHART / "files/defaults.yaml": (CHART / "values.yaml").read_text(),
        CHART / "README.md": readme(),
        **{path: _with_version(path.read_text(), number) for path in VERSIONED},
    }


VERSIONED = [
    ROOT / "Dockerfile",
    ROOT / "README.md",
    ROOT / "docs/operations.md",
    ROOT / "todo_project/__init__.py",
    CHART / "Chart.yaml",
    ROOT / "kubernetes/kustomization.yaml",
    ROOT / "compose.yaml",
]


BEFORE_VERSION = "|".join(
    (
        *('^VERSION = "', "^version: ", '^appVersion: "', '^ *newTag: "', "VERSION:-", "--build-arg VERSION="),
        *("todo-backend:", "todo-backend, tag: "),
    )
)


def _with_version(text: str, number: str) -> str:
    """The text with this version where one is."""
    return re.sub(rf"(?m)({BEFORE_VERSION})[0-9]+\.[0-9]+\.[0-9]+[\w.+-]*", rf"\g<1>{number}", text)
