"""Snapshots are made of shared, compressed parts: complete, once for all who ask at the same position, and bounded."""

import gzip
import json
import zlib
from datetime import UTC, date, datetime
from datetime import time as time_of_day
from itertools import accumulate
from math import ceil
from textwrap import wrap
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone
from hypothesis import example, given, settings
from hypothesis import strategies as st

from realtime.events import live
from tasks.core.rows import rows_of
from tasks.labels.models import Label
from tasks.lists.access import stream_of
from tasks.models import Task, TaskList
from tasks.sections.models import Section
from tasks.sync.columns import encoded_columns
from tasks.sync.deflate import combine, compress, gzipped, plain, store
from tasks.sync.parts import build
from tasks.sync.views import accepts_gzip, prefers_columns
from tests.tasks.answers import Api, People, body_of

pytestmark = [pytest.mark.django_db, pytest.mark.databases]


# One stream of many pieces


@given(st.lists(st.binary(max_size=300)), st.integers(1, 500))
@settings(max_examples=50, deadline=None)
def test_pieces_make_one_gzip_stream(texts: list[bytes], times: int) -> None:
    """Whatever they are and however they are mixed, with one header and one right checksum."""
    pieces = [make(text * times) for text in texts for make in (store, lambda text: compress([text[:7], text[7:]]))]
    whole = b"".join(text * times for text in texts for _ in range(2))
    packed = b"".join(gzipped(pieces))
    decompressor = zlib.decompressobj(zlib.MAX_WBITS | 16)
    assert decompressor.decompress(packed) == whole
    assert (decompressor.eof, decompressor.unused_data) == (True, b"")
    assert gzip.decompress(packed) == whole
    assert b"".join(plain(pieces)) == whole


@given(st.binary(max_size=2000), st.binary(max_size=2000))
def test_checksums_are_combined(first: bytes, second: bytes) -> None:
    """As zlib's own function does it."""
    assert combine(zlib.crc32(first), zlib.crc32(second), len(second)) == zlib.crc32(first + second)


def test_a_long_text_is_never_there_at_once() -> None:
    """Ten megabytes are compressed and uncompressed in small chunks."""
    piece = compress(b"x" * 10_000 for _ in range(1_000))
    assert len(piece.data) < 100_000
    assert max(map(len, plain([piece]))) <= 64 * 1024
    assert sum(map(len, plain([piece]))) == piece.size == 10_000_000


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        ("gzip", True),
        ("deflate, GZIP;q=0.5", True),
        ("*", True),
        ("gzip; q=1.0", True),
        ("", False),
        ("identity", False),
        ("gzip;q=0", False),
        ("gzip;q=0.000, *", False),
        ("br;q=1, *;q=0", False),
        ("gzip;q=nonsense", True),
    ],
)
def test_what_a_client_accepts(header: str, accepted: bool) -> None:
    """By Accept-Encoding (RFC 9110, 12.5.3)."""
    assert accepts_gzip(header) is accepted


# By columns


def read(section: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A section's objects, as docs/protocol.md says that a client reads them."""

    def values(column: Any, rows: int) -> list[Any]:
        if isinstance(column, list):
            return column
        ((how, given),) = column.items()
        if how == "same":
            return [given] * rows
        return list(accumulate(given)) if how == "steps" else [str(UUID(digits)) for digits in wrap(given, 32)]

    return [
        dict(zip(part["columns"], row, strict=True))
        for part in section
        for row in zip(*(values(column, part["rows"]) for column in part["columns"].values()), strict=True)
    ]


numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
uuids = st.uuids().map(str)
columns = st.one_of(
    *(
        st.lists(one, min_size=1)
        for one in (numbers, st.integers(), uuids, uuids | st.text(), st.none() | st.booleans() | st.lists(st.text()))
    )
)


@given(columns)
@settings(max_examples=200, deadline=None)
@example([0.1, 0.2, 0.3])
@example([2**53, 2**53 + 1])
@example([1, True, 1.0])
@example(["A" * 36, "b" * 36])
def test_columns_are_read_back_as_they_were(values: list[Any]) -> None:
    """Whatever is in them, numbers to the last digit."""
    values = [value for value in values if type(value) is not int or abs(value) < 2**63] or [0]
    objects = [{"value": value, "number": number} for number, value in enumerate(values)]
    text = b"[" + b"".join(encoded_columns(iter(objects))) + b"]"
    found = read(json.loads(text))
    assert found == objects
    assert [type(each["value"]) for each in found] == [type(value) for value in values]


@pytest.mark.parametrize(
    ("header", "wanted"), [("columns", True), ("wait=5, Columns; x=1", True), ("", False), ("rows", False)]
)
def test_what_a_client_prefers(header: str, wanted: bool) -> None:
    """By Prefer (RFC 7240); what is unknown is ignored."""
    assert prefers_columns(header) is wanted


# The response


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("number", [0, 3, 1_300])
def test_a_snapshot_is_the_same_in_every_encoding(
    number: int, api: Api, people: People, shared: TaskList, milk: Task
) -> None:
    """Compressed or not, at once or streamed, by columns or not."""
    Task.objects.bulk_create([Task(list=shared, title=f"Täsk {index} ☃", notes="x" * 200) for index in range(number)])
    bob = api(people["bob"])
    one = bob.get("/api/sync")
    two = bob.get("/api/sync", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in one.headers
    assert two.headers["Content-Encoding"] == "gzip"
    assert {"Accept-Encoding", "Prefer"} <= set(one.headers["Vary"].split(", "))
    text = body_of(one)
    assert gzip.decompress(body_of(two)) == text
    assert one.streaming == (number > 1_000)
    snapshot = json.loads(text)
    assert [row["title"] for row in snapshot["tasks"]] == [
        "Milk",
        *(f"Täsk {index} ☃" for index in range(number)),
    ]
    assert snapshot["tasks"][0] == bob.get(f"/api/tasks/{milk.pk}").json()
    three = bob.get("/api/sync", headers={"Accept-Encoding": "gzip", "Prefer": "columns"})
    assert three.headers["Preference-Applied"] == "columns"
    compact = json.loads(gzip.decompress(body_of(three)))
    assert len(compact["tasks"]) == ceil((number + 1) / 500)
    sections = {name for name, value in snapshot.items() if isinstance(value, list)}
    assert compact | {name: read(compact[name]) for name in sections} == snapshot


def test_rows_show_what_the_orm_s_instances_show(people: People, shared: TaskList, milk: Task) -> None:
    """Each kind's, with every field that a task can have."""
    section = Section.objects.create(list=shared, name="Dairy")
    label = Label.objects.create(list=shared, name="Soon", color="red")
    Task.objects.create(
        list=shared, title="Whole", notes="☃", section=section, label_ids=[str(label.pk)], assignee=people["bob"],
        completed_at=timezone.now(), completed_by=people["bob"], due_date=date(2026, 2, 28),
        due_time=time_of_day(9, 30), due_zone="Europe/Berlin", recurrence="FREQ=DAILY", created_by=people["bob"],
        updated_by=people["bob"],
    )  # fmt: skip
    for microsecond in (0, 500_000, 7):  # a database may leave out zeros
        at = datetime(2026, 2, 28, 9, 30, 1, microsecond, tzinfo=UTC)
        Task.objects.create(list=shared, title="Part", parent=milk, completed_at=at)
    streams = [stream_of(shared.pk)]
    for kind in live.kinds():
        expected = [kind.represent(row) for row in kind.rows_in(streams)]
        assert expected or kind.parent_kind is None
        for with_keys in (True, False):
            rows = rows_of(kind.rows_in(streams), with_keys=with_keys)
            assert [kind.represent(row) for row in rows] == expected


def test_many_lists_cost_the_queries_of_one(django_assert_max_num_queries: Any, people: People) -> None:
    """Each list gets its own rows, in their order."""
    lists = [TaskList.objects.create(name=f"List {number}", owner=people["bob"]) for number in range(12)]
    for number in range(3):
        for one in lists:
            Task.objects.create(list=one, title=f"{one.name}, task {number}")
    with django_assert_max_num_queries(2 + len(live.kinds())):
        parts = build([stream_of(one.pk) for one in lists])
    for one in lists:
        found = json.loads(b"[" + b"".join(plain([parts[stream_of(one.pk)]["tasks"]])) + b"]")
        assert [task["title"] for task in found] == [f"{one.name}, task {number}" for number in range(3)]
        assert len(json.loads(b"[" + b"".join(plain([parts[stream_of(one.pk)]["members"]])) + b"]")) == 1


@pytest.mark.django_db(transaction=True)
def test_a_change_makes_a_new_part(api: Api, people: People, shared: TaskList, milk: Task) -> None:
    """Nothing old is given out: the part belongs to the position."""
    alice, bob = api(people["alice"]), api(people["bob"])
    before = bob.get("/api/sync").json()
    alice.patch(f"/api/tasks/{milk.pk}", {"title": "Oat milk"})
    after = bob.get("/api/sync").json()
    assert [row["title"] for row in after["tasks"]] == ["Oat milk"]
    assert after["positions"][f"list.{shared.pk}"] == before["positions"][f"list.{shared.pk}"] + 1


@pytest.mark.django_db(transaction=True)
def test_many_who_ask_cost_one(
    api: Api, people: People, shared: TaskList, milk: Task, django_assert_max_num_queries: Any
) -> None:
    """The second person needs no query for the tasks, members or people, where they are more than a few."""
    Task.objects.bulk_create([Task(list=shared, title="long", notes="x" * 2_000) for _ in range(40)])
    api(people["alice"]).get("/api/sync")
    with django_assert_max_num_queries(6) as queries:
        api(people["bob"]).get("/api/sync")
    assert not [
        query for query in queries.captured_queries if "tasks_task" in query["sql"].replace("tasks_tasklist", "")
    ]


def test_no_more_than_one_may_see(api: Api, people: People, shared: TaskList, milk: Task) -> None:
    """Sharing is of streams; who may read them is asked each time."""
    assert "Milk" in api(people["alice"]).get("/api/sync").content.decode()
    assert "Milk" not in api(people["dora"]).get("/api/sync").content.decode()
