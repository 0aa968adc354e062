"""The image's steps, taken from the Dockerfile and run in a plain folder, since an engine is not everywhere.

What this cannot show is that the base image has what the steps need. For that, `docker build .`.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from tests.deploy.chart import program
from tests.servers import ROOT, Server

DOCKERFILE = ROOT / "Dockerfile"


class Step(NamedTuple):
    word: str
    rest: str


def steps() -> list[Step]:
    """The instructions of the Dockerfile, each on one line."""
    text = re.sub(r"^\s*#.*\n", "", DOCKERFILE.read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    return [Step(*line.split(maxsplit=1)) for line in text.splitlines() if line.strip()]


def context(folder: Path) -> None:
    """Copies what .dockerignore leaves in: nothing but what it names with an exclamation mark."""
    patterns = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    assert patterns[0] == "*", "so that nothing gets in that nobody thought of"
    left_out = [pattern.removeprefix("**/") for pattern in patterns[1:] if pattern[0] != "!"]
    assert all("/" not in pattern for pattern in left_out)

    def ignore(_: str, names: list[str]) -> list[str]:
        return [name for name in names if any(fnmatch(name, pattern) for pattern in left_out)]

    for name in (pattern[1:] for pattern in patterns if pattern[0] == "!"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=ignore)
        else:
            shutil.copy(source, folder / name)


class Image:
    """A folder for each stage, in which the absolute paths of the Dockerfile begin."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.context = folder / "context"
        self.context.mkdir()
        context(self.context)
        self.environment: dict[str, str] = {}
        self.healthcheck: list[str] = []
        self.command: list[str] = []
        self.user = ""
        for step in steps():
            getattr(self, f"_{step.word.lower()}")(step.rest)

    def here(self, text: str) -> str:
        """The text with the image's paths in the stage's folder."""
        return re.sub(r"(?<![\w.-])/(app|opt)\b", rf"{self.root}/\1", text)

    def _from(self, rest: str) -> None:
        _, *name = rest.split(" AS ")
        self.root = self.folder / (name[0] if name else "final")
        self.root.mkdir()
        self.workdir = self.root
        self.environment = {}

    def _workdir(self, rest: str) -> None:
        self.workdir = Path(self.here(rest))
        self.workdir.mkdir(parents=True, exist_ok=True)

    def _run(self, rest: str) -> None:
        self.run(self.here(rest))

    def run(self, script: str) -> None:
        base = Path(sys.executable).parent
        environment = {"PATH": f"{base}:/usr/bin:/bin", "HOME": os.environ["HOME"], **self.environment}
        # Where the machine finds its packages.
        environment |= {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "HTTPS_PROXY"))}
        done = subprocess.run(
            ["/bin/sh", "-euc", script],
            cwd=self.workdir,
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"

    def _copy(self, rest: str) -> None:
        *options, source, target = rest.split()
        place = self.workdir / self.here(target)
        if options:
            stage = self.folder / options[0].removeprefix("--from=")
            shutil.copytree(f"{stage}{source}", place, symlinks=True, dirs_exist_ok=True)
        elif source == ".":
            shutil.copytree(self.context, place, dirs_exist_ok=True)
        else:
            shutil.copy(self.context / source, place)

    def _env(self, rest: str) -> None:
        for name, value in re.findall(r"(\w+)=(\S+)", rest):
            self.environment[name] = self.here(value).replace("$PATH", "/usr/bin:/bin")

    def _user(self, rest: str) -> None:
        self.user = rest

    def _healthcheck(self, rest: str) -> None:
        self.healthcheck = json.loads(rest.partition(" CMD ")[2])

    def _cmd(self, rest: str) -> None:
        self.command = json.loads(rest)

    def _ignored(self, rest: str) -> None:
        """Says something about the image, and does nothing in it."""

    _arg = _label = _expose = _ignored


class Container(Server):
    """The image's command, with no right to write to the image's files."""

    name = "container"

    def __init__(self, folder: Path, image: Image, **environment: str) -> None:
        super().__init__(folder)
        self.image = image
        self.environment = {**image.environment, "HOME": str(self.folder), "TMPDIR": str(self.folder), **environment}

    def own(self, words: list[str]) -> list[str]:
        """A command of the image, with this server's port. Root alone may write to read-only files."""
        python = shutil.which(words[0], path=self.environment["PATH"])
        assert python
        assert Path(python).is_relative_to(self.image.root)
        rights = ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"] if os.geteuid() == 0 else []
        return [*rights, python, *(word.replace("8000", str(self.port)) for word in words[1:])]

    def command(self) -> list[str]:
        return self.own(self.image.command)

    def popen_options(self) -> dict[str, Any]:
        return {"cwd": self.image.workdir, "env": self.environment}

    def execute(self, words: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.own(words), capture_output=True, text=True, timeout=120, check=False, **self.popen_options()
        )

    def is_ready(self, log: str) -> bool:
        return "Listening on" in log


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    built = Image(tmp_path_factory.mktemp("image"))
    subprocess.run(["chmod", "-R", "a-w", str(built.root)], check=True, timeout=60)
    return built


def test_hadolint_has_nothing_to_say():
    """No rule is switched off."""
    done = subprocess.run(
        [program("hadolint"), str(DOCKERFILE)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout
    assert "hadolint" not in DOCKERFILE.read_text()


def test_what_the_image_says_of_itself():
    """The version comes in by a build argument, the user is a number and not root, the base has a tag."""
    text = DOCKERFILE.read_text()
    assert re.search(r"^ARG VERSION=", text, re.MULTILINE)
    assert 'org.opencontainers.image.version="$VERSION"' in text
    (user,) = [step.rest for step in steps() if step.word == "USER"]
    assert all(int(part) > 0 for part in user.split(":"))
    for step in steps():
        if step.word == "FROM":
            assert re.match(r"python:3\.1[1-9]-slim-\w+( AS \w+)?$", step.rest)


def test_nothing_private_gets_in(tmp_path):
    """Neither .env nor a database nor tests."""
    context(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        "manage.py",
        "realtime",
        "requirements.txt",
        "tasks",
        "todo_project",
    }
    assert not [path for path in tmp_path.rglob("*") if re.search(r"\.env|sqlite3|__pycache__|\.pyc$", path.name)]


@pytest.mark.timeout(600)
def test_it_serves_from_read_only_files(image, tmp_path):
    """Migrates an empty database, serves pages with hashed files, is healthy by its own check, and ends with 0."""
    settings = {
        "SECRET_KEY": "of-the-container-and-long-enough-for-signatures",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}",
        "ALLOWED_HOSTS": ".example.com",
        "ENV_FILE": os.devnull,
    }
    container = Container(tmp_path, image, **settings)
    written = container.execute(["python", "-c", "open('manage.py', 'a')"])
    assert "PermissionError" in written.stderr, "the control"
    assert container.execute(image.healthcheck).returncode != 0, "nobody serves yet"
    migrated = container.execute(["python", "manage.py", "migrate", "--no-input"])
    assert migrated.returncode == 0, migrated.stderr
    with container:
        assert container.execute(image.healthcheck).returncode == 0
        with httpx.Client(
            base_url=f"http://127.0.0.1:{container.port}", headers={"Host": "todo.example.com"}, trust_env=False
        ) as client:
            assert client.get("/readyz").json()["status"] == "ok"
            page = client.get("/login").text
            (style, *_) = re.findall(r'href="(/static/[^"]+\.css)"', page)
            assert re.search(r"\.[0-9a-f]{12}\.css$", style)
            assert "immutable" in client.get(style).headers["cache-control"]
        assert container.stop() == 0
        assert "Traceback" not in container.log.read_text()
        assert "DisallowedHost" not in container.log.read_text()
