"""Running hubs, what listeners are told, and a stand-in for the application with a client."""

import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio

from realtime import events
from realtime.delivery.hub import Hub
from realtime.events import listeners
from tests.realtime.hub_worlds import ALICE, BOB, Start, rights, streams_of
from tests.realtime.plain_http import MIB, connect
from tests.realtime.servers import Standin


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


@pytest.fixture
def announced() -> Iterator[list[events.Batches]]:
    """What listeners are told, transaction by transaction."""
    told: list[events.Batches] = []
    listeners.register(told.append)
    yield told
    listeners.unregister(told.append)


@pytest.fixture(scope="module")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standin]:
    """A stand-in in which times are short; some modules have one of their own."""
    times: dict[str, Any] = {"HEAD_SECONDS": "1.5", "BODY_SECONDS": "1.5", "FIRST_BYTE_SECONDS": "30"}
    with Standin(tmp_path_factory.mktemp("standin"), **times, BODY_BYTES=str(MIB)) as server:
        yield server


@pytest.fixture
def peer(standin: Standin) -> Iterator[socket.socket]:
    """A connection to the stand-in. (`client` is Django's.)"""
    with connect(standin) as peer:
        yield peer
