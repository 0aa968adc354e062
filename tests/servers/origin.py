"""The process that those of the application are forked from: `python tests/servers/origin.py CONTROL`.

It imports what each of them needs and what reads neither settings nor the environment; that is two thirds of a start.
It imports nothing of the application, starts no thread and opens no file. A request over the socket CONTROL is a
command, an environment, and the signals to ignore, with standard output and error as file descriptors. See quickly.py.
"""

import contextlib
import gc
import importlib
import json
import os
import runpy
import signal
import socket
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

LARGEST = 1 << 20

LIBRARIES = (
    *("asyncio", "sqlite3", "statistics", "xml.dom.minidom", "zoneinfo"),
    *("asgiref.sync", "channels.consumer", "channels.layers", "channels_redis.pubsub", "corsheaders.middleware"),
    *("cryptography.x509", "csp.middleware", "dateutil.rrule", "dotenv", "isal.isal_zlib", "jwt", "markdown_it"),
    *(
        "orjson",
        "packaging.version",
        "psycopg.types.json",
        "psycopg_pool",
        "redis.asyncio",
        "rich.console",
        "rich.table",
    ),
    *("sqlparse", "structlog", "twisted.internet.protocol", "twisted.python.log", "websockets.http11"),
    *("whitenoise.middleware", "django_filters.rest_framework", "rest_framework.serializers", "rest_framework.request"),
    *("django.contrib.admin", "django.contrib.admindocs.views", "django.contrib.auth.hashers"),
    *("django.contrib.auth.password_validation", "django.contrib.postgres.fields", "django.contrib.postgres.search"),
    *("django.contrib.sessions.backends.db", "django.core.handlers.asgi", "django.core.management.commands.shell"),
    *("django.db.backends.postgresql.base", "django.db.backends.sqlite3.base", "django.db.migrations.executor"),
    *("django.forms", "django.middleware.common", "django.middleware.security", "django.template.loader"),
    *("django.views.defaults", "django.views.i18n"),
)


def main() -> None:
    control = socket.socket(fileno=int(sys.argv[1]))
    sys.path[0] = str(Path.cwd())  # the application's folder, as for manage.py
    gc.disable()
    for name in LIBRARIES:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    while request := next_request(control):
        child = os.fork()
        if not child:
            # A process whose parent has ended goes to the tests, which wait for it as for any child of theirs.
            if grandchild := os.fork():
                control.send(str(grandchild).encode())
                os._exit(0)
            prepare(control, *request)
            run(request[0]["command"])
            return
        os.waitpid(child, 0)
        control.send(b"is yours")
        for one in request[1]:
            os.close(one)


def next_request(control: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """None when the tests have ended."""
    message, files, _, _ = socket.recv_fds(control, LARGEST, 2)
    return (json.loads(message), files) if message else None


def prepare(control: socket.socket, request: dict[str, Any], files: list[int]) -> None:
    """Makes the process what it would be, had it been started by the command."""
    control.detach()
    for number, file in enumerate(files, 1):
        os.dup2(file, number)
    for number in [int(path.name) for path in Path("/proc/self/fd").iterdir()]:
        if number > 2:
            with contextlib.suppress(OSError):  # the one by which they are listed is closed already
                os.close(number)
    os.environ.clear()
    os.environ.update(request["env"])
    for number, usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
        signal.signal(number, signal.SIG_IGN if number in request["ignored"] else usual)
    if "PYTHONUNBUFFERED" in os.environ:
        sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    gc.enable()


def run(command: list[str]) -> None:
    """`python -m MODULE ...` or `python SCRIPT ...`."""
    sys.orig_argv = command
    if command[1] == "-m":
        sys.argv = command[2:]
        runpy.run_module(command[2], run_name="__main__", alter_sys=True)
    else:
        sys.argv = command[1:]
        script = Path(command[1]).resolve()
        module = sys.modules["__main__"] = ModuleType("__main__")
        module.__file__ = str(script)
        exec(compile(script.read_bytes(), script, "exec"), vars(module))  # noqa: S102 -- as the interpreter does


if __name__ == "__main__":
    main()
