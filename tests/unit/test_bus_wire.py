"""The reader of a connection to the bus: bytes that are cut in every way, and bytes that are no protocol."""

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream_online_viewer.link.nats.wire import MOST_PAYLOAD, SCRATCH_BYTES, Message, NatsWire

LIMIT = 71_000
LARGE = bytes(range(250)) * 280


class Noted:
    """What a connection has said."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.said: list[Any] = []
        self.lost: list[str] = []

    def wire_info(self, info: dict[str, Any]) -> None:
        self.said.append(info)

    def wire_limit(self, sid: int) -> int:
        return LIMIT

    def wire_message(self, message: Message) -> None:
        self.messages.append(message)

    def wire_too_large(self, sid: int, nbytes: int) -> None:
        self.said.append(("too large", sid, nbytes))

    def wire_pong(self) -> None:
        self.said.append("pong")

    def wire_error(self, text: str) -> None:
        self.said.append(("error", text))

    def wire_writable(self, writable: bool) -> None:
        self.said.append(("writable", writable))

    def wire_lost(self, reason: str) -> None:
        self.lost.append(reason)


class Transport(asyncio.Transport):
    """Notes what is written, and whether it was aborted."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.aborted = False

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        pass

    def writelines(self, list_of_data: Any) -> None:
        self.written += b"".join(list_of_data)

    def is_closing(self) -> bool:
        return self.aborted

    def abort(self) -> None:
        self.aborted = True


def feed(data: bytes, sizes: list[int]) -> tuple[Noted, Transport]:
    """Give a connection bytes in pieces of these sizes, repeated, as a loop does."""
    noted, transport = Noted(), Transport()
    wire = NatsWire(noted)
    wire.connection_made(transport)
    at = turn = 0
    while at < len(data) and not transport.aborted:
        room = wire.get_buffer(-1)
        assert len(room) > 0
        size = min(sizes[turn % len(sizes)], len(room), len(data) - at)
        room[:size] = data[at : at + size]
        wire.buffer_updated(size)
        at, turn = at + size, turn + 1
    return noted, transport


STREAM = (
    b'INFO {"version":"2.15.1"}\r\n'
    b"MSG a.b 7 3\r\nxyz\r\n"
    b"PING\r\n"
    b"MSG a.c 8 reply.to 0\r\n\r\n"
    + b"HMSG _P.1 9 16 16\r\nNATS/1.0 503\r\n\r\n\r\n"
    + b"HMSG h 9 22 25\r\nNATS/1.0\r\nX-A: b c\r\n\r\nabc\r\n"
    + b"PONG\r\n+OK\r\n-ERR 'Permissions Violation'\r\n"
    + b"MSG big 1 %d\r\n" % len(LARGE)
    + LARGE
    + b"\r\nMSG huge 2 %d\r\n" % (LIMIT + 1)
    + bytes(LIMIT + 1)
    + b"\r\nMSG last 3 2\r\nok\r\n"
)


def check(noted: Noted, transport: Transport) -> None:
    """Hold what was read against what was sent."""
    assert not transport.aborted
    found = [(m.sid, m.subject, m.reply, bytes(m.payload)) for m in noted.messages]
    assert found == [
        (7, "a.b", "", b"xyz"),
        (8, "a.c", "reply.to", b""),
        (9, "_P.1", "", b""),
        (9, "h", "", b"abc"),
        (1, "big", "", LARGE),
        (3, "last", "", b"ok"),
    ]
    assert [message.status for message in noted.messages] == [0, 0, 503, 0, 0, 0]
    assert noted.messages[3].header("x-a") == "b c"
    assert noted.messages[3].header("x-b") is None
    assert noted.said == [
        {"version": "2.15.1"},
        "pong",
        ("error", "Permissions Violation"),
        ("too large", 2, LIMIT + 1),
    ]
    assert transport.written == b"PONG\r\n"


def test_a_stream_that_is_cut_at_every_byte() -> None:
    """Each place where the kernel may cut it once, and pieces of one byte."""
    lines = STREAM.index(b"MSG big") + 20
    for cut in range(1, lines):
        check(*feed(STREAM, [cut, len(STREAM)]))
    for cut in range(len(STREAM) - 40, len(STREAM)):
        check(*feed(STREAM, [cut, len(STREAM)]))
    check(*feed(STREAM, [1] * 400 + [4096]))


@settings(deadline=None)
@given(st.lists(st.integers(1, 100_000), min_size=1, max_size=20).filter(lambda sizes: sum(sizes) > 500 * len(sizes)))
def test_a_stream_in_any_pieces(sizes: list[int]) -> None:
    """Whatever the sizes are."""
    check(*feed(STREAM, sizes))


@pytest.mark.parametrize(
    "data",
    [
        b"HELLO\r\n",
        b"GET / HTTP/1.1\r\n",
        b"\r\n",
        b"MSG a 1\r\n",
        b"MSG a x 3\r\nabc\r\n",
        b"MSG a 1 -3\r\nabc\r\n",
        b"MSG a 1 3\r\nabcde\r\n",
        b"MSG a 1 b c 3\r\nabc\r\n",
        b"MSG a 1 %d\r\n" % (MOST_PAYLOAD + 1),
        b"MSG a 1 99999999999999999999\r\n",
        b"HMSG a 1 9 3\r\nabc\r\n",
        b"HMSG a 1 3\r\nabc\r\n",
        b"INFO [1]\r\n",
        b"INFO {\r\n",
        b"INFO " + b"[" * 60_000 + b"\r\n",
        b"x" * (SCRATCH_BYTES + 1),
    ],
)
def test_what_is_no_protocol_ends_the_connection(data: bytes) -> None:
    """And nothing is handed on."""
    noted, transport = feed(data, [len(data)])
    assert transport.aborted
    assert noted.messages == []


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_do_no_more_than_that(data: bytes) -> None:
    """No exception, however they are cut."""
    feed(data, [7])
    feed(b"INFO {}\r\nMSG a 1 5\r\n" + data, [3, 11])


def test_the_reason_of_the_end_is_told_once() -> None:
    """That of the reader, and not what the transport says after it."""
    noted = Noted()
    wire = NatsWire(noted)
    transport = Transport()
    wire.connection_made(transport)
    room = wire.get_buffer(-1)
    room[:3] = b"?\r\n"
    wire.buffer_updated(3)
    wire.connection_lost(None)
    (reason,) = noted.lost
    assert "no message" in reason
