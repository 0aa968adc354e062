"""What can be said of the page's files without a browser."""

import gzip
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest
from django.conf import settings
from django.test import Client

from tests.servers import ROOT
from todo_project.bundling import BundlingError, bundled
from todo_project.storage import StaticFilesStorage

MODULES = [*ROOT.glob("tasks/static/**/*.js"), *ROOT.glob("realtime/static/**/*.js")]
PAGES = [*ROOT.glob("tasks/templates/**/*.html")]


def test_a_first_visit_takes_few_files_and_few_bytes(static_root: Path):
    """What the page begins with, compressed and with the heads of the answers, leaves room for the data in 90 KB. Each
    file that a collected one imports is there, under a name that changes with its content.
    """
    own = [path for path in static_root.rglob("*.js") if re.fullmatch(r".+\.[0-9a-f]{12}\.js", path.name)]
    names = ["app", "later", "socket", "streams", "theme", "types", "worker"]
    assert sorted(path.name.split(".")[0] for path in own) == names
    for path in own:
        text = path.read_text()
        assert "/**" not in text, "comments are for people"
        for name in re.findall(r'(?:from\s*|import\()"(\.[^"]+)"', text):
            assert re.search(r"\.[0-9a-f]{12}\.js$", name), f"{path.name} imports {name}"
            assert (path.parent / name).is_file(), f"{path.name} imports {name}"
    check_syntax(own)
    for name in ("app", "later"):
        sheet = next(static_root.glob(f"tasks/css/{name}.????????????.css")).read_text()
        assert "@import" not in sheet
        assert "/*" not in sheet
    assert first_visit(static_root) < 86_000


def test_a_page_names_the_collected_files(static_root: Path, tmp_path: Path):
    """With what changes with their content, so that a browser may keep them; before `collectstatic` by their own."""
    for folder, name in ((static_root, r"app\.[0-9a-f]{12}\.js"), (tmp_path, r"app\.js")):
        assert re.fullmatch(f"/static/tasks/{name}", StaticFilesStorage(location=folder).url("tasks/app.js"))


def test_a_module_that_cannot_be_bundled_is_named():
    """A form of import that is not known would be a page that fails where nobody looks."""
    texts = {
        "app.js": 'import { a as b } from "./a.js";\nimport("./c.js");\nb();',
        "a.js": '/** @param {import("./types.js").T} t */\nexport const a = (t) => t;',
        "c.js": 'import * as a from "./a.js";\nexport class C {}',
    }
    bundle = bundled("app.js", texts.__getitem__, later="later.js")
    assert bundle.names == set(texts)
    assert "const { a: b }" in bundle.first
    assert "return { C }" not in bundle.first
    assert "return { C }" in bundle.later
    for form in ("export let a = 1;", 'export { a } from "./c.js";', 'import a from "./c.js";', "export default 1;"):
        with pytest.raises(BundlingError, match=r"a\.js"):
            bundled("app.js", {**texts, "a.js": form}.__getitem__, later="later.js")
    circle = {**texts, "a.js": 'import { C } from "./c.js";\n'}
    with pytest.raises(BundlingError, match="import each other"):
        bundled("app.js", circle.__getitem__, later="later.js")


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


HEAD = 700  # bytes of an answer's head, at most


def first_visit(folder: Path) -> int:
    """What a browser gets before the data: the page, its modules, styles and picture, compressed."""
    template = "".join((ROOT / "tasks/templates/tasks" / name).read_text() for name in ("base.html", "index.html"))
    names = re.findall(r"(?:src|href)=\"{% static '([^']+)'", template)
    assert len(set(names)) == 4
    files = [next(folder.glob(f"{Path(name).with_suffix('')}.????????????.*.br")) for name in set(names)]
    page = gzip.compress((template + (ROOT / "tasks/templates/tasks/icons.html").read_text()).encode())
    return len(page) + sum(path.stat().st_size for path in files) + HEAD * (len(files) + 1)


def test_nothing_comes_from_elsewhere_and_nothing_is_inline():
    """The content security policy would stop it; here one learns so at once."""
    for path in [*MODULES, *PAGES, *ROOT.glob("tasks/static/**/*.css")]:
        text = path.read_text().replace("http://www.w3.org/", "")
        text = (
            text if path.name in ("app.css", "later.css") else text.replace("@import", "http://")
        )  # those that are made of others
        assert not re.search(r"https?://|innerHTML|outerHTML|insertAdjacentHTML|\beval\(", text), path
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
