"""What the chart gives to Prometheus and Grafana."""

import json
import re
from typing import Any

import yaml
from chart_files import CHART

from tests.deploy.chart import files, pick, pod_specs, render
from tests.deploy.chart_sets import SETS


def test_prometheus_finds_what_it_may_read():
    """Each ServiceMonitor selects one Service, by a port that it has, and the replicas know the token that it sends."""
    objects = render(SETS["watched"])
    services = {one["metadata"]["labels"]["app"]: one["spec"] for one in objects if one["kind"] == "Service"}
    jobs = set(re.findall(r'\bjob="([^"]+)"', json.dumps(pick(objects, "PrometheusRule")["spec"]).replace("\\", "")))
    monitors = {one["metadata"]["name"]: one for one in objects if one["kind"] == "ServiceMonitor"}
    assert set(monitors) == jobs - {"node"} == {"todo-backend", "redis-exporter"}
    for name, monitor in monitors.items():
        assert monitor["metadata"]["labels"]["release"] == "prometheus"
        (endpoint,) = monitor["spec"]["endpoints"]
        # The job is named after the Service.
        assert pick(objects, "Service", name)["spec"] == services[monitor["spec"]["selector"]["matchLabels"]["app"]]
        assert endpoint["port"] in {port["name"] for port in services[name]["ports"]}
    token = monitors["todo-backend"]["spec"]["endpoints"][0]["authorization"]["credentials"]
    assert "authorization" not in monitors["redis-exporter"]["spec"]["endpoints"][0]
    variables = pick(objects, "Deployment", "todo-backend")["spec"]["template"]["spec"]["containers"][0]["env"]
    (known,) = [one for one in variables if one["name"] == "METRICS_TOKEN"]
    assert known["valueFrom"]["secretKeyRef"] == token == {"name": "todo-metrics", "key": "token"}
    assert pick(objects, "ConfigMap", "todo-backend")["data"]["METRICS_ALLOWED_ADDRESSES"] == "10.0.0.0/8,fd00::/8"
    assert "METRICS_ALLOWED_ADDRESSES" not in pick(render(), "ConfigMap", "todo-backend")["data"]


def test_the_rules_are_those_of_the_file():
    """But for the place where the runbooks are."""
    written = yaml.safe_load((CHART / "files/alerts.yaml").read_text())
    assert pick(render({"metrics": {"prometheusRule": {"enabled": True}}}), "PrometheusRule")["spec"] == written
    rule = pick(render(SETS["watched"]), "PrometheusRule")
    assert rule["metadata"]["labels"]["role"] == "rules"
    places = [
        one["annotations"]["runbook_url"]
        for group in rule["spec"]["groups"]
        for one in group["rules"]
        if "alert" in one
    ]
    assert {place.partition("#")[0] for place in places} == {"https://git.example.com/todo/docs/operations.md"}


def test_grafana_finds_the_dashboards():
    """As they stand in files, under the label of its sidecar."""
    maps = [one for one in render(SETS["watched"]) if one["metadata"]["name"].startswith("todo-dashboard-")]
    shown: dict[str, Any] = {}
    for one in maps:
        assert one["metadata"]["labels"]["grafana_dashboard"] == "1"
        assert one["metadata"]["annotations"] == {"grafana_folder": "Todo"}
        shown |= {name.removeprefix("todo-"): json.loads(text) for name, text in one["data"].items()}
    assert shown == {path.name: json.loads(path.read_text()) for path in (CHART / "files/dashboards").iterdir()}


def test_only_prometheus_reaches_the_exporter():
    """And the exporter reaches Redis, as the user that is made for it."""
    objects = render(SETS["watched"] | {"redis": {"bundled": True}})
    policy = pick(objects, "NetworkPolicy", "redis-exporter")["spec"]
    exporter = pick(objects, "Deployment", "redis-exporter")["spec"]["template"]
    labels = exporter["metadata"]["labels"].items()
    assert policy["podSelector"]["matchLabels"].items() <= labels
    (rule,) = policy["ingress"]
    assert rule["from"] == [
        {
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}},
            "podSelector": {"matchLabels": {"app.kubernetes.io/name": "prometheus"}},
        }
    ]
    assert rule["ports"] == [{"port": exporter["spec"]["containers"][0]["ports"][0]["name"]}]
    (redis,) = [one for one in objects if one["kind"] == "NetworkPolicy" and one["metadata"]["name"] == "redis"]
    assert any(one["podSelector"]["matchLabels"].items() <= labels for one in redis["spec"]["ingress"][0]["from"])
    variables = {one["name"]: one for one in exporter["spec"]["containers"][0]["env"]}
    users = (CHART / "files/redis/start.sh").read_text()
    assert f"user {variables['REDIS_USER']['value']} on" in users
    (server,) = [pod["containers"][0] for pod in pod_specs(objects) if pod["containers"][0]["name"] == "redis"]
    secrets = [one.get("valueFrom") for one in server["env"] if one["name"] == "REDIS_EXPORTER_PASSWORD"]
    assert secrets == [variables["REDIS_PASSWORD"]["valueFrom"]]


def test_notes_tell_of_what_watches():
    """Which Secrets it needs; and nothing where nothing watches."""
    notes = files(SETS["watched"])["todo-phase5/templates/NOTES.txt"]
    assert "as exporter if the Secret redis-auth has the key exporter-password" in notes
    assert "the key token of the Secret todo-metrics" in notes
    assert "docs/operations.md has a chapter for each alert, under the alert's name" in notes
    assert "names no Secret" in files(SETS["watched, with little"])["todo-phase5/templates/NOTES.txt"]
    assert "alert" not in files()["todo-phase5/templates/NOTES.txt"]
