"""What the log says of Sentinels that name no primary."""

import pytest
from redis.asyncio import Redis
from redis.asyncio.sentinel import MasterNotFoundError

from realtime.broker.hosts import hosts_of
from realtime.broker.reason import reason
from realtime.broker.shard import pool_of


async def test_each_answer_is_in_the_reason() -> None:
    """Two ports without a listener, in whichever order they answer; the line is whole."""
    times = {"socket_timeout": 1.0, "socket_connect_timeout": 1.0, "protocol": 2}
    found = hosts_of(
        "", sentinels="127.0.0.1:1,127.0.0.1:2", sentinel_master="mymaster", sentinel_password="", options=times
    )
    with pytest.raises(MasterNotFoundError) as error:
        await Redis(connection_pool=pool_of(found.hosts[0])).ping()
    said = reason(error.value)
    begin, _, answers = said.partition(" (")
    assert begin == "no Sentinel names a living primary of 'mymaster'"
    assert set(answers.removesuffix(")").split("; ")) == {
        f"Error 111 connecting to 127.0.0.1:{port}" for port in (1, 2)
    }
    assert said.endswith(")")
