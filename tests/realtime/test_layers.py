"""The channel layer that a REDIS_URL stands for, and what of the URL may be shown."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import redis.asyncio
from channels.layers import get_channel_layer
from django.core.exceptions import ImproperlyConfigured

from realtime.broker.hosts import without_secrets
from realtime.broker.layer import IN_MEMORY, BroadcastLayer, channel_layers
from realtime.broker.shard import pool_of as pool_of_host
from tests.cast import ALICE
from tests.certificates import Authority
from tests.clients import Client
from tests.servers import RedisServer, Replica, wait_until

TIMES: dict[str, Any] = {"max_connections": 7, "connect_timeout": 0.5, "socket_timeout": 0.75}


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://localhost:6379", "redis://localhost:6379"),
        ("redis://localhost", "redis://localhost"),
        ("redis://localhost:6379/", "redis://localhost:6379/"),
        ("redis://:secret@localhost:6379/0", "redis://localhost:6379/0"),
        ("redis://default:secret@redis-service.todo-phase5.svc.cluster.local:6379/15", "redis://redis-service.todo-phase5.svc.cluster.local:6379/15"),
        ("rediss://user:secret@10.0.0.5:6380/0?ssl_ca_certs=/ca.crt", "rediss://10.0.0.5:6380/0"),
        ("redis://localhost:6379?password=secret&db=3", "redis://localhost:6379"),
        ("redis://:secret@[::1]:6379/1", "redis://[::1]:6379/1"),
        ("redis://:s%40ec%2Fre%3At@host_1:6379", "redis://host_1:6379"),
        ("redis://:secret@more@localhost:6379", "redis://localhost:6379"),
        ("unix:///run/redis/redis.sock?db=1", "unix:///run/redis/redis.sock"),
        ("unix://:secret@/run/redis.sock", "unix:///run/redis.sock"),
        # Passwords that should have been percent-encoded, and what else is not quite a URL.
        ("redis://:sec#ret@localhost:6379", "redis://…"),
        ("redis://:123#ret@localhost:6379", "redis://…"),
        ("redis://:sec?ret@localhost:6379", "redis://…"),
        ("redis://:sec/ret@localhost:6379/0", "redis://…"),
        ("redis://user:123/secret@localhost:6379/0", "redis://…"),
        ("redis://:123/secret@localhost:6379/0", "redis://…"),
        ("redis://localhost:6379?password=sec@ret", "redis://…"),
        ("redis://localhost:secret", "redis://…"),
        ("redis://", "redis://…"),
        ("redis://[::1", "redis://…"),
        ("secret@localhost", "…"),
        (":secret", "…"),
    ],
)  # fmt: skip
def test_a_url_is_shown_without_secrets(url: str, shown: str) -> None:
    """Neither user nor password nor options; where it can't be told what is what, only the scheme."""
    assert without_secrets(url) == shown


def test_without_a_url_events_stay_in_the_process() -> None:
    """One process needs no Redis."""
    assert channel_layers("", **TIMES) == {"default": IN_MEMORY}


def test_the_settings_reach_the_connection() -> None:
    """Sizes and times; never the RESP3 that hides a stale connection."""
    pool = pool_of("redis://:secret@example.org:6380/5")
    options = pool.connection_kwargs
    assert pool.max_connections == 7
    assert {name: options[name] for name in ("host", "port", "db", "password")} == {
        "host": "example.org",
        "port": 6380,
        "db": 5,
        "password": "secret",
    }
    assert (options["socket_connect_timeout"], options["socket_timeout"]) == (0.5, 0.75)
    assert options["protocol"] == 2
    assert options["retry"].get_retries() == 1


def test_options_in_the_url_win() -> None:
    """Options in the URL are meant for this Redis."""
    pool = pool_of("redis://localhost:6379/0?socket_timeout=9&max_connections=3&health_check_interval=4")
    assert (pool.connection_kwargs["socket_timeout"], pool.connection_kwargs["health_check_interval"]) == (9, 4)
    assert pool.max_connections == 3


def test_tls_is_asked_for_by_the_scheme(tmp_path: Path) -> None:
    """And its options by the query."""
    authority = str(Authority(tmp_path).certificate)
    pool = pool_of(f"rediss://localhost:6380?ssl_ca_certs={authority}")
    assert pool.connection_class.__name__ == "SSLConnection"
    assert pool.connection_kwargs["ssl_ca_certs"] == authority


def pool_of(url: str) -> Any:
    """The pool of connections that the layer makes; it is not connected."""
    (host,) = channel_layers(url, **TIMES)["default"]["CONFIG"]["hosts"]
    return pool_of_host(host)


async def test_groups_are_channels_that_operators_know(redis_server: RedisServer, settings: Any) -> None:
    """The stream `all` is `websocket:broadcast:all`, and what is sent there comes out."""
    settings.CHANNEL_LAYERS = channel_layers(redis_server.url, **TIMES)
    layer = get_channel_layer()
    channel = await layer.new_channel()
    await layer.group_add("all", channel)
    await layer.group_add("list.4", channel)
    try:
        found = [name for name in redis_server.run("PUBSUB", "CHANNELS") if "broadcast" in name]
        assert sorted(found) == ["websocket:broadcast:all", "websocket:broadcast:list.4"]
        await layer.group_send("list.4", {"type": "x", "text": "ü"})
        async with asyncio.timeout(5):
            assert await layer.receive(channel) == {"type": "x", "text": "ü"}
        await layer.group_discard("all", channel)
        assert "websocket:broadcast:all" not in redis_server.run("PUBSUB", "CHANNELS")
    finally:
        await layer.flush()


async def test_a_socket_opens_no_channel(
    redis_server: RedisServer,
    sqlite_database: dict[str, str],
    start_replica: Callable[..., Replica],
    sign_in: Callable[..., Any],
    connect: Callable[..., Awaitable[Client]],
) -> None:
    """Twenty more clients cost Redis nothing: a replica has one channel of its own and one for each stream."""
    replica = start_replica({**sqlite_database, "REDIS_URL": redis_server.url})
    token = sign_in(replica, ALICE).token

    def channels() -> list[str]:
        return sorted(redis_server.run("PUBSUB", "CHANNELS"))

    def connections() -> int:
        return len(redis_server.run("CLIENT", "LIST").splitlines())

    first = await connect(replica, token=token)
    listening = len([*first.positions, "the replica's own", "realtime.people"])
    wait_until(lambda: len(channels()) == listening, what="the replica to listen to Redis")
    before, connected = channels(), connections()
    assert "websocket:broadcast:all" in before
    for _ in range(20):
        await connect(replica, token=token)
    assert channels() == before
    assert connections() < connected + 5


# Redis' other forms


def config_of(url: str = "", **more: Any) -> dict[str, Any]:
    config: dict[str, Any] = channel_layers(url, **TIMES, **more)["default"]["CONFIG"]
    return config


def test_user_and_password_may_stand_beside_the_url() -> None:
    """What the URL says itself wins."""
    (host,) = config_of("redis://localhost", username="todo", password="secret")["hosts"]
    assert (host["username"], host["password"]) == ("todo", "secret")
    (host,) = config_of("redis://other:word@localhost", username="todo", password="secret")["hosts"]
    assert (host["username"], host["password"]) == ("other", "word")


def test_several_urls_are_several_hosts() -> None:
    """A comma inside a password does not make two of one."""
    config = config_of("redis://:a,b@one:6379, rediss://two:6380")
    assert [(host["host"], host.get("password")) for host in config["hosts"]] == [("one", "a,b"), ("two", None)]
    assert config["name"] == "redis://one:6379, rediss://two:6380"


def test_sentinels_have_times_and_a_password_of_their_own(tmp_path: Path) -> None:
    """The URL's host is of no account; its TLS is for both."""
    authority = str(Authority(tmp_path).certificate)
    config = config_of(
        "rediss://todo:secret@ignored:1/2",
        ca_file=authority,
        sentinels="one, two:5000,[::1]:5001",
        sentinel_master="main",
        sentinel_password="other secret",
    )
    (host,) = config["hosts"]
    assert host["sentinels"] == [("one", 26379), ("two", 5000), ("::1", 5001)]
    assert (host["master_name"], host["username"], host["password"], host["db"]) == ("main", "todo", "secret", 2)
    assert "host" not in host
    of_sentinel = host["sentinel_kwargs"]
    assert of_sentinel["password"] == "other secret"
    assert (of_sentinel["socket_timeout"], of_sentinel["socket_connect_timeout"]) == (0.75, 0.5)
    assert (host["ssl_ca_certs"], of_sentinel["ssl_ca_certs"]) == (authority, authority)
    assert config["name"] == "rediss://main (Sentinels: one:26379, two:5000, [::1]:5001)"
    assert pool_of_host(host).connection_class.__name__ == "SentinelManagedSSLConnection"


def test_keys_are_several_for_rotation() -> None:
    """The first one encrypts."""
    old, new = "o" * 32, "n" * 43
    assert config_of("redis://h", keys=f"{new}, {old}")["symmetric_encryption_keys"] == [new, old]
    assert config_of("redis://h")["symmetric_encryption_keys"] == []


@pytest.mark.parametrize(
    ("variable", "values"),
    [
        ("REDIS_URL", {"url": "localhost:6379"}),
        ("REDIS_URL", {"url": "http://user:secret@localhost"}),
        ("REDIS_URL", {"url": "redis://:sec#ret@localhost"}),
        ("REDIS_URL", {"url": "redis://:secret@localhost:99999"}),
        ("REDIS_URL", {"url": "redis://:secret@localhost?db=secret"}),
        ("REDIS_URL", {"url": "redis://:secret@localhost?no_such_option=secret"}),
        ("REDIS_URL", {"url": "rediss://:secret@localhost?ssl_cert_reqs=maybe"}),
        ("REDIS_URL's ssl_ca_certs", {"url": "rediss://:secret@localhost?ssl_ca_certs=/no/such/file"}),
        ("REDIS_URL", {"url": "redis://one,redis://two", "sentinels": "three"}),
        ("REDIS_URL", {"url": "unix:///run/redis.sock", "sentinels": "three"}),
        ("REDIS_CA_FILE", {"url": "redis://:secret@localhost", "ca_file": "/etc/hostname"}),
        ("REDIS_CA_FILE", {"url": "rediss://:secret@localhost", "ca_file": "/no/such/file"}),
        ("REDIS_CA_FILE", {"url": "rediss://:secret@localhost", "ca_file": "/etc/hostname"}),
        ("REDIS_KEY_FILE", {"url": "rediss://:secret@localhost", "key_file": "/etc/hostname"}),
        ("REDIS_SENTINELS", {"sentinels": "redis://:secret@one"}),
        ("REDIS_SENTINELS", {"sentinels": ","}),
        ("REDIS_CLUSTER", {"sentinels": "one", "cluster": True}),
        ("REDIS_CLUSTER", {"url": "", "cluster": True}),
        ("REDIS_ENCRYPTION_KEYS", {"url": "redis://h", "keys": "k" * 32 + ",secret"}),
    ],
)
def test_a_bad_value_names_its_variable(variable: str, values: dict[str, Any]) -> None:
    """In one line, without anything that could be a secret."""
    with pytest.raises(ImproperlyConfigured) as caught:
        config_of(**values)
    message = str(caught.value)
    assert message.startswith(f"{variable} can't be used: ")
    assert "secret" not in message
    assert "\n" not in message


def test_a_key_that_does_not_fit_its_certificate_is_told(tmp_path: Path) -> None:
    """At the start, and not by a Redis that is never reached."""
    authority = Authority(tmp_path)
    certificate, _ = authority.issue("one")
    _, key = authority.issue("two")
    with pytest.raises(ImproperlyConfigured, match="REDIS_CERT_FILE with its key"):
        config_of("rediss://h", cert_file=str(certificate), key_file=str(key))


@pytest_asyncio.fixture
async def open_layer() -> AsyncIterator[Callable[..., BroadcastLayer]]:
    """open_layer(url, keys=...): a layer, closed in the end."""
    layers: list[BroadcastLayer] = []

    def open_layer(url: str, **more: Any) -> BroadcastLayer:
        layers.append(BroadcastLayer(**config_of(url, **more)))
        return layers[-1]

    yield open_layer
    for layer in layers:
        await layer.flush()


async def test_replicas_in_the_middle_of_a_rotation_understand_each_other(
    redis_server: RedisServer, open_layer: Callable[..., BroadcastLayer]
) -> None:
    """Old alone, old and new, new and old, new alone: each step understands the one before it and the one after."""
    old, new = "old" * 20, "new" * 20
    steps = [(old,), (old, new), (new, old), (new,)]
    layers = [open_layer(redis_server.url, keys=",".join(keys)) for keys in steps]
    channels = [await heard(layer) for layer in layers]
    for number, sender in enumerate(layers):
        await sender.group_send("all", {"type": "x", "number": number})
    for number, (layer, channel) in enumerate(zip(layers, channels, strict=True)):
        understood = [sender for sender, keys in enumerate(steps) if keys[0] in steps[number]]
        assert {number - 1, number, number + 1} & {0, 1, 2, 3} <= set(understood)
        async with asyncio.timeout(5):
            assert [(await layer.receive(channel))["number"] for _ in understood] == understood


async def test_what_goes_through_redis_can_be_encrypted(
    redis_server: RedisServer, open_layer: Callable[..., BroadcastLayer]
) -> None:
    """Who may subscribe reads nothing."""
    layer = open_layer(redis_server.url, keys="k" * 32)
    plain = redis.asyncio.Redis.from_url(redis_server.url, protocol=2)
    async with plain, plain.pubsub() as listener:
        await listener.subscribe("websocket:broadcast:all")
        assert await listener.get_message(timeout=5)
        await layer.group_send("all", {"type": "x", "text": "a plain word"})
        message = await listener.get_message(timeout=5)
    assert message is not None
    assert b"a plain word" not in message["data"]


async def test_what_cannot_be_read_is_passed_over(
    redis_server: RedisServer, open_layer: Callable[..., BroadcastLayer], caplog: pytest.LogCaptureFixture
) -> None:
    """Another key's, an operator's PUBLISH and other nonsense: one line in the log, and the next message comes."""
    layer = open_layer(redis_server.url, keys="k" * 32)
    channel = await heard(layer)
    await open_layer(redis_server.url, keys="z" * 32).group_send("all", {"type": "x"})
    for nonsense in ("hello", "1", ""):
        redis_server.run("PUBLISH", "websocket:broadcast:all", nonsense)
    await layer.group_send("all", {"type": "x", "text": "sense"})
    async with asyncio.timeout(5):
        assert (await layer.receive(channel))["text"] == "sense"
    assert [record.getMessage() for record in caplog.records] == [
        "A message from Redis can't be read. Have all replicas the same REDIS_ENCRYPTION_KEYS?"
    ]


async def test_an_ordinary_layer_sends_once(
    start_redis: Callable[..., RedisServer], open_layer: Callable[..., BroadcastLayer]
) -> None:
    """With several hosts a message arrives once, by the host that its channel belongs to."""
    servers = [start_redis(), start_redis()]
    layer = open_layer(",".join(server.url for server in servers))
    for number in range(8):  # channels of both hosts, as good as certainly
        channel = await layer.new_channel()
        await layer.send(channel, {"type": "one", "number": number})
        await layer.send(channel, {"type": "two", "number": number})
        async with asyncio.timeout(5):
            assert [(await layer.receive(channel))["type"] for _ in range(2)] == ["one", "two"]


async def test_a_worker_receives_on_a_channel_of_its_own_name(
    redis_server: RedisServer, open_layer: Callable[..., BroadcastLayer]
) -> None:
    """`runworker` receives on channels that it has not asked the layer for."""
    layer = open_layer(redis_server.url)
    receiving = asyncio.create_task(layer.receive("thumbnails"))
    is_listening = partial(redis_server.run, "PUBSUB", "CHANNELS", "thumbnails")
    await asyncio.to_thread(wait_until, is_listening, what="the worker to listen")
    async with asyncio.timeout(5):
        await layer.send("thumbnails", {"type": "make", "id": 7})
        assert await receiving == {"type": "make", "id": 7}


async def test_a_renewed_layer_leaves_a_hung_redis_at_once(
    start_redis: Callable[..., RedisServer], open_layer: Callable[..., BroadcastLayer]
) -> None:
    """And goes to the next node of a cluster."""
    servers = [start_redis(), start_redis()]
    layer = open_layer(",".join(server.url for server in servers), cluster=True)
    await heard(layer)
    first = next(server for server in servers if server.run("PUBSUB", "CHANNELS"))
    first.pause()
    layer.renew()
    async with asyncio.timeout(20):
        channel = await heard(layer)
        await layer.group_send("all", {"type": "x"})
        assert await layer.receive(channel) == {"type": "x"}
    first.resume()


async def heard(layer: BroadcastLayer) -> str:
    """A channel that is in the group `all`, once Redis knows it."""
    channel: str = await layer.new_channel()
    await layer.group_add("all", channel)
    await layer.send(channel, {"type": "ready"})
    async with asyncio.timeout(5):
        assert (await layer.receive(channel))["type"] == "ready"
    return channel
