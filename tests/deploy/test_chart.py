"""The chart: whatever the values, Kubernetes takes what comes out, or Helm says which value is wrong."""

import re
import subprocess
import sys
from itertools import pairwise

import helm_python as helm
import jsonschema
import pytest
from chart_files import CHART
from django.core.management import get_commands, load_command_class
from kubernetes_validate import SchemaNotFoundError, ValidationError

from realtime.server.supervisor import GRACE_SECONDS
from tests.deploy.chart import containers, files, pick, pod_specs, render, validate
from tests.deploy.chart_sets import SETS
from tests.servers import ROOT, Serve

NOTES = "todo-phase5/templates/NOTES.txt"


@pytest.mark.parametrize("values", SETS.values(), ids=SETS)
def test_what_comes_out_is_valid(values):
    """Helm's strict lint has nothing to say, and each object fits the schemas of Kubernetes from 1.29 on."""
    report = helm.lint(CHART, values, strict=True)
    assert not report["errors"]
    assert not [message for message in report["messages"] if message["severity"] > 1], report
    objects = render(values)
    validate(objects)
    names = [(one["kind"], one["metadata"]["name"]) for one in objects]
    assert len(set(names)) == len(names)


def test_the_validation_sees_what_is_wrong():
    """The control: a misspelt field, and a kind that nobody knows."""
    (service,) = [one for one in render() if one["kind"] == "Service"]
    service["spec"]["selectors"] = {}
    with pytest.raises(ValidationError, match="selectors"):
        validate([service])
    with pytest.raises(SchemaNotFoundError):
        validate([service | {"kind": "Sevice"}])
    (monitor, *_) = [one for one in render(SETS["watched"]) if one["kind"] == "ServiceMonitor"]
    monitor["spec"]["endpoints"][0]["intervall"] = "30s"
    with pytest.raises(jsonschema.ValidationError, match="intervall"):
        validate([monitor])


def test_the_same_values_make_the_same_text():
    """Nothing random, which would replace keys and passwords at each upgrade."""
    values = SETS["all of its own"]
    assert files(values) == files(values)


def test_names_that_operators_type():
    """As the guide has them."""
    objects = render(SETS["all of its own"])
    backend = pick(objects, "Deployment", "todo-backend")
    assert backend["spec"]["template"]["metadata"]["labels"]["app"] == "todo-backend"
    assert {one["metadata"]["name"] for one in objects if one["kind"] == "Service"} == {
        "todo-backend",
        "redis",
        "postgres",
    }
    assert pick(objects, "ConfigMap", "todo-backend")["data"]["REDIS_URL"] == "redis://redis:6379"


def test_no_password_stands_in_it():
    """Secrets are named, never made or shown."""
    objects = render(SETS["all of its own"] | {"ingress": {"enabled": True}})
    assert not [one for one in objects if one["kind"] == "Secret"]
    for pod in pod_specs(objects):
        for container in containers(pod):
            for variable in container.get("env", []):
                if re.search("KEY|PASSWORD|AUTH|DATABASE_URL", variable["name"]):
                    assert "secretKeyRef" in variable["valueFrom"], variable


@pytest.mark.parametrize("values", [SETS[name] for name in SETS if name != "more in the pod"])
def test_pods_have_no_rights(values):
    """As the restricted profile of Kubernetes asks, a read-only root file system on top, no token of the API."""
    for pod in pod_specs(render(values)):
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] > 0
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in containers(pod):
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert container["resources"]["limits"]["memory"]


@pytest.mark.parametrize("name", ["defaults", "large"])
def test_the_grace_fits_the_drain(name):
    """preStop, the drain, and what `serve` gives its workers after it fit into terminationGracePeriodSeconds."""
    pod = pick(render(SETS[name]), "Deployment", "todo-backend")["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    drain = int(next(word for word in container["args"] if word.startswith("--drain-seconds")).partition("=")[2])
    pause = int(container["lifecycle"]["preStop"]["exec"]["command"][1])
    assert pod["terminationGracePeriodSeconds"] > pause + drain + GRACE_SECONDS


def test_probes_ask_what_they_should():
    """Alive is not ready. They are asked by the pod's address, which both answer."""
    (container,) = pick(render(), "Deployment")["spec"]["template"]["spec"]["containers"]
    paths = {"startupProbe": "/livez", "livenessProbe": "/livez", "readinessProbe": "/readyz"}
    for probe, path in paths.items():
        assert container[probe]["httpGet"] == {"path": path, "port": "http"}


def test_a_job_of_another_content_has_another_name():
    """A Job can't be changed, so an upgrade makes a new one; the same values keep the name."""
    names = [pick(render(values), "Job")["metadata"]["name"] for values in ({}, {"image": {"tag": "2"}}, {})]
    assert names[0] == names[2] != names[1]


def test_jobs_get_no_traffic():
    """The Service does not select them."""
    objects = render()
    selector = pick(objects, "Service")["spec"]["selector"]
    labels = pick(objects, "Job")["spec"]["template"]["metadata"]["labels"]
    assert any(labels.get(key) != value for key, value in selector.items())


def test_commands_exist():
    """What the pods run are commands of manage.py, with options that they know."""
    known = get_commands()
    for pod in pod_specs(render()):
        for container in containers(pod):
            words = [*container["command"], *container.get("args", [])]
            if words[1] != "manage.py":
                continue
            parser = load_command_class(known[words[2]], words[2]).create_parser("manage.py", words[2])
            parser.parse_args(words[3:])


def test_variables_exist():
    """What is set for the application is a variable that it reads."""
    known = re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    for values in SETS.values():
        objects = render(values)
        data = pick(objects, "ConfigMap", "todo-backend")["data"]
        container, *_ = pick(objects, "Deployment", "todo-backend")["spec"]["template"]["spec"]["containers"]
        assert {*data, *(one["name"] for one in container["env"])} <= set(known)


def test_a_variable_given_by_hand_replaces_the_charts():
    """No name stands twice, which Kubernetes would refuse to merge."""
    pod = pick(render(SETS["extras"]), "Deployment")["spec"]["template"]["spec"]
    variables = [one["name"] for one in pod["containers"][0]["env"]]
    assert sorted(variables) == sorted(set(variables))
    (database,) = [one for one in pod["containers"][0]["env"] if one["name"] == "DATABASE_URL"]
    assert database["valueFrom"]["secretKeyRef"]["name"] == "operator"


def test_every_form_of_redis_reaches_the_application():
    """Sentinels, cluster, certificates from a Secret, and keys from another one."""
    objects = render(SETS["sentinel, TLS and encryption"])
    data = pick(objects, "ConfigMap")["data"]
    assert (data["REDIS_SENTINELS"], data["REDIS_SENTINEL_MASTER"]) == ("s1:26379,s2:26379", "todo")
    pod = pick(objects, "Deployment")["spec"]["template"]["spec"]
    (mount,) = [one for one in pod["containers"][0]["volumeMounts"] if one["name"] == "redis-tls"]
    (volume,) = [one for one in pod["volumes"] if one["name"] == "redis-tls"]
    assert volume["secret"] == {"secretName": "redis-ca"}
    for name, key in (("CA", "ca.pem"), ("CERT", "tls.crt"), ("KEY", "tls.key")):
        assert data[f"REDIS_{name}_FILE"] == f"{mount['mountPath']}/{key}"
    variables = {one["name"]: one for one in pod["containers"][0]["env"]}
    assert variables["REDIS_ENCRYPTION_KEYS"]["valueFrom"]["secretKeyRef"]["name"] == "redis-keys"
    assert "REDIS_URL" not in variables, "no Secret may replace it here"
    assert pick(render(SETS["cluster"]), "ConfigMap")["data"]["REDIS_CLUSTER"] == "true"


def test_retention_and_mail():
    """The replicas delete what is old, and no job does; mails link to the Ingress unless another address is given."""
    config = pick(render(), "ConfigMap")["data"]
    assert [config[name] for name in ("EVENT_DAYS", "HISTORY_DAYS", "TRASH_DAYS")] == ["7", "365", "30"]
    assert not {"EMAIL_HOST", "EMAIL_PORT", "PUBLIC_URL"} & set(config)
    mail = {"host": "mail.example.com", "from": "Todo <todo@example.com>", "existingSecret": "todo-mail"}
    ingress = {"enabled": True, "host": "todo.example.com", "tlsSecret": "todo-tls"}
    objects = render({"mail": mail, "retention": {"eventDays": 2.5, "trashDays": 0}, "ingress": ingress})
    config = pick(objects, "ConfigMap")["data"]
    assert {name: value for name, value in config.items() if "EMAIL" in name or "_DAYS" in name} == {
        "EVENT_DAYS": "2.5",
        "HISTORY_DAYS": "365",
        "TRASH_DAYS": "0",
        "EMAIL_HOST": "mail.example.com",
        "EMAIL_PORT": "587",
        "EMAIL_SECURITY": "starttls",
        "DEFAULT_FROM_EMAIL": "Todo <todo@example.com>",
    }
    assert config["PUBLIC_URL"] == "https://todo.example.com"
    env = pick(objects, "Deployment")["spec"]["template"]["spec"]["containers"][0]["env"]
    secrets = {one["name"]: one["valueFrom"]["secretKeyRef"]["name"] for one in env}
    assert secrets["EMAIL_HOST_USER"] == secrets["EMAIL_HOST_PASSWORD"] == "todo-mail"
    plain = render({"publicUrl": "https://todo.lan/team", "ingress": ingress})
    assert pick(plain, "ConfigMap")["data"]["PUBLIC_URL"] == "https://todo.lan/team"


def test_settings_change_the_pods():
    """A change of the ConfigMap rolls the replicas."""
    sums = [
        pick(render({"hosts": hosts}), "Deployment")["spec"]["template"]["metadata"]["annotations"]["checksum/config"]
        for hosts in ([], ["a.example.com"])
    ]
    assert all(a != b for a, b in pairwise(sums))


def test_sockets_have_an_ingress_of_their_own():
    """An hour of silence is allowed, and the address, in which a token may stand, is not logged."""
    objects = render({"ingress": {"enabled": True, "annotations": {"a/b": "c"}}})
    sockets = pick(objects, "Ingress", "todo-backend-sockets")
    assert sockets["spec"]["rules"][0]["http"]["paths"][0]["path"] == "/ws/tasks"
    assert sockets["metadata"]["annotations"] == {
        "a/b": "c",
        "nginx.ingress.kubernetes.io/enable-access-log": "false",
        "nginx.ingress.kubernetes.io/proxy-body-size": "3m",
        "nginx.ingress.kubernetes.io/proxy-read-timeout": "3600",
        "nginx.ingress.kubernetes.io/proxy-send-timeout": "3600",
    }


def test_a_gateway_gets_both_routes():
    """The longer path first in weight; a socket is not cut off, and its hosts are among those that are answered to."""
    objects = render(SETS["a Gateway and a policy for all ways"])
    route = pick(objects, "HTTPRoute")["spec"]
    assert route["parentRefs"] == [{"name": "public", "namespace": "gateways", "sectionName": "https"}]
    sockets, pages = route["rules"]
    assert (sockets["matches"][0]["path"]["value"], pages["matches"][0]["path"]["value"]) == ("/ws/tasks", "/")
    assert sockets["timeouts"] == {"request": "0s"}
    service = pick(objects, "Service")
    for rule in (sockets, pages):
        assert rule["backendRefs"] == [
            {"name": service["metadata"]["name"], "port": service["spec"]["ports"][0]["port"]}
        ]
    data = pick(objects, "ConfigMap")["data"]
    assert data["ALLOWED_HOSTS"] == "todo.example.com,.todo.example.com,todo-backend,localhost"
    assert "https://todo.example.com/" in files(SETS["a Gateway and a policy for all ways"])[NOTES]


def test_who_reaches_the_application():
    """By default all, but only its port; where peers are named these, Prometheus and `helm test`. Its Jobs nobody."""
    objects = render()
    backend = pick(objects, "NetworkPolicy", "todo-backend")["spec"]
    labels = pick(objects, "Deployment")["spec"]["template"]["metadata"]["labels"]
    assert backend["podSelector"]["matchLabels"].items() <= labels.items()
    assert backend["ingress"] == [{"ports": [{"port": "http"}]}]
    jobs = pick(objects, "NetworkPolicy", "todo-jobs")["spec"]
    (chosen,) = jobs["podSelector"]["matchExpressions"]
    for pod in (pick(objects, "Job")["spec"]["template"], pick(objects, "Pod")):
        assert pod["metadata"]["labels"][chosen["key"]] in chosen["values"]
    assert jobs["policyTypes"] == ["Ingress"]
    assert "ingress" not in jobs
    objects = render(SETS["a Gateway and a policy for all ways"])
    (rule,) = pick(objects, "NetworkPolicy", "todo-backend")["spec"]["ingress"]
    found = [str(one) for one in rule["from"]]
    assert len(found) == 3
    assert all(word in text for word, text in zip(("gateways", "todo-test", "monitoring"), found, strict=True))


def test_what_the_application_reaches():
    """With egress rules: DNS, the namespace's Redis and PostgreSQL, the rules, and for the test pod the application."""
    objects = render(SETS["a Gateway and a policy for all ways"])
    for name in ("todo-backend", "todo-jobs"):
        policy = pick(objects, "NetworkPolicy", name)["spec"]
        assert policy["policyTypes"] == ["Ingress", "Egress"]
        dns, inside, given = policy["egress"]
        assert {one["protocol"] for one in dns["ports"]} == {"UDP", "TCP"}
        assert inside["to"][0]["podSelector"]["matchExpressions"][0]["values"] == ["postgres", "redis", "todo-backend"]
        assert given["ports"] == [{"port": 5432}]


def test_pods_run_under_their_own_account():
    """Which has no token; with `create` off none is made."""
    objects = render()
    account = pick(objects, "ServiceAccount")
    assert account["automountServiceAccountToken"] is False
    assert (
        {pod["serviceAccountName"] for pod in pod_specs(objects)} == {account["metadata"]["name"]} == {"todo-backend"}
    )
    objects = render({"serviceAccount": {"create": False, "name": "robots"}})
    assert not [one for one in objects if one["kind"] == "ServiceAccount"]
    assert {pod["serviceAccountName"] for pod in pod_specs(objects)} == {"robots"}


def test_what_compares_a_cluster_with_the_chart_finds_no_difference():
    """A Job that deletes itself is missing an hour later; Argo CD would run it again, for ever."""
    assert "ttlSecondsAfterFinished" not in pick(render(), "Job")["spec"]


def test_the_autoscaler_counts_cores():
    """70 % of a core for each worker, whatever is requested: as the capacity page reckons."""
    for values, wanted in (
        ({}, "700m"),
        ({"backend": {"workers": 4}}, "2800m"),
        ({"autoscaling": {"cpuPercent": 50}, "backend": {"resources": {"requests": {"cpu": "2"}}}}, "500m"),
    ):
        (metric,) = pick(render(values), "HorizontalPodAutoscaler")["spec"]["metrics"]
        assert metric["resource"]["target"] == {"type": "AverageValue", "averageValue": wanted}


def test_notes_say_what_to_type():
    """With this release's names in it."""
    notes = files()[NOTES]
    for line in (
        "kubectl create secret generic todo-backend -n todo-phase5",
        "kubectl rollout status deployment/todo-backend -n todo-phase5",
        "kubectl exec -n todo-phase5 deployment/todo-backend -- python manage.py first_user",
        "helm test todo-phase5-app -n todo-phase5",
    ):
        assert line in notes


def test_the_handshake_of_helm_test(tmp_path, sqlite_database):
    """Succeeds with a replica, fails without one."""
    pod = pick(render(), "Pod")["spec"]
    *python, address = pod["containers"][0]["command"]
    assert address == "ws://todo-backend:8000/ws/tasks"
    with Serve(tmp_path, env=sqlite_database) as replica:
        command = [sys.executable, *python[1:], replica.ws_url]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "closed with 4401" in done.stdout
    assert subprocess.run(command, capture_output=True, timeout=60, check=False).returncode != 0
