"""Acknowledgements are recognised before the general parser, which would hear the same."""

import itertools
import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode
from websockets.protocol import OPEN, Protocol, Side

from stream_online_viewer.protocol.client import AckReader, parse_ack


def ack(sequence: Any, drawn_us: int = 1000, kind: int = 1) -> bytes:
    """The payload of an acknowledgement."""
    return struct.pack("<B3xIQ", kind, drawn_us, sequence)


def framed(payload: Any, opcode: Any = Opcode.BINARY, fin: bool = True) -> bytes:
    """A frame as a client sends it, with a mask of its own."""
    return Frame(opcode, payload, fin).serialize(mask=True)


class Listener:
    """The quick reader before the parser, as the live socket has them, beside the parser alone."""

    def __init__(self) -> None:
        self.reader = AckReader()
        self.quick: list[tuple[int, int]] = []
        self.heard: list[Any] = []
        self.parser = self._parser()
        self.alone: list[Any] = []
        self.parser_alone = self._parser()

    @staticmethod
    def _parser() -> Protocol:
        return Protocol(Side.SERVER, state=OPEN, max_size=65536)

    def receive(self, data: bytes) -> None:
        """Take a piece of the stream."""
        acks = self.reader.read(data)
        if acks is None:
            self.heard += _messages(self.parser, data)
        else:
            self.quick += acks
            self.heard += [(Opcode.BINARY, ack(sequence, drawn_us)) for sequence, drawn_us in acks]
        self.alone += _messages(self.parser_alone, data)


def _messages(parser: Protocol, data: Any) -> list[tuple[Any, bytes]]:
    parser.receive_data(data)
    return [(frame.opcode, bytes(frame.data)) for frame in parser.events_received()]


def test_acknowledgements_alone_never_reach_the_parser() -> None:
    """One or several in a piece, with all that 64 and 32 bits can hold."""
    listener = Listener()
    for sequences in ([1], [2, 3, 4], [2**64 - 1], [0]):
        listener.receive(b"".join(framed(ack(sequence, 2**32 - 1)) for sequence in sequences))
    assert [sequence for sequence, _ in listener.quick] == [1, 2, 3, 4, 2**64 - 1, 0]
    assert {drawn for _, drawn in listener.quick} == {2**32 - 1}
    assert listener.heard == listener.alone


def test_other_messages_between_whole_frames_change_nothing() -> None:
    """A wish and a pong go to the parser; acknowledgements after them are recognised again."""
    listener = Listener()
    for piece in (
        framed(b'{"kind":"want"}', Opcode.TEXT),
        framed(b"x" * 300, Opcode.TEXT),
        framed(b"12345678", Opcode.PONG),
    ):
        listener.receive(piece)
        listener.receive(framed(ack(7)))
    assert len(listener.quick) == 3
    assert listener.heard == listener.alone


@pytest.mark.parametrize(
    "payload", [ack(1)[:-1], ack(1) + b"\0", ack(1, kind=2), bytes(16)], ids=["short", "long", "kind 2", "zeros"]
)
def test_what_is_no_acknowledgement_is_left_to_the_parser(payload: Any) -> None:
    """It is the parser's part to say what is wrong."""
    listener = Listener()
    listener.receive(framed(payload))
    assert listener.quick == []
    assert listener.heard == listener.alone == [(Opcode.BINARY, payload)]


def test_a_message_in_fragments_ends_the_short_cut() -> None:
    """Between the fragments of a message a whole binary one is a breach of the protocol, which the parser finds."""
    listener = Listener()
    listener.receive(framed(b'{"kind":', Opcode.TEXT, fin=False))
    listener.receive(framed(ack(5)))
    assert listener.quick == []
    assert listener.parser.parser_exc is not None
    assert listener.reader.read(framed(ack(6))) is None


PIECES = st.one_of(
    st.builds(
        lambda sequence, drawn: framed(ack(sequence, drawn)), st.integers(0, 2**64 - 1), st.integers(0, 2**32 - 1)
    ),
    st.builds(lambda sequence: framed(ack(sequence)), st.integers(0, 1000)),
    st.builds(lambda length: framed(b"{}" * length, Opcode.TEXT), st.integers(0, 200)),
    st.builds(lambda data: framed(data, Opcode.PONG), st.binary(min_size=8, max_size=8)),
    st.builds(framed, st.binary(min_size=16, max_size=16)),
)
"""Frames that a client may send."""


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(st.lists(PIECES, min_size=1, max_size=30), st.lists(st.sampled_from([1, 2, 6, 22, 44, 100, 1000]), min_size=1))
def test_however_the_stream_is_cut_the_same_is_heard(frames: Any, sizes: Any) -> None:
    """Any messages in pieces of any size: what is heard is what the parser alone hears."""
    stream, listener, at = b"".join(frames), Listener(), 0
    for size in itertools.cycle(sizes):
        listener.receive(stream[at : at + size])
        at += size
        if at >= len(stream):
            break
    assert listener.heard == listener.alone
    assert all(parse_ack(ack(sequence, drawn)) for sequence, drawn in listener.quick)
