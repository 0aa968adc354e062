import asyncio
import json
import sys
from getpass import getpass
from typing import Any
from urllib.error import URLError

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.text import Text

from tasks.cli.terminal import console, plain
from tasks.cli.watching import Session, Watcher, WatchError

SILENT = {"heartbeat", "caught_up"}
NO_CREDENTIALS = (
    "There is no terminal to ask for name and password: give --token, or --user with the password on standard input."
)
STYLES = {"created": "green", "updated": "cyan", "deleted": "red"}


class Command(BaseCommand):
    help = "Shows what happens, as it happens, until Ctrl-C. What happens while it is disconnected is shown afterwards."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--url", default="http://127.0.0.1:8000", help="the server (default: %(default)s)")
        who = parser.add_mutually_exclusive_group()
        who.add_argument("--user", metavar="NAME", help="sign in as NAME; the password is asked, or read from a pipe")
        who.add_argument("--token", help="an access token")
        parser.add_argument("--json", action="store_true", help="print each frame as one line of JSON")

    def handle(self, *args: Any, url: str, user: str | None, token: str | None, **options: Any) -> None:
        try:
            session = Session(url, token=token)
            if token is None:
                session.sign_in(*credentials(user))
            asyncio.run(self.follow(session, as_json=options["json"]))
        except KeyboardInterrupt:
            return
        except WatchError as error:
            raise CommandError(str(error)) from error
        except URLError as error:
            raise CommandError(f"There is no server at {url}: {error.reason}") from error

    async def follow(self, session: Session, *, as_json: bool) -> None:
        out = console(self.stdout)
        async for frame in Watcher(session).frames():
            if as_json:
                self.stdout.write(json.dumps(frame, ensure_ascii=False))
                self.stdout.flush()
            elif frame["type"] not in SILENT:
                out.print(described(frame))


def credentials(user: str | None) -> tuple[str, str]:
    """Name and password, asked for in a terminal or read from a pipe. Raises WatchError where there is neither."""
    try:
        name = user or input("Username: ")
        password = getpass() if sys.stdin.isatty() else input("")
    except (EOFError, RuntimeError, AttributeError):  # at its end; closed
        raise WatchError(NO_CREDENTIALS) from None
    return name, password


def described(frame: dict[str, Any]) -> Text:
    """A frame as one line for people."""
    kind = frame["type"]
    if "data" in frame:
        return event_line(frame)
    if kind == "ready":
        return Text("Live.", "bold green")
    if kind == "offline":
        return Text(f"Offline ({frame['reason']}); again in {frame['seconds']:.1f} s.", "yellow")
    return plain(f"{kind} {frame.get('stream', '')} {frame.get('reason', frame.get('detail', ''))}".rstrip())


def event_line(frame: dict[str, Any]) -> Text:
    kind, data = frame["type"], frame["data"]
    person = (frame.get("actor") or {}).get("username", "somebody")
    name = data.get("title") or data.get("name") or (data.get("user") or {}).get("name") or data.get("id", "")
    return Text.assemble(
        (frame["at"][11:19], "dim"),
        " ",
        plain(f"{person:<12} "),
        (f"{kind:<15} ", STYLES.get(kind.rpartition(".")[2], "")),
        plain(str(name)),
        " (done)" if data.get("completed") else "",
        (f"  {frame['stream']} #{frame['seq']}, {frame['source']}", "dim"),
    )
