"""What the system tests share. The cluster serves many tests: each works on a list of its own and leaves nobody out."""

import io
import json
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.management import call_command

from realtime.broker.layer import channel_layers
from tests.cast import Person
from tests.clients import ok
from tests.clients.admin_site import AdminSite
from tests.servers import PostgresServer, RedisServer, Replica
from tests.system.check_redis import PASSWORD, SECONDS, Look, Outcome
from tests.system.cluster import Cluster, Kind, Shared

REDIS_PASSWORD = "not-for-the-log"


@contextmanager
def a_cluster(kind: Kind, database: dict[str, str], factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = factory.mktemp("cluster")
    with RedisServer(folder, password=REDIS_PASSWORD) as redis:  # noqa: SIM117 -- one needs the other
        with Cluster(folder, {**database, "REDIS_URL": redis.url}, redis, kind) as cluster:
            yield cluster
            # Whatever the tests have sent, it took nothing by surprise and told no secret.
            for replica in cluster.replicas:
                log = replica.log.read_text()
                assert "Traceback" not in log, log[log.index("Traceback") - 500 :][:5000]
                assert REDIS_PASSWORD not in log


def cluster_of(kind: Kind) -> Any:
    """The fixture of the cluster of this kind."""

    @pytest.fixture(scope="package", name=f"{kind}_cluster")
    def start(
        postgres: PostgresServer, postgres_template: str, tmp_path_factory: pytest.TempPathFactory
    ) -> Iterator[Cluster]:
        database = {"DATABASE_URL": postgres.url(postgres.create_database(template=postgres_template))}
        with a_cluster(kind, database, tmp_path_factory) as cluster:
            yield cluster

    return start


serve_cluster, daphne_cluster = cluster_of("serve"), cluster_of("daphne")


@pytest.fixture
def cluster(request: pytest.FixtureRequest) -> Cluster:
    """On our own server; for tests marked with `on_both`, once more on plain Daphne."""
    found: Cluster = request.getfixturevalue(f"{getattr(request, 'param', 'serve')}_cluster")
    return found


@pytest.fixture
def shared(cluster: Cluster) -> Shared:
    """A new list of Alice's, with nobody else in it yet."""
    return Shared(ok(cluster.alice.post("/api/lists", json={"name": "Shared"}))["id"], cluster.alice)


@pytest.fixture
def strict(cluster: Cluster) -> Replica:
    """A third replica: two connections a person, and it trusts pages that are served elsewhere."""
    return cluster.strict


@pytest.fixture
def admin_site(cluster: Cluster) -> AdminSite:
    """The Django admin of the first replica, signed in to by its form."""
    return cluster.admin_site


@pytest.fixture
def newcomer(admin_site: AdminSite) -> Person:
    """Somebody whom no other test knows, made in the admin."""
    person = Person(f"newcomer-{uuid.uuid4().hex[:8]}", "a newcomer's long password")
    admin_site.submit(
        "/admin/tasks/user/add/", username=person.username, password1=person.password, password2=person.password
    )
    return person


@pytest.fixture
def look(settings: Any) -> Look:
    """look(url, password=...): what check_redis finds; takes what channel_layers takes, and the seconds for each step.
    No password may be shown.
    """

    def look(url: str = "", *, seconds: float = SECONDS, **more: Any) -> Outcome:
        settings.CHANNEL_LAYERS = channel_layers(
            url, max_connections=10, connect_timeout=2.0, socket_timeout=2.0, **more
        )
        text, status = io.StringIO(), 0
        began = time.monotonic()
        try:
            call_command("check_redis", "--json", f"--timeout={seconds}", stdout=text)
        except SystemExit as ended:
            status = int(str(ended.code))
        took = time.monotonic() - began
        assert PASSWORD not in text.getvalue()
        found = json.loads(text.getvalue())
        assert found["ok"] == (status == 0)
        return Outcome(status, found["findings"], took)

    return look
