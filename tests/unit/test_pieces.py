"""A large image in pieces over a slow link: what can pass between them, and when the rest of it is not sent."""

import struct
from typing import Any

import pytest

from stream_online_viewer.protocol.client import Want
from stream_online_viewer.protocol.rendition import Rendition
from stream_online_viewer.web.pieces import LEAST_PIECE_BYTES, MOST_PIECE_BYTES
from stream_online_viewer.web.viewer import Viewer
from tests.unit.test_hub import KEY, Outlet, World

SIZE = 1_000_000
PREVIEW = Rendition(None, 0, "preview")


class SlowOutlet(Outlet):
    """A connection that has taken a message only when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[bytes] = []
        self.pieces: list[tuple[int, int, int, int]] = []
        """(offset, bytes, bytes of the whole message, flags) of each piece."""
        self.kept: list[int] = []

    def send_binary(self, head: bytes, body: Any) -> None:
        message = (head + bytes(body))[{126: 4, 127: 10}.get(head[1], 2) :]
        assert struct.unpack_from("<I", message) == (len(message),)
        self.left += len(message)
        self.messages.append(message)
        if message[4] == 3:
            flags, total, offset = struct.unpack_from("<BxxII", message, 5)
            self.pieces.append((offset, len(message) - 16, total, flags))
        super().send_binary(head, body)

    def keep_unsent(self, size: int) -> None:
        self.kept.append(size)

    def whole(self) -> bytes:
        """The messages in pieces, put together."""
        return b"".join(message[16:] for message in self.messages if message[4] == 3)


class SlowWorld(World):
    """A hub with one far viewer whose link carries one message at a time."""

    def __init__(self, **want: Any) -> None:
        self.measured: list[Viewer] = []
        super().__init__(total_mbit=0, measured=self.measured.append)
        self.outlet = SlowOutlet()
        self.one: Viewer = self.hub.connect(self.outlet, self.time.ns(), False, "far")
        self.outlet.on_send = lambda size: self.hub.block(self.one)
        self.time.pass_by(0.1)
        self.want: dict[str, Any] = {}
        self.want.update({"every": False, "format": "exact", "pieces": True}, **want)
        self.hub.set_want(self.one, Want(**self.want), KEY)

    def take(self) -> None:
        """The connection has taken everything."""
        self.time.pass_by(0.25)
        self.outlet.left = 0
        self.hub.unblock(self.one)

    def change(self, key: Rendition | None = KEY, **want: Any) -> None:
        """The viewer wants something else."""
        self.want |= want
        self.hub.set_want(self.one, Want(**self.want), key)


def test_one_piece_at_a_time_and_the_whole_is_the_frame() -> None:
    """The next piece is sent only when the last one was taken; together they are the message as it would have been."""
    world = SlowWorld()
    body = world.frame(SIZE)
    for number in range(1, 1 + -(-(SIZE + 16) // LEAST_PIECE_BYTES)):
        assert len(world.outlet.pieces) == number
        world.take()
    whole = world.outlet.whole()
    assert len(whole) == SIZE + 16
    assert whole[16:] == body
    assert struct.unpack_from("<IB", whole) == (len(whole), 1)
    assert [offset for offset, *_ in world.outlet.pieces] == list(range(0, len(whole), LEAST_PIECE_BYTES))
    assert {total for _, _, total, _ in world.outlet.pieces} == {len(whole)}
    assert len(world.one.in_flight) == 1
    assert world.one.meter.total_images == 1
    assert world.one.meter.total_bytes == len(whole)
    assert 0 < min(world.outlet.kept) <= LEAST_PIECE_BYTES


def test_the_status_and_rows_pass_between_pieces() -> None:
    """What came meanwhile is sent before the next piece."""
    world = SlowWorld(every=True)
    world.frame(SIZE)
    world.outlet.messages.clear()
    world.hub.publish_scalars(b"rows", world.time.ns(), 1)
    world.one.send_status(b'{"kind":"status"}')
    assert world.outlet.messages == []
    world.take()
    assert world.outlet.sent_json[-1] == {"kind": "status"}
    assert [message[4] for message in world.outlet.messages] == [2]
    world.take()
    assert [message[4] for message in world.outlet.messages] == [2, 3]


@pytest.mark.parametrize(
    ("key", "want"),
    [(PREVIEW, {"format": "preview"}), (None, {"hidden": True}), (Rendition("other", 0, "raw"), {"image": "other"})],
    ids=["a preview", "hidden", "another image"],
)
def test_another_wish_ends_it_after_any_piece(key: Rendition | None, want: dict[str, Any]) -> None:
    """The rest is not sent, which is said; the frame need not be acknowledged, and what is wanted comes next."""
    world = SlowWorld()
    world.frame(SIZE)
    for _ in range(11):
        world.take()
    assert 2 * world.outlet.pieces[-1][0] > SIZE
    sent = sum(size for _, size, _, _ in world.outlet.pieces)
    world.change(key, **want)
    assert world.outlet.pieces[-1] == (sent, 0, SIZE + 16, 1)
    assert world.one.in_flight == {}
    assert world.one.not_sent == 1
    assert world.one.meter.total_images == 0
    if key is not None:
        number = world.numbers()[key]
        world.take()
        body = world.frame(1000, lane=number)
        assert world.outlet.messages[-1].endswith(body)
        assert len(world.one.in_flight) == 1


def test_a_wish_that_changes_nothing_in_the_image_lets_it_go_on() -> None:
    """Fewer images a second, for example."""
    world = SlowWorld()
    world.frame(SIZE)
    world.change(rate=5.0, hover=(1, 1))
    world.take()
    assert [flags for *_, flags in world.outlet.pieces] == [0, 0]


def test_a_pause_completes_the_exact_image_under_way() -> None:
    """It is the image of the pause: no other follows, however many come."""
    world = SlowWorld()
    world.frame(SIZE)
    world.take()
    world.change(paused=True)
    for _ in range(20):
        world.take()
    assert len(world.outlet.whole()) == SIZE + 16
    world.hub.acknowledge(world.one, 1, 1000)
    world.frame(SIZE)
    assert len(world.outlet.whole()) == SIZE + 16
    world.change(paused=False)
    world.frame(SIZE)
    assert len(world.outlet.whole()) > SIZE + 16


@pytest.mark.parametrize(
    ("want", "pieces", "ends"),
    [
        ({"format": "auto"}, 3, True),
        ({"format": "auto"}, 9, False),
        ({"format": "exact"}, 3, False),
        ({"format": "auto", "paused": True}, 3, False),
    ],
    ids=["hardly begun", "more than half", "wished", "paused"],
)
def test_a_newer_frame_ends_one_that_was_chosen_and_hardly_begun(want: Any, pieces: int, ends: bool) -> None:
    """Not one that was wished for, that a pause waits for, or that is nearly there."""
    world = SlowWorld(**want)
    world.frame(SIZE)
    for _ in range(pieces - 1):
        world.take()
    world.frame(SIZE)
    assert (world.outlet.pieces[-1][3] == 1) is ends
    assert (world.one.pieces.transfer is None) is ends


def test_no_two_images_in_a_row_end_for_newer_ones() -> None:
    """On a link slower than half an image a period no image would ever be whole."""
    world = SlowWorld(format="auto")
    world.frame(SIZE)
    world.take()
    world.frame(SIZE)
    world.take()
    for _ in range(20):
        world.frame(SIZE)
        world.take()
    assert [flags for *_, flags in world.outlet.pieces].count(1) == 1
    assert world.one.meter.total_images == 1


def test_who_did_not_ask_for_pieces_gets_one_message() -> None:
    """Other clients go on as before."""
    world = SlowWorld(pieces=False)
    body = world.frame(SIZE)
    assert world.outlet.pieces == []
    assert world.outlet.messages[-1][16:] == body
    assert world.outlet.kept == []


def test_a_fast_link_gets_one_message() -> None:
    """What takes less than half a second is not cut."""
    world = SlowWorld()
    world.outlet.on_send = None
    for sequence in range(1, 4):
        world.frame(SIZE)
        world.time.pass_by(0.1)
        world.hub.acknowledge(world.one, sequence, 1000)
    # The first one was cut, because nothing was known of the link.
    assert len(world.outlet.whole()) == SIZE + 16
    assert [len(message) for message in world.outlet.messages[-2:]] == [SIZE + 16] * 2


def test_pieces_are_larger_on_a_faster_link() -> None:
    """A tenth of a second each, within bounds."""
    sizes = []
    for seconds in (20.0, 2.0, 0.6):
        world = SlowWorld()
        world.one.window.seconds_per_byte = seconds / SIZE
        world.frame(SIZE)
        sizes.append(world.outlet.pieces[0][1])
    assert sizes == [LEAST_PIECE_BYTES, LEAST_PIECE_BYTES, int(SIZE / 6)]
    assert max(sizes) <= MOST_PIECE_BYTES


def test_a_trial_that_goes_too_slowly_is_over_before_its_end() -> None:
    """After a second it is known that the link carries too little; nobody waits for the whole image."""
    world = SlowWorld(format="auto")
    world.one.quality.exact = world.one.quality.trying = True
    world.frame(SIZE)
    world.take()
    assert world.measured == []
    for _ in range(4):
        world.take()
    assert world.measured
    world.hub.change_rendition(world.one, PREVIEW)
    assert world.one.in_flight == {}
    assert world.outlet.pieces[-1][3] == 1


def test_a_new_ingest_process_ends_it() -> None:
    """The page has forgotten the numbers of its channels."""
    world = SlowWorld()
    world.frame(SIZE)
    world.restart()
    assert world.outlet.pieces[-1][3] == 1
    assert world.one.pieces.transfer is None


def test_a_viewer_that_leaves_keeps_nothing() -> None:
    """Neither the frame nor its memory."""
    world = SlowWorld()
    world.frame(SIZE)
    world.take()
    world.hub.disconnect(world.one)
    assert world.one.pieces.transfer is None
    assert world.hub.pinned.bytes == 0
