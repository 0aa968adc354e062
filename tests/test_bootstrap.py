"""`scripts/bootstrap.py` makes a checkout ready, and tells what stands in the way in one line."""

import ast
import os
import re
import shutil
import socket
import stat
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.servers import ROOT


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what bootstrap.py needs, with locks that name no package, so that no network is needed."""
    folder = tmp_path / "checkout"
    shutil.copytree(ROOT / "scripts", folder / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    for lock in ("requirements.txt", "requirements-dev.txt"):
        (folder / lock).write_text("# nothing\n")
    return folder


@pytest.fixture(scope="module")
def venv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the first run makes."""
    folder = tmp_path_factory.mktemp("venv") / ".venv"
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    return folder


@pytest.fixture
def prepared(checkout: Path, venv: Path) -> Path:
    """A checkout in which .venv is there, with nothing installed."""
    shutil.copytree(venv, checkout / ".venv", symlinks=True)
    return checkout


def bootstrap(
    checkout: Path, *arguments: str, environment: dict[str, str] | None = None, before: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*before, sys.executable, str(checkout / "scripts/bootstrap.py"), *arguments],
        cwd=checkout,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def the_one_line(done: subprocess.CompletedProcess[str]) -> str:
    """What a run that failed says, after making sure that it is one line and no traceback."""
    assert done.returncode != 0
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0]


@pytest.fixture
def port_in_use() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_env_is_written_once_and_for_its_owner_alone(prepared: Path) -> None:
    """The first run writes a random key; later ones leave the file as it is, whatever it holds."""
    done = bootstrap(prepared, "--env")
    assert done.returncode == 0, done.stderr
    file = prepared / ".env"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    text = file.read_text()
    assert re.search(r"^SECRET_KEY=[\w-]{50,}$", text, re.MULTILINE)
    assert "\nDEBUG=true\n" in text

    file.write_text("SECRET_KEY=mine\n")
    again = bootstrap(prepared, "--env")
    assert (again.returncode, again.stdout) == (0, "")
    assert file.read_text() == "SECRET_KEY=mine\n"


def test_a_lock_is_installed_when_it_has_changed(prepared: Path) -> None:
    """The stamp holds the lock's hash, so an unchanged one costs nothing."""
    first, second = bootstrap(prepared), bootstrap(prepared)
    assert "Installing requirements.txt" in first.stdout
    assert second.stdout == ""
    (prepared / "requirements.txt").write_text("# something else\n")
    assert "Installing requirements.txt" in bootstrap(prepared).stdout


def test_a_venv_of_another_python_is_made_again(prepared: Path) -> None:
    """PYTHON=python3.12 after a run with another version gives a .venv of that version."""
    config = prepared / ".venv/pyvenv.cfg"
    config.write_text(re.sub(r"^version = .*$", "version = 3.4.0", config.read_text(), flags=re.MULTILINE))
    done = bootstrap(prepared)
    assert "Making .venv" in done.stdout
    assert "Installing requirements.txt" in done.stdout


def test_a_port_in_use(checkout: Path, port_in_use: int) -> None:
    """It says so before it installs anything, and names another port."""
    line = the_one_line(bootstrap(checkout, "--port", str(port_in_use)))
    assert line == f"Port {port_in_use} is in use: type 'make run PORT={port_in_use + 1}' for another one."
    assert not (checkout / ".venv").exists()


@pytest.mark.parametrize("port", ["", "0", "65536", "http"])
def test_a_port_that_is_none(checkout: Path, port: str) -> None:
    """A bad PORT is named."""
    assert the_one_line(bootstrap(checkout, "--port", port)).startswith(f"PORT={port} is no port")


def test_a_python_too_old(checkout: Path) -> None:
    """It says which version is needed, with exit status 2. (The copy asks for a Python that is yet to come.)"""
    script = checkout / "scripts/bootstrap.py"
    script.write_text(script.read_text().replace("MINIMUM = (3, 11)", "MINIMUM = (3, 99)"))
    done = bootstrap(checkout)
    assert done.returncode == 2
    assert the_one_line(done).startswith("This needs Python 3.99 or newer; ")
    assert "PYTHON=" in done.stderr


def test_an_old_python_can_read_as_far_as_that() -> None:
    """The script is parsed whole before its first line runs, so it keeps to what Python 3.7 knows."""
    source = (ROOT / "scripts/bootstrap.py").read_text()
    ast.parse(source, feature_version=(3, 7))
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert f"MINIMUM = ({wanted.removeprefix('>=').replace('.', ', ')})" in source


def test_a_folder_that_cannot_be_written(checkout: Path) -> None:
    """It names the folder and a command."""
    checkout.chmod(0o555)
    # Root may write everywhere, unless it gives up the right to.
    humble = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    line = the_one_line(bootstrap(checkout, before=humble))
    assert line.startswith(f"{checkout} can't be written: type 'sudo chown")


def test_no_network(prepared: Path) -> None:
    """pip's pages of retries become one line."""
    lock = "rich==15.0.0 --hash=sha256:" + 64 * "0" + "\n"
    (prepared / "requirements.txt").write_text(lock)
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0", "PIP_CONFIG_FILE": os.devnull}
    nowhere |= {"PIP_FIND_LINKS": "", "PIP_EXTRA_INDEX_URL": ""}
    line = the_one_line(bootstrap(prepared, environment=nowhere))
    assert line.startswith("The package index can't be reached")
    assert not (prepared / ".venv/requirements.txt.installed").exists()
