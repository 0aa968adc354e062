"""Generates the manifests of `kubernetes/` from the chart, and the chart's generated files: `make manifests`.

The manifests are the chart's text with its comments, without the lines that are Helm's own. The `kustomization.yaml`
files are written by hand; only the version in them is updated.
"""

import re
import sys

import helm_python as helm
from chart_files import CHART, ROOT, chart_files

TARGET = ROOT / "kubernetes"
RELEASE, NAMESPACE = "todo-phase5-app", "todo-phase5"

VALUES = {
    "ingress": {"enabled": True, "tlsSecret": "todo-tls"},
    "migrations": {"jobName": "todo-migrate"},
    "postgresql": {"bundled": True},
    "redis": {"bundled": True},
}

HEADER = "# Generated from the chart by 'make manifests'. Change the chart, or patch this in an overlay.\n"

# Redis is applied first, and alone if Helm installs the rest.
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
    for file, text in chart_files().items():
        file.write_text(text)
    for path, text in manifests().items():
        (TARGET / path).parent.mkdir(parents=True, exist_ok=True)
        (TARGET / path).write_text(text)
    sys.stdout.write(f"{TARGET.name}/ and {CHART.relative_to(ROOT)}/ are up to date\n")


if __name__ == "__main__":
    main()
