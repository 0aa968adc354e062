"""The image's files, collected as its build does, and its entry point, started as its containers do, in plain folders.

No engine is needed. What this cannot show is that the base image has what the build needs: `docker build .` does.
"""

import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.deploy.chart import program
from tests.servers import ROOT, Server, wait_until

KEY = "of-the-container-and-long-enough-for-signatures"
PASSWORD = re.compile(r"The first user is admin with the password (\S+)")


class Image:
    """The assembled files, read-only, and the folder that its volume is mounted at."""

    def __init__(self, folder: Path) -> None:
        self.application = folder / "app"
        self.data = folder / "data"
        script = ROOT / "deploy/image/assemble.py"
        command = [sys.executable, str(script), str(self.application), "--data", str(self.data)]
        subprocess.run(command, check=True, timeout=120)
        # Links point into the volume, whose rights stay.
        subprocess.run(["chmod", "-R", "a-w", str(self.application)], check=True, timeout=60)

    def environment(self, variables: dict[str, str]) -> dict[str, str]:
        path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
        return {"PATH": path, "HOME": str(self.data.parent), "PYTHONDONTWRITEBYTECODE": "1", **variables}

    def command(self, *words: str) -> list[str]:
        """As a user for whom file modes count; root alone may write to read-only files."""
        rights = ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"] if os.geteuid() == 0 else []
        return [*rights, sys.executable, *words]

    def run(self, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """`docker run`, or with a program's name first `docker exec`."""
        return subprocess.run(
            self.command(*words),
            cwd=self.application,
            env=self.environment(variables),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def start(self, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return self.run(str(self.application / "entrypoint.py"), *words, **variables)


class Container(Server):
    """The image without arguments, but for where it listens."""

    name = "container"

    def __init__(self, folder: Path, image: Image, **variables: str) -> None:
        super().__init__(folder)
        self.image = image
        self.variables = variables
        self.url = f"http://127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        entrypoint = str(self.image.application / "entrypoint.py")
        return self.image.command(entrypoint, "serve", "--bind", "127.0.0.1", "--port", str(self.port))

    def popen_options(self) -> dict[str, Any]:
        return {"cwd": "/", "env": self.image.environment(self.variables)}

    def is_ready(self, log: str) -> bool:
        return "Listening on" in log

    def is_healthy(self) -> bool:
        return self.image.run("healthcheck.py", f"{self.url}/readyz").returncode == 0

    def sign_in(self, password: str) -> int:
        credentials = {"username": "admin", "password": password}
        return httpx.post(f"{self.url}/api/token", json=credentials, trust_env=False).status_code


@pytest.fixture(scope="module")
def assembled(tmp_path_factory: pytest.TempPathFactory) -> Image:
    return Image(tmp_path_factory.mktemp("image"))


@pytest.fixture
def image(assembled: Image) -> Iterator[Image]:
    """With an empty volume."""
    assembled.data.mkdir()
    yield assembled
    shutil.rmtree(assembled.data)


@pytest.fixture
def start(image: Image, tmp_path: Path) -> Iterator[Callable[..., Container]]:
    """start(SECRET_KEY=...): a container with these variables."""
    with ExitStack() as stack:
        yield lambda **variables: stack.enter_context(Container(tmp_path, image, **variables))


# The build


def test_hadolint_has_nothing_to_say():
    """No rule is switched off."""
    done = subprocess.run(
        [program("hadolint"), str(ROOT / "Dockerfile")], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout
    assert "hadolint" not in (ROOT / "Dockerfile").read_text()


def test_what_gets_into_the_image(assembled):
    """The application and two scripts: neither tests nor settings nor databases; static files by hashed names."""
    assert {path.name for path in assembled.application.iterdir()} == {
        ".env",
        "__pycache__",
        "entrypoint.py",
        "healthcheck.py",
        "manage.py",
        "realtime",
        "staticfiles",
        "tasks",
        "todo_project",
    }
    assert (assembled.application / ".env").readlink() == assembled.data / "todo.env"
    files = [path.name for path in assembled.application.rglob("*") if path.is_file()]
    assert not [name for name in files if re.search(r"\.env|sqlite3|secret_key", name)]
    assert [name for name in files if re.search(r"\.[0-9a-f]{12}\.css$", name)]
    assert "settings.cpython" in " ".join(files), "compiled, since nothing can be written later"


# The first start


def test_the_first_start_needs_nothing(start, image):
    """A key, a database and a user are made in the volume, the password is printed, and it serves; as one process."""
    container = start()
    (password,) = PASSWORD.findall(container.log.read_text())
    assert container.sign_in(password) == 200
    assert container.is_healthy()
    command = Path(f"/proc/{container.process.pid}/cmdline").read_bytes().split(b"\0")
    assert b"manage.py" in command, "replaced by the server, which gets the signals"
    for name in ("secret_key", "todo.env"):
        assert stat.S_IMODE((image.data / name).stat().st_mode) == 0o600
    key = (image.data / "secret_key").read_text()
    assert len(key) > 50
    assert container.stop() == 0
    assert not container.is_healthy()

    again = start(ALLOWED_HOSTS=".example.com,127.0.0.1")
    assert not PASSWORD.search(again.log.read_text())
    assert again.sign_in(password) == 200
    assert (image.data / "secret_key").read_text() == key
    with httpx.Client(base_url=again.url, headers={"Host": "todo.example.com"}, trust_env=False) as client:
        (style, *_) = re.findall(r'href="(/static/[^"]+\.css)"', client.get("/login").text)
        assert re.search(r"\.[0-9a-f]{12}\.css$", style)
        assert "immutable" in client.get(style).headers["cache-control"]
    for log in (container.log.read_text(), again.log.read_text()):
        assert key not in log
        assert "Traceback" not in log


def test_commands_in_the_container_know_its_settings(image):
    """`docker exec` does not pass the entry point, which has left the settings where manage.py finds them."""
    assert image.start("migrate", "--no-input").returncode == 0
    done = image.run("manage.py", "first_user")
    assert PASSWORD.search(done.stdout), done.stderr
    assert image.start("check", "--deploy").returncode == 0
    assert image.start("sh", "-c", "echo $0 $HOME").stdout == f"sh {image.data.parent}\n"


def test_only_a_server_rewrites_its_settings(start, image, tmp_path, postgres):
    """Another container's command on the same volume goes by its own variables, and leaves the server's file alone."""
    url = postgres.url(postgres.create_database())
    start(DATABASE_URL=url)
    written = (image.data / "todo.env").read_text()
    assert "DATABASE_URL" not in written
    assert image.start("migrate", "--no-input").returncode == 0
    assert (image.data / "db.sqlite3").exists(), "what the command was given is what it used"
    assert image.start("check", SECRET_KEY=KEY, DATABASE_URL=url).returncode == 0, (
        "instead of the file that is named there"
    )
    assert (image.data / "todo.env").read_text() == written


def test_two_at_once_agree(image):
    """On one volume, where both are the first: one key, and one password."""
    commands = [image.command(str(image.application / "entrypoint.py"), "serve", "--port", "0") for _ in range(2)]
    started = [
        subprocess.Popen(
            command, env=image.environment({}), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        for command in commands
    ]
    try:
        printed = [_until(process, "Listening on") for process in started]
    finally:
        for process in started:
            process.terminate()
            process.communicate(timeout=30)
    assert len(PASSWORD.findall("".join(printed))) == 1, printed
    assert (image.data / "todo.env").read_text().count("SECRET_KEY_FILE=") == 1


def _until(process: subprocess.Popen[str], words: str) -> str:
    """What it prints, up to the line with these words."""
    printed = ""
    assert process.stdout
    for line in process.stdout:
        printed += line
        if words in line:
            return printed
    raise AssertionError(printed)


# With settings


def test_secrets_may_come_from_files(start, image, tmp_path):
    """Then none is made; and one that was made before does not stand in the way."""
    assert image.start("check").returncode == 0
    assert (image.data / "secret_key").exists()
    given = tmp_path / "key"
    given.write_text(f"{KEY}\n")
    container = start(SECRET_KEY_FILE=str(given))
    (password,) = PASSWORD.findall(container.log.read_text())
    assert container.sign_in(password) == 200
    assert "SECRET_KEY" not in (image.data / "todo.env").read_text()


def test_with_all_settings_nothing_is_written(start, image, tmp_path, postgres):
    """PostgreSQL is not migrated: replicas that start together would get in each other's way."""
    image.data.chmod(0o500)
    address = tmp_path / "address"
    address.write_text(postgres.url(postgres.create_database()))
    container = start(SECRET_KEY=KEY, DATABASE_URL_FILE=str(address))
    assert not list(image.data.iterdir())
    assert "migrations" in httpx.get(f"{container.url}/readyz", trust_env=False).json()["database"]
    assert not container.is_healthy()


@pytest.mark.parametrize(
    ("mode", "variables", "said"),
    [
        (0o500, {}, "can't be written by user"),
        (0o500, {"SECRET_KEY": KEY}, "and DATABASE_URL would go there"),
        (0o700, {"SECRET_KEY": "short"}, "SECRET_KEY"),
        (0o700, {"DATABASE_URL": "mysql://a"}, "DATABASE_URL"),
        (0o700, {"DATABASE_URL": "sqlite:////nowhere/db.sqlite3"}, "database"),
    ],
)
def test_what_stands_in_the_way_is_said_in_a_line(image, mode, variables, said):
    """Without a traceback."""
    image.data.chmod(mode)
    done = image.start(**variables)
    assert done.returncode != 0
    lines = [line for line in done.stderr.splitlines() if "is not a volume" not in line]
    assert len(lines) == 1, done.stderr
    assert said in lines[0]


def test_it_can_be_stopped_while_it_waits(image):
    """As the first process of a container it would ignore SIGTERM; here another one holds the volume."""
    import fcntl

    with (image.data / ".lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        command = image.command(str(image.application / "entrypoint.py"))
        with subprocess.Popen(command, env=image.environment({})) as process:
            inode = os.fstat(held.fileno()).st_ino
            waits = re.compile(rf"-> FLOCK .*:{inode} ")
            wait_until(lambda: waits.search(Path("/proc/locks").read_text()), what="it to wait for the volume")
            process.terminate()
            assert process.wait(10) == 143
