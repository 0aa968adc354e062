"""The image's entry point. Its arguments are one of:

serve [OPTION...]     the default: serves on port 8000, with options of `manage.py serve`
COMMAND [OPTION...]   another command of manage.py
PROGRAM [ARGUMENT...] a program of the image, such as python or sh

Without settings it uses the volume at /data: a secret key and a SQLite database that it creates there. Before it serves
with SQLite it migrates the database, and creates the first user in an empty one, whose password it prints once. With
PostgreSQL it only serves, because several replicas must not migrate at the same time.
"""

import contextlib
import fcntl
import os
import secrets
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

APPLICATION = Path(__file__).parent
MANAGE = [sys.executable, "manage.py"]
LISTEN = ["--bind", "0.0.0.0", "--port", "8000"]  # noqa: S104 -- the container's own network


def main(words: list[str]) -> None:
    os.chdir(APPLICATION)
    command, *options = words or ["serve"]
    if command != "serve" and shutil.which(command):
        os.execvp(command, words)  # noqa: S606 -- what the container was asked to run
    settings = (APPLICATION / ".env").readlink()
    with _lock(settings.parent):
        _provide(settings, is_server=command == "serve")
        if command == "serve":
            _prepare_database()
    listen = LISTEN if command == "serve" else []
    sys.stdout.flush()
    os.execv(sys.executable, [*MANAGE, command, *listen, *options])  # noqa: S606


@contextlib.contextmanager
def _lock(folder: Path) -> Iterator[None]:
    """Held by one container at a time; without a folder to write to, there is nothing to protect."""
    if not os.access(folder, os.W_OK):
        yield
        return
    with (folder / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _provide(settings: Path, *, is_server: bool) -> None:
    """Writes the settings that are not given into the volume's file, which every command of manage.py reads.

    It belongs to the server: other commands take theirs along, and only make a file that is not there.
    """
    folder = settings.parent
    needed = {}
    if not _is_given("SECRET_KEY"):
        needed["SECRET_KEY_FILE"] = folder / "secret_key"
    if not _is_given("DATABASE_URL"):
        needed["DATABASE_URL"] = f"sqlite:///{folder / 'db.sqlite3'}"
    if not needed and not settings.exists():
        return
    if not os.access(folder, os.W_OK):
        missing = " and ".join(name.removesuffix("_FILE") for name in needed) or "settings"
        sys.exit(
            f"{folder} can't be written by user {os.getuid()}:{os.getgid()}, and {missing} would go there. "
            f"Mount a volume (docker run -v todo:{folder}), or make a folder of yours writable: chown 10001 FOLDER."
        )
    if not os.path.ismount(folder):
        sys.stderr.write(f"{folder} is not a volume: its data is lost with the container. Add -v todo:{folder}.\n")
    key = folder / "secret_key"
    if "SECRET_KEY_FILE" in needed and not key.exists():
        _write(key, secrets.token_urlsafe(50))
    if not is_server and settings.exists():
        os.environ.update({name: str(value) for name, value in needed.items()})
        return
    lines = [f"{name}={value}\n" for name, value in needed.items()]
    _write(settings, "# Written at each start: what the container's environment does not set.\n" + "".join(lines))


def _is_given(name: str) -> bool:
    return any(os.environ.get(one, "").strip() for one in (name, f"{name}_FILE", "ENV_FILE"))


def _write(path: Path, text: str) -> None:
    """Readable by its owner alone, and complete or not there."""
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def _prepare_database() -> None:
    # The shell's working directory is the application's, but this script's own folder comes first on the path anyway.
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todo_project.settings")
    import django  # noqa: PLC0415 -- other programs are started without it
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415
    from django.core.management import CommandError, call_command  # noqa: PLC0415
    from django.db import Error, connection  # noqa: PLC0415

    try:
        django.setup()
        if connection.vendor == "sqlite":
            call_command("migrate", verbosity=0, interactive=False)
            call_command("first_user")
            connection.close()
    except (CommandError, ImproperlyConfigured) as error:
        sys.exit(str(error))
    except Error as error:
        from todo_project.command_errors import reason_of  # noqa: PLC0415

        sys.exit(reason_of(error))


def _stop(number: int, _frame: object) -> None:
    sys.exit(128 + number)


if __name__ == "__main__":
    # The first process of a container ignores signals for which it has no handler.
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    try:
        main(sys.argv[1:])
    except OSError as error:
        sys.exit(f"{error.filename}: {error.strerror}")
