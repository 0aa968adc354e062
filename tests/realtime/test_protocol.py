"""Frames as they come from clients, good and bad, and as they go to them."""

import json
from typing import Any

import pytest

from realtime.protocol.close_codes import CloseCode
from realtime.protocol.messages import (
    MAX_FRAME_CHARACTERS,
    Hello,
    ProtocolError,
    frame,
    parse,
    parse_hello,
)


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ('{"type":"ping"}', {"type": "ping"}),
        ('{"type":"auth","token":"t"}', {"type": "auth", "token": "t"}),
        (' {"token":"ü", "type":"hello"} ', {"type": "hello", "token": "ü"}),
        ('{"type":"hello","positions":{"all":0}}', {"type": "hello", "positions": {"all": 0}}),
    ],
)
def test_a_good_frame(text: str, parsed: dict[str, Any]) -> None:
    """Its fields, as they are."""
    assert parse(text) == parsed


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        (None, "must be text"),
        ("", "not JSON"),
        ("hello", "not JSON"),
        ('{"type":"ping"', "not JSON"),
        ('{"type":"ping"} {}', "not JSON"),
        ("[" * 100_000, "not JSON"),
        ('{"type":"hello","positions":{"all":' + "9" * 5000 + "}}", "not JSON"),
        ("[]", "one JSON object"),
        ("null", "one JSON object"),
        ('"ping"', "one JSON object"),
        ("{}", "type must be one of hello, auth, ping"),
        ('{"type":null}', "type must be one of"),
        ('{"type":["ping"]}', "type must be one of"),
        ('{"type":"task.created"}', "type must be one of"),
        ('{"type":"PING"}', "type must be one of"),
        ('{"type":"ping","id":1}', "ping has no field 'id'"),
        ('{"type":"auth","positions":{}}', "auth has no field 'positions'"),
        ('{"type":"hello","' + "x" * 1000 + '":1}', "hello has no field '" + "x" * 50 + "'"),
        ('{"type":"ping","\\ud800":1}', "ping has no field '\\\\ud800'"),
        ('{"type":"auth","token":1}', "auth.token must be a string"),
        ('{"type":"hello","token":null}', "hello.token must be a string"),
        ('{"type":"hello","ticket":"\\ud800"}', "hello.ticket holds half a surrogate pair"),
        ('{"type":"hello","positions":[]}', "hello.positions must be an object"),
        ('{"type":"ping","type":"ping"}', "not JSON"),
        ('{"type":"hello","x":[' + "[]," * 10_000 + "1]}", "more than 20000 elements"),
        (json.dumps({"type": "auth", "token": "x" * MAX_FRAME_CHARACTERS}), "at most 262144 characters"),
    ],
    ids=str,
)
def test_a_bad_frame(text: str | None, detail: str) -> None:
    """4400, with a word on what is wrong that is short and can be sent."""
    with pytest.raises(ProtocolError, match=detail) as refused:
        parse(text)
    assert refused.value.code == CloseCode.BAD_FRAME
    assert len(frame("error", detail=refused.value.detail).encode()) < 300


def test_a_frame_may_be_as_long_as_the_limit() -> None:
    """To the character."""
    longest = json.dumps({"type": "auth", "token": ""})
    longest = longest.replace('""', '"' + "x" * (MAX_FRAME_CHARACTERS - len(longest)) + '"')
    assert len(longest) == MAX_FRAME_CHARACTERS
    assert parse(longest)["type"] == "auth"


def test_a_hello() -> None:
    """Without positions a client is live from now on; with empty ones it has seen nothing."""
    assert parse_hello({"type": "hello"}) == Hello(positions=None)
    full = {"token": "t", "ticket": "k", "epoch": "e", "positions": {"all": 3, "list.4": 0}}
    assert parse_hello({"type": "hello", **full}) == Hello("t", "k", "e", {"all": 3, "list.4": 0})
    assert parse_hello({"type": "hello", "positions": {}}).positions == {}


@pytest.mark.parametrize(
    ("fields", "detail"),
    [
        ({"type": "ping"}, "first frame must be hello"),
        ({"type": "auth", "token": "t"}, "first frame must be hello"),
        ({"type": "hello", "positions": {"all": -1}}, "position of 'all' must be a number from 0 up"),
        ({"type": "hello", "positions": {"all": "1"}}, "must be a number"),
        ({"type": "hello", "positions": {"all": 1.0}}, "must be a number"),
        ({"type": "hello", "positions": {"all": True}}, "must be a number"),
        ({"type": "hello", "positions": {"all": None}}, "must be a number"),
        ({"type": "hello", "positions": {"": 1}}, "no stream's name"),
        ({"type": "hello", "positions": {"a b": 1}}, "no stream's name"),
        ({"type": "hello", "positions": {"\ud800": 1}}, "no stream's name"),
        ({"type": "hello", "positions": {"x" * 1000: 1}}, "^'x{90}' is no stream's name"),
    ],
    ids=str,
)
def test_a_bad_hello(fields: dict[str, Any], detail: str) -> None:
    """4400, before anybody is asked who it is."""
    with pytest.raises(ProtocolError, match=detail) as refused:
        parse_hello(fields)
    assert refused.value.code == CloseCode.BAD_FRAME
    assert frame("error", detail=refused.value.detail).encode()


def test_a_server_frame_is_compact_json() -> None:
    """Its type first."""
    assert frame("joined", stream="list.1", seq=4) == '{"type":"joined","stream":"list.1","seq":4}'


def test_close_codes_may_be_sent() -> None:
    """Applications have 4000 to 4999; those after which a client gives up are where 4xx is its own fault."""
    assert {code.value for code in CloseCode} == {4008, 4400, 4401, 4403, 4408, 4429, 4503}
