import sys
from typing import Any

from django.contrib.auth.management.commands import changepassword
from django.core.management.base import CommandError

NO_TERMINAL = (
    "There is no terminal to type a password at: run it with one (docker exec -it), or pass the password as a line of "
    "standard input."
)


class Command(changepassword.Command):
    """Django's own, which ends with EOFError where there is no terminal."""

    _passed = ""

    def _get_pass(self, prompt: str = "Password: ") -> Any:
        if sys.stdin is not None and sys.stdin.isatty():
            return super()._get_pass(prompt)  # type: ignore[misc]  # untyped
        if "again" in prompt:  # what comes through a pipe is not mistyped
            return self._passed
        line = sys.stdin.readline() if sys.stdin is not None else ""
        if not line:
            raise CommandError(NO_TERMINAL)
        self._passed = line.rstrip("\r\n")
        return self._passed
