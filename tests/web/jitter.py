"""Makes the page slower at random, so that a test finds each of its states that lasts for one frame only.

    BROWSER_JITTER=200 .venv/bin/python -m pytest tests/web/test_page.py
    BROWSER_JITTER=200 BROWSER_JITTER_SEED=7 ...        as in the run that printed this seed

The milliseconds are the longest delay: of each frame, timer, answer, message of the socket and step back in the
history; and of each action of a test.
"""

import os
import random
from pathlib import Path

from playwright.sync_api import BrowserContext

SCRIPT = Path(__file__).with_suffix(".js").read_text()

most = int(os.environ.get("BROWSER_JITTER", "0"))
seed = int(os.environ.get("BROWSER_JITTER_SEED", random.randrange(2**16)))
_numbers = random.Random(seed)


def delay() -> float:
    """In ms; 0 without jitter."""
    return _numbers.random() * most


def disturb(context: BrowserContext) -> None:
    """All pages of the context, from their first script on."""
    if most:
        print(f"BROWSER_JITTER={most} BROWSER_JITTER_SEED={seed}")
        context.add_init_script(f"{SCRIPT}({most}, {_numbers.randrange(2**31)})")
