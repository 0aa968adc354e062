"""The browser of the tests, and of what measures and photographs the page."""

import shutil
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Playwright

from tests.servers import program
from tests.web import jitter

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP *.lan 127.0.0.1",
)

# Until they are closed, so that a slow machine finds them, too; an empty page has no storage.
MESSAGES_STAY = "if (location.host) localStorage['message-seconds'] ??= '0'"


def launch(playwright: Playwright, *, slow_mo: float = 0) -> Browser:
    """Debian's chromium-headless-shell: the same Chromium without its windows, for half the work. Else chromium."""
    path = shutil.which("chromium-headless-shell") or program("chromium")
    return playwright.chromium.launch(executable_path=path, args=ARGUMENTS, slow_mo=slow_mo)


def new_context(browser: Browser, **options: Any) -> BrowserContext:
    """A profile of its own, in which the page's messages stay; and jitter, if it is asked for. Without the service
    worker, which fetches all files once more, unless `service_workers` allows it.
    """
    context = browser.new_context(**{"service_workers": "block", **options})
    context.add_init_script(MESSAGES_STAY)
    jitter.disturb(context)
    return context
