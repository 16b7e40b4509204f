"""The window: credit that hides a round trip and never queues, on links that are simulated."""

import itertools
import struct
from collections.abc import Callable
from typing import Any

import pytest

from stream_online_viewer.link.messages import Pull
from stream_online_viewer.protocol.client import Want
from stream_online_viewer.protocol.rendition import Rendition
from stream_online_viewer.web.hub import Hub
from stream_online_viewer.web.viewer import Viewer
from stream_online_viewer.web.window import LEAST_CLEAN_PONGS, TIMES, UNSURE_PONGS, Window
from tests.unit.fake_time import FakeTime

MBIT = 1e6 / 8
DRAWN = 0.008


class FarViewer:
    """The connection to a page at the end of a link, which has one bottleneck and a round trip in seconds.

    The page draws each frame ``drawn`` seconds after it came, and acknowledges then.
    """

    def __init__(self, time: FakeTime, rtt: float, mbit: float, drawn: float = DRAWN) -> None:
        self.time = time
        self.rtt = rtt
        self.per_byte = 1 / (mbit * MBIT)
        self.drawn = drawn
        self.viewer: Any = None
        self.ages: list[float] = []
        self.late_pongs = 0
        self._free_at = 0.0
        self._acknowledge: Callable[[int, int], object] = lambda sequence, drawn_us: None

    def join(self, hub: Hub) -> Viewer:
        viewer = hub.connect(self, self.time.ns(), True, "test")
        self.viewer = viewer
        self._acknowledge = lambda sequence, drawn_us: hub.acknowledge(viewer, sequence, drawn_us)
        hub.set_want(viewer, Want(every=False), Rendition(None, 0, "raw"))
        return viewer

    def send_binary(self, head: bytes, body: Any) -> None:
        sequence, sent = struct.unpack_from("<Qd", body)
        came = self._pass(len(head) + len(body))

        def acknowledge() -> None:
            self.ages.append(came - sent)
            self._acknowledge(sequence, int(self.drawn * 1e6))

        self.time.later(came + self.drawn + self.rtt / 2 - self.time.now, acknowledge)

    def ping(self, clean: bool) -> None:
        assert not (clean and self.viewer is not None and self.viewer.in_flight)
        sent = self.time.now
        back = self._pass(16) + self.rtt / 2
        if self.late_pongs:
            self.late_pongs -= 1
            back += 0.06
        self.time.later(back - sent, lambda: self.viewer.window.pong(back - sent, clean))

    def send_json(self, content: dict[str, Any]) -> None:
        self._pass(100)

    def send_encoded_json(self, text: bytes) -> None:
        self._pass(len(text))

    def unsent(self) -> int:
        return 0

    def keep_unsent(self, size: int) -> None:
        """What is sent is taken at once."""

    def taken(self) -> int:
        return 0

    def close(self, code: int, reason: str) -> None:
        raise AssertionError(reason)

    def _pass(self, size: int) -> float:
        """Return when the last of so many bytes is there."""
        self._free_at = max(self._free_at, self.time.now) + size * self.per_byte
        return self._free_at + self.rtt / 2


class Scene:
    """A camera of some rate and image size, the hub, and one viewer at the end of a link."""

    def __init__(self, rtt_ms: float, mbit: float, size: int, rate: float, late_pongs: int = 0) -> None:
        self.time = FakeTime()
        self._owed: int | None = None
        self._sequence = itertools.count(1)
        self._period, self._size = 1 / rate, size
        self.hub = Hub(
            clock=self.time.clock,
            later=self.time.later,
            send_pull=self._send_pull,
            send_interest=lambda interest: None,
            max_rate=60,
        )
        self.hub.source_image_rate = rate
        self.link = FarViewer(self.time, rtt_ms / 1e3, mbit)
        self.link.late_pongs = late_pongs
        self.viewer = self.link.join(self.hub)
        self._expose()
        self._tick()

    def play(self, seconds: float) -> tuple[float, float]:
        """Let time pass; return images a second, and the largest age of an image when it came."""
        self.link.ages.clear()
        self.time.pass_by(seconds)
        return len(self.link.ages) / seconds, max(self.link.ages)

    def _send_pull(self, pull: Pull) -> None:
        self._owed = pull.lane

    def _expose(self) -> None:
        self.time.later(self._period, self._expose)
        lane, self._owed = self._owed, None
        sequence = next(self._sequence)
        if lane is not None:
            body = struct.pack("<Qd", sequence, self.time.now) + bytes(self._size - 16)
            self.hub.publish(lane, body, sequence, self.time.ns())

    def _tick(self) -> None:
        self.time.later(1.0, self._tick)
        self.hub.count_far_viewers()
        self.hub.look_at(self.viewer)


def settle(window: Window, rtt: float) -> None:
    """Measure the round trip as often as it must be."""
    for _ in range(LEAST_CLEAN_PONGS):
        window.pong(rtt, clean=True)


@pytest.mark.parametrize(
    ("rtt_ms", "mbit", "size", "rate", "window"),
    [
        # A fast link: as many as are drawn within a round trip, at 60 Hz.
        (0, 10_000, 65_000, 100, 1),
        (5, 10_000, 65_000, 100, 2),
        (20, 10_000, 65_000, 100, 3),
        (100, 10_000, 65_000, 100, 4),
        # As many as the camera sends within a round trip.
        (100, 10_000, 65_000, 10, 2),
        (20, 50, 65_000, 100, 3),
        # A full link: more would wait in it.
        (20, 50, 1_000_000, 25, 1),
        (20, 50, 4_000_000, 25, 1),
        (40, 2, 22_000, 25, 1),
        # A full link that is empty during most of the round trip.
        (100, 2, 20_000, 25, 2),
        (400, 2, 20_000, 25, 4),
    ],
)
def test_the_window_fits_the_link(rtt_ms: int, mbit: int, size: int, rate: int, window: int) -> None:
    """It is right after a few images, and stays so, but for a moment now and then in which a full link is measured."""
    scene = Scene(rtt_ms, mbit, size, rate)
    scene.play(max(3.0, 8 * size / (mbit * MBIT)))
    sizes = []
    for _ in range(60):
        scene.play(max(1.0, 3 * size / (mbit * MBIT)))
        sizes.append(scene.viewer.window.size)
    assert set(sizes) <= {1, window}
    assert sizes.count(window) > 50
    assert scene.viewer.window.rtt == pytest.approx(rtt_ms / 1e3, rel=0.1, abs=1e-3)


@pytest.mark.parametrize("size", [5_000, 10_000, 15_000, 20_000, 40_000, 100_000])
@pytest.mark.parametrize("rtt_ms", [0, 20, 40, 100])
def test_images_over_a_full_link_are_no_older_than_two_of_its_periods(rtt_ms: int, size: int) -> None:
    """On 2 Mbit/s: an image is on its way for two frame times and a round trip at most; nothing waits in a queue."""
    scene = Scene(rtt_ms, 2, size, 100)
    scene.play(5)
    rate, age = scene.play(60)
    assert age <= 2 / rate + rtt_ms / 1e3 + 1 / 100


def test_a_link_that_becomes_slow_gets_a_small_window_again() -> None:
    """Three frames hide 20 ms while there is room; on 2 Mbit/s they would be a second of queue."""
    scene = Scene(20, 1000, 65_000, 100)
    scene.play(5)
    assert scene.viewer.window.size == 3
    scene.link.per_byte = 1 / (2 * MBIT)
    scene.play(5)
    assert scene.viewer.window.size == 1
    scene.link.per_byte = 1 / (1000 * MBIT)
    scene.play(5)
    assert scene.viewer.window.size == 3


def test_a_path_that_becomes_longer_is_noticed_though_frames_are_always_on_their_way() -> None:
    """The window goes down to one for a moment, so that a ping finds the link empty."""
    scene = Scene(20, 1000, 65_000, 100)
    scene.play(5)
    scene.link.rtt = 0.06
    scene.play(UNSURE_PONGS + 3)
    assert scene.viewer.window.rtt == pytest.approx(0.06, rel=0.1)
    assert scene.viewer.window.size == 4
    # A shorter one is seen in the first pong.
    scene.link.rtt = 0.005
    scene.play(2)
    assert scene.viewer.window.rtt == pytest.approx(0.005, rel=0.2)
    assert scene.viewer.window.size == 2


def test_the_window_is_not_narrowed_for_a_ping_while_pongs_agree() -> None:
    """On a long link with room pings say the same in any case: nobody has to wait for an empty one."""
    scene = Scene(100, 10_000, 65_000, 100)
    scene.play(5)
    sizes = []
    for _ in range(300):
        scene.play(0.1)
        sizes.append(scene.viewer.window.size)
    assert set(sizes) == {4}


@pytest.mark.parametrize("mbit", [2, 10_000])
def test_pongs_that_were_late_at_the_beginning_do_not_count_for_ever(mbit: int) -> None:
    """A machine that is busy while the page loads: the window is too large at first, on a full link too."""
    scene = Scene(40, mbit, 22_000, 25, late_pongs=2 * LEAST_CLEAN_PONGS)
    scene.play(1)
    scene.play(UNSURE_PONGS + 5)
    rtt, size = scene.viewer.window.rtt, scene.viewer.window.size
    assert rtt == pytest.approx(0.04, rel=0.05)
    assert size == (1 if mbit == 2 else 2)


def test_one_odd_acknowledgement_changes_nothing() -> None:
    """One that comes at once, as if the link took no time, and one that comes very late."""
    window = Window()
    settle(window, 0.04)
    sent = 10.0
    for extra in (0.0,) * TIMES + (-0.12, 0.0, 0.0, 3.0, 0.0, 0.0):
        now = sent + 0.04 + 0.1 + 0.01 + extra
        window.acknowledged(sent, now, 0.01, 20_000, 25)
        assert window.size == 1
        sent = now


def test_a_page_that_says_it_drew_longer_than_it_had_the_frame() -> None:
    """Its own picture is all that it can spoil: the window stays within its bounds."""
    window = Window()
    settle(window, 0.05)
    for number in range(20):
        window.acknowledged(number, number + 0.1, 4000.0, 1000, 25)
    assert window.tx == 0
    assert 1 <= window.size <= 4
    assert window.expected(4_000_000) == 0


def test_frames_that_wait_for_each_other_do_not_make_the_link_slow() -> None:
    """Four at once, acknowledged one after the other: each took a quarter of the time."""
    window = Window()
    settle(window, 0.02)
    for number in range(1, 5):
        window.acknowledged(1.0, 1.0 + 0.02 + 0.1 * number + 0.01, 0.01, 25_000, 25)
    assert window.tx == pytest.approx(0.1)
    assert window.expected(250_000) == pytest.approx(1.0)


def test_the_window_stays_one_until_the_round_trip_is_known() -> None:
    """A single pong may have been late."""
    window = Window()
    for number in range(LEAST_CLEAN_PONGS):
        window.acknowledged(number, number + 0.2, 0.0, 1000, 25)
        assert window.size == 1
        window.pong(0.2, clean=True)
    window.acknowledged(9.0, 9.2, 0.0, 1000, 25)
    assert window.size == 4
