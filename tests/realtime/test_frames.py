"""WebSocket frames: what a client may send in any order and cut, and what it may not."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets import frames as reference
from websockets.streams import StreamReader

from realtime.transport.frames import FrameReader, Opcode, ViolationError, close_code, close_frame, encode, text
from tests.clients.frames import masked, texts_of

LIMIT = 100_000

messages = st.lists(
    st.tuples(st.sampled_from([Opcode.TEXT, Opcode.BINARY]), st.lists(st.binary(max_size=300), min_size=1, max_size=4)),
    max_size=5,
)


@given(messages=messages, pings=st.lists(st.binary(max_size=20), max_size=4), cuts=st.lists(st.integers(0, 4000)))
def test_messages_come_out_whole_however_they_are_cut(messages, pings, cuts):
    """Messages in parts, with pings between the parts, arrive in order wherever the network cuts the bytes."""
    sent, expected, pings = b"", [], list(pings)
    for opcode, parts in messages:
        for number, part in enumerate(parts):
            sent += masked(opcode if number == 0 else Opcode.CONTINUATION, part, fin=number == len(parts) - 1)
            if pings and number < len(parts) - 1:
                expected.append((Opcode.PING, pings[-1]))
                sent += masked(Opcode.PING, pings.pop())
        expected.append((opcode, b"".join(parts)))
    reader = FrameReader(LIMIT)
    came: list[tuple[Opcode, bytes]] = []
    edges = [0, *sorted(min(cut, len(sent)) for cut in cuts), len(sent)]
    for start, end in itertools.pairwise(edges):
        came += reader.read(sent[start:end])
    assert came == expected


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65535, 65536, LIMIT])
def test_lengths_are_read_and_written_in_all_three_forms(size):
    """A frame of each form of length is read, and what is written is what another implementation reads."""
    assert list(FrameReader(LIMIT).read(masked(Opcode.BINARY, b"x" * size))) == [(Opcode.BINARY, b"x" * size)]
    stream = StreamReader()
    stream.feed_data(encode(Opcode.TEXT, b"y" * size))
    parser = reference.Frame.parse(stream.read_exact, mask=False)
    with pytest.raises(StopIteration) as parsed:
        next(parser)
    assert parsed.value.value == reference.Frame(reference.Opcode.TEXT, b"y" * size)


@pytest.mark.parametrize(
    ("code", "sent"),
    [
        pytest.param(1002, masked(1, b"x", mask=False), id="not masked"),
        pytest.param(1002, masked(1, b"x", rsv1=True), id="reserved bit"),
        pytest.param(1002, masked(3, b"x"), id="unknown data opcode"),
        pytest.param(1002, masked(11, b"x"), id="unknown control opcode"),
        pytest.param(1002, masked(9, b"x", fin=False), id="ping in parts"),
        pytest.param(1002, masked(9, b"x" * 126), id="long ping"),
        pytest.param(1002, masked(0, b"x"), id="a part of nothing"),
        pytest.param(1002, masked(1, b"x", fin=False) + masked(1, b"y"), id="a message within a message"),
        pytest.param(1002, b"\x81\xfe\0\1" + b"\0\0\0\0x", id="length in 2 bytes that fits in less"),
        pytest.param(1002, b"\x81\xff" + b"\0\0\0\0\0\0\xff\xff" + b"\0\0\0\0x", id="length in 8 bytes that fits in 2"),
        pytest.param(1009, b"\x82\xff" + (LIMIT + 1).to_bytes(8) + b"\0\0\0\0", id="too big, seen before it is here"),
        pytest.param(1009, b"\x82\xff" + b"\xff" * 8 + b"\0\0\0\0", id="absurdly big"),
        pytest.param(1009, masked(2, b"x" * 60_000, fin=False) + masked(0, b"x" * 60_000), id="too big in parts"),
    ],
)
def test_a_violation_has_its_code(code, sent):
    """What RFC 6455 forbids is found, with the close code that it names, and what came before is given out."""
    reader = FrameReader(LIMIT)
    came = reader.read(masked(Opcode.PING, b"before") + sent)
    assert next(came) == (Opcode.PING, b"before")
    with pytest.raises(ViolationError) as violation:
        list(came)
    assert violation.value.code == code


@pytest.mark.parametrize("opcode", [Opcode.PING, Opcode.PONG])
def test_a_control_frame_between_parts_does_not_count_against_the_limit(opcode):
    """It is not part of the message, which may be as large as without it."""
    reader = FrameReader(LIMIT)
    sent = masked(Opcode.BINARY, b"x" * (LIMIT - 10), fin=False) + masked(opcode, b"!" * 125) + masked(0, b"x" * 10)
    assert list(reader.read(sent)) == [(opcode, b"!" * 125), (Opcode.BINARY, b"x" * LIMIT)]


def test_frames_that_are_no_messages_are_counted():
    """Control frames and small parts: so many at once, then so many a second."""
    for frame in (masked(Opcode.PING, b"x" * 125), masked(Opcode.CONTINUATION, b"", fin=False)):
        reader = FrameReader(LIMIT, free_frames=5)
        assert not list(reader.read(masked(Opcode.BINARY, b"x" * 64, fin=False)))
        list(reader.read(frame * 5))
        with pytest.raises(ViolationError) as violation:
            list(reader.read(frame * 5))
        assert violation.value.code == 1008
    reader = FrameReader(LIMIT, free_frames=5)
    assert len(list(reader.read(masked(Opcode.TEXT, b"") * 100))) == 100


def test_empty_parts_do_not_pile_up():
    """A message of a hundred thousand empty parts costs nothing and is still one message."""
    reader = FrameReader(LIMIT)
    assert not list(reader.read(masked(Opcode.TEXT, b"a", fin=False) + masked(0, b"", fin=False) * 100_000))
    assert list(reader.read(masked(0, b"b"))) == [(Opcode.TEXT, b"ab")]


@pytest.mark.parametrize("code", [1000, 1001, 1002, 1003, 1007, 1011, 1014, 3000, 4008, 4999])
def test_close_codes_that_a_peer_may_send(code):
    """A close frame's code is read back."""
    assert close_code(close_frame(code, "why")[2:]) == code


@pytest.mark.parametrize(
    "payload", [b"\3", b"\0\0", *(code.to_bytes(2) for code in (999, 1004, 1005, 1006, 1015, 2999, 5000))]
)
def test_close_codes_that_a_peer_may_not_send(payload):
    """A code that must never be on the wire is a violation."""
    with pytest.raises(ViolationError) as violation:
        close_code(payload)
    assert violation.value.code == 1002


@pytest.mark.parametrize("payload", [b"\xff", b"a\xc3", b"\xed\xa0\x80"])
def test_text_must_be_utf8(payload):
    """1007 for bytes that are no UTF-8, in a message and in a close frame's reason."""
    for read in (lambda: text(payload), lambda: close_code(b"\x03\xe8" + payload)):
        with pytest.raises(ViolationError) as violation:
            read()
        assert violation.value.code == 1007


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65535, 65536, 300_000])
def test_a_text_as_clients_read_it(size: int) -> None:
    """Clients read it, whichever of the three forms of its length it takes."""
    sent = "x" * size
    assert texts_of(encode(Opcode.TEXT, sent.encode())) == [sent]
    assert texts_of(encode(Opcode.TEXT, sent.encode()) + encode(Opcode.TEXT, "é".encode())) == [sent, "é"]


@pytest.mark.parametrize("size", [125, 126, 65535, 65536])
def test_a_length_is_written_in_its_shortest_form(size: int) -> None:
    """RFC 6455 asks for it, and parsers may refuse another."""
    head = len(encode(Opcode.TEXT, b"x" * size)) - size
    assert head == {125: 2, 126: 4, 65535: 4, 65536: 10}[size]
