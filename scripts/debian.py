"""Programs from Debian's packages: finds the missing ones, and installs them if that requires no password."""

import os
import shutil
import subprocess
from pathlib import Path

# Programs that the tests start, and their packages. PostgreSQL's programs are not on PATH in Debian.
TEST_PROGRAMS = {
    "redis-server": "redis-server",
    "/usr/lib/postgresql/*/bin/postgres": "postgresql",
    "chromium-headless-shell": "chromium-headless-shell",
    "nginx": "nginx",
    "promtool": "prometheus",
    "prometheus-redis-exporter": "prometheus-redis-exporter",
}

# What the tests use as well, where the first can't be installed.
SUBSTITUTES = {"chromium-headless-shell": "chromium"}

LINT_PROGRAMS = {"node": "nodejs", "npm": "npm"}

BENCHMARK_PROGRAMS = {
    program: package for program, package in TEST_PROGRAMS.items() if package in {"redis-server", "postgresql"}
}

PEER_PROGRAMS = {
    **LINT_PROGRAMS,
    "nginx": "nginx",
    "/usr/lib/nginx/modules/ngx_nchan_module.so": "libnginx-mod-nchan",
}


class Missing(Exception):
    """A package is missing and can't be installed from here; the text is shown to the user."""


def is_there(program: str) -> bool:
    """`program` is a name on PATH or a pattern of an absolute path."""
    if program.startswith("/"):
        return any(Path("/").glob(program.lstrip("/")))
    return shutil.which(program) is not None


def command(packages: list[str]) -> list[str]:
    return ["apt-get", "install", "--yes", "--no-install-recommends", *packages]


def elevation() -> list[str] | None:
    """The prefix of a command that needs root: nothing, sudo, or None if that requires a password."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") is None:
        return None
    allowed = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    return ["sudo", "-n"] if allowed else None


def install(packages: list[str]) -> None:
    """Installs the packages; raises Missing if that requires a password, or if there is no apt-get."""
    if shutil.which("apt-get") is None:
        raise Missing(f"Missing: {', '.join(packages)} (Debian's names). Install them, then run make again.")
    prefix = elevation()
    if prefix is None:
        raise Missing(f"Missing: {', '.join(packages)}. Type: sudo {' '.join(command(packages))}")
    print(f"Installing from Debian: {', '.join(packages)}", flush=True)
    # sudo drops the environment, so the variables are passed on the command line. SYSTEMD_OFFLINE keeps systemd from
    # starting the packages' services; the tests start their own servers.
    quiet = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "SYSTEMD_OFFLINE=1"]
    for step in (["apt-get", "update"], command(packages)):
        done = subprocess.run([*quiet, *step], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Missing(f"'{' '.join(command(packages))}' failed:\n{(done.stdout + done.stderr).strip()[-2000:]}")


def require(programs: dict[str, str]) -> None:
    """Installs the missing ones; raises Missing if that can't be done from here."""
    if missing := [package for program, package in programs.items() if not is_there(program)]:
        install(missing)


def install_test_programs() -> None:
    """Installs the programs that the tests start. With CI set a missing one is an error, else its tests are skipped."""
    missing = {program: package for program, package in TEST_PROGRAMS.items() if not is_there(program)}
    if not missing:
        return
    try:
        install(list(missing.values()))
    except Missing as problem:
        if all(is_there(SUBSTITUTES.get(program, program)) for program in missing):
            return
        if os.environ.get("CI"):
            raise
        print(f"{problem}\nUntil then the tests that need them are skipped.", flush=True)
