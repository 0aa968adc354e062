"""What an operator sees: the dashboards and the rules ask for what is there, in a Prometheus that reads it live."""

import asyncio
import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx
import pytest

from tests.cast import ALICE
from tests.clients import Client, Session, ok
from tests.deploy.monitoring import (
    CONFIG,
    DASHBOARDS,
    TOKEN,
    Prometheus,
    RedisExporter,
    asked_by_panels,
    asked_by_rules,
    labels,
    names,
    panels,
    promtool,
    samples,
)
from tests.servers import PostgresServer, RedisServer, Replica, wait_until

ELSEWHERE = re.compile(r"kubelet_volume_stats_(available|capacity)_bytes|node_filesystem_(avail|size)_bytes")
"""What the cluster or the machine tells Prometheus, if it is asked; neither is here."""

ATTACHED = {"job", "instance", "namespace"}
"""Labels that Prometheus puts to what it reads."""


@dataclass
class Live:
    """A replica that has had something to do, its Redis, and who watches them."""

    redis: RedisServer
    replica: Replica
    exporter: RedisExporter
    prometheus: Prometheus

    def samples(self) -> dict[str, set[str]]:
        """All that can be asked for."""
        here = samples(f"{self.replica.url}/metrics", {"Authorization": f"Bearer {TOKEN}"})
        return {**here, **self.exporter.samples(), "up": set()}


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer, postgres_template: str) -> Iterator[Live]:
    """With PostgreSQL, whose pool has metrics of its own."""
    folder = tmp_path_factory.mktemp("monitoring")
    database = postgres.url(postgres.create_database(template=postgres_template))
    with RedisServer(folder, arguments=["--maxmemory", "100mb"]) as redis:
        env = {"DATABASE_URL": database, "REDIS_URL": redis.url, "METRICS_TOKEN": TOKEN}
        with Replica(folder, env=env) as replica, RedisExporter(folder, redis.url) as exporter:
            asyncio.run(_work(replica))
            with Prometheus(folder, replica, exporter) as prometheus:
                yield Live(redis, replica, exporter, prometheus)


async def _work(replica: Replica) -> None:
    """One change that reaches a socket, one replay, and one who is refused."""
    with Session(replica.url, ALICE) as session:
        client = await Client.connect(replica.ws_url, token=session.token)
        ready = await client.until("ready")
        ok(session.post("/api/tasks", json={"title": "watched"}))
        await client.until("task.created")
        await client.close()
        hello = {"token": session.token, "epoch": ready["epoch"], "positions": ready["positions"]}
        client = await Client.connect(replica.ws_url, hello=hello)
        await client.until("caught_up")
        await client.close()
        refused = await Client.connect(replica.ws_url, token="nobody")
        await refused.closed()


@pytest.mark.parametrize("name", DASHBOARDS)
def test_grafana_can_load_it(name):
    """Found by its uid in any Grafana from 10 on; any Prometheus can be chosen, and any instance."""
    dashboard = DASHBOARDS[name]
    assert dashboard["uid"] == f"todo-{name}"
    assert dashboard["schemaVersion"] >= 38
    assert "id" not in dashboard, "each Grafana gives it one of its own"
    variables = {one["name"]: one for one in dashboard["templating"]["list"]}
    assert variables["datasource"]["type"] == "datasource"
    assert variables["datasource"]["query"] == "prometheus"
    assert set(variables) == {"datasource", "instance"}
    used = set(re.findall(r"\$\{?(\w+)", json.dumps(dashboard))) - {"__rate_interval", "__all"}
    assert used == set(variables)


@pytest.mark.parametrize("name", DASHBOARDS)
def test_each_panel_says_what_is_good(name):
    """With a unit, by the chosen Prometheus and instance; none lies on another one."""
    places: set[tuple[int, int]] = set()
    for panel in DASHBOARDS[name]["panels"]:
        place = panel["gridPos"]
        cells = set(
            itertools.product(range(place["x"], place["x"] + place["w"]), range(place["y"], place["y"] + place["h"]))
        )
        assert place["x"] + place["w"] <= 24, panel["title"]
        assert not cells & places, panel["title"]
        places |= cells
    for panel in panels(DASHBOARDS[name]):
        assert len(panel["description"]) > 20, panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        for target in panel["targets"]:
            assert 'instance=~"$instance"' in target["expr"], panel["title"]


def test_prometheus_can_read_each_expression(tmp_path):
    """Of all panels, as rules of one file."""
    path = tmp_path / "panels.yaml"
    rules = [{"record": f"panel:{number}", "expr": one} for number, (_, one) in enumerate(asked_by_panels())]
    path.write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))
    promtool("check", "rules", path)


def test_prometheus_takes_the_settings():
    """The file as it stands; the token that it names is not in the repository."""
    promtool("check", "config", "--syntax-only", CONFIG)


def test_all_that_is_asked_for_is_there(live):
    """Each name in a panel or a rule, with each label that it is grouped or selected by."""
    there = live.samples()
    for where, expression in [*asked_by_panels(), *asked_by_rules()]:
        found = names(expression)
        if any(map(ELSEWHERE.fullmatch, found)):
            assert all(map(ELSEWHERE.fullmatch, found)), where
            continue
        assert found <= set(there), f"{where}: {sorted(found - set(there))}"
        if found:
            known = set().union(*(there[name] for name in found)) | ATTACHED
            assert labels(expression) <= known, f"{where}: {sorted(labels(expression) - known)}"


def test_the_names_of_an_expression_are_seen():
    """The control of the one before."""
    expression = 'sum by (le) (rate(a_total{b_c="d_e"}[5m])) / on (f) g_h > 0 unless min(up) < 1 and i:j_k:l > 1'
    assert names(expression) == {"a_total", "g_h", "up"}
    assert labels(expression) == {"le", "f", "b_c"}


def test_the_documented_prometheus_works(live):
    """With the token; both targets answer, each rule is well, and each panel gets an answer."""
    prometheus = live.prometheus

    def targets() -> set[tuple[str, str]]:
        return {(one["labels"]["job"], one["health"]) for one in prometheus.ask("targets")["activeTargets"]}

    wait_until(lambda: targets() == {("todo-backend", "up"), ("redis-exporter", "up")}, what="both to be scraped")

    def figures(expression: str) -> list[Any]:
        found: list[Any] = prometheus.ask("query", query=expression)["result"]
        return found

    def health() -> set[str]:
        return {rule["health"] for group in prometheus.ask("rules")["groups"] for rule in group["rules"]}

    wait_until(lambda: health() == {"ok"}, timeout=30, what="the rules to be evaluated")
    for title, expression in asked_by_panels():
        wait_until(partial(figures, expression), what=f"figures for {title}")
    for left_out in set(re.findall(r'route!~("[^"]+")', str([*asked_by_rules()]))):
        assert figures(f"todo_http_requests_total{{route=~{left_out}}}"), "there is no such route"
    wait_until(lambda: not prometheus.ask("alerts")["alerts"], what="the alerts to be quiet")


def test_without_the_token_nobody_reads(live):
    """Who comes by way of a proxy."""
    with pytest.raises(httpx.HTTPStatusError, match="403"):
        samples(f"{live.replica.url}/metrics", {"X-Forwarded-For": "203.0.113.7"})


def test_a_redis_that_is_gone_is_seen(live):
    """By the application and by the exporter, and nobody is woken for it; it is over when Redis is back."""

    def raised() -> dict[str, str]:
        found = [one["labels"] for one in live.prometheus.ask("alerts")["alerts"]]
        return {one["alertname"]: one["severity"] for one in found}

    live.redis.kill()
    both = {"TodoRedisDown": "warning", "TodoRedisExporterDown": "warning"}
    wait_until(lambda: both.items() <= raised().items(), timeout=30, what="both to say so")
    assert "critical" not in raised().values()
    assert "redis_uptime_in_seconds" not in live.exporter.samples()
    live.redis.start()
    wait_until(lambda: not raised(), timeout=90, what="the alerts to be over")
