"""Whatever variable the documents promise can be set in a cluster, as in Compose (test_compose.py)."""

import yaml

from tests.deploy.chart import pick, render
from tests.deploy.variables import documented_variables
from tests.servers import ROOT
from todo_project.settings import env

CHARTS_OWN = {"ALLOWED_HOSTS", "HTTPS"}
"""Made of values that have names of their own."""


def test_every_variable_reaches_the_pods() -> None:
    """Secrets, and files with them, by `extraEnv`, all others by `env`; the plain manifests read the same ConfigMap."""
    secrets = {*env.secrets, *(f"{name}_FILE" for name in env.secrets)}
    plain = documented_variables() - secrets - {*CHARTS_OWN, "DEBUG", "STATIC_ROOT"}
    objects = render(
        {
            "env": [{"name": name, "value": "a"} for name in sorted(plain)],
            "extraEnv": [{"name": name, "value": "a"} for name in sorted(secrets)],
        }
    )
    container = pick(objects, "Deployment")["spec"]["template"]["spec"]["containers"][0]
    assert container["envFrom"] == [{"configMapRef": {"name": "todo-backend"}}]
    assert plain | CHARTS_OWN <= pick(objects, "ConfigMap", "todo-backend")["data"].keys()
    assert secrets <= {one["name"] for one in container["env"]}
    (manifest,) = yaml.safe_load_all((ROOT / "kubernetes/backend/deployment.yaml").read_text())
    assert manifest["spec"]["template"]["spec"]["containers"][0]["envFrom"] == container["envFrom"]
