"""Broker links of tests, and what is sent to them."""

from typing import Any

from channels.layers import get_channel_layer

from realtime.broker.link import BrokerLink
from realtime.broker.message import messages
from realtime.events import StoredEvent


class Listener:
    """A link that is running, and what it was told."""

    def __init__(self, link: BrokerLink) -> None:
        self.link = link
        self.received: list[tuple[str, StoredEvent]] = []
        self.changes = 0

    def on_events(self, stream: str, events: list[StoredEvent]) -> None:
        self.received += [(stream, event) for event in events]

    def on_change(self) -> None:
        self.changes += 1

    def seqs(self, stream: str) -> list[int]:
        return [event.seq for about, event in self.received if about == stream]


def event(seq: int, **effect: Any) -> StoredEvent:
    return StoredEvent(seq, f'{{"seq":{seq}}}', effect or None, 1.5)


async def send(stream: str, *seqs: int, log: str = "") -> None:
    """As another process does."""
    for message in messages(stream, [event(seq) for seq in seqs], log=log):
        await get_channel_layer().group_send(stream, message)
