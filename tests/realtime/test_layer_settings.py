"""CHANNEL_LAYERS from variables, and what of a REDIS_URL may be shown."""

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from realtime.broker.hosts import without_secrets
from realtime.broker.layer import IN_MEMORY, channel_layers
from realtime.broker.shard import pool_of as pool_of_host
from tests.certificates import Authority
from tests.realtime.layers import TIMES, config_of, pool_of


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


# Redis' other forms


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
    """The URL's host is not used; its TLS is for both."""
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
