"""What a project needs beside its code: forms, workflows, a licence, and tools that agree on the rules."""

import configparser
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.chart import program
from tests.servers import ROOT

GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())

SCHEMAS = {
    "github-workflows": WORKFLOWS,
    "github-issue-forms": [GITHUB / "ISSUE_TEMPLATE/bug.yml", GITHUB / "ISSUE_TEMPLATE/idea.yml"],
    "github-issue-config": [GITHUB / "ISSUE_TEMPLATE/config.yml"],
    "dependabot": [GITHUB / "dependabot.yml"],
}


@pytest.mark.parametrize("schema", SCHEMAS)
def test_github_can_read_it(schema):
    """By the published schemas, and no file is forgotten."""
    command = [program("check-jsonschema"), "--builtin-schema", f"vendor.{schema}", *map(str, SCHEMAS[schema])]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout
    assert set(GITHUB.rglob("*.yml")) == {path for paths in SCHEMAS.values() for path in paths}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_run_what_is_there(path: Path):
    """Actions in a fixed version and commands of this repository, with no more rights than they need."""
    workflow = yaml.safe_load(path.read_text())
    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        if "uses" in job:
            assert (ROOT / job["uses"]).is_file()
            continue
        assert job["timeout-minutes"] <= 60
        for step in job["steps"]:
            assert re.search(r"@v\d+\.\d+\.\d+$", step.get("uses", "@v1.1.1")), step
            # An expression in a script could carry a command of somebody else's.
            assert "${{" not in step.get("run", "")
            for script in re.findall(r"(?:^|sh )((?:\.ci|deploy|scripts)/[\w./-]+)", step.get("run", ""), re.MULTILINE):
                assert (ROOT / script).is_file()


def test_a_release_is_complete():
    """Both architectures, with SBOM, provenance and signature; the chart too."""
    steps = yaml.safe_load((GITHUB / "workflows/release.yml").read_text())["jobs"]["publish"]["steps"]
    (image,) = [step["with"] for step in steps if step.get("uses", "").startswith("docker/build-push-action")]
    assert image["platforms"] == "linux/amd64,linux/arm64"
    assert (image["sbom"], image["provenance"]) == (True, "mode=max")
    scripts = "\n".join(step.get("run", "") for step in steps)
    assert scripts.count("cosign sign") == 2
    assert "helm push" in scripts
    for name in ("values.yaml", "files/defaults.yaml"):
        # The line that the script replaces.
        assert "\n  repository: todo-backend\n" in (ROOT / "helm/todo-phase5" / name).read_text()


def test_the_notes_of_a_release_are_those_of_its_version():
    """The script's own words take them out of the change log."""
    steps = yaml.safe_load((GITHUB / "workflows/release.yml").read_text())["jobs"]["publish"]["steps"]
    (line,) = re.findall(r"^awk .*(?= > notes\.md$)", steps[-1]["run"], re.MULTILINE)
    command = ["sh", "-c", line]
    env = {"PATH": "/usr/bin:/bin", "VERSION": PROJECT["project"]["version"]}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=10, check=True)
    assert "### Added" in done.stdout
    assert "## [" not in done.stdout


def test_the_licence_is_named_alike():
    """In the file, the package and the image."""
    assert (ROOT / "LICENSE").read_text().startswith("BSD 3-Clause License\n\nCopyright (c) 2026, the Todo authors\n")
    assert PROJECT["project"]["license"] == "BSD-3-Clause"
    assert 'licenses="BSD-3-Clause"' in (ROOT / "Dockerfile").read_text()


def test_hooks_run_the_tools_of_the_lock():
    """Those of `make lint`, and files that exist."""
    (repository,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert repository["repo"] == "local"
    lint = (ROOT / "Makefile").read_text()
    for hook in repository["hooks"]:
        _, *words = hook["entry"].split()
        if words[0] == "-m":
            assert f"$(VENV_PYTHON) -m {words[1]} {words[2]}" in lint
        else:
            assert (ROOT / words[0]).is_file()


def test_editors_and_linters_agree():
    """On the length of a line."""
    config = configparser.ConfigParser()
    config.read_string("[top]\n" + (ROOT / ".editorconfig").read_text())
    assert int(config["*"]["max_line_length"]) == PROJECT["tool"]["ruff"]["line-length"]


def test_links_lead_somewhere():
    """In the files that newcomers read first."""
    for name in ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "README.md"):
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", (ROOT / name).read_text()):
            assert (ROOT / target).exists(), f"{name}: {target}"
