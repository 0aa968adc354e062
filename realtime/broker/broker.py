"""What the broker link needs of a broker."""

from collections.abc import Collection, Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Protocol


class BrokerEvents(Protocol):
    """What a broker tells the link, on the event loop. None of it waits or raises."""

    def on_messages(self, stream: str, messages: Sequence[Any]) -> None:
        """What arrived at once on the channel of a stream, in order; None for what could not be decoded."""

    def on_echo(self, message: Any) -> None:
        """Something arrived on this process' own channel: a ping that came back through one of the hosts, if it is
        valid; None for what could not be decoded."""

    def on_subscribed(self, stream: str) -> None:
        """From now on what is published about the stream arrives."""

    def on_lost(self, why: str) -> None:
        """The connection is gone, or is of no use any more."""


class Broker(Protocol):
    """Connections are opened and closed as a whole; the link opens new ones after a fault."""

    @property
    def host_count(self) -> int:
        """How many hosts are in use; a ping comes back once through each."""

    @property
    def subscribed(self) -> AbstractSet[str]:
        """The streams that are known to be subscribed."""

    async def open(self, streams: Collection[str]) -> None:
        """Connects and subscribes to these streams. Raises the broker's errors."""

    def close(self) -> None:
        """Returns at once."""

    async def closed(self) -> None:
        """Returns when everything that was closed has ended."""

    async def subscribe(self, streams: Iterable[str]) -> None: ...

    async def unsubscribe(self, streams: Iterable[str]) -> None: ...

    async def publish(self, messages: Sequence[tuple[str, dict[str, Any]]]) -> None:
        """Sends messages about streams. Raises the broker's errors."""

    async def ping(self, sent: float) -> None:
        """Sends itself a message that carries `sent`."""
