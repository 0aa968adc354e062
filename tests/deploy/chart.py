"""The chart rendered by Helm's own engine, and Kubernetes' schemas for what comes out."""

import functools
import json
import os
import shutil
import sysconfig
from typing import Any

import helm_python as helm
import jsonschema
import kubernetes_validate.utils
import pytest
import yaml
from chart_files import CHART
from manifests import NAMESPACE, RELEASE

from tests.deploy.operator_schemas import OPERATOR_SCHEMAS

Object = dict[str, Any]

_KNOWN = [tuple(map(int, version.split(".")[:2])) for version in kubernetes_validate.utils.all_versions()]
VERSIONS = ["1.29", "{}.{}".format(*max(_KNOWN))]
"""The oldest version that the chart supports, and the newest. A field that is in both is in those between."""


def program(name: str) -> str:
    """A program that came with Python's packages."""
    path = shutil.which(name, path=sysconfig.get_path("scripts"))
    if path is None:
        message = f"{name} is missing: 'make test' installs it"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return path


def files(values: dict[str, Any] | None = None) -> dict[str, str]:
    """What Helm makes of each template."""
    with helm.Chart.load(CHART) as chart:
        return dict(chart.render(values or {}, name=RELEASE, namespace=NAMESPACE))


def render(values: dict[str, Any] | None = None) -> list[Object]:
    """The objects of a release."""
    found = files(values).items()
    return [
        one
        for name, text in sorted(found)
        if not name.endswith("NOTES.txt")
        for one in yaml.load_all(text, yaml.CSafeLoader)
        if one
    ]


def pick(objects: list[Object], kind: str, name: str | None = None) -> Object:
    """The one object of this kind, and name."""
    (found,) = [
        one for one in objects if one["kind"] == kind and (name is None or one["metadata"]["name"].startswith(name))
    ]
    return found


def pod_specs(objects: list[Object]) -> list[Object]:
    """The pods that these objects are, or make."""
    found = []
    for one in objects:
        spec = one.get("spec", {})
        spec = spec.get("jobTemplate", {}).get("spec", spec)
        if one["kind"] == "Pod":
            found.append(spec)
        elif "template" in spec:
            found.append(spec["template"]["spec"])
    return found


def containers(pod: Object) -> list[Object]:
    return [*pod.get("initContainers", []), *pod["containers"]]


def validate(objects: list[Object]) -> None:
    """Each object by the strict schema of each version of Kubernetes, or of the Prometheus Operator. Raises for a kind
    that has none."""
    for one in objects:
        if schema := OPERATOR_SCHEMAS.get((one["apiVersion"], one["kind"])):
            jsonschema.validate(one, schema)
            continue
        for version in VERSIONS:
            _validate(json.dumps(one, sort_keys=True), version)


# Half a million characters of definitions, which the library reads for each object.
kubernetes_validate.utils.schema_contents = functools.cache(kubernetes_validate.utils.schema_contents)


@functools.cache
def _validate(text: str, version: str) -> None:
    kubernetes_validate.validate(json.loads(text), version, strict=True)
