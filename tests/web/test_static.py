"""What can be said of the page's files without a browser."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from tests.servers import ROOT

MODULES = [*ROOT.glob("tasks/static/**/*.js"), *ROOT.glob("realtime/static/**/*.js")]
PAGES = [*ROOT.glob("tasks/templates/**/*.html")]


def test_collected_modules_import_each_other_by_their_hashed_names(tmp_path: Path, settings):
    """Each file that a collected module imports is there, under a name that changes with its content."""
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "todo_project.storage.StaticFilesStorage"},
    }
    call_command("collectstatic", verbosity=0, interactive=False, ignore_patterns=["admin", "rest_framework"])
    hashed = [path for path in tmp_path.rglob("*.js") if re.fullmatch(r".+\.[0-9a-f]{12}\.js", path.name)]
    imports = [
        (path, name) for path in hashed for name in re.findall(r'(?:from\s*|import\()"([^"]+)"', path.read_text())
    ]
    assert len(hashed) == len(MODULES)
    assert len(imports) > len(MODULES)
    for path, name in imports:
        assert re.search(r"\.[0-9a-f]{12}\.js$", name), f"{path.name} imports {name}"
        target = tmp_path / name.removeprefix(settings.STATIC_URL) if name.startswith("/") else path.parent / name
        assert target.is_file(), f"{path.name} imports {name}"
    own = [path for path in hashed if path.relative_to(tmp_path).parts[0] in ("tasks", "realtime")]
    assert not [path.name for path in own if "/**" in path.read_text()], "comments are for people"
    check_syntax(own)
    assert wire_bytes(tmp_path, own) < 100 * 1024


def check_syntax(paths: list[Path]) -> None:
    """What minifying left is a module still."""
    if not shutil.which("node"):
        return
    script = """
      const { SourceTextModule } = require("node:vm");
      const { readFileSync } = require("node:fs");
      for (const path of process.argv.slice(1)) new SourceTextModule(readFileSync(path, "utf8"), { identifier: path });
    """
    command = ["node", "--experimental-vm-modules", "--no-warnings", "-e", script, "--", *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def wire_bytes(folder: Path, modules: list[Path]) -> int:
    """What a browser gets of the page's first modules and style sheets, compressed."""
    template = "".join(
        (ROOT / "tasks/templates/tasks" / name).read_text() for name in ("base.html", "index.html", "modules.html")
    )
    names = [*re.findall(r"static '([^']+)\.js'", template), *re.findall(r"static '([^']+)\.css'", template)]
    found = [path for name in names for path in folder.glob(f"{name}.????????????.*.br")]
    assert len(found) == len(names)
    return sum(path.stat().st_size for path in found)


def test_nothing_comes_from_elsewhere_and_nothing_is_inline():
    """The content security policy would stop it; here one learns so at once."""
    for path in [*MODULES, *PAGES, *ROOT.glob("tasks/static/**/*.css")]:
        text = path.read_text().replace("http://www.w3.org/", "")
        assert not re.search(r"https?://|@import|innerHTML|outerHTML|insertAdjacentHTML|\beval\(", text), path
    for path in PAGES:
        assert not re.search(r"\sstyle=|\son[a-z]+=|<style|<script>|javascript:", path.read_text()), path


def test_the_rooms_of_the_page_import_downwards():
    """core knows neither shell nor features, shell no feature; app.js alone knows them all."""
    allowed = {"core": {"core"}, "shell": {"core", "shell"}, "features": {"core", "shell", "features"}}
    static = ROOT / "tasks/static/tasks"
    for path in static.glob("*/**/*.js"):
        room = path.relative_to(static).parts[0]
        for name in re.findall(r'^(?:import|export)[^;]*from "([^"]+)"', path.read_text(), re.MULTILINE):
            target = (path.parent / name).resolve().relative_to(static)
            assert target.parts[0] in allowed[room], f"{path.name} imports {name}"


def imports_of(path: Path) -> set[Path]:
    """The modules that this one imports when it is loaded itself; what `import()` loads later is not among them."""
    names = re.findall(r'^(?:import|export)[^;("]*"(\.[^"]+)"', path.read_text(), re.MULTILINE)
    found = {name: (path.parent / name).resolve() for name in names}
    elsewhere = ROOT / "realtime/static/realtime"
    return {each if each.exists() else elsewhere / Path(name).name for name, each in found.items()}


def test_the_page_names_in_its_head_every_module_that_it_begins_with():
    """So that the browser fetches them all at once, not one level of imports after the other; and no module of a part
    that is loaded when it is first used.
    """
    app = ROOT / "tasks/static/tasks/app.js"
    known: set[Path] = set()
    todo = {app}
    while todo:
        known |= todo
        todo = {each for path in todo for each in imports_of(path)} - known
    named = re.findall(r"\{% static '([^']+)' %\}", (ROOT / "tasks/templates/tasks/modules.html").read_text())
    assert named == sorted(named, key=lambda name: (name.startswith("realtime"), name))
    assert set(named) == {"/".join(path.relative_to(ROOT).parts[2:]) for path in known - {app}}


def test_the_checkers_are_pinned_and_their_lock_names_no_registry():
    package = json.loads((ROOT / "package.json").read_text())
    assert "dependencies" not in package
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in package["devDependencies"].values())
    lock = json.loads((ROOT / "package-lock.json").read_text())
    assert not [name for name, entry in lock["packages"].items() if "resolved" in entry]
    assert all("integrity" in entry for name, entry in lock["packages"].items() if name)


@pytest.mark.django_db
def test_the_page_is_for_people_who_are_signed_in(client: Client, alice):
    assert client.get("/").headers["Location"] == "/login?next=/"
    client.force_login(alice)
    answer = client.get("/")
    assert answer.status_code == 200
    assert "csrftoken" in answer.cookies
    assert "no-store" in answer.headers["Cache-Control"]
    policy = answer.headers["Content-Security-Policy"]
    rules = {rule.strip() for rule in policy.split(";")}
    assert {
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
    } <= rules


@pytest.mark.django_db
def test_signing_out_takes_a_post(client: Client, alice):
    """A link on another site must not do it."""
    client.force_login(alice)
    assert client.get("/logout").status_code == 405
    assert client.get("/").status_code == 200
    assert client.post("/logout").headers["Location"] == "/login"
    assert client.get("/").status_code == 302


@pytest.mark.django_db
def test_signing_in_leads_nowhere_else(client: Client, alice):
    """An address of another site in `next` is not followed."""
    form = {"username": "alice", "password": "alice's long password", "next": "https://evil.example/"}
    assert client.post("/login", form).headers["Location"] == settings.LOGIN_REDIRECT_URL


# Colours


class Pair(NamedTuple):
    """A text on a ground, and the contrast that WCAG 2.2 AA asks for: 4.5 for text, 3 for large signs and edges."""

    text: str
    ground: str
    least: float = 4.5


GROUNDS = ("paper", "raised", "hover")
PRIORITIES = ("urgent", "high", "medium-priority", "low")
PAIRS = [
    *(Pair(text, ground) for text in ("ink", "soft") for ground in (*GROUNDS, "side", "accent-wash", "press")),
    *(Pair(text, ground) for text in (*PRIORITIES, "danger", "green", "saving", "accent") for ground in GROUNDS),
    *(Pair(text, "accent-wash") for text in ("danger", "high", "green", "accent")),
    *(Pair(text, "danger-wash") for text in ("ink", "danger")),
    Pair("saving", "saving-wash"),
    Pair("on-accent", "accent-fill"),
    *(Pair(edge, ground, 3) for edge in ("field-edge", "accent") for ground in (*GROUNDS, "side", "accent-wash")),
]


def colors() -> dict[str, tuple[str, str]]:
    css = (ROOT / "tasks/static/tasks/css/tokens.css").read_text()
    both = re.findall(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", css)
    alone = re.findall(r"--([\w-]+): (#[0-9a-f]{6});", css)
    return {name: (light, dark) for name, light, dark in both} | {name: (value, value) for name, value in alone}


def luminance(color: str) -> float:
    channels = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_contrast(theme: str):
    """Every text can be read by people who see less well, in both themes."""
    known = {name: pair[theme == "dark"] for name, pair in colors().items()}
    poor = []
    for text, ground, least in PAIRS:
        one, other = sorted((luminance(known[text]), luminance(known[ground])), reverse=True)
        contrast = (one + 0.05) / (other + 0.05)
        if contrast < least:
            poor.append(f"{text} {known[text]} on {ground} {known[ground]}: {contrast:.2f} < {least}")
    assert not poor, "\n".join(poor)
