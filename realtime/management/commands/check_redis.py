"""`manage.py check_redis`: what stands between the application and Redis."""

import asyncio
import json
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from realtime.broker.diagnose import check
from realtime.broker.diagnose.findings import Finding, Status
from realtime.broker.diagnose.keys import REDIS, check_cache

NONE_CONFIGURED = Finding(
    "settings",
    "REDIS_URL",
    Status.FAILED,
    "Redis is not in use: the application runs as a single instance",
    "Set REDIS_URL (or REDIS_SENTINELS), as in redis://localhost:6379.",
)


class Command(BaseCommand):
    help = (
        "Tests the Redis of the settings step by step, and says what to do: name, connection, TLS, sign-in, rights, "
        "round trip, memory, persistence, slow log, subscribers. Ends with status 1 where the application cannot work "
        "with it, else with 0. Prints no password."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
        parser.add_argument(
            "--timeout", type=float, default=2.0, metavar="SECONDS", help="for each step by itself (default: 2)"
        )

    def handle(self, *, json: bool, timeout: float, **options: Any) -> None:
        if not 0 < timeout <= 30:
            raise CommandError("--timeout must be more than 0 and at most 30.", returncode=2)
        config = settings.CHANNEL_LAYERS["default"].get("CONFIG")
        findings = asyncio.run(check(config, timeout)) if config else [NONE_CONFIGURED]
        cache = settings.CACHES["default"]
        if str(cache.get("LOCATION")).startswith(REDIS):
            findings += asyncio.run(check_cache(cache, timeout)).findings
        counts = {status: sum(finding.status is status for finding in findings) for status in Status}
        if json:
            self._print_json(config["name"] if config else None, findings, ok=not counts[Status.FAILED])
        else:
            self.stdout.write(f"Redis: {config['name'] if config else 'none'}")
            for finding in findings:
                self.stdout.write(str(finding))
            self.stdout.write(f"{counts[Status.FAILED]} failed, {counts[Status.WARNING]} warnings.")
        if counts[Status.FAILED]:
            sys.exit(1)

    def _print_json(self, name: str | None, findings: list[Finding], *, ok: bool) -> None:
        self.stdout.write(
            json.dumps({"redis": name, "ok": ok, "findings": [one.as_json() for one in findings]}, ensure_ascii=False)
        )
