"""Real windows on real servers: two replicas on one PostgreSQL and one Redis, and Chromium in front of them.

    def test_it(team, open_window):
        alice = open_window(ALICE)            # signed in, on the first replica, live and loaded
        bob = open_window(BOB, replica=1)

The servers are started once for all tests here; what a test has made is deleted after it. Each window fails its test if
the page wrote an error to the console, which is where broken rules of the content security policy end up too.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.cast import ALICE, BOB, CAROL, Person
from tests.clients import Session
from tests.once import made_once
from tests.servers import PostgresServer, RedisServer, Replica, Serve, manage
from tests.system.cluster import together
from tests.web import jitter
from tests.web.chromium import launch, new_context
from tests.web.window import Team, Window

__all__ = ["Team", "Window"]

HOSTS = "localhost,127.0.0.1,[::1],todo.lan"


@pytest.fixture(scope="session")
def static_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page's files as a production server has them, bundled; nobody looks at the admin's here."""

    def collect(folder: Path) -> None:
        without = ("--ignore=admin", "--ignore=rest_framework")
        manage("collectstatic", "--no-input", "--verbosity=0", *without, env={"STATIC_ROOT": str(folder)})

    return made_once(tmp_path_factory, "static", collect)


@pytest.fixture(scope="package")
def servers(
    postgres: PostgresServer, postgres_template: str, static_root: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Team]:
    folder = tmp_path_factory.mktemp("web")
    database = postgres.url(postgres.create_database(template=postgres_template))
    with RedisServer(folder) as redis:
        env = {"DATABASE_URL": database, "REDIS_URL": redis.url, "ALLOWED_HOSTS": HOSTS}
        env["STATIC_ROOT"] = str(static_root)
        replicas: list[Replica] = [Serve(folder, "--proxy-headers", env=env) for _ in range(2)]
        with together(*replicas):
            sessions = {person.username: Session(replicas[1].url, person) for person in (ALICE, BOB, CAROL)}
            yield Team(replicas, sessions, {})
            for session in sessions.values():
                session.close()


@pytest.fixture
def team(servers: Team) -> Iterator[Team]:
    """The servers, which run again after a test that has stopped one, without the lists that it has made."""
    yield servers
    for replica in servers.replicas:
        replica.resume()
        if not replica.is_alive():
            replica.start()
    servers.clear()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    # Not for the whole run: while it is there, this thread counts as one with a running event loop.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # tests of the same folder that ask a view in this process
        chromium = launch(playwright, slow_mo=jitter.delay())
        yield chromium
        chromium.close()


@pytest.fixture
def new_window(team: Team, browser: Browser) -> Iterator[Callable[..., Window]]:
    """new_window(BOB, replica=1, viewport=..., color_scheme=...): a window with a profile of its own, still empty."""
    windows: list[Window] = []

    def open_window(person: Person = ALICE, *, replica: int = 0, **options: Any) -> Window:
        context = new_context(browser, **options)
        windows.append(Window(context, team.replicas[replica].url, person, team.passes))
        return windows[-1]

    yield open_window
    complaints = {window.person.username: window.complaints for window in windows if window.complaints}
    for window in windows:
        window.context.close()
    assert not complaints


@pytest.fixture
def open_window(new_window: Callable[..., Window]) -> Callable[..., Window]:
    """As new_window, signed in, live and loaded; with task_list=..., that list is open.

    With own_session=True the person has signed in for this window alone.
    """

    def signed_in(person: Person = ALICE, *, task_list: str = "", own_session: bool = False, **options: Any) -> Window:
        window = new_window(person, **options)
        window.enter(f"/#/{task_list}" if task_list else "", own_session=own_session)
        window.expect_loaded()
        if task_list:
            window.expect_open(task_list)
        return window

    return signed_in
