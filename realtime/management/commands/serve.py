"""`manage.py serve`: the application over HTTP and WebSocket."""

import argparse
import logging
import math
import os
import resource
import socket
import ssl
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NoReturn, TextIO

from channels.routing import get_default_application
from django.conf import settings
from django.core.checks import run_checks
from django.core.management.base import BaseCommand, CommandError, CommandParser

from realtime import guards
from realtime.conf import config
from realtime.delivery.hub import get_hub
from realtime.management.before_start import close_databases, log_checks, warn
from realtime.protocol.close_codes import CloseCode
from realtime.protocol.messages import MAX_FRAME_CHARACTERS
from realtime.server import listening
from realtime.server.access_log import AccessLog, ReopenedFile
from realtime.server.interfaces import CloseCodes, Limits
from realtime.server.reload import serve_and_reload
from realtime.server.server import Server
from realtime.server.supervisor import Supervisor, become_worker, unblock_signals
from realtime.server.tls import TlsError, tls_context
from realtime.transport.io_uring import open_submission_ring

logger = logging.getLogger("realtime.server.start")

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 8000

THREADS_SECONDS = 5.0
"""How long threads may go on after the end; error reports and traces are sent meanwhile, too."""


def number(least: float, most: float, parse: Callable[[str], float] = int) -> Callable[[str], float]:
    """A type of argument."""

    def read(text: str) -> float:
        try:
            value = parse(text)
        except ValueError:
            value = math.nan
        if not least <= value <= most or math.isinf(value):
            upper = f" to {most:g}" if math.isfinite(most) else " up"
            raise argparse.ArgumentTypeError(f"{text!r} is not a number from {least:g}{upper}")
        return value

    return read


class Command(BaseCommand):
    help = (
        "Serves the application over HTTP and WebSocket. SIGTERM, SIGHUP and Ctrl-C drain it: /readyz says 503, "
        "WebSockets are closed one after the other (4503, clients reconnect elsewhere), requests in flight are "
        "answered, then it ends with status 0. A second signal ends it at once."
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        if getattr(self, "_called_from_command_line", False):

            def error(message: str) -> NoReturn:
                """One line; argparse would print the usage too."""
                parser.exit(2, f"{parser.prog}: {message}\n")

            parser.error = error  # type: ignore[method-assign]
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("--bind", metavar="ADDRESS", help=f"address or host name to listen on (default: {DEFAULT_HOST})")
        add("--port", type=number(0, 65535), help=f"TCP port; 0 takes a free one (default: {DEFAULT_PORT})")
        add("--unix-socket", metavar="PATH", help="listen on this Unix socket; no TCP port unless --port is given too")
        add("--workers", type=number(1, 1024), default=1, metavar="N", help="processes, one per core (default: 1)")
        add(
            "--drain-seconds",
            type=number(0, math.inf, float),
            default=10.0,
            metavar="SECONDS",
            help="time over which open WebSockets are closed at the end (default: 10)",
        )
        add(
            "--proxy-headers",
            action="store_true",
            help="take the client's address from X-Forwarded-For, -Port and -Proto; only behind a proxy that sets them",
        )
        add("--tls-cert", metavar="FILE", help="serve HTTPS with this certificate chain (PEM)")
        add("--tls-key", metavar="FILE", help="the key of --tls-cert (PEM)")
        add("--access-log", metavar="FILE", help="log each request to FILE, or to - for standard output (default: no)")
        formats = ("text", "json")
        add("--access-log-format", choices=formats, default="text", help="NCSA's format, or JSON (default: text)")
        add("--reload", action="store_true", help="restart when the code changes; for development, one worker")
        add("--inherit", type=int, action="append", help=argparse.SUPPRESS)
        add("--worker-of", type=int, help=argparse.SUPPRESS)

    def check(self, *args: Any, **kwargs: Any) -> None:
        """What does not prevent the start is logged, so that a log in JSON has nothing else in it."""
        found = [message for message in run_checks(*args, **kwargs) if not message.is_silenced()]
        if any(message.is_serious() for message in found):
            super().check(*args, **kwargs)
        log_checks(found)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["worker_of"]:
            become_worker(options["worker_of"])
        if options["reload"]:
            if options["workers"] > 1:
                raise CommandError("--reload goes with one worker", returncode=2)
            serve_and_reload(partial(self._start, options))
        else:
            self._start(options)

    def _start(self, options: dict[str, Any]) -> None:
        _allow_many_files()
        if options["workers"] == 1 or options["worker_of"]:
            _check_guards()
        try:
            tls = _tls(options)
            access_log = _access_log(options["access_log"], as_json=options["access_log_format"] == "json")
            sockets = _sockets(options)
        except listening.CannotListenError as error:
            raise CommandError(str(error), returncode=2) from error
        try:
            if not options["worker_of"]:
                warn(workers=options["workers"], proxy_headers=options["proxy_headers"])
            if options["workers"] > 1 and not options["worker_of"]:
                self._announce(sockets, secure=tls is not None, workers=options["workers"])
                self._supervise(sockets, options)
            else:
                self._serve(sockets, options, tls=tls, access_log=access_log)
        finally:
            if options["unix_socket"] and not options["worker_of"]:
                Path(options["unix_socket"]).unlink(missing_ok=True)

    def _announce(self, sockets: list[socket.socket], *, secure: bool, workers: int = 1) -> None:
        addresses = [listening.describe(one, secure=secure) for one in sockets]
        text = f"Listening on {' and '.join(addresses)}" + (f" with {workers} workers" if workers > 1 else "")
        if logger.hasHandlers() and logger.isEnabledFor(logging.INFO):
            logger.info(text, extra={"addresses": addresses, "workers": workers})
        else:
            self.stdout.write(text)
            self.stdout.flush()

    def _supervise(self, sockets: list[socket.socket], options: dict[str, Any]) -> None:
        close_databases()  # the parent needs none
        inherited = [f"--inherit={one.fileno()}" for one in sockets]
        supervisor = Supervisor(
            [sys.executable, *sys.orig_argv[1:], *inherited, f"--worker-of={os.getpid()}", "--skip-checks"],
            sockets=sockets,
            count=options["workers"],
            drain_seconds=options["drain_seconds"],
        )
        if status := supervisor.run():
            sys.exit(status)

    def _serve(
        self,
        sockets: list[socket.socket],
        options: dict[str, Any],
        *,
        tls: ssl.SSLContext | None,
        access_log: AccessLog | None,
    ) -> None:
        def on_listening() -> None:
            unblock_signals()
            if not options["worker_of"]:
                self._announce(sockets, secure=tls is not None)

        Server(
            get_default_application(),
            sockets=sockets,
            close_codes=CloseCodes(too_slow=int(CloseCode.SLOW), going_away=int(CloseCode.GOING_AWAY)),
            hub=get_hub(),
            drain_seconds=options["drain_seconds"],
            send_limit=config().send_buffer_bytes,
            limits=Limits(body_bytes=config().max_body_bytes, first_message_bytes=MAX_FRAME_CHARACTERS),
            tls=tls,
            ring=open_submission_ring() if config().io_uring else None,
            access_log=access_log,
            proxy_headers=options["proxy_headers"],
            on_listening=on_listening,
            on_ended=_bound_threads,
        ).run()


def _bound_threads() -> None:
    """Python waits for each thread at its end, also for that of a request whose client is gone."""
    timer = threading.Timer(THREADS_SECONDS, _end_process)
    timer.daemon = True
    timer.start()


def _end_process() -> None:
    text = "Requests of clients that are gone still run after %g s: the process ends without them"
    logger.warning(text, THREADS_SECONDS)
    logging.shutdown()
    os._exit(1)


def _check_guards() -> None:
    """Refuses to start with versions of other packages that no longer have what the server uses of them."""
    if found := guards.faults(guards.SERVER):
        raise CommandError("\n".join(f"{error.msg} {error.hint} ({error.id})" for error in found), returncode=2)


def _sockets(options: dict[str, Any]) -> list[socket.socket]:
    if options["inherit"]:
        return [listening.inherited_socket(descriptor) for descriptor in options["inherit"]]
    sockets = []
    path, host, port = options["unix_socket"], options["bind"], options["port"]
    if path is None or host is not None or port is not None:
        port = DEFAULT_PORT if port is None else port
        sockets.append(listening.tcp_socket(host or DEFAULT_HOST, port, debug=settings.DEBUG))
    if path is not None:
        sockets.append(listening.unix_socket(path))
    return sockets


def _tls(options: dict[str, Any]) -> ssl.SSLContext | None:
    certificate, key = options["tls_cert"], options["tls_key"]
    if not certificate and not key:
        return None
    if not certificate or not key:
        raise CommandError("--tls-cert and --tls-key are to be given together", returncode=2)
    try:
        return tls_context(certificate, key)
    except TlsError as error:
        raise CommandError(str(error), returncode=2) from error


def _access_log(path: str | None, *, as_json: bool) -> AccessLog | None:
    if path is None:
        return None
    stream: TextIO | ReopenedFile = sys.stdout
    if path != "-":
        try:
            stream = ReopenedFile(Path(path))
        except OSError as error:
            raise CommandError(f"Cannot write to {path}: {error.strerror}", returncode=2) from error
    return AccessLog(stream, as_json=as_json)


def _allow_many_files() -> None:
    """Each connection is a file; the soft limit of 1,024 exists for programs that use select()."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
