"""What the system tests share. The cluster serves many tests: each works on a list of its own and leaves nobody out."""

import uuid
from collections.abc import Iterator

import pytest

from tests.cast import ADMIN, Person
from tests.clients import ok
from tests.clients.admin_site import AdminSite
from tests.servers import PostgresServer, RedisServer, Replica
from tests.system.cluster import KINDS, Cluster, Shared

REDIS_PASSWORD = "not-for-the-log"


@pytest.fixture(scope="package", params=KINDS)
def cluster(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    postgres: PostgresServer,
    postgres_template: str,
) -> Iterator[Cluster]:
    """Once with our own server, once with plain Daphne."""
    folder = tmp_path_factory.mktemp("cluster")
    database = postgres.url(postgres.create_database(template=postgres_template))
    with RedisServer(folder, password=REDIS_PASSWORD) as redis:
        env = {"DATABASE_URL": database, "REDIS_URL": redis.url}
        with Cluster(folder, env, redis, request.param) as cluster:
            yield cluster
            # Whatever the tests have sent, it took nothing by surprise and told no secret.
            for replica in cluster.replicas:
                log = replica.log.read_text()
                assert "Traceback" not in log, log[log.index("Traceback") - 500 :][:5000]
                assert REDIS_PASSWORD not in log


@pytest.fixture
def shared(cluster: Cluster) -> Shared:
    """A new list of Alice's, with nobody else in it yet."""
    return Shared(ok(cluster.alice.post("/api/lists", json={"name": "Shared"}))["id"], cluster.alice)


@pytest.fixture(scope="package")
def strict(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replica]:
    """A third replica: two connections a person, and it trusts pages that are served elsewhere."""
    env = {
        **cluster.env,
        "WS_MAX_CONNECTIONS_PER_USER": "2",
        "CSRF_TRUSTED_ORIGINS": "https://todo.example.com,https://*.example.org,http://localhost:3000",
    }
    with Replica(tmp_path_factory.mktemp("strict"), env=env, server=cluster.kind, name="strict") as replica:
        yield replica


@pytest.fixture(scope="package")
def admin_site(cluster: Cluster) -> Iterator[AdminSite]:
    """The Django admin of the first replica, signed in to by its form."""
    with AdminSite(cluster.first.url, ADMIN) as site:
        yield site


@pytest.fixture
def newcomer(admin_site: AdminSite) -> Person:
    """Somebody whom no other test knows, made in the admin."""
    person = Person(f"newcomer-{uuid.uuid4().hex[:8]}", "a newcomer's long password")
    admin_site.submit(
        "/admin/tasks/user/add/", username=person.username, password1=person.password, password2=person.password
    )
    return person
