"""One ingest process and two web processes: what both want is made once, and neither notices how the other fares."""

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import uvloop

from stream_online_viewer.ingest import pending
from stream_online_viewer.ingest.encode import encode_pulse
from stream_online_viewer.ingest.process import Ingest, IngestOptions
from stream_online_viewer.link import slot_writer
from stream_online_viewer.link.control import control_sockets
from stream_online_viewer.link.handing import hand_link
from stream_online_viewer.link.messages import InterestChange, Pull
from stream_online_viewer.link.slots import SLOTS, new_slots
from stream_online_viewer.link.web_end import connect
from stream_online_viewer.protocol.frame import Block, FrameHead, image_block
from stream_online_viewer.protocol.rendition import Rendition
from tests.link_peer import PEERS, Keeping, LinkPeer, Noted, socket_peer
from tests.raw_source import RawSource, channel
from tests.support import deadline, wait_until

RAW = Rendition(None, 0, "raw")
PREVIEW = Rendition(None, 0, "preview")
IMAGE = np.arange(48 * 64, dtype=np.uint16).reshape(48, 64)


class Stage:
    """A source, an ingest process in a thread, and two web processes without viewers."""

    def __init__(self, source: RawSource, first: LinkPeer, second: LinkPeer, made: list[tuple[Rendition, int]]) -> None:
        self.source = source
        self.first = first
        self.second = second
        self.made = made
        """Rendition and pulse id of each frame that was made."""
        self.ended = threading.Event()

    def send(self) -> int:
        """Send an image and a number; return the pulse id."""
        return self.source.send(channel("image", IMAGE), channel("a", 1.5), channel("b", 2))

    def until(self, peer: LinkPeer, condition: Callable[[Noted], Any], what: str) -> None:
        """Wait until the condition holds for what came to a peer."""
        peer.until(condition, 5, what)

    def connected(self) -> None:
        """Wait until the source is connected."""
        self.until(
            self.first,
            lambda noted: noted.reports and noted.reports[-1].connection.state == "waiting",
            "the connection to the source",
        )

    def pull(self, peer: LinkPeer, number: int) -> None:
        """Pull a lane, and wait until it is known that there is nothing yet."""
        before = len(peer.noted.nothing_newer)
        peer.web.send_pull(Pull(number))
        self.until(peer, lambda noted: len(noted.nothing_newer) > before, "the answer to a pull")

    def next_frame(self, peer: LinkPeer, before: int) -> tuple[int, int, bytes]:
        """Return (lane, sequence, body) of the frame that comes after so many."""
        self.until(peer, lambda noted: len(noted.frames) > before, "a frame")
        assert len(peer.noted.frames) == before + 1
        info, body = peer.noted.frames[before]
        return info.lane, info.sequence, body


@pytest.fixture(params=[*PEERS, "shared memory"])
def stage(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """Both web processes are linked, and want nothing yet."""
    made: list[tuple[Rendition, int]] = []
    encode = encode_pulse

    def noted(*arguments: Any) -> tuple[FrameHead, list[Block]]:
        pulse, rendition = arguments[0], arguments[6]
        made.append((rendition, pulse.pulse_id))
        return encode(*arguments)

    monkeypatch.setattr(pending, "encode_pulse", noted)
    loop = uvloop.new_event_loop()
    memory = None
    if request.param == "shared memory":
        memory = new_slots(2**20)
        # So that the small images of these tests are large enough.
        monkeypatch.setattr(slot_writer, "MIN_FRAME_BYTES", 1)
        peers = [socket_peer(loop, memory, noted) for noted in (Keeping(), Noted())]
    else:
        peers = [PEERS[request.param](loop) for _ in range(2)]
    with RawSource() as source:
        options = IngestOptions(f"tcp://127.0.0.1:{source.port}", "auto", None, 2**24, 2**25, 1, memory=memory)
        ingest = Ingest(options, [peer.ingest for peer in peers])
        stage = Stage(source, peers[0], peers[1], made)

        def run() -> None:
            ingest.run()
            stage.ended.set()

        thread = threading.Thread(target=run, name="ingest under test")
        thread.start()
        try:
            stage.connected()
            yield stage
        finally:
            for peer in peers:
                peer.web.close()
                peer.pump()
            thread.join(deadline(5))
            for peer in peers:
                with contextlib.suppress(OSError):
                    peer.pump()
            loop.close()
            if memory is not None:
                os.close(memory)
        assert not thread.is_alive()
    assert stage.ended.is_set()


@pytest.mark.parametrize("rendition", [RAW, PREVIEW], ids=["passed on", "encoded"])
def test_an_image_that_both_want_is_made_once(stage: Stage, rendition: Rendition) -> None:
    """Each calls the lane by a number of its own, and both get the same bytes."""
    first, second = stage.first, stage.second
    first.web.send_interest(InterestChange(lanes=((1, rendition),)))
    second.web.send_interest(InterestChange(lanes=((1, Rendition("no such channel")), (9, rendition))))
    pulses = []
    for count in range(5):
        stage.pull(first, 1)
        stage.pull(second, 9)
        pulses.append(stage.send())
        one, other = stage.next_frame(first, count), stage.next_frame(second, count)
        assert (one[0], other[0]) == (1, 9)
        assert one[1:] == other[1:]
        assert image_block(one[2])
    assert stage.made == [(rendition, pulse) for pulse in pulses]
    for peer in (first, second):
        stage.until(peer, lambda noted: noted.reports[-1].encoded == 5, "the count of frames made")


def test_who_pulls_later_gets_what_was_made_before(stage: Stage) -> None:
    """As long as it is the newest; after that the newer one, which the other one then gets too."""
    first, second = stage.first, stage.second
    for peer in (first, second):
        peer.web.send_interest(InterestChange(lanes=((1, PREVIEW),)))
    stage.pull(first, 1)
    pulse = stage.send()
    frame = stage.next_frame(first, 0)
    second.web.send_pull(Pull(1))
    assert stage.next_frame(second, 0) == frame
    # Both have it now, so it is not kept, and nobody gets it again.
    stage.pull(first, 1)
    stage.pull(second, 1)
    assert stage.made == [(PREVIEW, pulse)]


def test_who_wants_nothing_that_old_does_not_get_it(stage: Stage) -> None:
    """A pull says from when on: a viewer that came later gets nothing from before."""
    first, second = stage.first, stage.second
    for peer in (first, second):
        peer.web.send_interest(InterestChange(lanes=((1, PREVIEW),)))
    stage.pull(first, 1)
    stage.send()
    stage.next_frame(first, 0)
    info = first.noted.frames[0][0]
    second.web.send_pull(Pull(1, info.received))
    stage.until(second, lambda noted: noted.nothing_newer, "the answer that there is nothing newer")
    stage.send()
    assert stage.next_frame(second, 0)[1] == info.sequence + 1


def test_one_that_is_slow_gets_the_newest_and_delays_nobody(stage: Stage) -> None:
    """It reads nothing and pulls nothing for twenty images; the other one gets each of them."""
    first, second = stage.first, stage.second
    for peer in (first, second):
        peer.web.send_interest(InterestChange(lanes=((1, PREVIEW),)))
    stage.pull(second, 1)
    for count in range(20):
        stage.pull(first, 1)
        stage.send()
        stage.next_frame(first, count)
    assert len(stage.made) == 20
    # The one that it had pulled, and then what is newest when it asks again.
    assert stage.next_frame(second, 0)[1] == first.noted.frames[0][0].sequence
    second.web.send_pull(Pull(1))
    assert stage.next_frame(second, 1)[1:] == (first.noted.frames[-1][0].sequence, first.noted.frames[-1][1])
    assert len(stage.made) == 20


def test_one_that_is_gone_leaves_the_other_as_it_was(stage: Stage) -> None:
    """In the middle of a pull, with the same lane, the same names and all channels."""
    first, second = stage.first, stage.second
    first.web.send_interest(InterestChange(lanes=((1, PREVIEW),), names=("a",)))
    second.web.send_interest(InterestChange(lanes=((1, PREVIEW), (2, RAW)), everything=True, names=("a", "b")))
    stage.pull(first, 1)
    stage.pull(second, 1)
    stage.pull(second, 2)
    second.web.close()
    stage.until(second, lambda noted: noted.lost, "the end of the link")
    made = len(stage.made)
    for count in range(3):
        if count:
            stage.pull(first, 1)
        stage.send()
        assert stage.next_frame(first, count)[0] == 1
    assert {rendition for rendition, _ in stage.made[made:]} == {PREVIEW}
    stage.until(first, lambda noted: len(noted.rows) > 0, "the rows of what it named")
    assert not stage.ended.is_set()


def test_each_gets_the_rows_that_it_may_want_and_all_the_names(stage: Stage) -> None:
    """Numbers of channels are the same for both; who wants no rows gets none; who leaves a name takes nobody else's."""
    first, second = stage.first, stage.second
    first.web.send_interest(InterestChange(lanes=((1, PREVIEW),)))
    second.web.send_interest(InterestChange(names=("a",)))
    stage.pull(first, 1)

    def rows_came() -> bool:
        stage.send()
        second.pump()
        return bool(second.noted.rows)

    wait_until(rows_came, 5, "rows", poll=0.05)
    stage.next_frame(first, 0)
    assert first.noted.names == second.noted.names == {0: "image", 1: "a", 2: "b"}
    assert first.noted.rows == []
    first.web.send_interest(InterestChange(names=("a",)))
    first.web.send_interest(InterestChange(unnamed=("a",)))
    first.web.send_pull(Pull(1))
    stage.send()
    # With the frame it is known that all of this was heard.
    stage.next_frame(first, 1)
    before = len(second.noted.rows)

    def more_rows_came() -> bool:
        stage.send()
        second.pump()
        return len(second.noted.rows) > before + 1

    wait_until(more_rows_came, 5, "more rows", poll=0.05)


def test_the_end_of_a_lane_is_only_that_of_one_peer(stage: Stage) -> None:
    """Both call different things by one number; what one ends, the other goes on with."""
    first, second = stage.first, stage.second
    first.web.send_interest(InterestChange(lanes=((1, PREVIEW),)))
    second.web.send_interest(InterestChange(lanes=((1, RAW), (2, PREVIEW))))
    second.web.send_interest(InterestChange(ended=(1, 2)))
    second.web.send_interest(InterestChange(lanes=((3, RAW),)))
    stage.pull(second, 3)
    stage.pull(first, 1)
    pulse = stage.send()
    assert stage.next_frame(first, 0)[0] == 1
    assert stage.next_frame(second, 0)[0] == 3
    assert sorted(stage.made, key=lambda one: one[0].encoding) == [(PREVIEW, pulse), (RAW, pulse)]


def test_a_web_process_that_comes_later_is_as_good_as_the_first() -> None:
    """It is given its link while others are served; it learns the names, gets frames, and takes none from the other.

    When whoever hands out links is gone, the ingest process ends, though both links are there.
    """
    loop = uvloop.new_event_loop()
    first, late = socket_peer(loop), Noted()
    parent, child = control_sockets()
    with RawSource() as source, parent:
        options = IngestOptions(f"tcp://127.0.0.1:{source.port}", "auto", None, 2**24, 2**25, 1, control=child.detach())
        ingest = Ingest(options, [first.ingest])
        thread = threading.Thread(target=ingest.run, name="ingest under test")
        thread.start()
        stage = Stage(source, first, first, [])
        stage.connected()
        first.web.send_interest(InterestChange(lanes=((1, RAW),), everything=True))
        stage.pull(first, 1)
        stage.send()
        shown = stage.next_frame(first, 0)
        second = LinkPeer(first.ingest, loop.run_until_complete(connect(hand_link(parent), late)), late, first.pump)
        stage.until(second, lambda noted: noted.names == first.noted.names, "the names")
        second.web.send_interest(InterestChange(lanes=((7, RAW),)))
        second.web.send_pull(Pull(7))
        assert stage.next_frame(second, 0) == (7, *shown[1:])
        stage.pull(second, 7)
        stage.pull(first, 1)
        stage.send()
        assert stage.next_frame(second, 1)[1:] == stage.next_frame(first, 1)[1:]
        assert not late.rows
        parent.close()
        thread.join(deadline(5))
        assert not thread.is_alive()
        for peer in (first, second):
            peer.web.close()
            peer.pump()
    loop.close()


def test_without_peers_the_ingest_process_ends(stage: Stage) -> None:
    """With the last of them, not before."""
    stage.first.web.close()
    stage.first.pump()
    stage.until(stage.second, lambda noted: len(noted.reports) > 2, "reports to the other one")
    assert not stage.ended.is_set()
    stage.second.web.close()
    stage.second.pump()
    assert stage.ended.wait(deadline(5))


@pytest.mark.parametrize("stage", ["shared memory"], indirect=True)
def test_one_that_keeps_all_slots_takes_no_frame_away(stage: Stage) -> None:
    """Its viewers read nothing. When no slot is left, both get their frames over the socket; then in slots again."""
    first, second = stage.first, stage.second
    keeping = first.noted
    assert isinstance(keeping, Keeping)
    for peer in (first, second):
        peer.web.send_interest(InterestChange(lanes=((1, RAW),)))
    for count in range(SLOTS + 5):
        for peer in (first, second):
            stage.pull(peer, 1)
        stage.send()
        assert stage.next_frame(first, count)[1:] == stage.next_frame(second, count)[1:]

    def memory(noted: Noted) -> tuple[int, int, int]:
        report = noted.reports[-1].memory
        return report.used, report.stored, report.without_slot

    stage.until(second, lambda noted: memory(noted) == (SLOTS, SLOTS, 5), "the slots that the first one keeps")
    assert [bytes(body) for body in keeping.bodies] == [body for _, body in second.noted.frames]
    keeping.bodies.clear()
    stage.until(first, lambda noted: memory(noted)[0] == 0, "that all are given back")
    for peer in (first, second):
        stage.pull(peer, 1)
    stage.send()
    stage.next_frame(second, SLOTS + 5)
    stage.until(second, lambda noted: memory(noted) == (1, SLOTS + 1, 5), "another frame in a slot")
    first.web.close()
    stage.until(second, lambda noted: memory(noted)[0] == 0, "the slots of the one that is gone")
