"""The setting REALTIME."""

from collections.abc import Collection
from dataclasses import fields
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from realtime.conf import NUMBERS, PEOPLE_STREAM, Config, config, own_stream_only


def nobody(user_ids: Collection[int]) -> dict[int, Collection[str]]:
    return {}


def test_every_setting_has_a_default(settings: Any) -> None:
    """The setting itself may be missing."""
    settings.REALTIME = {}
    assert config() == Config()
    del settings.REALTIME
    config.cache_clear()
    assert config() == Config()


def test_keys_are_in_capitals(settings: Any) -> None:
    """As all of Django's."""
    settings.REALTIME = {"POLL_SECONDS": 2.5, "PINNED_STREAMS": ["all", "news"]}
    assert config().poll_seconds == 2.5
    assert config().pinned_streams == (PEOPLE_STREAM, "all", "news")


def test_functions_may_be_named(settings: Any) -> None:
    """By their dotted path, since settings can't import the apps."""
    name = f"{__name__}.nobody"
    settings.REALTIME = {"STREAMS_OF": name}
    assert config().streams_of is import_string(name)
    settings.REALTIME = {"STREAMS_OF": nobody}
    assert config().streams_of is nobody


def test_an_unknown_key_is_named(settings: Any) -> None:
    """A word misspelt is not a default taken in silence."""
    settings.REALTIME = {"POLL_SECOND": 1, "RINGSIZE": 2}
    with pytest.raises(ImproperlyConfigured, match="REALTIME has no setting POLL_SECOND, RINGSIZE"):
        config()


def test_a_change_is_seen(settings: Any) -> None:
    """Tests override settings."""
    settings.REALTIME = {"HISTORY_SIZE": 5}
    assert config().history_size == 5
    settings.REALTIME = {"HISTORY_SIZE": 6}
    assert config().history_size == 6


def test_without_a_function_everybody_reads_their_own_stream(alice: Any) -> None:
    """While they are active."""
    asked = [alice.pk, alice.pk + 1000]
    assert own_stream_only(asked) == {alice.pk: {f"user.{alice.pk}"}}
    alice.is_active = False
    alice.save()
    assert own_stream_only(asked) == {}


def test_every_number_has_a_range() -> None:
    """A new one is not forgotten."""
    numbers = {field.name for field in fields(Config) if type(field.default) in (int, float)}
    assert set(NUMBERS) == numbers
