"""What a client reads in a server's bytes, by the parser of the `websockets` library."""

from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.uri import parse_uri


def texts_of(data: bytes) -> list[str]:
    """The messages, each of which must be one whole text frame, with nothing left over."""
    client = ClientProtocol(parse_uri("ws://localhost/"), state=State.OPEN, max_size=None)
    client.receive_data(data)
    assert client.parser_exc is None
    frames = client.events_received()
    texts = []
    for frame in frames:
        assert isinstance(frame, Frame)
        assert (frame.opcode, frame.fin, frame.rsv1, frame.rsv2, frame.rsv3) == (Opcode.TEXT, True, False, False, False)
        texts.append(bytes(frame.data).decode())
    client.receive_eof()
    assert not client.reader.buffer
    return texts
