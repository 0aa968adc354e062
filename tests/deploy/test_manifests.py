"""`kubernetes/` is what the chart makes, and `kubectl apply -k` would take it."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from chart_files import CHART, ROOT, chart_files, version
from manifests import TARGET, manifests

from tests.deploy.chart import pick, pod_specs, program, validate
from todo_project import VERSION


def kustomize(folder: Path) -> list[dict[str, Any]]:
    """The objects that `kubectl apply -k` would send; kubectl needs no cluster for it."""
    done = subprocess.run(
        [program("kubectl"), "kustomize", str(folder)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


def test_it_is_what_the_chart_makes():
    """And nothing lies there that the chart no longer makes: 'make manifests' was run."""
    made = manifests()
    by_hand = {"kustomization.yaml", "connections/kustomization.yaml"}
    there = {str(path.relative_to(TARGET)) for path in TARGET.rglob("*") if path.is_file()}
    assert there == {*made, *by_hand}
    for path, text in made.items():
        assert (TARGET / path).read_text() == text, f"kubernetes/{path} is not current: make manifests"


@pytest.mark.parametrize("path", chart_files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_the_generated_files_are_current(path):
    """The chart's defaults for its templates, its README, and the version: it stands in pyproject.toml."""
    assert path.read_text() == chart_files()[path], "make manifests"


def test_the_version_stands_everywhere():
    """Chart, image, manifests, Compose and the application have that of pyproject.toml; so does the change log."""
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    assert chart["version"] == chart["appVersion"] == version() == VERSION
    (image,) = yaml.safe_load((TARGET / "kustomization.yaml").read_text())["images"]
    assert image["newTag"] == version()
    assert set(re.findall(r"VERSION:-([^}]*)", (ROOT / "compose.yaml").read_text())) == {version()}
    assert f"## [{version()}]" in (ROOT / "CHANGELOG.md").read_text()


def test_kustomize_takes_all_of_it():
    """Each object fits the schemas of Kubernetes, lies in the namespace, and comes from one of the files."""
    objects = kustomize(TARGET)
    validate(objects)
    written = [one for path in manifests() for one in yaml.safe_load_all((TARGET / path).read_text())]
    assert {(one["kind"], one["metadata"]["name"]) for one in objects} == {
        (one["kind"], one["metadata"]["name"]) for one in written
    }
    assert {one["metadata"]["namespace"] for one in objects if one["kind"] != "Namespace"} == {"todo-phase5"}


def test_the_images_name_is_set_in_one_place():
    """For all pods of the application, the Jobs' too."""
    images = yaml.safe_load((TARGET / "kustomization.yaml").read_text())["images"]
    (image,) = [f"{one['newName']}:{one['newTag']}" for one in images]
    names = {
        container["image"]
        for pod in pod_specs(kustomize(TARGET))
        for container in [*pod.get("initContainers", []), *pod["containers"]]
    }
    assert names == {image, "redis:7-alpine", "postgres:17-alpine"}


def test_redis_can_be_applied_alone():
    """The namespace comes with it, before all else; its folder holds nothing that `kubectl apply -f` would refuse."""
    assert [path.name for path in (TARGET / "redis").iterdir()] == ["redis-deployment.yaml"]
    objects = list(yaml.safe_load_all((TARGET / "redis/redis-deployment.yaml").read_text()))
    validate(objects)
    assert (objects[0]["kind"], objects[0]["metadata"]["name"]) == ("Namespace", "todo-phase5")
    # A pod of `kubectl run` has no security context, so no more than this may be enforced.
    assert objects[0]["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "baseline"
    assert pick(objects, "Service")["metadata"]["name"] == "redis"


@pytest.mark.parametrize(
    ("name", "selectors"),
    [
        # The last one is the pod of the documented trial.
        (
            "redis",
            [
                {"matchLabels": {"app": "todo-backend"}},
                {"matchLabels": {"app": "redis-exporter"}},
                {"matchLabels": {"run": "redis-test"}},
            ],
        ),
        (
            "postgres",
            [{"matchExpressions": [{"key": "app", "operator": "In", "values": ["todo-backend", "todo-jobs"]}]}],
        ),
    ],
)
def test_only_the_application_gets_in(name, selectors):
    """By the labels that its pods have, to the port of the Service."""
    objects = kustomize(TARGET)
    policy = pick(objects, "NetworkPolicy", name)["spec"]
    service = pick(objects, "Service", name)["spec"]
    assert policy["podSelector"]["matchLabels"] == service["selector"]
    (rule,) = policy["ingress"]
    assert [one["podSelector"] for one in rule["from"]] == selectors
    assert rule["ports"] == [{"port": service["ports"][0]["targetPort"]}]
    specs = [pick(objects, kind, "todo-")["spec"] for kind in ("Deployment", "Job")]
    assert [spec["template"]["metadata"]["labels"]["app"] for spec in specs] == ["todo-backend", "todo-jobs"]


def test_the_autoscaler_can_count_connections(tmp_path):
    """The component adds the metric beside CPU."""
    overlay = tmp_path / "overlay"
    overlay.mkdir()
    # kubectl takes no absolute paths.
    way = Path(*[".."] * len(overlay.parts[1:]), *TARGET.parts[1:])
    (overlay / "kustomization.yaml").write_text(
        yaml.safe_dump({"resources": [str(way)], "components": [str(way / "connections")]})
    )
    objects = kustomize(overlay)
    validate(objects)
    metrics = pick(objects, "HorizontalPodAutoscaler")["spec"]["metrics"]
    assert [one["type"] for one in metrics] == ["Resource", "Pods"]
    in_the_chart = yaml.safe_load((CHART / "values.yaml").read_text())["autoscaling"]["connections"]
    assert metrics[1]["pods"] == {
        "metric": {"name": in_the_chart["metric"]},
        "target": {"type": "AverageValue", "averageValue": str(in_the_chart["perReplica"])},
    }


def test_two_replicas_or_more():
    """The autoscaler says how many, so the Deployment does not."""
    objects = kustomize(TARGET)
    autoscaler = pick(objects, "HorizontalPodAutoscaler")["spec"]
    assert autoscaler["minReplicas"] >= 2
    assert autoscaler["scaleTargetRef"]["name"] == pick(objects, "Deployment", "todo-backend")["metadata"]["name"]
    assert "replicas" not in pick(objects, "Deployment", "todo-backend")["spec"]
