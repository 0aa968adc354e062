"""Reads variables from the environment and from `.env`. A bad value stops the start: it raises ImproperlyConfigured, in
one line that names the variable and says what is expected, and that shows nothing which may be secret.

Rules for every variable: white space around a value is dropped, a blank value counts as empty, nothing is interpolated,
and a value in quotes is refused (the quotes that `.env` may have are gone by then).
"""

import os
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, MutableMapping
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from dotenv.parser import parse_stream

INTEGER = re.compile(r"-?\d+", re.ASCII)
DECIMAL = re.compile(r"-?(\d+(\.\d+)?|\.\d+)", re.ASCII)
QUOTES = "'\"\u201c\u201d\u2018\u2019"
TRUE, FALSE = {"true", "1", "yes", "on"}, {"false", "0", "no", "off"}
LONGEST_SHOWN = 80
LEAST_DAYS = 0.05
"""For which something is kept: less was meant to be another unit, and would delete what is still in use."""


def refused(name: str, why: str, *, value: str | None = None) -> ImproperlyConfigured:
    """The error for a variable. `value` is only for one that is no secret; a URL with a password is left out anyway."""
    shown = "" if value is None or "@" in value else f"={value[:LONGEST_SHOWN]!r}"
    return ImproperlyConfigured(f"{name}{shown} can't be used: {why}.")


def load_file(path: Path, variables: MutableMapping[str, str], *, required: bool) -> dict[str, list[int]]:
    """Adds the variables of a `.env` file to `variables`, which win over the file; NAME there also wins over NAME_FILE
    here, and the other way round, since both are one setting. The last line of a name counts.

    Returns the numbers of the lines of each name that is set twice or more; empty lines that come first don't count.
    Quotes, comments and `export` are as in python-dotenv: ` #` after a value begins a comment, `#` inside one does not.
    """
    try:
        with path.open(encoding="utf-8-sig") as stream:
            bindings = list(parse_stream(stream))
    except FileNotFoundError as error:
        if required:
            raise refused("ENV_FILE", f"{path}: {error.strerror}") from None
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"{path} can't be read: {_reason(error)}.") from None
    found: dict[str, str] = {}
    lines: defaultdict[str, list[int]] = defaultdict(list)
    for binding in bindings:
        line, key = binding.original.line, binding.key
        if binding.error or (key is not None and binding.value is None):
            raise ImproperlyConfigured(f"{path}, line {line}, can't be used: it must be of the form NAME=value.")
        if key and binding.value is not None:
            is_comment = re.search(r"=[^\S\r\n]+#", binding.original.string) and binding.value.startswith("#")
            found[key] = "" if is_comment else binding.value
            if lines[key] or found[key].strip():
                lines[key].append(line)
    given = {name for name, value in variables.items() if value.strip()}
    for name, value in found.items():
        if _other_form(name) not in given:
            variables.setdefault(name, value)
    return {name: numbers for name, numbers in lines.items() if len(numbers) > 1}


class Environment:
    """The variables of this process; `names` are those that were asked for."""

    def __init__(self, variables: MutableMapping[str, str]) -> None:
        self._variables = variables
        self.names: set[str] = set()
        self.secrets: set[str] = set()
        self.file = ""
        self.doubled: dict[str, list[int]] = {}
        """The names that `file` sets more than once, with the numbers of their lines; for checks."""

    @classmethod
    def of_process(cls, default_file: Path) -> "Environment":
        """`os.environ`, with what the file adds: ENV_FILE, or else `default_file` if it is there."""
        environment = cls(os.environ)
        file = environment._raw("ENV_FILE")
        environment.file = file or str(default_file)
        environment.doubled = load_file(Path(environment.file), os.environ, required=bool(file))
        return environment

    def text(self, name: str, default: str = "") -> str:
        """The value; `default` if it is not set. An empty one is empty."""
        return self._raw(name) if name in self._note(name) else default

    def secret(self, name: str, default: str = "") -> str:
        """The value of `name`, or the content of the file that `name`_FILE names, without the line break at its end."""
        self._note(name)
        self.secrets.add(name)
        value, path = self._raw(name, is_secret=True), self._raw(f"{name}_FILE")
        if value and path:
            raise refused(name, f"{name}_FILE is set too: keep {name} or {name}_FILE, and remove the other one")
        if path:
            return _content(f"{name}_FILE", Path(path))
        return value if value or name in self._variables else default

    def flag(self, name: str, default: bool) -> bool:
        text = self.text(name, str(default))
        if text.lower() not in TRUE | FALSE:
            raise refused(name, "it must be true or false", value=text)
        return text.lower() in TRUE

    def integer(self, name: str, default: int, *, at_least: int = 0, at_most: int = 2**31 - 1) -> int:
        wanted = "a number: digits alone, without a unit or a separator"
        return int(self._number(name, default, INTEGER, wanted=wanted, limits=(at_least, at_most)))

    def seconds(self, name: str, default: float, *, at_least: float = 0, at_most: float = 3600) -> float:
        wanted = "a number of seconds such as 2 or 0.5, without a unit"
        return self._number(name, default, DECIMAL, wanted=wanted, limits=(at_least, at_most))

    def days(self, name: str, default: float, *, at_most: float = 36_500) -> float:
        """How long something is kept; 0 keeps it for ever."""
        wanted = "a number of days such as 7 or 0.5, without a unit"
        found = self._number(name, default, DECIMAL, wanted=wanted, limits=(0, at_most))
        if 0 < found < LEAST_DAYS:
            raise refused(
                name, f"it must be {LEAST_DAYS} (about an hour) or more, or 0 to keep all", value=f"{found:g}"
            )
        return found

    def choice(self, name: str, default: str, choices: Collection[str]) -> str:
        """One of `choices`, which are all upper or all lower case; the value may be in either."""
        text = self.text(name, default)
        text = text.upper() if "".join(choices).isupper() else text.lower()
        if text not in choices:
            wanted = " or ".join(choices) if len(choices) == 2 else f"one of {', '.join(choices)}"
            raise refused(name, f"it must be {wanted}", value=text)
        return text

    def items(self, name: str, default: str = "") -> list[str]:
        """The parts of a list with commas, without the spaces around each."""
        return split(self.text(name, default))

    def secret_items(self, name: str) -> list[str]:
        """As `items()`; in a file each may stand on a line of its own."""
        return split(self.secret(name))

    def unknown(self) -> Iterator[tuple[str, str]]:
        """Variables that are set and nobody reads; for checks."""
        known = self.names | {f"{name}_FILE" for name in self.secrets}
        yield from ((name, value) for name, value in self._variables.items() if name not in known)

    def _note(self, name: str) -> MutableMapping[str, str]:
        self.names.add(name)
        return self._variables

    def _raw(self, name: str, *, is_secret: bool = False) -> str:
        value = self._variables.get(name, "").strip()
        if len(value) > 1 and value[0] in QUOTES and value[-1] in QUOTES:
            raise refused(name, "it is in quotes; write it without them" + (", or into a file" if is_secret else ""))
        if not value.isprintable():
            raise refused(name, "there is a line break or another invisible character in it")
        return value

    def _number(
        self, name: str, default: float, form: re.Pattern[str], *, wanted: str, limits: tuple[float, float]
    ) -> float:
        text = self.text(name, str(default))
        if not form.fullmatch(text):
            raise refused(name, f"it must be {wanted}", value=text)
        if not limits[0] <= float(text) <= limits[1]:
            raise refused(name, f"it must be from {limits[0]} to {limits[1]}", value=text)
        return float(text)


def _other_form(name: str) -> str:
    """The variable that sets the same: REDIS_PASSWORD_FILE for REDIS_PASSWORD, and back."""
    return name.removesuffix("_FILE") if name.endswith("_FILE") else f"{name}_FILE"


def split(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"[,\r\n]", text) if part.strip()]


def _content(name: str, path: Path) -> str:
    try:
        content = path.read_bytes().decode().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise refused(name, f"{path}: {_reason(error)}") from None
    if not content.strip():
        raise refused(name, f"{path} is empty")
    return content


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return "it is not text in UTF-8" if isinstance(error, UnicodeDecodeError) else str(error.strerror or error)
