"""Writes the manifests of `kubernetes/` from the chart, so that there is one truth: `make manifests`.

What it writes is the chart's text with the comments in it, less the lines that are Helm's own. `kustomization.yaml`,
and what lies in folders that the chart does not have, is written by hand and left alone.
"""

import re
import sys
from pathlib import Path

import helm_python as helm

ROOT = Path(__file__).resolve().parent.parent
CHART = ROOT / "helm/todo-phase5"
TARGET = ROOT / "kubernetes"
RELEASE, NAMESPACE = "todo-phase5-app", "todo-phase5"

VALUES = {
    "ingress": {"enabled": True, "tlsSecret": "todo-tls"},
    "migrations": {"jobName": "todo-migrate"},
    "postgresql": {"bundled": True},
    "redis": {"bundled": True},
}

HEADER = "# Made from the chart by 'make manifests'; change it there, or by a patch in an overlay.\n"

# Redis is what is applied first, and alone where the rest is installed by Helm.
NAMESPACE_OBJECT = f"""---
apiVersion: v1
kind: Namespace
metadata:
  name: {NAMESPACE}
  labels:
    pod-security.kubernetes.io/enforce: baseline
    pod-security.kubernetes.io/warn: restricted
---
"""

HELMS_OWN = re.compile(r"^ *(helm\.sh/chart|app\.kubernetes\.io/managed-by): .*\n", re.MULTILINE)


def manifests() -> dict[str, str]:
    """The files by their path below `kubernetes/`."""
    prefix = f"{CHART.name}/templates/"
    with helm.Chart.load(CHART) as chart:
        rendered = chart.render(VALUES, name=RELEASE, namespace=NAMESPACE)
    files = {}
    for name, text in sorted(rendered.items()):
        path = name.removeprefix(prefix)
        if "/" not in path or path.startswith("tests/") or not text.strip():
            continue
        begin = NAMESPACE_OBJECT if path.startswith("redis/") else "---\n"
        body = HELMS_OWN.sub("", text.strip().removeprefix("---").lstrip() + "\n")
        files[path] = HEADER + begin + re.sub(r" +$", "", body, flags=re.MULTILINE)
    return files


def main() -> None:
    for path, text in manifests().items():
        (TARGET / path).parent.mkdir(parents=True, exist_ok=True)
        (TARGET / path).write_text(text)
    sys.stdout.write(f"{TARGET.name}/ is up to date\n")


if __name__ == "__main__":
    main()
