"""What the tests of the hub share."""

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio

from realtime.delivery.hub import Hub
from tests.realtime.hub_worlds import ALICE, BOB, Start, rights, streams_of


@pytest_asyncio.fixture
async def start(settings: Any) -> AsyncIterator[Start]:
    """await start(poll_seconds=...): a running hub. `rights` says who may read what."""
    hubs: list[Hub] = []
    rights.clear()
    rights.update({ALICE: {"list", "user.1"}, BOB: {"list", "user.2"}})

    async def start(**options: Any) -> Hub:
        given = {name.upper(): value for name, value in options.items()}
        settings.REALTIME = {"STREAMS_OF": streams_of, "GAP_SECONDS": 0.02, "POLL_SECONDS": 0.2, **given}
        hubs.append(Hub())
        hubs[-1].start()
        return hubs[-1]

    yield start
    for hub in hubs:
        await hub.stop()
