"""The doors to the socket: tokens, tickets, and the session of a page of our own."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import psycopg
import pytest
from websockets.exceptions import InvalidStatus

from tests.cast import ADMIN, BOB
from tests.clients import Client, Session, get, ok, post
from tests.clients.admin_site import AdminSite
from tests.servers import Replica
from tests.system.cluster import Cluster, altered, on_both, short_lived

pytestmark = on_both

Connect = Callable[..., Awaitable[Client]]


async def refused(client: Client, code: int) -> str:
    """Why the server closed with `code`, as it said before."""
    assert await client.closed() == code, client.frames
    assert [frame["type"] for frame in client.frames] == ["error"], client.frames
    assert client.frames[0]["code"] == code
    detail: str = client.frames[0]["detail"]
    return detail


# Tokens


async def test_a_token_in_the_address_or_in_hello(cluster: Cluster, connect: Connect) -> None:
    """Both ways in are greeted as the person; each follows what that person may read."""
    me = ok(cluster.bob.get("/api/me"))["id"]
    for options in ({"token": cluster.bob.token}, {"hello": {"token": cluster.bob.token}}):
        client = await connect(cluster.first, **options)
        ready = client.frames[0]
        assert ready.keys() == {"type", "protocol", "epoch", "user", "instance", "positions", "heartbeat"}
        assert (ready["type"], ready["protocol"], ready["user"]) == ("ready", 1, me)
        assert {"all", f"user.{me}"} <= ready["positions"].keys()
        await cluster.fence(client)


BAD_TOKENS: dict[str, Callable[[Session], str]] = {
    "expired": lambda session: short_lived(session.token, -1),
    "of a refresh": lambda session: session.refresh,
    "signed by somebody else": lambda session: altered(session.token, key="somebody else's key, just as long as ours"),
    "of nobody": lambda session: altered(session.token, user_id="987654321"),
    "of no number": lambda session: altered(session.token, user_id="alice"),
    "unsigned": lambda session: session.token.rpartition(".")[0] + ".",
    "nonsense": lambda session: "nonsense",
    "empty": lambda session: "",
    "with a null": lambda session: "a\x00b",
}


@pytest.mark.parametrize("kind", BAD_TOKENS)
async def test_a_bad_token_opens_nothing(cluster: Cluster, connect: Connect, kind: str) -> None:
    """Refused with 4401 and a reason, in hello and, where it can be put there, in the address."""
    token = BAD_TOKENS[kind](cluster.bob)
    assert await refused(await connect(cluster.first, hello={"token": token}, greeted=False), 4401)
    if token and token.isprintable():
        assert await refused(await connect(cluster.first, token=token, greeted=False), 4401)
    await cluster.fence(await connect(cluster.first, token=cluster.bob.token))


async def test_who_says_nothing_of_themself_is_refused(cluster: Cluster, connect: Connect) -> None:
    """No token, no ticket, no session: 4401."""
    detail = await refused(await connect(cluster.second, hello={}, greeted=False), 4401)
    assert "Sign in" in detail


async def test_signing_out_closes_the_door(cluster: Cluster, connect: Connect) -> None:
    """The access token of a sign-in that has ended opens no socket."""
    with Session(cluster.first.url, BOB) as session:
        assert session.post("/api/token/blacklist", json={"refresh": session.refresh}).is_success
        assert await refused(await connect(cluster.second, token=session.token, greeted=False), 4401)


async def test_tokens_stay_out_of_the_log(cluster: Cluster, connect: Connect) -> None:
    """What is in an address is often logged; not here."""
    await connect(cluster.first, token=cluster.bob.token)
    if cluster.kind == "serve":  # Daphne's own access log prints the query of a request, though not of a socket
        get(f"{cluster.first.url}/livez?token={cluster.bob.token}")
    assert cluster.bob.token not in cluster.first.log.read_text()


# Tickets


def new_ticket(session: httpx.Client) -> str:
    answer = session.post("/ws/ticket")
    assert answer.status_code == 201, answer.text
    assert answer.json().keys() == {"ticket", "expires_in"}
    assert answer.json()["expires_in"] == 30
    ticket: str = answer.json()["ticket"]
    return ticket


async def test_a_ticket_opens_one_socket(cluster: Cluster, connect: Connect) -> None:
    """Given by one replica, good at the other, once."""
    ticket = new_ticket(cluster.bob)
    client = await connect(cluster.second, hello={"ticket": ticket})
    assert client.frames[0]["user"] == ok(cluster.bob.get("/api/me"))["id"]
    detail = await refused(await connect(cluster.first, hello={"ticket": ticket}, greeted=False), 4401)
    assert "ticket" in detail
    await cluster.fence(client)


async def test_of_two_with_the_same_ticket_one_gets_in(cluster: Cluster, connect: Connect) -> None:
    """At the same time, at both replicas."""
    for _ in range(5):
        hello = {"ticket": new_ticket(cluster.bob)}
        clients = await asyncio.gather(
            *(connect(cluster.replicas[number % 2], hello=hello, greeted=False) for number in range(4))
        )
        answers = await asyncio.gather(*(client.until(lambda frame: True) for client in clients))
        assert sorted(answer["type"] for answer in answers) == ["error", "error", "error", "ready"]


async def test_a_ticket_lasts_thirty_seconds(cluster: Cluster, connect: Connect) -> None:
    """Good after 25, refused after 31: the test turns the ticket's clock instead of waiting."""
    young, old = new_ticket(cluster.bob), new_ticket(cluster.bob)
    turn_clock(cluster, 25)
    await connect(cluster.first, hello={"ticket": young})
    turn_clock(cluster, 6)
    await refused(await connect(cluster.first, hello={"ticket": old}, greeted=False), 4401)


def turn_clock(cluster: Cluster, seconds: int) -> None:
    with psycopg.connect(cluster.env["DATABASE_URL"]) as database:
        database.execute("UPDATE realtime_ticket SET expires_at = expires_at - make_interval(secs => %s)", [seconds])


@pytest.mark.parametrize("ticket", ["", "unknown", "a\x00b", "x" * 100_000])
async def test_an_unknown_ticket_opens_nothing(cluster: Cluster, connect: Connect, ticket: str) -> None:
    """Refused with 4401, whatever it is made of."""
    await refused(await connect(cluster.first, hello={"ticket": ticket}, greeted=False), 4401)


async def test_tickets_are_for_those_who_are_signed_in(cluster: Cluster, admin_site: AdminSite) -> None:
    """Nobody gets 401; a session needs its CSRF token, or is refused with 403."""
    for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": f"Bearer {cluster.bob.refresh}"}):
        answer = post(f"{cluster.first.url}/ws/ticket", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["Content-Type"] == "application/problem+json"
    assert admin_site.post("/ws/ticket").status_code == 403
    csrf = {"X-CSRFToken": admin_site.cookies["csrftoken"]}
    assert admin_site.post("/ws/ticket", headers=csrf).status_code == 201
    assert get(f"{cluster.first.url}/ws/ticket").status_code == 405


# The session of a page


def cookie(site: AdminSite) -> dict[str, str]:
    return {"Cookie": f"sessionid={site.cookies['sessionid']}"}


async def test_a_page_of_our_own_comes_in_by_its_session(
    cluster: Cluster, admin_site: AdminSite, connect: Connect
) -> None:
    """With the Origin of the replica that serves it, host and port, a hello needs neither token nor ticket."""
    for replica in cluster.replicas:
        client = await connect(replica, origin=replica.url, headers=cookie(admin_site), hello={})
        await cluster.fence(client)


@pytest.mark.parametrize("kind", ["another port", "another host", "no port", "no origin", "null", "an extension"])
async def test_a_page_of_another_origin_stays_outside(
    cluster: Cluster, admin_site: AdminSite, connect: Connect, kind: str
) -> None:
    """Browsers send the cookie along for any page; the Origin shows which one: 4403."""
    port = cluster.first.port
    origin = {
        "another port": f"http://127.0.0.1:{port + 1}",
        "another host": f"http://evil.example:{port}",
        "no port": "http://127.0.0.1",
        "no origin": None,
        "null": "null",
        "an extension": "chrome-extension://abcdef",
    }[kind]
    client = await connect(cluster.first, origin=origin, headers=cookie(admin_site), hello={}, greeted=False)
    assert "origin" in await refused(client, 4403)


async def test_a_malformed_origin_ends_the_handshake(cluster: Cluster, admin_site: AdminSite, connect: Connect) -> None:
    """What is no address at all is answered with 400; others notice nothing."""
    with pytest.raises(InvalidStatus, match="400"):
        await connect(cluster.first, origin="http://[", headers=cookie(admin_site), hello={})
    await cluster.fence(await connect(cluster.first, token=cluster.bob.token))


async def test_a_foreign_host_header_is_no_origin(cluster: Cluster, admin_site: AdminSite, connect: Connect) -> None:
    """A name made to point here (DNS rebinding) is in Host and Origin alike, and not in ALLOWED_HOSTS: 4403."""
    name = f"evil.example:{cluster.first.port}"
    address = f"ws://{name}/ws/tasks"
    async with await Client.connect(
        address, origin=f"http://{name}", headers=cookie(admin_site), hello={}, at=("127.0.0.1", cluster.first.port)
    ) as client:
        assert "origin" in await refused(client, 4403)


@pytest.mark.parametrize(
    "value", ["unknown-but-long-enough", '"\\000aaaaaaaaaaaa"', "x", "", '"\\355\\240\\200aaaaaaaaa"']
)
async def test_an_unknown_session_opens_nothing(cluster: Cluster, connect: Connect, value: str) -> None:
    """Expired, ended, or made up of anything: 4401."""
    headers = {"Cookie": f"sessionid={value}"}
    client = await connect(cluster.first, origin=cluster.first.url, headers=headers, hello={}, greeted=False)
    await refused(client, 4401)


async def test_a_session_that_has_ended_opens_nothing(cluster: Cluster, connect: Connect) -> None:
    """After the sign-out the cookie is worthless."""
    with AdminSite(cluster.first.url, ADMIN) as site:
        headers = cookie(site)
        token = site.cookies["csrftoken"]
        assert site.post("/admin/logout/", data={"csrfmiddlewaretoken": token}).status_code in (200, 302)
    client = await connect(cluster.first, origin=cluster.first.url, headers=headers, hello={}, greeted=False)
    await refused(client, 4401)


async def test_trusted_origins(strict: Replica, admin_site: AdminSite, connect: Connect) -> None:
    """CSRF_TRUSTED_ORIGINS counts for sockets as it does for forms: scheme, host and port, or `*.` for subdomains."""
    wanted: dict[str, Any] = {
        "https://todo.example.com": True,
        "https://a.b.example.org": True,
        "http://localhost:3000": True,
        strict.url: True,
        "http://todo.example.com": False,
        "https://todo.example.com:8443": False,
        "https://evil-todo.example.com": False,
        "https://example.org": False,
        "https://badexample.org": False,
        "http://localhost:3001": False,
    }
    for origin, is_welcome in wanted.items():
        client = await connect(strict, origin=origin, headers=cookie(admin_site), hello={}, greeted=is_welcome)
        if is_welcome:
            await client.close()
        else:
            await refused(client, 4403)
