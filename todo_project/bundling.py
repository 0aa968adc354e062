"""Puts the page's files together, so that a first visit takes a few requests instead of a hundred.

`bundled` follows the imports of an ES module. What it imports when it is loaded becomes one file; what it imports later
by `import("...")` becomes a second one. Each module is a function that is called once, in the order of the imports, and
its exports are an entry of the array `$`. `inlined` puts the sheets that a style sheet imports in the place of the
lines that import them. Both know the forms that this repository uses; others stop them.
"""

import posixpath
import re
from collections.abc import Callable
from typing import NamedTuple

IMPORT = re.compile(r'^import (?:\{([^}]*)\}|\* as (\w+)) from "(\.[^"]+)";', re.MULTILINE)
DYNAMIC = re.compile(r'\bimport\("(\.[^"]+)"\)')
EXPORT = re.compile(r"^export (?=(?:const|class|(?:async )?function\*?) (\w+))", re.MULTILINE)
COMMENT = re.compile(r"/\*\*.*?\*/", re.DOTALL)  # also one with a type, which may be an import
STYLE_COMMENT = re.compile(r"/\*.*?\*/\n?", re.DOTALL)
STYLE_IMPORT = re.compile(r'^@import "([^"]+)"(?: (\w+))?;$', re.MULTILINE)

Read = Callable[[str], str]


class BundlingError(ValueError):
    """A file has a form that is not understood; the message names the file."""


class Bundle(NamedTuple):
    """Two modules' texts: what the page begins with, and what it loads later, "" for nothing."""

    first: str
    later: str
    names: frozenset[str]


def bundled(entry: str, read: Read, *, later: str) -> Bundle:
    """The bundle of the module `entry`; `read` returns a file's text by name. `later` is the name that the second file
    will have, in the folder of the first. Raises BundlingError.
    """
    modules = _Modules(read)
    first = modules.after(entry)
    rest: list[str] = []
    todo = list(first)
    while todo:
        added = [each for target in modules.dynamic(todo.pop(0)) for each in modules.after(target)]
        new = [each for each in dict.fromkeys(added) if each not in {*first, *rest}]
        rest += new
        todo += new
    load = f'const $later = () => import("./{later}").then(({{ make }}) => make($));\n'
    begin = "const $ = [];\n" + (load if rest else "")
    made = "let done;\nexport const make = ($) => {\n  if (done) return;\n  done = true;\n" if rest else ""
    return Bundle(
        begin + "".join(modules.wrapped(name, set(rest)) for name in first),
        made + "".join(modules.wrapped(name, set()) for name in rest) + ("};\n" if rest else ""),
        frozenset([*first, *rest]),
    )


class _Modules:
    def __init__(self, read: Read) -> None:
        self._read = read
        self._texts: dict[str, str] = {}
        self._numbers: dict[str, int] = {}
        self._orders: dict[str, list[str]] = {}

    def text(self, name: str) -> str:
        if name not in self._texts:
            self._texts[name] = COMMENT.sub("", self._read(name))
        return self._texts[name]

    def dynamic(self, name: str) -> list[str]:
        return [resolved(name, path) for path in DYNAMIC.findall(self.text(name))]

    def after(self, name: str) -> list[str]:
        """The module and what it imports, each after what it imports itself."""
        if name not in self._orders:
            self._orders[name] = []
            for imported in (resolved(name, path) for *_, path in IMPORT.findall(self.text(name))):
                if not self.after(imported):
                    raise BundlingError(f"{name} and {imported} import each other")
            below = [each for *_, path in IMPORT.findall(self.text(name)) for each in self.after(resolved(name, path))]
            self._orders[name] = list(dict.fromkeys([*below, name]))
        return self._orders[name]

    def wrapped(self, name: str, later: set[str]) -> str:
        """The module as a function that returns its exports."""
        text = IMPORT.sub(lambda found: self._taken(name, found), self.text(name))
        text = DYNAMIC.sub(lambda found: self._fetched(resolved(name, found[1]), later), text)
        exports = EXPORT.findall(text)
        text = EXPORT.sub("", text)
        if found := re.search(r"^(?:import|export)\b.*", text, re.MULTILINE):
            raise BundlingError(f"{name}: {found[0]!r} is not understood")
        return f"{self._entry(name)} = (() => {{\n{text}\nreturn {{ {', '.join(exports)} }};\n}})();\n"

    def _taken(self, name: str, found: re.Match[str]) -> str:
        names, everything, path = found.groups()
        target = everything or f"{{{names.replace(' as ', ': ')}}}"
        return f"const {target} = {self._entry(resolved(name, path))};"

    def _fetched(self, target: str, later: set[str]) -> str:
        begin = "$later()" if target in later else "Promise.resolve()"
        return f"{begin}.then(() => {self._entry(target)})"

    def _entry(self, name: str) -> str:
        return f"$[{self._numbers.setdefault(name, len(self._numbers))}]"


def inlined(name: str, read: Read) -> str:
    """The style sheet with those that it imports, without comments."""

    def replace(found: re.Match[str]) -> str:
        text = inlined(resolved(name, found[1]), read)
        return f"@media {found[2]} {{\n{text}}}\n" if found[2] else text

    return STYLE_IMPORT.sub(replace, STYLE_COMMENT.sub("", read(name)))


def resolved(name: str, path: str) -> str:
    """The name of the file that `name` means by `path`."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), path))
