"""A new SECRET_KEY signs nobody out while SECRET_KEY_FALLBACKS names the old one."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import httpx
import pytest

from tests.cast import ALICE
from tests.clients import Client
from tests.clients.http import PLAIN, get, post
from tests.servers import Replica
from tests.system.cluster import together

OLD, NEW = (f"the {word} key that is long enough to sign tokens with" for word in ("old", "new"))


@pytest.fixture(scope="module")
def replicas(shared_sqlite: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Replica]]:
    """One after each of the three restarts: prepared, changed, and done."""
    folder = tmp_path_factory.mktemp("keys")
    keys = [(OLD, NEW), (NEW, OLD), (NEW, "")]
    started = [
        Replica(folder, env={**shared_sqlite, "SECRET_KEY": key, "SECRET_KEY_FALLBACKS": other}) for key, other in keys
    ]
    with together(*started):
        yield started


def status(replica: Replica, access: str) -> int:
    return get(f"{replica.url}/api/me", headers={"Authorization": f"Bearer {access}"}).status_code


def tokens(replica: Replica, path: str, **body: str) -> dict[str, str]:
    answer = post(f"{replica.url}/api/{path}", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, str] = answer.json()
    return found


async def test_tokens_of_either_key_count(replicas: list[Replica], connect: Callable[..., Awaitable[Client]]) -> None:
    """While old and new replicas work side by side, and until the old key is taken away."""
    prepared, changed, done = replicas
    password = {"username": ALICE.username, "password": ALICE.password}
    old, new = tokens(prepared, "token", **password), tokens(changed, "token", **password)
    assert [status(replica, old["access"]) for replica in replicas] == [200, 200, 401]
    assert [status(replica, new["access"]) for replica in replicas] == [200, 200, 200]
    for pair in (old, new):
        await connect(changed, token=pair["access"])
        await connect(prepared, token=pair["access"])
    refreshed = tokens(changed, "token/refresh", refresh=old["refresh"])
    assert status(done, refreshed["access"]) == 200
    assert tokens(done, "token/refresh", refresh=refreshed["refresh"])
    late = await connect(done, token=old["access"], greeted=False)
    assert await late.closed() == 4401


async def test_a_session_goes_on(replicas: list[Replica], connect: Callable[..., Awaitable[Client]]) -> None:
    """A browser stays signed in, with the cookie that it has, wherever its requests and its socket go meanwhile."""
    prepared, changed, done = replicas
    cookie = session_cookie(prepared)
    for replica in (changed, prepared, changed):
        for _ in range(2):
            await connect(replica, hello={}, headers=cookie, origin=replica.url)
        for answer in await asyncio.gather(*(asyncio.to_thread(get, replica.url, headers=cookie) for _ in "four")):
            assert answer.status_code == 200
            assert "sessionid" not in answer.cookies or f"sessionid={answer.cookies['sessionid']}" == cookie["Cookie"]
    assert get(done.url, headers=cookie).status_code == 200


def test_without_the_old_key_a_session_ends(replicas: list[Replica]) -> None:
    """As it must where the old key is in wrong hands."""
    assert get(replicas[2].url, headers=session_cookie(replicas[0])).status_code == 302


def session_cookie(replica: Replica) -> dict[str, str]:
    """The header of a browser that has signed in by the page's form."""
    with httpx.Client(base_url=replica.url, **PLAIN) as browser:
        browser.get("/login")
        form = {"username": ALICE.username, "password": ALICE.password}
        form["csrfmiddlewaretoken"] = browser.cookies["csrftoken"]
        assert browser.post("/login", data=form).status_code == 302
        return {"Cookie": f"sessionid={browser.cookies['sessionid']}"}
