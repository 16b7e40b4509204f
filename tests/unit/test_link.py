"""The link between ingest process and web process: what one end sends, the other is told, whatever carries it."""

import os
import select
import threading
from collections.abc import Iterator

import pytest
import uvloop

from stream_online_viewer.errors import ProtocolError
from stream_online_viewer.link.base import LinkClosed
from stream_online_viewer.link.cameras import CameraAnswer, CameraQuestion, ListedCamera
from stream_online_viewer.link.framing import (
    FromWebDecoder,
    Kind,
    LinkHeader,
    pack_control,
    pack_pull,
    pack_returned,
    unpack_control,
    unpack_header,
)
from stream_online_viewer.link.ingest_end import MAX_ROWS_BYTES, SocketIngestEnd
from stream_online_viewer.link.messages import (
    ChannelNames,
    FrameInfo,
    FromWeb,
    InterestChange,
    Pull,
    RefusedRenditions,
    RowsInfo,
    SlotReturned,
)
from stream_online_viewer.link.report import IngestReport
from stream_online_viewer.link.slot_writer import SlotWriter
from stream_online_viewer.link.slots import new_slots
from stream_online_viewer.protocol.jsontext import to_json
from stream_online_viewer.protocol.rendition import Rendition
from tests.link_peer import PEERS, Keeping, LinkPeer, socket_peer
from tests.support import deadline
from tests.unit.test_reports import REPORT

PREVIEW = Rendition(
    "cam", 2, "preview", crop=(1, 2, 3, 4), fit=(640, 480), low=-1.5, high=2.0, hover=(7, 8), colour="auto"
)
INTEREST = InterestChange(((1, Rendition(None)), (9, PREVIEW)), (4, 5), True, ("a", "b"), ("c",))
CAMERAS = CameraAnswer("slow", 1.5, "v", (ListedCamera("ü", ("a",), ("g", "h"), True, ("ü_sp",)),), 3, "no groups")
REFUSED = RefusedRenditions((('{"form":"png"}', "it crashed"),))


@pytest.fixture
def loop() -> Iterator[uvloop.Loop]:
    """The loop of the web process."""
    loop = uvloop.new_event_loop()
    yield loop
    loop.close()


@pytest.fixture(params=PEERS)
def peer(request: pytest.FixtureRequest, loop: uvloop.Loop) -> Iterator[LinkPeer]:
    """Both ends of a link."""
    peer = PEERS[request.param](loop)
    yield peer
    peer.web.close()
    peer.pump()
    peer.ingest.close()


def readable(peer: LinkPeer, seconds: float) -> bool:
    """Wait until the ingest process's descriptor is readable."""
    return bool(select.select([peer.ingest.fileno()], [], [], seconds)[0])


def received(peer: LinkPeer, count: int) -> list[FromWeb]:
    """Return so many messages as the ingest process's end gets them."""
    messages: list[FromWeb] = []
    while len(messages) < count:
        peer.pump()
        assert readable(peer, deadline(2))
        messages += peer.ingest.receive()
    return messages


def test_what_a_web_process_says_arrives_in_order(peer: LinkPeer) -> None:
    """Interest, pulls, questions and what must not be encoded, with all that is in them."""
    assert not readable(peer, 0)
    peer.web.send_interest(INTEREST)
    peer.web.send_pull(Pull(9, 2**63))
    peer.web.send_refused(REFUSED)
    peer.web.send_question(CameraQuestion("v"))
    peer.web.send_interest(InterestChange(ended=(9,)))
    expected = [INTEREST, Pull(9, 2**63), REFUSED, CameraQuestion("v"), InterestChange(ended=(9,))]
    assert received(peer, 5) == expected
    assert not readable(peer, 0)


def test_what_the_ingest_process_sends_arrives(peer: LinkPeer) -> None:
    """Names, report, cameras, rows, a frame in several pieces, large and small, and that there is nothing newer."""
    large = bytes(range(256)) * 4096
    peer.ingest.send_names(ChannelNames(((0, "image"), (1, "ü"))))
    peer.ingest.send_report(REPORT)
    peer.ingest.send_cameras(CAMERAS)
    peer.ingest.send_rows(RowsInfo(12, 99, 3), [b"rows", b"more"])
    peer.ingest.send_frame(FrameInfo(7, 2**40, 2**62), [b"head", memoryview(large), b"tail"])
    peer.ingest.send_frame(FrameInfo(8, 5, 6, refused=True), [b"x"])
    peer.ingest.send_nothing_newer(3)
    peer.ingest.start()
    peer.until(lambda noted: noted.nothing_newer, 2, "all of it")
    noted = peer.noted
    assert noted.names == {0: "image", 1: "ü"}
    assert noted.reports == [REPORT]
    assert noted.cameras == [CAMERAS]
    assert noted.rows == [(RowsInfo(12, 99, 3), b"rowsmore")]
    assert noted.frames == [
        (FrameInfo(7, 2**40, 2**62), b"head" + large + b"tail"),
        (FrameInfo(8, 5, 6, refused=True), b"x"),
    ]
    assert noted.nothing_newer == [3]


def test_the_end_of_the_web_process_is_told(peer: LinkPeer) -> None:
    """The descriptor is readable, and there is nothing more to receive."""
    peer.ingest.start()
    peer.web.close()
    peer.pump()
    assert readable(peer, deadline(2))
    with pytest.raises(LinkClosed):
        peer.ingest.receive()


def test_the_end_of_the_ingest_process_is_told(peer: LinkPeer) -> None:
    """And what is said to it afterwards goes nowhere."""
    peer.ingest.start()
    peer.ingest.close()
    peer.until(lambda noted: noted.lost, 2, "the end")
    peer.web.send_interest(INTEREST)
    peer.web.send_pull(Pull(1))
    peer.web.send_refused(REFUSED)
    peer.web.send_question(CameraQuestion())


def test_who_does_not_read_gets_the_newest_report_and_loses_the_oldest_rows(loop: uvloop.Loop) -> None:
    """What waits for a web process is bounded, and nobody waits for it."""
    peer = socket_peer(loop)
    body = bytes(2**20)
    # Not started: nothing is taken away from what waits.
    for number in range(20):
        peer.ingest.send_rows(RowsInfo(number, 0, 10), [body])
        peer.ingest.send_report(IngestReport(REPORT.connection, messages=number))
    kept = MAX_ROWS_BYTES // len(body)
    assert peer.ingest.lost_rows == 10 * (20 - kept)
    peer.ingest.start()
    peer.until(lambda noted: len(noted.rows) == kept, 5, "the rows that were kept")
    assert [info.sequence for info, _ in peer.noted.rows] == list(range(20 - kept, 20))
    assert [report.messages for report in peer.noted.reports] == [19]
    peer.ingest.close()
    peer.until(lambda noted: noted.lost, 2, "the end")


def test_a_link_closes_while_nobody_reads_it(loop: uvloop.Loop) -> None:
    """Its thread is in the middle of a write that never ends by itself."""
    peer = socket_peer(loop)
    assert isinstance(peer.ingest, SocketIngestEnd)
    peer.ingest.start()
    peer.ingest.send_frame(FrameInfo(1, 1, 1), [bytes(2**26)])
    closing = threading.Thread(target=peer.ingest.close)
    closing.start()
    closing.join(deadline(5))
    assert not closing.is_alive()
    peer.until(lambda noted: noted.lost, 2, "the end")


def test_a_stored_frame_is_read_in_the_memory_and_given_back(loop: uvloop.Loop) -> None:
    """Together with the next message, or by itself a moment later."""
    memory = new_slots(2**20)
    writer, noted = SlotWriter(memory), Keeping()
    peer = socket_peer(loop, memory, noted)
    peer.ingest.start()
    body = bytes(range(256)) * 4096
    stored = writer.put([body])
    assert stored is not None
    for sequence in (1, 2):
        peer.ingest.send_stored(FrameInfo(7, sequence, 2**62, refused=True), stored.slot, stored.nbytes)
    peer.until(lambda noted: len(noted.frames) == 2, 2, "both frames")
    assert noted.frames == [(FrameInfo(7, sequence, 2**62, refused=True), body) for sequence in (1, 2)]
    noted.bodies.pop()
    peer.web.send_pull(Pull(7))
    assert received(peer, 2) == [SlotReturned(stored.slot), Pull(7)]
    noted.bodies.pop()
    peer.until(lambda noted: readable(peer, 0), 2, "another message")
    assert received(peer, 1) == [SlotReturned(stored.slot)]
    peer.web.close()
    peer.pump()
    peer.ingest.close()
    os.close(memory)


def test_a_stored_frame_without_a_memory_ends_the_link(loop: uvloop.Loop) -> None:
    """As every message does that cannot be true."""
    peer = socket_peer(loop)
    peer.ingest.start()
    loop.set_exception_handler(lambda loop, context: None)
    peer.ingest.send_stored(FrameInfo(1, 1, 1), 0, 10)
    peer.until(lambda noted: noted.lost, 2, "the end")
    peer.ingest.close()


def test_messages_are_found_however_the_bytes_are_cut() -> None:
    """The link is a stream."""
    data = pack_control(INTEREST) + pack_pull(Pull(7, 5)) + pack_returned(SlotReturned(3)) + pack_control(REFUSED)
    for cut in range(1, len(data)):
        decoder = FromWebDecoder()
        got = [*decoder.feed(data[:cut]), *decoder.feed(data[cut:])]
        assert got == [INTEREST, Pull(7, 5), SlotReturned(3), REFUSED]


def test_an_impossible_length_is_refused() -> None:
    """No memory is asked for on the word of a broken header."""
    with pytest.raises(ProtocolError):
        unpack_header(LinkHeader(Kind.FRAME, length=2**40).pack())


@pytest.mark.parametrize("content", [{"kind": "x"}, {"kind": "interest"}, {"kind": "report", "faults": 3}, [], 7, "x"])
def test_what_is_no_message_is_refused(content: object) -> None:
    """Each with the same exception."""
    with pytest.raises(ProtocolError):
        unpack_control(to_json(content))


def test_a_web_process_does_not_send_what_is_the_other_end_s() -> None:
    """A report, or a frame."""
    for data in (pack_control(REPORT), LinkHeader(Kind.FRAME).pack()):
        with pytest.raises(ProtocolError):
            list(FromWebDecoder().feed(data))
