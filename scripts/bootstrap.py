"""Prepares a checkout: checks the version of Python, fills .venv from the lock, and writes .env with a new key.

make runs it before every target that needs these. When nothing is missing it takes a few milliseconds, and it never
overwrites anything. A problem is reported in one line that says what to do. It uses the standard library only, and must
parse on an old Python, to report that.
"""

import sys

MINIMUM = (3, 11)

if sys.version_info < MINIMUM:
    sys.stderr.write(
        f"This needs Python {MINIMUM[0]}.{MINIMUM[1]} or newer; {sys.executable} is {sys.version.split()[0]}: "
        "name a newer one, as in 'make run PYTHON=python3.12'.\n"
    )
    sys.exit(2)

import argparse
import errno
import hashlib
import importlib.util
import os
import re
import secrets
import socket
import subprocess
from pathlib import Path

import debian

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
NETWORK_TROUBLE = re.compile(
    "NewConnectionError|NameResolutionError|ConnectTimeout|ProxyError|Read timed out|from versions: none"
)


class Trouble(Exception):
    """A problem that a person has to solve; its text says in one line what it is, and how."""


def require_writable() -> None:
    if not os.access(ROOT, os.W_OK | os.X_OK):
        raise Trouble(
            f"{ROOT} can't be written: type 'sudo chown -R $(id -un) {ROOT}', or clone into a folder of yours."
        )


def require_free_port(text: str) -> None:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise Trouble(f"PORT={text} is no port: a number from 1 to 65535 is, as in 'make run PORT=8001'.")
    port = int(text)
    with socket.socket() as probe:
        # As servers do, so that connections of an earlier run that linger in TIME_WAIT don't count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            another = port + 1 if 1024 <= port < 65535 else 8000
            reason = "is in use" if error.errno == errno.EADDRINUSE else f"can't be used ({error.strerror})"
            raise Trouble(f"Port {port} {reason}: type 'make run PORT={another}' for another one.") from error


def make_venv() -> None:
    """Makes .venv where there is none, where its Python is gone, or where it is of another version than this one."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    config = VENV / "pyvenv.cfg"
    # pip is installed last, so an interrupted .venv has none.
    complete = all((VENV / "bin" / name).exists() for name in ("python", "pip"))
    if complete and f"version = {version}." in config.read_text():
        return
    if importlib.util.find_spec("ensurepip") is None:
        debian.install([f"python{version}-venv" if sys.executable.startswith("/usr/bin/") else "python3-venv"])
    print(f"Making .venv with Python {version}", flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)


def install(lock: Path) -> None:
    """Installs the packages of the lock, unless this lock is installed already."""
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    stamp = VENV / f"{lock.name}.installed"
    if stamp.exists() and stamp.read_text() == digest:
        return
    print(f"Installing {lock.name} (only when it has changed)", flush=True)
    pip = [str(VENV / "bin/python"), "-m", "pip", "install", "--quiet", "--retries", "2", "--disable-pip-version-check"]
    done = subprocess.run([*pip, "--require-hashes", "-r", str(lock)], stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        if NETWORK_TROUBLE.search(done.stderr):
            raise Trouble("The package index can't be reached: check the network (HTTPS_PROXY?), then run make again.")
        raise Trouble(f"pip could not install {lock.name}:\n{done.stderr.strip()[-2000:]}")
    stamp.write_text(digest)


def install_node_modules() -> None:
    """Installs what checks the page's modules, unless this very lock was installed before."""
    debian.require(debian.LINT_PROGRAMS)
    lock = ROOT / "package-lock.json"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    stamp = ROOT / "node_modules/.installed"
    if stamp.exists() and stamp.read_text() == digest:
        return
    print(f"Installing {lock.name} (only when it has changed)", flush=True)
    npm = ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(npm, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Trouble(f"npm could not install {lock.name}:\n{(done.stdout + done.stderr).strip()[-2000:]}")
    stamp.write_text(digest)


def write_env() -> None:
    """Writes .env, readable by its owner only, unless it exists."""
    key = secrets.token_urlsafe(50)
    text = f"# Written by the first 'make run'; .env.example lists the other settings.\nSECRET_KEY={key}\nDEBUG=true\n"
    try:
        descriptor = os.open(ROOT / ".env", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    print("Wrote .env with a new SECRET_KEY")


def main() -> None:
    parser = argparse.ArgumentParser(description="Prepares this checkout.")
    parser.add_argument("--dev", action="store_true", help="also install the dependencies of tests and lint")
    parser.add_argument("--node", action="store_true", help="install what checks the page's modules, too")
    parser.add_argument("--programs", action="store_true", help="install the programs that the tests start")
    parser.add_argument("--bench", action="store_true", help="install the dependencies of the benchmarks")
    parser.add_argument("--peers", action="store_true", help="with --bench: Node, uWebSockets and nginx with nchan too")
    parser.add_argument("--env", action="store_true", help="write .env if there is none")
    parser.add_argument("--port", help="fail if it is in use")
    options = parser.parse_args()
    if options.port is not None:
        require_free_port(options.port)
    require_writable()
    make_venv()
    install(ROOT / ("requirements-dev.txt" if options.dev else "requirements.txt"))
    if options.node:
        install_node_modules()
    if options.env:
        write_env()
    if options.programs:
        debian.install_test_programs()
    if options.bench:
        install(ROOT / "requirements-bench.txt")
        debian.require(debian.BENCHMARK_PROGRAMS | (debian.PEER_PROGRAMS if options.peers else {}))


if __name__ == "__main__":
    try:
        main()
    except (Trouble, debian.Missing) as trouble:
        sys.exit(str(trouble))
    except subprocess.CalledProcessError as error:
        sys.exit(f"{' '.join(error.cmd)} failed; its output is above.")
    except OSError as error:
        sys.exit(f"{error.filename or ROOT}: {error.strerror}. Fix that, then run make again.")
    except KeyboardInterrupt:
        sys.exit(130)
