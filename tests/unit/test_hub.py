"""The hub: newest frame wins, one frame in flight, nothing from before the connection."""

import json
from typing import Any

import pytest

from stream_online_viewer.link.messages import InterestChange, Pull
from stream_online_viewer.protocol.client import Want
from stream_online_viewer.protocol.rendition import Rendition
from stream_online_viewer.web.hub import CLOSE_STALLED, Hub
from stream_online_viewer.web.viewer import Viewer
from tests.unit.fake_time import FakeTime

KEY = Rendition(None, 0, "raw")
SIZE = 1000


class Outlet:
    """A connection that notes what it was given, and takes ``room`` bytes before it stops."""

    def __init__(self) -> None:
        self.frames: list[Any] = []
        self.heads: list[bytes] = []
        self.sent_json: list[dict[str, Any]] = []
        self.pings = 0
        self.closed: tuple[int, str] | None = None
        self.left = 0
        self.on_send: Any = None

    def send_binary(self, head: bytes, body: Any) -> None:
        self.heads.append(head)
        self.frames.append(body)
        if self.on_send is not None:
            self.on_send(len(body))

    def send_json(self, content: dict[str, Any]) -> None:
        self.sent_json.append(content)

    def send_encoded_json(self, text: bytes) -> None:
        self.sent_json.append(json.loads(text))

    def unsent(self) -> int:
        return self.left

    def keep_unsent(self, size: int) -> None:
        """What is sent is taken at once."""

    def taken(self) -> int:
        return sum(len(frame) for frame in self.frames) - self.left

    def ping(self, clean: bool) -> None:
        self.pings += 1

    def close(self, code: int, reason: str) -> None:
        self.closed = (code, reason)


class World:
    """A hub, with a test in the place of the ingest process: it answers pulls with a frame or with nothing newer."""

    def __init__(self, **limits: Any) -> None:
        self.time = FakeTime()
        self.pulls: list[int] = []
        self.told: list[InterestChange] = []
        self.known: dict[int, Rendition] = {}
        """The lanes that the ingest process was told of and has not been told the end of."""
        self.names: set[str] = set()
        self.sequence = 0
        self.hub = Hub(
            clock=self.time.clock,
            later=self.time.later,
            send_pull=self.send_pull,
            send_interest=self.send_interest,
            **limits,
        )
        self.hub.source_image_rate = 10.0

    def viewer(
        self, want: Want | None = None, local: bool = True, key: Rendition | None = KEY
    ) -> tuple[Viewer, Outlet]:
        outlet = Outlet()
        viewer = self.hub.connect(outlet, self.time.ns(), local, "test")
        if want is None:
            want = Want(every=False)
        self.hub.set_want(viewer, want, key)
        return viewer, outlet

    def send_pull(self, pull: Pull) -> None:
        assert pull.lane in self.known, "a lane was pulled that the ingest process does not know"
        self.pulls.append(pull.lane)
        self.after = pull.after

    def send_interest(self, change: InterestChange) -> None:
        self.told.append(change)
        for number in change.ended:
            del self.known[number]
        self.known.update(dict(change.lanes))
        self.names.difference_update(change.unnamed)
        self.names.update(change.names)

    def restart(self) -> None:
        """A new ingest process knows nothing."""
        self.known.clear()
        self.names.clear()
        self.hub.restart()

    def tick(self) -> None:
        """What the server does once a second."""
        self.hub.count_far_viewers()
        for viewer in list(self.hub.viewers):
            self.hub.look_at(viewer)

    def lane(self) -> int:
        return next(iter(self.hub.lanes)).number

    def numbers(self) -> dict[Rendition, int]:
        """The numbers of the lanes by their rendition."""
        return {lane.rendition: lane.number for lane in self.hub.lanes}

    def frame(self, size: int = SIZE, age: float = 0.0, lane: int | None = None) -> bytes:
        """The ingest process answers a pull with a frame that was received ``age`` seconds ago."""
        self.sequence += 1
        body = self.sequence.to_bytes(size, "little")
        received = int((self.time.now - age) * 1e9)
        self.hub.publish(lane or self.lane(), body, self.sequence, received)
        return body


def test_a_viewer_pulls_once_and_gets_the_frame() -> None:
    """A ready viewer makes one pull, and the answer goes to it."""
    world = World()
    _, outlet = world.viewer()
    assert world.pulls == [world.lane()]
    world.time.pass_by(0.1)
    body = world.frame()
    assert outlet.frames == [body]


def test_one_frame_is_in_flight_until_it_is_acknowledged() -> None:
    """Without an acknowledgement a viewer gets no second frame; after it, the newest one only."""
    world = World()
    viewer, slow = world.viewer()
    other, fast = world.viewer()
    world.time.pass_by(0.1)
    world.frame()
    for _ in range(3):
        world.time.pass_by(0.1)
        world.hub.acknowledge(other, world.sequence, 1000)
        newest = world.frame()
    assert len(slow.frames) == 1
    assert len(fast.frames) == 4
    world.hub.acknowledge(viewer, 1, 1000)
    assert slow.frames[1:] == [newest]


def test_two_viewers_share_one_buffer() -> None:
    """The body is the same object for all viewers: nothing is copied."""
    world = World()
    outlets = [world.viewer()[1] for _ in range(2)]
    world.time.pass_by(0.1)
    world.frame()
    assert outlets[0].frames[0] is outlets[1].frames[0]


def test_nothing_from_before_the_connection() -> None:
    """A frame that was received before the viewer connected is not for it, even if it arrives later."""
    world = World()
    world.time.pass_by(1.0)
    _, outlet = world.viewer()
    world.time.pass_by(0.01)
    world.frame(age=0.02)
    assert outlet.frames == []
    assert len(world.pulls) == 2
    world.time.pass_by(0.1)
    body = world.frame()
    assert outlet.frames == [body]


def test_a_frame_in_the_slot_from_before_is_not_sent_to_a_newcomer() -> None:
    """The slot's frame stays with those who were there."""
    world = World()
    world.viewer()
    world.time.pass_by(0.1)
    world.frame()
    world.time.pass_by(0.01)
    _, late = world.viewer()
    world.hub.nothing_newer(world.lane())
    assert late.frames == []


def test_a_stale_slot_is_not_sent_before_the_ingest_was_asked() -> None:
    """Who becomes ready long after the slot was filled gets what is newest then, not the slot."""
    world = World()
    viewer, outlet = world.viewer()
    other, _ = world.viewer()
    world.time.pass_by(0.1)
    world.frame()
    world.hub.acknowledge(other, 1, 0)
    world.time.pass_by(0.1)
    old = world.frame()
    pulls = len(world.pulls)
    world.time.pass_by(5.0)
    world.hub.acknowledge(viewer, 1, 0)
    assert len(outlet.frames) == 1
    assert len(world.pulls) == pulls + 1
    newest = world.frame()
    assert outlet.frames[1:] == [newest]
    assert old not in outlet.frames


def test_a_frame_that_took_longer_than_a_period_to_encode_is_sent() -> None:
    """A frame that just came is the newest that can be had, however long ago it was received."""
    world = World()
    _, outlet = world.viewer()
    world.time.pass_by(0.5)
    frame = world.frame(age=0.3)
    assert outlet.frames == [frame]


def test_the_slot_is_sent_when_there_is_nothing_newer() -> None:
    """If the source stopped, the last frame still reaches who had not seen it."""
    world = World()
    viewer, outlet = world.viewer()
    other, _ = world.viewer()
    world.time.pass_by(0.1)
    world.frame()
    world.hub.acknowledge(other, 1, 0)
    world.time.pass_by(0.1)
    last = world.frame()
    world.time.pass_by(5.0)
    world.hub.acknowledge(viewer, 1, 0)
    world.hub.nothing_newer(world.lane())
    assert outlet.frames[1:] == [last]


def test_an_acknowledgement_of_something_else_gives_no_credit() -> None:
    """Credit comes only from the frame that is in flight."""
    world = World()
    viewer, outlet = world.viewer()
    world.time.pass_by(0.1)
    world.frame()
    world.hub.acknowledge(viewer, 99, 0)
    world.time.pass_by(0.1)
    world.frame()
    assert len(outlet.frames) == 1


def test_the_rate_limit_is_the_mean_rate() -> None:
    """At 100 images a second from the source and a limit of 60 a viewer gets 60 a second."""
    world = World(max_rate=60.0)
    world.hub.source_image_rate = 100.0
    viewer, outlet = world.viewer()
    for _ in range(300):
        world.time.pass_by(0.01)
        if world.pulls:
            world.pulls.clear()
            world.frame()
        if viewer.in_flight:
            world.hub.acknowledge(viewer, next(iter(viewer.in_flight)), 0)
    assert 175 <= len(outlet.frames) <= 181
    assert viewer.limit == "rate"


def test_a_viewer_may_ask_for_less_but_not_for_more_than_the_limit() -> None:
    """``want.rate`` can only lower the server's limit."""
    world = World(max_rate=60.0)
    slower, _ = world.viewer(Want(rate=5.0, every=False))
    faster, _ = world.viewer(Want(rate=500.0, every=False))
    assert slower.pace.rate == 5.0
    assert faster.pace.rate == 60.0


def test_a_bandwidth_limit_of_one_viewer() -> None:
    """8 Mbit/s carry ten images of 100 kB a second."""
    world = World(viewer_mbit=8.0)
    viewer, outlet = world.viewer()
    for _ in range(200):
        world.time.pass_by(0.01)
        if world.pulls:
            world.pulls.clear()
            world.frame(size=100_000)
        if viewer.in_flight:
            world.hub.acknowledge(viewer, next(iter(viewer.in_flight)), 0)
    assert 19 <= len(outlet.frames) <= 21
    assert viewer.limit == "bandwidth"


@pytest.mark.parametrize("local", [False, True])
def test_the_total_bandwidth_is_for_viewers_on_other_machines(local: bool) -> None:
    """80 Mbit/s shared by two viewers of 1 MB images; viewers on the loopback interface are not limited."""
    world = World(total_mbit=80.0)
    viewers = [world.viewer(local=local) for _ in range(2)]
    for _ in range(20):
        world.time.pass_by(0.1)
        world.frame(size=1_000_000)
        for viewer, _ in viewers:
            if viewer.in_flight:
                world.hub.acknowledge(viewer, next(iter(viewer.in_flight)), 0)
    counts = [len(outlet.frames) for _, outlet in viewers]
    if local:
        assert counts == [20, 20]
    else:
        # 2 s at 10 MB/s are 20 images, 10 for each; a burst of 0.1 s comes on top.
        assert sum(counts) in range(18, 24)
        assert abs(counts[0] - counts[1]) <= 1


def test_a_stalled_viewer_is_closed_and_its_frame_let_go() -> None:
    """A viewer that takes no byte for ten seconds is closed with a reason; the memory of its frame is free."""
    world = World()
    viewer, outlet = world.viewer()

    def jam(size: int) -> None:
        outlet.left = size
        world.hub.block(viewer)

    outlet.on_send = jam
    world.time.pass_by(0.1)
    world.frame()
    assert world.hub.pinned.bytes == SIZE
    for _ in range(9):
        world.time.pass_by(1.0)
        world.tick()
    assert outlet.closed is None
    for _ in range(2):
        world.time.pass_by(1.0)
        world.tick()
    assert outlet.closed is not None
    assert outlet.closed[0] == CLOSE_STALLED
    assert "10 s" in outlet.closed[1]
    assert world.hub.pinned.bytes == 0
    assert not world.hub.viewers


def test_a_slow_viewer_that_takes_bytes_is_kept() -> None:
    """Progress counts, not speed."""
    world = World()
    viewer, outlet = world.viewer()

    def jam(size: int) -> None:
        outlet.left = size
        world.hub.block(viewer)

    outlet.on_send = jam
    world.time.pass_by(0.1)
    world.frame()
    for _ in range(60):
        world.time.pass_by(1.0)
        outlet.left -= 1
        world.tick()
    assert outlet.closed is None


def test_unfinished_sends_are_bounded_over_all_viewers() -> None:
    """Over the bound the longest stalled viewer goes; the others are served on."""
    world = World(max_pinned_bytes=2 * SIZE)
    jammed = []
    for index in range(3):
        viewer, outlet = world.viewer(key=Rendition(f"camera {index}", 0, "raw"))
        outlet.left = SIZE
        outlet.on_send = lambda size, viewer=viewer: world.hub.block(viewer)
        jammed.append((viewer, outlet))
    for lane in world.numbers().values():
        world.time.pass_by(0.1)
        world.frame(lane=lane)
    assert [outlet.closed is not None for _, outlet in jammed] == [True, False, False]
    assert world.hub.pinned.bytes == 2 * SIZE


def test_the_same_frame_pinned_twice_counts_once() -> None:
    """Two stalled viewers hold one buffer."""
    world = World()
    for _ in range(2):
        viewer, outlet = world.viewer()
        outlet.left = SIZE
        outlet.on_send = lambda size, viewer=viewer: world.hub.block(viewer)
    world.time.pass_by(0.1)
    world.frame()
    assert world.hub.pinned.bytes == SIZE


def test_without_viewers_nothing_is_wanted() -> None:
    """The last viewer takes the interest with it."""
    world = World()
    viewer, _ = world.viewer(Want())
    assert world.told[-1].everything is True
    world.time.pass_by(0.1)
    world.hub.disconnect(viewer)
    assert world.told[-1].everything is False
    assert world.known == {}


def test_a_hidden_viewer_gets_no_image_and_none_from_that_time() -> None:
    """While hidden nothing is pulled for it; when it looks again it gets only what is received from then on."""
    world = World()
    viewer, outlet = world.viewer()
    other, _ = world.viewer()
    world.hub.set_want(viewer, Want(every=False, hidden=True), None)
    world.time.pass_by(0.1)
    world.frame()
    world.time.pass_by(0.01)
    world.hub.set_want(viewer, Want(every=False), KEY)
    assert outlet.frames == []
    world.hub.acknowledge(other, 1, 0)
    world.time.pass_by(0.1)
    body = world.frame()
    assert outlet.frames == [body]


def test_who_changes_the_channel_gets_the_newest_of_it_at_once() -> None:
    """A lane that others watch has a newest frame, and it was received after this viewer came."""
    world = World()
    viewer, outlet = world.viewer()
    other_key = Rendition("other", 0, "raw")
    world.viewer(key=other_key)
    lane = world.numbers()[other_key]
    world.time.pass_by(0.05)
    body = world.frame(lane=lane)
    world.hub.set_want(viewer, Want(image="other", every=False), other_key)
    world.hub.nothing_newer(lane)
    assert outlet.frames == [body]


def test_after_a_restart_of_the_ingest_everything_is_asked_again() -> None:
    """Interest and pull are repeated, and old credit is forgotten."""
    world = World()
    _, outlet = world.viewer()
    world.time.pass_by(0.1)
    world.frame()
    world.told.clear()
    world.pulls.clear()
    world.restart()
    assert world.known
    assert world.pulls == [world.lane()]
    world.time.pass_by(0.1)
    body = world.frame()
    assert outlet.frames[1:] == [body]


def test_every_row_reaches_a_viewer_whose_images_are_held_back() -> None:
    """The scalar lane does not wait for acknowledgements."""
    world = World()
    _, outlet = world.viewer(Want(every=True))
    for _ in range(10):
        world.time.pass_by(0.1)
        world.hub.publish_scalars(b"rows", world.time.ns(), 10)
    assert len(outlet.frames) == 10


def test_rows_from_before_the_connection_are_not_sent() -> None:
    """A batch that began before the viewer came is not for it, and is no loss."""
    world = World()
    world.time.pass_by(1.0)
    _, outlet = world.viewer(Want(every=True))
    world.time.pass_by(0.05)
    world.hub.publish_scalars(b"old", world.time.ns() - 60_000_000, 10)
    world.time.pass_by(0.1)
    world.hub.publish_scalars(b"new", world.time.ns(), 10)
    assert outlet.frames == [b"new"]
    assert int.from_bytes(outlet.heads[0][-4:], "little") == 0


def test_rows_that_a_viewer_lost_are_counted() -> None:
    """A viewer that falls a megabyte behind loses the oldest rows and is told how many."""
    world = World()
    viewer, outlet = world.viewer(Want(every=True))
    world.hub.block(viewer)
    for _ in range(30):
        world.time.pass_by(0.1)
        world.hub.publish_scalars(bytes(100_000), world.time.ns(), 7)
    assert outlet.frames == []
    world.hub.unblock(viewer)
    lost = [int.from_bytes(head[-4:], "little") for head in outlet.heads]
    assert lost[0] > 0
    assert lost[1:] == [0] * (len(lost) - 1)
    assert lost[0] + 7 * len(outlet.frames) == 30 * 7


def test_a_large_image_to_another_machine_is_announced() -> None:
    """The page would take the connection as lost while an image of megabytes is on its way."""
    world = World()
    _, outlet = world.viewer(local=False)
    world.time.pass_by(0.1)
    world.frame(size=2_000_000)
    assert outlet.sent_json == [{"kind": "sending", "bytes": 2_000_000}]


def test_another_form_is_never_an_older_picture() -> None:
    """A lane that others watch holds a frame from before the picture on screen: it is not for who has seen more."""
    world = World()
    viewer, outlet = world.viewer()
    preview = Rendition(None, 0, "preview")
    other, _ = world.viewer(key=preview)
    numbers = {rendition.encoding: number for rendition, number in world.numbers().items()}
    world.time.pass_by(0.1)
    world.frame(lane=numbers["preview"])
    world.time.pass_by(0.1)
    newest = world.frame(lane=numbers["raw"])
    world.hub.acknowledge(viewer, world.sequence, 1000)
    world.hub.change_rendition(viewer, preview)
    world.hub.nothing_newer(numbers["preview"])
    assert outlet.frames == [newest]


def test_another_form_of_the_same_pulse_is_sent_once_the_first_is_acknowledged() -> None:
    """A new rendition takes no credit away: the frame in flight still counts, and its number is free only then."""
    world = World()
    viewer, outlet = world.viewer()
    world.time.pass_by(0.1)
    world.frame()
    preview = Rendition(None, 0, "preview")
    viewer.window.size = 2
    world.hub.change_rendition(viewer, preview)
    assert len(viewer.in_flight) == 1
    received = int(world.time.now * 1e9)
    world.hub.publish(world.lane(), b"again", world.sequence, received)
    world.hub.nothing_newer(world.lane())
    assert len(outlet.frames) == 1
    world.hub.acknowledge(viewer, world.sequence, 1000)
    assert outlet.frames[1:] == [b"again"]


def test_a_new_lane_may_begin_with_what_is_there_but_not_with_what_is_too_old() -> None:
    """The pull of a lane without a frame says after what: the newest that its viewers may have."""
    world = World()
    viewer, _ = world.viewer()
    assert world.after == viewer.connected
    world.time.pass_by(0.1)
    world.frame()
    received = int(world.time.now * 1e9)
    world.hub.acknowledge(viewer, world.sequence, 1000)
    assert world.after == 0
    world.hub.change_rendition(viewer, Rendition(None, 0, "preview"))
    assert world.after == received - 1


def test_a_paused_viewer_gets_one_image() -> None:
    """After it nothing is pulled, until it plays again; a second pause is one more image."""
    world = World()
    viewer, outlet = world.viewer()
    for count in (1, 2):
        world.hub.set_want(viewer, Want(every=False, paused=True), KEY)
        for _ in range(3):
            world.time.pass_by(0.1)
            world.frame()
            world.hub.acknowledge(viewer, world.sequence, 1000)
            if viewer.in_flight:
                world.hub.acknowledge(viewer, next(iter(viewer.in_flight)), 1000)
        assert len(outlet.frames) == count
        pulls = len(world.pulls)
        world.time.pass_by(1.0)
        assert len(world.pulls) == pulls
        if count == 1:
            world.hub.set_want(viewer, Want(every=False), KEY)
            outlet.frames.clear()
            world.time.pass_by(0.1)
            world.frame()
            world.hub.acknowledge(viewer, world.sequence, 1000)
            assert len(outlet.frames) == 1


def play(world: World, viewer: Viewer, seconds: float, making: float, drawing: float | None) -> int:
    """Answer pulls after the time of making, and frames after that of drawing (None: never); return the frames made."""
    made = 0
    pulled: float | None = None
    sent: float | None = None
    for _ in range(round(seconds * 1000)):
        world.time.pass_by(0.001)
        now = world.time.now
        if world.pulls and pulled is None:
            pulled = now
        if pulled is not None and now - pulled >= making:
            world.pulls.clear()
            pulled = None
            made += 1
            world.frame()
        if not viewer.in_flight:
            sent = None
        elif sent is None:
            sent = now
        elif drawing is not None and now - sent >= drawing:
            sent = None
            world.hub.acknowledge(viewer, next(iter(viewer.in_flight)), 1000)
    return made


def test_what_takes_long_to_make_is_made_ahead() -> None:
    """12 ms to make a frame and 20 to draw it are 20 together, not 32: the next one is made while one is drawn."""
    world = World(max_rate=1000.0)
    world.hub.source_image_rate = 1000.0
    viewer, outlet = world.viewer()
    play(world, viewer, 1.0, 0.012, 0.02)
    outlet.frames.clear()
    made = play(world, viewer, 1.0, 0.012, 0.02)
    assert 42 <= len(outlet.frames) <= 50
    # Not one more than are sent, and none before the viewer is nearly ready: what is sent is as new as it can be.
    assert made <= len(outlet.frames) + 1


def test_nothing_is_made_ahead_for_who_does_not_answer() -> None:
    """Frames that nobody takes are not made: one in flight, one in the slot, and that is all."""
    world = World(max_rate=1000.0)
    viewer, _ = world.viewer()
    play(world, viewer, 1.0, 0.012, 0.02)
    assert play(world, viewer, 5.0, 0.012, None) <= 2


def test_a_viewer_has_time_to_answer_after_an_image_that_took_long() -> None:
    """While bytes were taken nothing could be answered; the last of them lie in the operating system's buffers."""
    world = World()
    viewer, outlet = world.viewer()
    outlet.on_send = lambda size: setattr(outlet, "left", size)
    world.time.pass_by(0.1)
    world.frame()
    assert outlet.left == SIZE
    world.hub.block(viewer)
    for _ in range(40):
        world.time.pass_by(1.0)
        outlet.left -= 20
        world.tick()
    outlet.left = 0
    world.hub.unblock(viewer)
    world.time.pass_by(20.0)
    world.tick()
    assert outlet.closed is None
    world.time.pass_by(20.0)
    world.tick()
    assert outlet.closed == (CLOSE_STALLED, "did not answer for 30 s")


def test_a_viewer_on_a_slow_link_has_time_to_answer() -> None:
    """An image that takes longer than others may be silent is expected to, once the link is measured."""
    world = World()
    viewer, outlet = world.viewer()
    world.time.pass_by(0.1)
    world.frame(size=1000)
    world.time.pass_by(4.0)
    world.hub.acknowledge(viewer, world.sequence, 0)
    world.frame(size=10_000)
    assert len(outlet.frames) == 2
    world.time.pass_by(35.0)
    world.tick()
    assert outlet.closed is None
    world.time.pass_by(40.0)
    world.tick()
    assert outlet.closed == (CLOSE_STALLED, "did not answer for 30 s")


def test_a_status_that_a_viewer_could_not_take_comes_before_the_next_image() -> None:
    """The newest one only; a viewer whose connection is always full would never be told anything."""
    world = World()
    viewer, outlet = world.viewer()
    world.hub.block(viewer)
    viewer.send_status(b'{"number": 1}')
    viewer.send_status(b'{"number": 2}')
    assert outlet.sent_json == []
    world.time.pass_by(0.1)
    world.frame()
    outlet.on_send = lambda size: outlet.sent_json.append({"image": size})
    world.hub.unblock(viewer)
    world.frame()
    assert outlet.sent_json == [{"number": 2}, {"image": SIZE}]
    viewer.send_status(b'{"number": 3}')
    world.hub.unblock(viewer)
    assert outlet.sent_json[2:] == [{"number": 3}]
