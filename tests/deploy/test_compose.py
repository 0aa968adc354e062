"""compose.yaml as Docker Compose itself reads it; it needs no engine for that."""

import importlib.util
import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from realtime.server.supervisor import GRACE_SECONDS
from tests.deploy.variables import documented_variables
from tests.servers import ROOT

SECRETS = ("SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_ADMIN_PASSWORD", "REDIS_APP_PASSWORD")
KEY_FILE = "/run/secrets/secret-key"


def docker_compose() -> str:
    found = importlib.util.find_spec("compose")
    if found is None or found.origin is None:
        pytest.skip("Docker Compose has no package for this machine")
    return str(Path(found.origin).parent / "docker-compose")


def config(*files: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """What `docker compose config` says."""
    chosen = [word for name in files or ["compose.yaml"] for word in ("-f", name)]
    return subprocess.run(
        [docker_compose(), "--env-file", os.devnull, *chosen, "config", "--format", "json"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def services(*files: str, **environment: str) -> dict[str, Any]:
    done = config(*files, **{name: f"the-{name}" for name in SECRETS} | environment)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)["services"]
    return found


@pytest.mark.parametrize("missing", SECRETS)
def test_there_is_no_default_password(missing):
    """Without one of the secrets nothing starts; the message names it, and the chapter that helps."""
    done = config(**{name: "a" for name in SECRETS if name != missing})
    assert done.returncode != 0
    assert re.search(rf"{missing} is missing a value: .*docs/operations.md", done.stderr), done.stderr


def test_two_replicas_wait_for_the_migration():
    """Which waits for PostgreSQL; nginx waits for the replicas."""
    found = services()
    assert found.keys() == {"migrate", "backend-1", "backend-2", "nginx", "postgres", "redis"}
    assert found["migrate"]["depends_on"]["postgres"]["condition"] == "service_healthy"
    assert found["migrate"]["restart"] == "no"
    for name in ("backend-1", "backend-2"):
        assert found[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
        assert found[name]["image"] == found["migrate"]["image"]
        assert found["nginx"]["depends_on"][name] == {"condition": "service_healthy", "restart": True, "required": True}
    assert found["backend-2"]["depends_on"]["backend-1"]["condition"] == "service_healthy"


def test_a_replica_is_healthy_when_it_can_answer():
    """By the image's check, which asks /readyz."""
    for name in ("backend-1", "backend-2"):
        assert services()[name]["healthcheck"]["test"] == ["CMD", "python", "/app/healthcheck.py"]
    assert "/readyz" in (ROOT / "deploy/image/healthcheck.py").read_text()


@pytest.mark.parametrize("broken", ["", "backend-1"])
def test_replicas_are_replaced_one_at_a_time(tmp_path, broken):
    """By the script, since `up` stops both before it starts one. If the first fails, the second stays."""
    docker, calls = tmp_path / "docker", tmp_path / "calls"
    docker.write_text(f'#!/bin/sh\necho "$@" >> {calls}\ncase "$*" in *"--wait {broken or "nothing"}") exit 1;; esac\n')
    docker.chmod(0o755)
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(["sh", str(ROOT / "deploy/compose/roll.sh")], env=env, timeout=10, check=False)
    replicas = re.findall(r"^compose up .*--no-deps --wait (\S+)$", calls.read_text(), re.MULTILINE)
    if broken:
        assert done.returncode != 0
        assert replicas == [broken]
    else:
        assert done.returncode == 0
        assert set(replicas) < services().keys()
        assert replicas == sorted(name for name in services() if name.startswith("backend"))
        assert calls.read_text().count("kill --signal HUP nginx") == len(replicas)


def test_services_have_no_rights():
    """Read-only root file systems, no capabilities, and only nginx can be reached, from this machine alone."""
    for name, service in services().items():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert ("ports" in service) == (name == "nginx")
    (port,) = services()["nginx"]["ports"]
    assert port["host_ip"] == "127.0.0.1"


def test_secrets_reach_who_needs_them():
    """And the addresses of the services are those in the application's variables."""
    found = services()
    backend = found["backend-1"]["environment"]
    assert backend["DATABASE_URL"] == "postgres://todo:the-POSTGRES_PASSWORD@postgres:5432/todo"
    assert backend["REDIS_URL"] == "redis://todo:the-REDIS_APP_PASSWORD@redis:6379/0"
    assert found["redis"]["environment"]["REDISCLI_AUTH"] == "the-REDIS_ADMIN_PASSWORD"
    assert "the-REDIS_ADMIN_PASSWORD" not in json.dumps(found["backend-1"])
    watched = services(METRICS_TOKEN="a-token", REDIS_EXPORTER_PASSWORD="a-password")
    assert watched["backend-2"]["environment"]["METRICS_TOKEN"] == "a-token"
    assert watched["redis"]["environment"]["REDIS_EXPORTER_PASSWORD"] == "a-password"
    assert found["backend-2"]["environment"]["METRICS_TOKEN"] is None, "not set"
    assert "the-SECRET_KEY" not in json.dumps([found[name] for name in ("nginx", "postgres", "redis")])


def test_every_setting_is_passed_on():
    """All that .env.example explains, as they are given; those that are not stay unset. DEBUG is for development alone,
    STATIC_ROOT is the image's own, and the addresses of the database and Redis are those of the services."""
    known = documented_variables() - {"DEBUG", "STATIC_ROOT", "DATABASE_URL_FILE", "REDIS_URL_FILE"}
    own = {"SECRET_KEY", "DATABASE_URL", "REDIS_URL"}
    found, given = services(), services(**{name: f"a {name}" for name in known}, DEBUG="true")
    for name in ("migrate", "backend-1", "backend-2"):
        assert found[name]["environment"].keys() == given[name]["environment"].keys() == known
        assert {one for one, value in found[name]["environment"].items() if value is not None} == own
        assert all(given[name]["environment"][one] == f"a {one}" for one in known - {"DATABASE_URL", "REDIS_URL"})


def test_the_key_may_come_from_a_file(tmp_path):
    """By the file that docs/operations.md shows; SECRET_KEY is empty then."""
    (override,) = re.findall(r"```yaml\n(secrets:\n.*?)```", (ROOT / "docs/operations.md").read_text(), re.DOTALL)
    (tmp_path / "override.yaml").write_text(override)
    env = {name: f"the-{name}" for name in SECRETS if name != "SECRET_KEY"}
    done = config("compose.yaml", str(tmp_path / "override.yaml"), **env, SECRET_KEY="", SECRET_KEY_FILE=KEY_FILE)
    assert done.returncode == 0, done.stderr
    for name in ("migrate", "backend-1", "backend-2"):
        service = json.loads(done.stdout)["services"][name]
        (secret,) = service["secrets"]
        assert service["environment"]["SECRET_KEY_FILE"] == KEY_FILE == f"/run/secrets/{secret['source']}"
        assert service["environment"]["SECRET_KEY"] == ""


def test_what_is_mounted_is_there():
    """Files of this repository, read-only; Redis runs the very script and settings of the cluster."""
    for service in services().values():
        for volume in service.get("volumes", []):
            if volume["type"] == "bind":
                assert volume["read_only"] is True
                assert Path(volume["source"]).is_dir()
    (config_folder,) = [one for one in services()["redis"]["volumes"] if one["target"] == "/etc/redis"]
    assert {path.name for path in Path(config_folder["source"]).iterdir()} == {"redis.conf", "start.sh"}


def test_the_grace_fits_the_drain():
    """Docker waits longer than a replica takes to drain and, at most, to end after it."""
    backend = services()["backend-1"]
    drain = float(backend["command"][backend["command"].index("--drain-seconds") + 1])
    assert float(backend["stop_grace_period"].removesuffix("s")) > drain + GRACE_SECONDS


def test_over_tls(tmp_path):
    """The second file opens 443 and 80, and tells the replicas; without a certificate it does not start."""
    files = ("compose.yaml", "compose.tls.yaml")
    found = services(*files, TLS_FOLDER=str(tmp_path))
    assert "/etc/nginx/todo/https.conf" in found["nginx"]["command"]
    assert {port["published"] for port in found["nginx"]["ports"]} == {"80", "443"}
    assert all(found[name]["environment"]["HTTPS"] == "true" for name in ("migrate", "backend-1", "backend-2"))
    refused = config(*files, **dict.fromkeys(SECRETS, "a"))
    assert "TLS_FOLDER is missing a value" in refused.stderr
