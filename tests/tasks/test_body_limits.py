"""What a client sends is bounded before it is parsed: in bytes, and in what they would become."""

import json
import tracemalloc
from typing import Any

import pytest
from rest_framework.test import APIClient

from realtime import bounded_json
from realtime.bounded_json import TooManyError, UnreadableError
from tasks.core.api.bodies import BULK, OBJECT, SIGN_IN
from tasks.items.serializers import TaskSerializer
from tests.tasks.answers import Api, People, problem

NOBODY = "11111111-1111-4111-8111-111111111111"

PIECES = ("[],", "{},", '{"":0},', "1,", '"",', "[[]],", "1e1,", '"\\"",', '"a,b[",', '""', "[", "\\", '"', "😀,")


@pytest.mark.parametrize("piece", PIECES)
@pytest.mark.parametrize("most", [SIGN_IN, OBJECT, BULK])
def test_what_a_body_becomes_is_bounded(piece: str, most: Any) -> None:
    """A text as long as it may be takes less than 16 times the memory of the longest text without elements."""
    text = '{"x":[' + piece * ((most.bytes - 20) // len(piece.encode())) + "1]}"
    tracemalloc.start()
    try:
        with pytest.raises(UnreadableError):
            bounded_json.parse(text, most=most.elements)
        assert tracemalloc.get_traced_memory()[1] < most.bytes
        largest = '{"x":[' + '{"":0},' * (most.elements // 2 - 2) + "1]}"
        assert len(bounded_json.parse(largest, most=most.elements)["x"]) == most.elements // 2 - 1
        assert tracemalloc.get_traced_memory()[1] < most.elements * 250 + 100_000
    finally:
        tracemalloc.stop()


def test_elements_are_counted_outside_of_strings() -> None:
    """To the element, wherever the strings end."""
    text = json.dumps({"a": [1, 2, {'"[{,': 'x\\",{"', "é": "\\"}], "b": "\\,\\" * 100})
    assert bounded_json.parse(text, most=7) == json.loads(text)
    with pytest.raises(TooManyError):
        bounded_json.parse(text, most=6)


@pytest.mark.django_db
def test_each_kind_of_address_has_a_limit(anybody: APIClient, api: Api, people: People) -> None:
    """413 for bytes, 400 for elements; the largest that is valid is accepted."""

    def post(client: APIClient, path: str, text: str) -> Any:
        return client.post(path, text, content_type="application/json")

    alice = api(people["alice"])
    for path, most in (("token", SIGN_IN), ("token/refresh", SIGN_IN), ("tasks", OBJECT), ("tasks/bulk", BULK)):
        client = anybody if most is SIGN_IN else alice
        too_long = problem(post(client, f"/api/{path}", '{"x":"' + "x" * most.bytes + '"}'), 413)
        assert f"{most.bytes:,} bytes" in too_long["detail"]
        too_many = problem(post(client, f"/api/{path}", '{"x":[' + "[]," * (most.elements // 2) + "1]}"), 400)
        assert f"more than {most.elements} elements" in too_many["detail"]
    title, notes = "😀" * 500, "😀" * 20_000
    assert post(alice, "/api/tasks", json.dumps({"title": title, "notes": notes})).status_code == 201
    operation = {
        "op": "none",
        **dict.fromkeys(TaskSerializer.Meta.fields),
        "notes": "[]," * 100,
        "labels": [NOBODY] * 50,
    }
    answer = post(alice, "/api/tasks/bulk", json.dumps({"operations": [operation] * 500}))
    assert len(problem(answer, 400)["results"]) == 500
