"""nginx with the files of deploy/nginx, in front of two replicas, and of a server that says what it is sent."""

import http.server
import json
import re
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from tasks.core.api import bodies
from tests.cast import ALICE
from tests.clients import Client, Session, get, ok
from tests.deploy.nginx import FOLDER, Nginx
from tests.servers import ROOT, PostgresServer, RedisServer, Serve, program, wait_until
from tests.system.cluster import about, together

JSON = {"Content-Type": "application/json"}
ONE_TASK = b'{"operations": [{"op": "create", "title": "with much space behind it"}]}'


class Site(NamedTuple):
    nginx: Nginx
    replicas: list[Serve]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.nginx.port}"

    @property
    def ws_url(self) -> str:
        return f"ws://127.0.0.1:{self.nginx.port}/ws/tasks"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer, postgres_template: str) -> Iterator[Site]:
    """Two replicas behind http.conf, with the options of compose.yaml."""
    folder = tmp_path_factory.mktemp("site")
    database = postgres.url(postgres.create_database(template=postgres_template))
    with RedisServer(folder) as redis:
        env = {"DATABASE_URL": database, "REDIS_URL": redis.url}
        replicas = [Serve(folder, "--proxy-headers", "--access-log", "-", env=env) for _ in range(2)]
        with together(*replicas), Nginx(folder, "http.conf", [one.port for one in replicas]) as nginx:
            yield Site(nginx, replicas)


async def test_a_socket_goes_through(site):
    """Over either replica; what is changed by a request through nginx arrives there."""
    with Session(site.url, ALICE) as session:
        clients = [await Client.connect(site.ws_url, token=session.token) for _ in range(4)]
        instances = {(await client.until("ready"))["instance"] for client in clients}
        assert len(instances) == 2, "both replicas have some"
        task = ok(session.post("/api/tasks", json={"title": "through nginx"}))
        for client in clients:
            await client.until(about(task))
            await client.close()


async def test_no_token_is_logged(site):
    """Not in the access log, and not in the error log when the replicas are away."""
    with Session(site.url, ALICE) as session:
        client = await Client.connect(site.ws_url, token=session.token)
        await client.until("ready")
        await client.close()
        with Nginx(site.nginx.folder.parent, "http.conf", [1, 1]) as alone:
            answer = get(
                f"http://127.0.0.1:{alone.port}/ws/tasks",
                params={"token": session.token},
                headers={"Connection": "Upgrade", "Upgrade": "websocket"},
            )
            assert answer.status_code == 502
            wait_until(lambda: "GET /ws/tasks " in alone.log.read_text(), what="the line in nginx's log")
            alone.stop()
            assert session.token not in alone.log.read_text()
        for server in (site.nginx, *site.replicas):
            assert session.token not in server.log.read_text()
        assert '"GET /ws/tasks HTTP/1.1" 101' in site.nginx.log.read_text()


def test_the_largest_request_goes_through(site):
    """What is larger is refused by a replica, as the API does it. The Ingress and the site of docs/operations.md allow
    as much.
    """
    largest = max(each.bytes for each in vars(bodies).values() if isinstance(each, bodies.Most))
    with Session(site.url, ALICE) as session:
        fits = session.post("/api/tasks/bulk", content=ONE_TASK.ljust(largest), headers=JSON)
        assert (fits.status_code, fits.json()["succeeded"]) == (200, 1)
        too_large = session.post("/api/tasks/bulk", content=ONE_TASK.ljust(largest + 1), headers=JSON)
        assert too_large.status_code == 413
        assert "nginx" not in too_large.text
    others = (ROOT / "docs/operations.md", ROOT / "kubernetes/backend/ingress.yaml")
    limits = [re.search(r"(?:client_max_body_size|proxy-body-size:) (\d+)m\b", path.read_text()) for path in others]
    assert all(limit and int(limit[1]) * 1024**2 >= largest for limit in limits)


def test_replicas_see_the_clients_address(site):
    """And not what it says of itself."""
    with httpx.Client(transport=httpx.HTTPTransport(verify=False, local_address="127.0.0.9")) as client:
        for _ in range(2):
            assert client.get(f"{site.url}/livez", headers={"X-Forwarded-For": "6.6.6.6"}).status_code == 200
    logs = "".join(replica.log.read_text() for replica in site.replicas)
    assert "127.0.0.9" in logs
    assert "6.6.6.6" not in logs


def test_one_replica_is_enough(site):
    """While one is killed and started again no request fails."""
    first, _ = site.replicas
    first.kill()
    try:
        assert {get(f"{site.url}/livez").status_code for _ in range(20)} == {200}
    finally:
        first.start()


def test_a_replica_is_used_as_soon_as_it_is_back(tmp_path):
    """Also while nginx still avoids all of them: the one for its restart, the other for a socket that it refused."""
    late = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo, bind_and_activate=False)
    late.server_bind()
    with late, Nginx(tmp_path, "http.conf", [1, late.server_address[1]]) as nginx:
        assert get(f"http://127.0.0.1:{nginx.port}/").status_code == 502
        late.server_activate()
        thread = threading.Thread(target=late.serve_forever)
        thread.start()
        assert get(f"http://127.0.0.1:{nginx.port}/").status_code == 200
        late.shutdown()
        thread.join()


# What is passed on


class Echo(http.server.BaseHTTPRequestHandler):
    """Answers with the headers of the request."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = json.dumps({name.lower(): value for name, value in self.headers.items()}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def echo() -> Iterator[int]:
    """The port of a server that answers with what it is sent."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@pytest.fixture(params=["http.conf", "https.conf"])
def passing(request: pytest.FixtureRequest, tmp_path: Path, echo: int) -> Iterator[tuple[str, httpx.Client]]:
    """The scheme, and a client of nginx in front of the echo."""
    scheme = request.param.partition(".")[0]
    nginx = Nginx(tmp_path, request.param, [echo, echo])
    verify: ssl.SSLContext | bool = False
    if scheme == "https":
        _make_certificate(nginx.folder)
        verify = ssl.create_default_context(cafile=nginx.folder / "tls.crt")
    with nginx, httpx.Client(base_url=f"{scheme}://localhost:{nginx.port}", verify=verify, trust_env=False) as client:
        yield scheme, client


def _make_certificate(folder: Path) -> None:
    kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    files = ["-keyout", str(folder / "tls.key"), "-out", str(folder / "tls.crt")]
    subprocess.run([program("openssl"), "req", *kind, *names, *files], check=True, capture_output=True, timeout=60)


def test_headers(passing):
    """Host with its port, scheme and address are nginx's own words; a client's are dropped."""
    scheme, client = passing
    sent = {"X-Forwarded-For": "6.6.6.6", "X-Forwarded-Proto": "gopher"}
    seen = client.get("/api/tasks", headers=sent).json()
    assert seen["host"] == f"localhost:{client.base_url.port}"
    assert seen["x-forwarded-for"] == "127.0.0.1"
    assert seen["x-forwarded-proto"] == scheme
    assert seen["connection"] == "close"
    upgrade = client.get("/ws/tasks", headers={"Connection": "Upgrade", "Upgrade": "websocket"}).json()
    assert (upgrade["connection"].lower(), upgrade["upgrade"]) == ("upgrade", "websocket")


def test_plain_http_is_sent_to_https(tmp_path, echo):
    """By https.conf, with the path that was asked for."""
    nginx = Nginx(tmp_path, "https.conf", [echo, echo])
    _make_certificate(nginx.folder)
    with nginx:
        answer = get(f"http://127.0.0.1:{nginx.plain.getsockname()[1]}/a?b=c", headers={"Host": "todo.example.com"})
    assert answer.status_code == 301
    assert answer.headers["location"] == "https://todo.example.com/a?b=c"


def test_silence_is_allowed_for_an_hour():
    """A socket whose list is quiet is not cut off; the server's heartbeats come far more often."""
    text = (FOLDER / "application.conf").read_text()
    sockets = text[text.index("location /ws/tasks") :]
    assert "proxy_read_timeout 3600s;" in sockets
    assert "proxy_send_timeout 3600s;" in sockets
