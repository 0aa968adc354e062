"""`manage.py check_redis`: what stands between the application and Redis."""

import asyncio
import json
import sys
from collections import Counter
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from realtime.broker.diagnose import check, check_cache
from realtime.broker.diagnose.probe import Finding

NONE_CONFIGURED = Finding(
    *("settings", "REDIS_URL", "failed", "Redis is not in use: the application runs as a single instance"),
    advice="Set REDIS_URL (or REDIS_SENTINELS), as in redis://localhost:6379.",
)


class Command(BaseCommand):
    help = (
        "Tests the Redis of the settings step by step, and says what to do: connection, sign-in, role, rights, round "
        "trip, subscribers. Ends with status 1 where the application cannot work with it, else with 0. Prints no "
        "password."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", dest="as_json", help="one JSON object instead of lines")
        parser.add_argument(
            "--timeout", type=float, default=2.0, metavar="SECONDS", help="for each step by itself (default: 2)"
        )

    def handle(self, *, as_json: bool, timeout: float, **options: Any) -> None:
        if not 0 < timeout <= 30:
            raise CommandError("--timeout must be more than 0 and at most 30.", returncode=2)
        config = settings.CHANNEL_LAYERS["default"].get("CONFIG")
        findings = asyncio.run(check(config, timeout)) if config else [NONE_CONFIGURED]
        cache = settings.CACHES["default"]
        if str(cache.get("LOCATION")).startswith(("redis://", "rediss://", "unix://")):
            findings += asyncio.run(check_cache(cache, timeout))
        counts = Counter(finding.status for finding in findings)
        name, failed = config["name"] if config else None, counts["failed"]
        if as_json:
            found = {"redis": name, "ok": not failed, "findings": [finding._asdict() for finding in findings]}
            self.stdout.write(json.dumps(found, ensure_ascii=False))
        else:
            self.stdout.write(f"Redis: {name or 'none'}")
            for finding in findings:
                self.stdout.write(str(finding))
            self.stdout.write(f"{failed} failed, {counts['warning']} warnings.")
        if failed:
            sys.exit(1)
