"""Collects what the image contains: assemble.py TARGET [--data FOLDER]

The application with its static files and bytecode, and the image's own scripts. Nothing else of the repository gets in.
"""

import argparse
import compileall
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("manage.py", "realtime", "tasks", "todo_project")
SCRIPTS = ("entrypoint.py", "healthcheck.py")
SETTINGS = "todo.env"


def main() -> None:
    parser = argparse.ArgumentParser(description="Collects what the image contains.")
    parser.add_argument("target", type=Path)
    parser.add_argument("--data", type=Path, default=Path("/data"), help="the folder for a volume (default: /data)")
    options = parser.parse_args()
    assemble(options.target, options.data)


def assemble(target: Path, data: Path) -> None:
    target.mkdir(parents=True)
    for name in PARTS:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
        else:
            shutil.copy(source, target / name)
    for name in SCRIPTS:
        shutil.copy(Path(__file__).parent / name, target / name)
    compileall.compile_dir(target, quiet=1)
    # The settings give static files their hashed names only if this folder exists. With DEBUG they need no key.
    (target / "staticfiles").mkdir()
    environment = {**os.environ, "DEBUG": "true", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"]
    command += ["--ignore", "rest_framework"]  # pages for its browsable API, which is not used: a third of all bytes
    subprocess.run(command, cwd=target, env=environment, check=True)  # noqa: S603 -- this interpreter
    # What the entry point writes into the volume, every command of manage.py reads.
    (target / ".env").symlink_to(data / SETTINGS)


if __name__ == "__main__":
    main()
