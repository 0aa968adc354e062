"""Fixtures for all tests: the cast, and real servers that end with the test that asked for them. See README.md here.

Tests of processes: `database` (once on SQLite, once on PostgreSQL), `redis_server`, `start_replica`, `sign_in`,
`connect`.
Tests in this process: pytest-django's `db` and `transactional_db`, with `alice`, `bob`, `carol`, `admin_user`.
"""

import contextlib
import functools
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
import pytest_asyncio
import pytest_django
from xdist.scheduler import LoadFileScheduling

from tests.cast import ALICE, BOB, CAROL, Person
from tests.clients import Client, Session
from tests.environment import POSTGRES
from tests.faulty_link import FaultyLink
from tests.once import made_once
from tests.processes import left_behind
from tests.servers import ROOT, PostgresServer, RedisServer, Replica, Server, prepare, program
from tests.servers.quickly import quick_starts
from tests.waiting import wait_until

Environment = dict[str, str]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Shows the end of each server's log beside a failure."""
    report = yield
    if report.failed:
        for server in Server.running:
            report.sections.append((f"log of {server.name}, port {server.port}", server.tail()))
    return report


WAITING = ("system", "deploy", "tests")
"""Folders whose modules mostly wait, for processes."""

OF_THE_CLUSTER = {
    f"tests/system/test_{name}.py" for name in ("access", "auth", "bad_input", "delivery", "redis", "resume")
}
"""One worker runs them all, and starts the servers that they share once."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones first, so that none runs alone at the end; then the page's, which keep all cores busy. Those that
    wait begin among the others, which do not. Last are those with a database, which are short.
    """
    modules = dict.fromkeys(item.path for item in reversed(items))  # pytest-django has put those with a database first
    first = {ROOT / name for name in OF_THE_CLUSTER}
    place: dict[Path, float] = {}
    for waits, part in ((True, 0.8), (False, 1.0)):
        found = [path for path in modules if (path.parent.name in WAITING) is waits]
        found.sort(key=lambda path: path not in first)
        place |= {path: part * number / len(found) for number, path in enumerate(found)}

    def rank(item: pytest.Item) -> tuple[bool, bool, float, Path]:
        is_long = item.get_closest_marker("long") is not None
        return not is_long, item.path.parent.name != "web", place[item.path], item.path

    items.sort(key=rank)


class ByModule(LoadFileScheduling):
    """As `--dist loadfile`, but what shares the cluster goes to one worker."""

    def _split_scope(self, nodeid: str) -> str:
        module = super()._split_scope(nodeid)
        return "of the cluster" if module in OF_THE_CLUSTER else module


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling | None:
    return ByModule(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints what tests have measured, also those that ran in another process."""
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    figures = [value for report in reports for name, value in report.user_properties if name == "figure"]
    if figures:
        terminalreporter.section("figures")
        terminalreporter.write("".join(f"{figure}\n" for figure in figures))


@pytest.fixture
def show(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """show(text): prints a figure at the end of the run."""
    return functools.partial(record_property, "figure")


@pytest.fixture
def heeded_signals() -> Iterator[None]:
    """Processes that the test starts heed SIGINT and SIGHUP, also where the tests run in the background."""
    ignored = [one for one in (signal.SIGINT, signal.SIGHUP) if signal.getsignal(one) == signal.SIG_IGN]
    for one in ignored:
        signal.signal(one, signal.SIG_DFL)
    yield
    for one in ignored:
        signal.signal(one, signal.SIG_IGN)


@pytest.fixture(scope="session", autouse=True)
def no_process_is_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails the last test if processes that were started in this run still run after all other fixtures have ended."""
    with quick_starts():
        yield
    whole_run = request.config.stash.get(POSTGRES, None)
    allowed = frozenset({whole_run.process.pid} if whole_run and whole_run.process else ())
    try:
        wait_until(lambda: not left_behind(allowed=allowed), timeout=5, what="all processes of the tests to end")
    except AssertionError:
        raise AssertionError(f"these processes were left behind: {left_behind(allowed=allowed)}") from None


# Servers


@pytest.fixture
def start_redis(tmp_path: Path) -> Iterator[Callable[..., RedisServer]]:
    """start_redis(password=..., arguments=[...]): a Redis for this test alone; takes what RedisServer takes."""
    with contextlib.ExitStack() as stack:
        yield lambda **options: stack.enter_context(RedisServer(tmp_path, **options))


@pytest.fixture
def redis_server(start_redis: Callable[..., RedisServer]) -> RedisServer:
    return start_redis()


@pytest.fixture
def start_link() -> Iterator[Callable[[Server], FaultyLink]]:
    """start_link(redis_server or postgres): a network that fails on command, in front of the server."""
    with contextlib.ExitStack() as stack:
        yield lambda server: stack.enter_context(FaultyLink(server))


@pytest.fixture(scope="session")
def postgres(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """One PostgreSQL for the whole run. A test that breaks it starts a PostgresServer of its own."""
    if POSTGRES in request.config.stash:
        yield request.config.stash[POSTGRES]
        return
    with PostgresServer(tmp_path_factory.mktemp("postgres")) as server:
        yield server


@pytest.fixture
def start_replica(tmp_path: Path) -> Iterator[Callable[..., Replica]]:
    """start_replica(env, server="serve" or "daphne", LOG_LEVEL="DEBUG", ...): the application, with variables."""
    with contextlib.ExitStack() as stack:
        count = 0

        def start(env: Environment, *, server: Literal["serve", "daphne"] = "serve", **variables: str) -> Replica:
            nonlocal count
            count += 1
            replica = Replica(tmp_path, env={**env, **variables}, server=server, name=f"replica-{count}")
            return stack.enter_context(replica)

        yield start


# Databases: migrated and filled with the cast once in a run, then copied


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_once(tmp_path_factory, "template.sqlite3", lambda path: prepare({"DATABASE_URL": f"sqlite:///{path}"}))


@pytest.fixture(scope="session")
def postgres_dump(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For `PostgresServer.load`."""

    def make(path: Path) -> None:
        url = postgres.url(postgres.create_database())
        prepare({"DATABASE_URL": url})
        subprocess.run([program("pg_dump"), f"--file={path}", url], check=True)

    return made_once(tmp_path_factory, "template.sql", make)


@pytest.fixture(scope="session")
def postgres_template(postgres: PostgresServer, postgres_dump: Path) -> str:
    name = postgres.create_database()
    postgres.load(postgres_dump, name)
    return name


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path) -> Environment:
    path = shutil.copy(sqlite_template, tmp_path / "db.sqlite3")
    return {"DATABASE_URL": f"sqlite:///{path}"}


@pytest.fixture(scope="module")
def shared_sqlite(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """One database for the tests of a module."""
    path = shutil.copy(sqlite_template, tmp_path_factory.mktemp("shared") / "db.sqlite3")
    return {"DATABASE_URL": f"sqlite:///{path}"}


@pytest.fixture(scope="module")
def shared_replica(shared_sqlite: Environment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replica]:
    """One replica for the tests of a module, none of which ends it or harms its database."""
    with Replica(tmp_path_factory.mktemp("replica"), env=shared_sqlite) as replica:
        yield replica


@pytest.fixture
def postgres_database(postgres: PostgresServer, postgres_template: str) -> Environment:
    return {"DATABASE_URL": postgres.url(postgres.create_database(template=postgres_template))}


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Environment:
    """The environment of a fresh database: the test runs once for each kind."""
    environment: Environment = request.getfixturevalue(f"{request.param}_database")
    return environment


# Clients


@pytest.fixture
def sign_in() -> Iterator[Callable[..., Session]]:
    """sign_in(replica, ALICE): a Session; of ALICE by default."""
    with contextlib.ExitStack() as stack:
        yield lambda replica, person=ALICE: stack.enter_context(contextlib.closing(Session(replica.url, person)))


@pytest_asyncio.fixture
async def connect() -> AsyncIterator[Callable[..., Awaitable[Client]]]:
    """await connect(replica, token=..., hello=...): a Client that has received `ready`; see Client.connect.

    With greeted=False it returns at once, for connections that will be refused.
    """
    async with contextlib.AsyncExitStack() as stack:

        async def connect(replica: Replica, *, greeted: bool = True, **options: Any) -> Client:
            client = await stack.enter_async_context(await Client.connect(replica.ws_url, **options))
            if greeted:
                await client.until("ready")
            return client

        yield connect


# The cast in this process's database


@functools.cache
def _hash(password: str, hasher: str) -> str:
    """Argon2 is slow on purpose, so each password is hashed once."""
    from django.contrib.auth.hashers import make_password

    return make_password(password, hasher=hasher)


def _user(django_user_model: Any, person: Person) -> Any:
    from django.contrib.auth.hashers import get_hasher

    email = f"{person.username}@example.com"
    password = _hash(person.password, get_hasher().algorithm)
    return django_user_model.objects.create(username=person.username, email=email, password=password)


@pytest.fixture
def alice(db: None, django_user_model: Any) -> Any:
    return _user(django_user_model, ALICE)


@pytest.fixture
def bob(db: None, django_user_model: Any) -> Any:
    return _user(django_user_model, BOB)


@pytest.fixture
def carol(db: None, django_user_model: Any) -> Any:
    return _user(django_user_model, CAROL)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """SQLite in a file, as in production: each thread has its own connection, and these lock as processes do. But a
    commit does not wait for the disk, as with the tests' PostgreSQL. In PostgreSQL each worker has its own database.
    """
    from django.conf import settings

    from tests.flushing import make_no_permissions

    make_no_permissions()
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        database["TEST"]["NAME"] = str(tmp_path_factory.mktemp("django") / "test.sqlite3")
        database["OPTIONS"]["init_command"] += "; PRAGMA synchronous=OFF"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker) -> None:
    from tests.flushing import make_flushes_cheap

    with django_db_blocker.unblock():
        make_flushes_cheap()
