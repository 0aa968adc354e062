"""Which values the chart takes: all that Kubernetes would, and nothing that no cluster could run."""

import json
import shutil
from pathlib import Path
from typing import Any

import helm_python as helm
import pytest
import yaml
from chart_files import CHART

from tests.deploy.chart import pick, render, validate

DEFAULTS = yaml.safe_load((CHART / "values.yaml").read_text())
DIGEST = f"sha256:{'0123456789abcdef' * 4}"

Values = dict[str, Any]


def at(way: str, value: Any) -> Values:
    """at("a.b", 1) is {"a": {"b": 1}}."""
    for key in reversed(way.split(".")):
        value = {key: value}
    return value  # type: ignore[no-any-return]


def resources(**amounts: Any) -> Values:
    """Of the backend: resources(requests={...}, limits={...})."""
    return at("backend.resources", amounts)


ACCEPTED: dict[str, Values] = {
    "a digest": at("image.digest", DIGEST),
    "a tag and a digest": at("image", {"tag": "v1", "digest": DIGEST}),
    "a digest after the tag": at("image.tag", f"v1@{DIGEST}"),
    "a registry with a port": at("image.repository", "localhost:5000/team/todo__app"),
    "Redis by digest": at("redis", {"bundled": True, "image": f"registry.example.com/redis:7-alpine@{DIGEST}"}),
    "memory as a power of ten": resources(limits={"memory": "1e9"}),
    "memory as a number": resources(limits={"memory": 1e9}),
    "memory in bytes": resources(limits={"memory": "536870912"}),
    "half a gibibyte": resources(limits={"memory": ".5Gi"}),
    "CPU as a number": resources(requests={"cpu": 0.25}, limits={"cpu": 2}),
    "as much requested as allowed": resources(requests={"memory": "512Mi"}, limits={"memory": "0.5Gi"}),
    "no limits": resources(limits=None),
    "no resources": at("backend.resources", None),
    "a parent chart's values": {"global": {"imageRegistry": "registry.example.com", "a": {"b": [1]}}, "enabled": True},
    "the default class": at("ingress", {"enabled": True, "className": ""}),
    "all subdomains": at("ingress", {"enabled": True, "host": "*.example.com"}),
    "hosts of each form": {"hosts": [".example.com", "*.example.org", "10.0.0.1", "[::1]", "Todo.local", "*"]},
    "a scrape every minute and a half": at("metrics.serviceMonitor.interval", "1m30s"),
    "no annotations": at("ingress", {"enabled": True, "annotations": None, "socketAnnotations": None}),
    "no labels": at("metrics", {"redisExporter": {"enabled": True}, "prometheus": {"podLabels": None}}),
    "half of the replicas": at("backend.disruptionBudget.maxUnavailable", "50%"),
    "a day of events": at("retention.eventDays", 0.5),
    "an account that exists": at("serviceAccount", {"create": False, "name": "robots"}),
    "the namespace's account": at("serviceAccount.create", False),
}


@pytest.mark.parametrize("values", ACCEPTED.values(), ids=ACCEPTED)
def test_right_values_are_accepted(values):
    """And Kubernetes takes what comes out."""
    validate(render(values))


REFUSED = {
    "an unknown key": ({"replicaCount": 2}, "replicaCount"),
    "an unknown key further in": ({"backend": {"replica": 2}}, "replica"),
    "a word for a number": ({"backend": {"replicas": "two"}}, "/backend/replicas"),
    "no replicas": ({"backend": {"replicas": 0}}, "/backend/replicas"),
    "a negative drain": ({"backend": {"drainSeconds": -1}}, "/backend/drainSeconds"),
    "a misspelt resource": ({"backend": {"resources": {"requests": {"ram": "1Gi"}}}}, "ram"),
    "an unknown policy": ({"image": {"pullPolicy": "Sometimes"}}, "/image/pullPolicy"),
    "a Secret's name": ({"existingSecret": "Not A Name"}, "/existingSecret"),
    "a password in the open": ({"env": [{"name": "SECRET_KEY", "value": "a"}]}, "/env/0/name"),
    "hosts in the wrong place": ({"env": [{"name": "ALLOWED_HOSTS", "value": "a"}]}, "/env/0/name"),
    "a number for a text": ({"env": [{"name": "DATABASE_POOL_SIZE", "value": 20}]}, "/env/0/value"),
    "a sentinel without a port": ({"redis": {"sentinels": ["s1"]}}, "/redis/sentinels/0"),
    "an exporter of no version": (
        {"metrics": {"redisExporter": {"image": "oliver006/redis_exporter"}}},
        "/metrics/redisExporter/image",
    ),
    "a password in an address": (
        {"metrics": {"redisExporter": {"address": "redis://:a@b:6379"}}},
        "/metrics/redisExporter/address",
    ),
    "a name for an address": ({"metrics": {"allowedAddresses": ["prometheus"]}}, "/metrics/allowedAddresses/0"),
    "metrics that nobody may read": (at("metrics.serviceMonitor.enabled", True), "metrics.existingSecret"),
    "an object without a kind": ({"extraObjects": [{"apiVersion": "v1"}]}, "/extraObjects/0"),
    # Numbers
    "negative replicas": (at("backend.replicas", -1), "/backend/replicas"),
    "more than the maximum": (at("autoscaling", {"minReplicas": 5, "maxReplicas": 3}), "autoscaling.minReplicas"),
    "a maximum of zero": (at("autoscaling.maxReplicas", 0), "/autoscaling/maxReplicas"),
    "a maximum below the default minimum": (at("autoscaling.maxReplicas", 1), "autoscaling.minReplicas"),
    "more than a whole core": (at("autoscaling.cpuPercent", 700), "/autoscaling/cpuPercent"),
    "a percentage as text": (at("autoscaling.cpuPercent", "70%"), "/autoscaling/cpuPercent"),
    "half a worker": (at("backend.workers", 0.5), "/backend/workers"),
    "no port": (at("service.port", 0), "/service/port"),
    "a port too high": (at("service.port", 70000), "/service/port"),
    "a port as text": (at("service.port", "http"), "/service/port"),
    "a sentinel's port too high": (at("redis.sentinels", ["s1:70000"]), "/redis/sentinels/0"),
    "a sentinel's port of zero": (at("redis.sentinels", ["s1:0"]), "/redis/sentinels/0"),
    "an exporter's port too high": (
        at("metrics.redisExporter.address", "redis://redis:99999"),
        "/metrics/redisExporter/address",
    ),
    "events kept for less than no time": (at("retention.eventDays", -1), "/retention/eventDays"),
    "events kept for a minute": (at("retention.eventDays", 0.001), "/retention/eventDays"),
    "a trash for a million years": (at("retention.trashDays", 1e9), "/retention/trashDays"),
    "days as text": (at("retention.historyDays", "365"), "/retention/historyDays"),
    "a mail server with a scheme": (at("mail.host", "smtp://mail.example.com"), "/mail/host"),
    "a mail's security misspelt": (at("mail.security", "ssl"), "/mail/security"),
    "a sender without an address": (at("mail.from", "Todo"), "/mail/from"),
    "a public address without a scheme": (at("publicUrl", "todo.example.com"), "/publicUrl"),
    # Disruption budgets
    "nobody may go": (at("backend.disruptionBudget.maxUnavailable", 0), "maxUnavailable"),
    "no percent may go": (at("backend.disruptionBudget.maxUnavailable", "0%"), "maxUnavailable"),
    "all may go": (at("backend.disruptionBudget.maxUnavailable", "100%"), "maxUnavailable"),
    "a percentage without its sign": (at("backend.disruptionBudget.maxUnavailable", "25"), "maxUnavailable"),
    # Quantities
    "more memory requested than allowed": (resources(requests={"memory": "1Gi"}), "backend.resources: requests.memory"),
    "more CPU requested than allowed": (resources(limits={"cpu": "100m"}), "backend.resources: requests.cpu"),
    "more disk requested than allowed": (
        resources(requests={"ephemeral-storage": "2G"}, limits={"ephemeral-storage": "1.5Gi"}),
        "backend.resources: requests.ephemeral-storage",
    ),
    "memory in thousandths": (resources(limits={"memory": "512m"}), "/backend/resources/limits/memory"),
    "memory in bytes": (resources(requests={"memory": 256}, limits={"memory": 512}), "backend.resources"),
    "memory in bytes as text": (resources(requests={"memory": "256"}), "backend.resources.requests.memory"),
    "memory with a unit of no kind": (resources(limits={"memory": "512MB"}), "/backend/resources/limits/memory"),
    "memory with a space": (resources(limits={"memory": "512 Mi"}), "/backend/resources/limits/memory"),
    "no memory": (resources(limits={"memory": "0"}), "/backend/resources/limits/memory"),
    "negative memory": (resources(limits={"memory": "-1Gi"}), "/backend/resources/limits/memory"),
    "two points": (resources(limits={"memory": "1.2.3Gi"}), "/backend/resources/limits/memory"),
    "CPU in bytes": (resources(requests={"cpu": "250Mi"}), "/backend/resources/requests/cpu"),
    "CPU without its m": (resources(requests={"cpu": 500}), "backend.resources.requests.cpu"),
    "CPU of less than nothing": (resources(requests={"cpu": -1}), "/backend/resources/requests/cpu"),
    "workers without memory": (at("backend.workers", 8), "backend.workers"),
    "less memory than Redis uses": (
        at("redis.resources", {"requests": {"memory": "64Mi"}, "limits": {"memory": "128Mi"}}),
        "redis.resources.limits.memory",
    ),
    "a volume of no size": (at("redis.storage.size", "0Gi"), "/redis/storage/size"),
    "a volume of five bytes": (at("postgresql.storage.size", "5"), "postgresql.storage.size"),
    "a size of points": (at("postgresql.storage.size", "..Gi"), "/postgresql/storage/size"),
    # Names
    "an image with two tags": (at("image.repository", "todo:1"), "/image/repository"),
    "an image at an address": (at("image.repository", "https://example.com/todo"), "/image/repository"),
    "an image in capitals": (at("image.repository", "example.com/Todo"), "/image/repository"),
    "half a digest": (at("image.digest", "sha256:abc"), "/image/digest"),
    "a digest as tag": (at("image.tag", DIGEST), "/image/tag"),
    "a tag with a space": (at("image.tag", "1 2"), "/image/tag"),
    "an image of Redis without a name": (at("redis.image", ":7"), "/redis/image"),
    "no Secret": ({"existingSecret": ""}, "/existingSecret"),
    "a Secret without a name": ({"imagePullSecrets": [{"name": ""}]}, "/imagePullSecrets/0/name"),
    "a Secret with two points": (at("redis.existingSecret", "a..b"), "/redis/existingSecret"),
    "a key with a slash": (at("metrics.tokenKey", "a/b"), "/metrics/tokenKey"),
    "a class with an underscore": (at("ingress.className", "a_b"), "/ingress/className"),
    "an account in capitals": (at("serviceAccount.name", "Todo"), "/serviceAccount/name"),
    "a Job's name of 64 letters": (at("migrations.jobName", "a" * 64), "/migrations/jobName"),
    "a host with a scheme": ({"hosts": ["https://todo.example.com"]}, "/hosts/0"),
    "a host with a port": ({"hosts": ["todo.example.com:443"]}, "/hosts/0"),
    "a host with an underscore": ({"hosts": ["to_do.example.com"]}, "/hosts/0"),
    "a host with two points": ({"hosts": ["todo..example.com"]}, "/hosts/0"),
    "a host that begins with a hyphen": ({"hosts": ["-todo.example.com"]}, "/hosts/0"),
    "a host with a path": ({"hosts": ["todo.example.com/"]}, "/hosts/0"),
    "an Ingress of subdomains by a point": (at("ingress.host", ".example.com"), "/ingress/host"),
    "an Ingress in capitals": (at("ingress.host", "Todo.example.com"), "/ingress/host"),
    "an Ingress with a port": (at("ingress.host", "todo.example.com:80"), "/ingress/host"),
    "an address that is none": (at("metrics.allowedAddresses", ["10.0.0.300"]), "/metrics/allowedAddresses/0"),
    "a network of 33 bits": (at("metrics.allowedAddresses", ["10.0.0.0/33"]), "/metrics/allowedAddresses/0"),
    "a label that selects the pods": (at("backend.podLabels", {"app": "other"}), "/backend/podLabels"),
    "a label with a space": (at("backend.podLabels", {"a": "b c"}), "/backend/podLabels/a"),
    "a label that is a number": (at("backend.podLabels", {"a": 1}), "/backend/podLabels/a"),
    "the chart's own annotation": (at("backend.podAnnotations", {"checksum/config": "a"}), "/backend/podAnnotations"),
    "a toleration of an unknown effect": (at("backend.tolerations", [{"effect": "Never"}]), "/backend/tolerations/0"),
    "a misspelt affinity": (at("backend.affinity", {"podAntiAfinity": {}}), "podAntiAfinity"),
    # Times
    "no time between scrapes": (at("metrics.serviceMonitor.interval", "0s"), "/metrics/serviceMonitor/interval"),
    "a time without a unit": (at("metrics.serviceMonitor.interval", "30"), "/metrics/serviceMonitor/interval"),
    "scrapes that overlap": (
        at("metrics.serviceMonitor.scrapeTimeout", "1m30s"),
        "metrics.serviceMonitor.scrapeTimeout",
    ),
    # What does not fit together
    "Sentinels of a Cluster": (at("redis", {"cluster": True, "sentinels": ["s:26379"]}), "redis.cluster"),
    "Sentinels of the bundled Redis": (at("redis", {"bundled": True, "sentinels": ["s:26379"]}), "redis.bundled"),
    "a certificate without its key": (
        at("redis.tls", {"existingSecret": "tls", "certKey": "tls.crt"}),
        "redis.tls.keyKey",
    ),
    "a certificate of no Secret": (at("redis.tls", {"certKey": "a", "keyKey": "b"}), "redis.tls.existingSecret"),
    "a password in a setting": (
        {"env": [{"name": "REDIS_URL", "value": "redis://:secret@redis:6379"}]},
        "/env/0",
    ),
    "a secret setting in the open": ({"env": [{"name": "REDIS_PASSWORD", "value": "a"}]}, "/env/0/name"),
    "a setting twice": ({"env": [{"name": "LOG_LEVEL", "value": one} for one in ("INFO", "DEBUG")]}, "LOG_LEVEL"),
    "a variable twice": ({"extraEnv": [{"name": "A", "value": one} for one in "ab"]}, "extraEnv"),
    "a variable with two values": ({"extraEnv": [{"name": "A", "value": "a", "valueFrom": {"a": {}}}]}, "/extraEnv/0"),
    "a volume twice": ({"extraVolumes": [{"name": "tmp", "emptyDir": {}}]}, "extraVolumes"),
    "a mount of no volume": ({"extraVolumeMounts": [{"name": "a", "mountPath": "/a"}]}, "extraVolumeMounts"),
    "a mount over another": (
        {
            "extraVolumes": [{"name": "a", "emptyDir": {}}],
            "extraVolumeMounts": [{"name": "a", "mountPath": "/tmp"}],  # noqa: S108 -- in a pod
        },
        "extraVolumeMounts",
    ),
    "a container of the chart's name": (
        at("backend.extraContainers", [{"name": "backend", "image": "a"}]),
        "backend.extraContainers",
    ),
    "a container without an image": (at("backend.extraContainers", [{"name": "a"}]), "/backend/extraContainers/0"),
    "an object without a name": (
        {"extraObjects": [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {}}]},
        "/extraObjects/0/metadata",
    ),
    "a route without a Gateway": (at("httpRoute.enabled", True), "httpRoute.parentRefs"),
    "a route without a host": (
        at("httpRoute", {"enabled": True, "parentRefs": [{"name": "a"}], "hostnames": []}),
        "httpRoute.hostnames",
    ),
    "a Gateway without a name": (at("httpRoute.parentRefs", [{"namespace": "a"}]), "/httpRoute/parentRefs/0"),
    "no way to the database": (at("networkPolicy.egress.enabled", True), "networkPolicy.egress.rules"),
    "a peer of no kind": (at("networkPolicy.ingressFrom", [{"pods": {}}]), "/networkPolicy/ingressFrom/0"),
}


@pytest.mark.parametrize(("values", "key"), REFUSED.values(), ids=REFUSED)
def test_wrong_values_are_refused(values, key):
    """The message names the key."""
    with pytest.raises(helm.HelmError) as refusal:
        render(values)
    # Helm writes the way to a key as /a/b or as a.b.
    assert key in str(refusal.value) or key.strip("/").replace("/", ".") in str(refusal.value), str(refusal.value)


def test_the_schema_is_closed():
    """Each object of values.yaml has its keys listed, and no other is let in."""
    schema = json.loads((CHART / "values.schema.json").read_text())

    def check(values: dict[str, Any], part: dict[str, Any], way: str) -> None:
        part = schema["$defs"][part["$ref"].rpartition("/")[2]] if "$ref" in part else part
        if "properties" in part and not isinstance(part.get("additionalProperties"), dict):
            assert part["additionalProperties"] is False, way
            assert set(values) <= set(part["properties"]), way
            for key, value in values.items():
                if isinstance(value, dict):
                    check(value, part["properties"][key], f"{way}.{key}")

    check(yaml.safe_load((CHART / "values.yaml").read_text()), schema, "")


EVERYTHING: Values = {
    "backend": {"disruptionBudget": {"enabled": True}},
    "ingress": {"enabled": True, "tlsSecret": "tls"},
    "httpRoute": {"enabled": True, "parentRefs": [{"name": "public"}]},
    "redis": {"bundled": True, "tls": {"existingSecret": "ca"}, "encryption": {"existingSecret": "keys"}},
    "postgresql": {"bundled": True},
    "metrics": {
        "existingSecret": "token",
        "serviceMonitor": {"enabled": True},
        "prometheusRule": {"enabled": True},
        "dashboards": {"enabled": True},
        "redisExporter": {"enabled": True},
    },
    "networkPolicy": {"egress": {"enabled": True}},
}


@pytest.fixture(scope="module")
def older_chart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy whose values.yaml may lack keys, as with `helm upgrade --reuse-values` after the chart got new ones."""
    folder = tmp_path_factory.mktemp("older") / CHART.name
    shutil.copytree(CHART, folder)
    return folder


def rendered(chart: Path, values: Values, defaults: Values) -> dict[str, str]:
    (chart / "values.yaml").write_text(yaml.safe_dump(defaults))
    with helm.Chart.load(chart) as loaded:
        return dict(loaded.render(values, name="a", namespace="b"))


def test_a_missing_key_has_its_default(older_chart):
    """Whatever the older chart did not have yet; so nobody has to write defaults twice."""
    usual = rendered(older_chart, EVERYTHING, DEFAULTS)
    assert rendered(older_chart, EVERYTHING, {}) == usual
    assert rendered(older_chart, EVERYTHING, {**DEFAULTS, "backend": {"replicas": 2}}) == usual
    for key in DEFAULTS:
        rest = {name: one for name, one in DEFAULTS.items() if name != key}
        assert rendered(older_chart, EVERYTHING, rest) == usual, key


def test_a_platform_may_assign_users_itself():
    """OpenShift refuses fixed numbers. {} and null leave the security contexts out, a map replaces them."""
    empty: list[Values | None] = [{}, None]
    for nothing in empty:
        none = {"podSecurityContext": nothing, "securityContext": nothing}
        values = {**EVERYTHING, **none}
        for key in ("redis", "postgresql"):
            values[key] = {**EVERYTHING[key], **none}
        values["metrics"] = {**EVERYTHING["metrics"], "redisExporter": {"enabled": True, **none}}
        assert "securityContext" not in json.dumps(render(values))
    pod = pick(render({"podSecurityContext": {"runAsNonRoot": True}}), "Deployment")["spec"]["template"]["spec"]
    assert pod["securityContext"] == {"runAsNonRoot": True}
    assert pod["containers"][0]["securityContext"]["allowPrivilegeEscalation"] is False
