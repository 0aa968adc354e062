"""Prometheus and prometheus-redis-exporter, as Debian has them, and what panels and rules ask them for."""

import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from chart_files import CHART
from prometheus_client.parser import text_string_to_metric_families

from tests.clients import get, ok
from tests.servers import ROOT, Replica, Server, program

RULES = CHART / "files/alerts.yaml"
GROUPS = yaml.safe_load(RULES.read_text())["groups"]
DASHBOARDS = {path.stem: json.loads(path.read_text()) for path in sorted((CHART / "files/dashboards").glob("*.json"))}

CONFIG = ROOT / "deploy/monitoring/prometheus.yml"
TOKEN = "a-token-for-the-tests-of-metrics"


class RedisExporter(Server):
    """For the Redis at `url`; `variables` are its environment, as in REDIS_USER."""

    name = "redis-exporter"

    def __init__(self, folder: Path, url: str, **variables: str) -> None:
        super().__init__(folder)
        self.variables = {"REDIS_ADDR": url, **variables}

    def command(self) -> list[str]:
        return [program("prometheus-redis-exporter"), "-web.listen-address", f"127.0.0.1:{self.port}"]

    def popen_options(self) -> dict[str, Any]:
        return {"env": {"PATH": os.environ["PATH"], **self.variables}}

    def is_ready(self, log: str) -> bool:
        return "Providing metrics at" in log

    def samples(self) -> dict[str, set[str]]:
        return samples(f"http://127.0.0.1:{self.port}/metrics")


class Prometheus(Server):
    """By deploy/monitoring/prometheus.yml, which asks these two each second, and reads the rules that it names."""

    name = "prometheus"

    def __init__(self, folder: Path, replica: Replica, exporter: RedisExporter) -> None:
        super().__init__(folder)
        token = self.folder / "metrics-token"
        token.write_text(TOKEN)
        text = CONFIG.read_text()
        for there, here in {
            "/etc/todo/metrics-token": str(token),
            "localhost:8000": f"127.0.0.1:{replica.port}",
            "localhost:9121": f"127.0.0.1:{exporter.port}",
            "30s": "1s",
            "../..": str(ROOT),
        }.items():
            assert there in text, there
            text = text.replace(there, here)
        self.config = self.folder / "prometheus.yml"
        self.config.write_text(text)

    def command(self) -> list[str]:
        return [
            program("prometheus"),
            f"--config.file={self.config}",
            f"--storage.tsdb.path={self.folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{self.port}",
        ]

    def is_ready(self, log: str) -> bool:
        return "Server is ready to receive web requests" in log

    def ask(self, path: str, **query: str) -> Any:
        """The data of an answer of its API, as in ask("query", query="up")."""
        return ok(get(f"http://127.0.0.1:{self.port}/api/v1/{path}", params=query))["data"]


def samples(url: str, headers: Mapping[str, str] | None = None) -> dict[str, set[str]]:
    """The names that can be asked for at this address, with the labels seen at each; also those yet without samples."""
    text = get(url, headers=headers).raise_for_status().text
    suffixes = {"counter": ["_total"], "histogram": ["_bucket", "_count", "_sum"], "summary": ["", "_count", "_sum"]}
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(text):
        for suffix in suffixes.get(family.type, [""]):
            found.setdefault(family.name + suffix, set())
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


def promtool(*arguments: str | Path) -> None:
    done = subprocess.run(
        [program("promtool"), *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def panels(dashboard: dict[str, Any]) -> list[dict[str, Any]]:
    """Without the rows, which only have a title."""
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def asked_by_panels() -> Iterator[tuple[str, str]]:
    """The title and each expression of all panels, with Grafana's variables filled in."""
    for dashboard in DASHBOARDS.values():
        for panel in panels(dashboard):
            for target in panel["targets"]:
                expression = target["expr"].replace("$__rate_interval", "2m").replace("$instance", ".*")
                yield f"{dashboard['title']}: {panel['title']}", expression


def asked_by_rules() -> Iterator[tuple[str, str]]:
    for group in GROUPS:
        for rule in group["rules"]:
            yield rule.get("alert") or rule["record"], rule["expr"]


def names(expression: str) -> set[str]:
    """The metrics that an expression reads, but not what a rule records."""
    bare = re.sub(r"\{[^}]*\}|\[[^]]*\]|\b(?:by|on|ignoring) \([^)]*\)", "", expression)
    return set(re.findall(r"(?<![:\w])(?:up|[a-z]+_[a-z0-9_]+)(?![\w:(])(?! \()", bare))


def labels(expression: str) -> set[str]:
    """The labels by which it groups or selects."""
    grouped = re.findall(r"\b(?:by|on) \(([^)]*)\)", expression)
    selected = re.findall(r"[{,](\w+)(?==|!)", expression)
    return {one.strip() for part in grouped for one in part.split(",")} | set(selected)
