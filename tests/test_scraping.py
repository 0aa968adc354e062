"""Who may read /metrics, and under which name."""

import re
import tomllib
from ipaddress import ip_network
from typing import Any

import pytest
import yaml
from django.test import AsyncRequestFactory, Client
from prometheus_client import REGISTRY

from tests.servers import ROOT
from tests.waiting import wait_until
from todo_project import VERSION
from todo_project.scraping import scrape

TOKEN = "a-token-of-the-tests"

FORWARDING = ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Forwarded", "X-Real-IP", "Via"]


def status(*, client: str | None = "127.0.0.1", believed: bool = False, **headers: str) -> int:
    """What /metrics answers to a request from this address (None: a Unix socket). `believed`: --proxy-headers."""
    sent = {name.replace("_", "-"): headers[name] for name in headers}
    host = sent.pop("Host", "localhost")
    request: Any = AsyncRequestFactory().get("/metrics", headers=sent)
    request.META["HTTP_HOST"] = host
    request.META.pop("REMOTE_ADDR", None)
    if client is not None:
        request.META["REMOTE_ADDR"] = client
    request.scope = {**request.scope, "extensions": {"realtime.proxy_headers": {}} if believed else {}}
    return int(scrape(request).status_code)


@pytest.mark.parametrize("client", ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"])
def test_this_machine_may_ask(client: str) -> None:
    """By default, and nobody else."""
    assert status(client=client) == 200


@pytest.mark.parametrize("client", ["10.0.0.1", "::2", "::ffff:10.0.0.1", "", "localhost", "127.0.0.1, 10.0.0.1"])
def test_others_may_not(client: str) -> None:
    """Nor what is no address."""
    assert status(client=client) == 403


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("localhost:8000", 200),
        ("127.0.0.1:8000", 200),
        ("[::1]:8000", 200),
        ("10.1.2.3", 200),
        ("localhost.", 200),
        ("evil.example.org:8000", 403),
        ("localhost.evil.example.org", 403),
        ("127.0.0.1.evil.example.org", 403),
        ("", 403),
    ],
)
def test_a_foreign_name_needs_the_token(settings: Any, host: str, allowed: int) -> None:
    """A page whose name was made to point here (DNS rebinding) asks by way of its reader's browser, which is near."""
    settings.METRICS_TOKEN = TOKEN
    settings.ALLOWED_HOSTS = ["localhost"]
    assert status(Host=host) == allowed
    assert status(Host=host, Authorization=f"Bearer {TOKEN}") == 200


def test_networks_may_be_allowed(settings: Any) -> None:
    """And this machine only if it is among them."""
    settings.METRICS_ALLOWED_ADDRESSES = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]
    assert [status(client=client) for client in ("10.9.8.7", "fd00::1", "11.0.0.1", "127.0.0.1")] == [
        200,
        200,
        403,
        403,
    ]
    settings.METRICS_ALLOWED_ADDRESSES = []
    assert status() == 403


@pytest.mark.parametrize("header", FORWARDING)
@pytest.mark.parametrize("believed", [False, True])
def test_through_a_proxy_this_machine_is_anybody(header: str, believed: bool) -> None:
    """With nginx on the same host every visitor comes from 127.0.0.1, or says so."""
    assert status(**{header: "127.0.0.1"}, believed=believed) == 403


def test_a_believed_proxy_speaks_for_others(settings: Any) -> None:
    """One address counts; of several the first is what the visitor said. Without --proxy-headers none does."""
    settings.METRICS_ALLOWED_ADDRESSES = [ip_network("10.0.0.0/8")]
    assert status(client="10.0.0.1", believed=True, X_Forwarded_For="10.0.0.1") == 200
    assert status(client="10.0.0.1", believed=True, X_Forwarded_For="10.0.0.1", X_Real_IP="10.0.0.1") == 200
    assert status(client="10.0.0.1", believed=True) == 200
    assert status(client="10.0.0.1", believed=True, X_Forwarded_For="10.0.0.1, 6.6.6.6") == 403
    assert status(client="6.6.6.6", believed=True, X_Forwarded_For="6.6.6.6") == 403
    assert status(client="10.0.0.1", believed=True, X_Real_IP="10.0.0.1") == 403
    assert status(client="10.0.0.1", X_Forwarded_For="10.0.0.1") == 403


def test_a_unix_socket_has_no_address(settings: Any) -> None:
    """Every reader of it needs the token."""
    settings.METRICS_TOKEN = TOKEN
    assert status(client=None) == 403
    assert status(client=None, believed=True) == 403
    assert status(client=None, Authorization=f"Bearer {TOKEN}") == 200


@pytest.mark.parametrize(
    "sent", ["", "Bearer", "Bearer ", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", f"Basic {TOKEN}", TOKEN, "Bearer ü"]
)
def test_only_the_token_is_the_token(settings: Any, sent: str) -> None:
    """From everywhere, through any proxy."""
    settings.METRICS_TOKEN = TOKEN
    assert status(client="6.6.6.6", X_Forwarded_For="1.2.3.4", Authorization=f"bearer {TOKEN}") == 200
    assert status(client="6.6.6.6", Authorization=sent) == 403


def test_without_a_token_none_is_right() -> None:
    """Not even the empty one."""
    assert status(client="6.6.6.6", Authorization="Bearer ") == 403


def test_a_refusal_says_which_settings_it_is() -> None:
    """In one sentence, for the person who set up the scrape."""
    answer = Client().get("/metrics", headers={"X-Forwarded-For": "1.2.3.4"})
    assert answer.status_code == 403
    assert answer["Content-Type"] == "application/problem+json"
    assert "METRICS_TOKEN" in answer.json()["detail"]
    assert "METRICS_ALLOWED_ADDRESSES" in answer.json()["detail"]
    assert answer.json()["detail"].count(".") == 1


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("*/*", "text/plain; version=0.0.4; charset=utf-8"),
        ("application/openmetrics-text;version=1.0.0", "application/openmetrics-text; version=1.0.0; charset=utf-8"),
    ],
)
def test_the_format_is_the_one_asked_for(accept: str, content_type: str) -> None:
    """Text, or OpenMetrics with its end mark."""
    answer = Client().get("/metrics", headers={"Accept": accept})
    assert answer["Content-Type"].startswith(content_type)
    assert (b"# EOF" in answer.content) == ("openmetrics" in accept)
    assert b"\nrealtime_connections " in answer.content


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics"])
@pytest.mark.django_db(transaction=True)  # /readyz asks the database from a thread of its own
def test_machines_ask_by_any_name(settings: Any, path: str) -> None:
    """A pod's address is no allowed host. They get no cookie and are sent nowhere, not even to https."""
    settings.SECURE_SSL_REDIRECT = True
    # The first time it reads all migrations, which can take longer than a probe waits.
    wait_until(lambda: Client().get(path, headers={"Host": "10.1.2.3:8000"}).status_code == 200, what=path)
    answer = Client().get(path, headers={"Host": "10.1.2.3:8000"})
    assert answer.status_code == 200
    assert not answer.cookies
    assert "X-Request-ID" in answer.headers
    assert Client().get("/login", headers={"Host": "10.1.2.3:8000"}).status_code != 200


def test_only_reading_is_possible() -> None:
    """As for all that machines ask for regularly."""
    assert Client().post("/metrics").status_code == 405
    assert Client().head("/metrics").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "labels"),
    [
        ("GET", "/livez", {"method": "GET", "route": "/livez", "status": "200"}),
        ("BREW", "/livez", {"method": "other", "route": "/livez", "status": "200"}),
        ("GET", "/made/up", {"method": "GET", "route": "unmatched", "status": "404"}),
        ("GET", "/api/made/up", {"method": "GET", "route": "/api", "status": "404"}),
        (
            "GET",
            "/api/tasks/6f9619ff-8b86-4d01-b42d-00cf4fc964ff",
            {"method": "GET", "route": "/api/tasks/<pk>", "status": "401"},
        ),
        ("GET", "/admin/tasks/task/1/change/", {"route": "/admin/tasks/task/<path:object_id>/change", "status": "302"}),
    ],
)
def test_no_visitor_makes_up_a_label(method: str, path: str, labels: dict[str, str]) -> None:
    """Neither by an address nor by a method."""
    labels = {"method": method, **labels}

    def count() -> float:
        return REGISTRY.get_sample_value("todo_http_requests_total", labels) or 0

    before = count()
    Client().generic(method, path)
    assert count() == before + 1


def test_every_metric_is_explained() -> None:
    """In docs/operations.md, and none that is not there."""
    chapter = (ROOT / "docs/operations.md").read_text().partition("## Metrics and logs")[2].partition("### Logs")[0]
    rows = [line.partition("|")[2].partition("|")[0] for line in chapter.splitlines()]
    explained = {name for row in rows for name in re.findall(r"`((?:realtime|todo)_\w+)", row)}
    ours = [found for found in REGISTRY.collect() if found.name.startswith(("realtime_", "todo_"))]
    assert explained == {found.name + "_total" * (found.type == "counter") for found in ours}
    assert all(found.documentation.endswith(".") for found in ours)


def test_there_is_one_version() -> None:
    """What todo_build_info says is what pyproject.toml and the chart say."""
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == VERSION
    assert yaml.safe_load((ROOT / "helm/todo-phase5/Chart.yaml").read_text())["appVersion"] == VERSION
