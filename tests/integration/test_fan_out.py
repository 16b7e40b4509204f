"""Many viewers of one stream: the same frames, each at its own pace, none at the expense of another."""

import contextlib
import itertools
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stream_online_viewer.web.viewer import STALL_SECONDS
from tests.integration.stopped_viewer import stopped_viewer
from tests.live_client import Frame, LiveClient
from tests.processes import resident_mb
from tests.raw_source import RawSource, channel
from tests.server import ServerProcess, running_server
from tests.simulator import running_simulator
from tests.support import deadline, wait_until

FAR_SERVER = Path(__file__).with_name("far_server.py")


def live(server: ServerProcess, **want: Any) -> LiveClient:
    """Connect a viewer."""
    return LiveClient(server.url("live", "ws"), **want)


def collect(viewers: Sequence[LiveClient], seconds: float) -> None:
    """Let several viewers take what comes, each in a thread of its own."""
    threads = [threading.Thread(target=viewer.collect, args=(seconds,)) for viewer in viewers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def collect_until(viewers: Sequence[LiveClient], condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Let several viewers take what comes until a condition holds that is to hold within so many seconds."""

    def enough() -> bool:
        collect(viewers, 0.2)
        return condition()

    wait_until(enough, seconds, what, poll=0)


def told(viewer: LiveClient) -> dict[str, Any]:
    """Return what the last status says of the viewer."""
    you: dict[str, Any] = viewer.statuses[-1]["you"] if viewer.statuses else {"rate": 0.0, "mbit": 0.0, "limit": None}
    return you


def rate_of(viewer: LiveClient) -> float:
    """Return the images a second from the first image to the last."""
    return (len(viewer.frames) - 1) / (viewer.frames[-1].arrived - viewer.frames[0].arrived)


def overlap(one: LiveClient, other: LiveClient) -> list[tuple[Frame, Frame]]:
    """Return the frames of the same pulse that two viewers got."""
    frames = {(frame.epoch, frame.sequence): frame for frame in one.frames}
    both = [(frames.get((frame.epoch, frame.sequence)), frame) for frame in other.frames]
    return [(first, second) for first, second in both if first is not None]


def test_twenty_viewers_get_the_same_frames() -> None:
    """Each of 20 viewers gets every frame, from the moment when all of them are connected."""
    camera = running_simulator("--rate", "2", "--size", "64x48")
    with camera as (_, port), running_server(port) as server, contextlib.ExitStack() as stack:
        viewers = [stack.enter_context(live(server)) for _ in range(20)]
        collect_until(viewers, lambda: all(len(viewer.frames) > 1 for viewer in viewers), 5, "all take part")
        # The first frame of each waited until all were connected; with the second one all of them take part.
        first = max(viewer.frames[1].sequence for viewer in viewers)
        last = first + 5
        enough = "each has the last frame"
        collect_until(viewers, lambda: all(viewer.frames[-1].sequence >= last for viewer in viewers), 10, enough)
    for viewer in viewers:
        got = [frame.sequence for frame in viewer.frames if first <= frame.sequence <= last]
        assert got == list(range(first, last + 1))
        assert viewer.lost_rows == 0


def test_pixels_of_a_pulse_are_the_same_for_every_viewer() -> None:
    """At 100 Hz viewers skip frames, each others; where two have the same pulse it is equal, in any format."""
    with (
        running_simulator("--rate", "100") as (_, port),
        running_server(port) as server,
        live(server, format="raw") as one,
        live(server, format="raw") as two,
        live(server, format="bslz4") as three,
    ):
        pairs = list(itertools.combinations((one, two, three), 2))
        enough = "each two have three frames of the same pulse"
        collect_until((one, two, three), lambda: all(len(overlap(*pair)) >= 3 for pair in pairs), 10, enough)
    assert {frame.image_block["format"] for frame in three.frames} == {"bslz4"}
    for pair in pairs:
        for frame, other in overlap(*pair):
            assert frame.pulse_id == other.pulse_id
            assert np.array_equal(frame.pixels, other.pixels)


@dataclass
class Scene:
    """What happened while one of four viewers read nothing."""

    intervals_before: list[float] = field(default_factory=list)
    intervals_beside: list[float] = field(default_factory=list)
    closed_after: float = 0.0
    memory_mb: list[float] = field(default_factory=list)
    unsent_bytes: int = 0
    status: dict[str, Any] = field(default_factory=dict)
    output: str = ""


@pytest.fixture(scope="module")
def scene() -> Scene:
    """Three viewers of 2560 x 2160 uint16 images at 2 Hz, then a fourth one that reads nothing, until it is closed."""
    found = Scene()
    # So few that also a slow machine has time for all of them.
    camera = running_simulator("--scene", "camera", "--size", "2560x2160", "--rate", "2", "--mode", "pub")
    with camera as (_, port), running_server(port) as server, contextlib.ExitStack() as stack:
        viewers = [stack.enter_context(live(server, format="raw")) for _ in range(3)]
        collect_until(viewers, lambda: all(len(viewer.frames) > 4 for viewer in viewers), 10, "all get images")
        found.memory_mb.append(resident_mb(server.pid))
        found.intervals_before = intervals(viewers)
        with stopped_viewer(server):
            start = time.monotonic()
            done = threading.Event()

            def beside(viewer: LiveClient) -> None:
                while not done.is_set():
                    viewer.collect(0.2)

            threads = [threading.Thread(target=beside, args=(viewer,)) for viewer in viewers]
            for viewer in viewers:
                viewer.frames.clear()
            for thread in threads:
                thread.start()
            try:
                stalled = server.wait_for_status(lambda status: status["unsent_bytes"], 5, "a send does not finish")
                found.unsent_bytes = stalled["unsent_bytes"]
                server.wait_for_status(lambda status: status["closed_stalled"], 20, "the viewer is closed")
                found.closed_after = time.monotonic() - start
            finally:
                done.set()
                for thread in threads:
                    thread.join()
            found.intervals_beside = intervals(viewers)
        server.wait_for_status(lambda status: len(status["viewers"]) == 3, 2, "three viewers are left")

        def nothing_unsent() -> bool:
            # A frame may be on its way to one of the three at any moment, but not at every moment.
            collect(viewers, 0.1)
            found.status = server.status()
            return found.status["unsent_bytes"] == 0

        wait_until(nothing_unsent, 5, "no send is unfinished", poll=0)
        collect(viewers, 1.0)
        found.memory_mb.append(resident_mb(server.pid))
        found.output = server.output()
    return found


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    """A server on a stream of small images at 50 Hz."""
    with running_simulator("--rate", "50", "--size", "64x48") as (_, port), running_server(port) as server:
        yield server


def intervals(viewers: Sequence[LiveClient]) -> list[float]:
    """Return the seconds between the frames of each viewer, and forget the pixels."""
    result: list[float] = []
    for viewer in viewers:
        times = [frame.arrived for frame in viewer.frames]
        viewer.frames.clear()
        result += [after - before for before, after in itertools.pairwise(times)]
    return result


def test_a_viewer_that_reads_nothing_delays_no_other(scene: Scene) -> None:
    """Beside it the others get as many frames as before."""
    before, beside = (statistics.mean(found) for found in (scene.intervals_before, scene.intervals_beside))
    assert beside < 1.3 * before
    assert max(scene.intervals_beside) < deadline(1.0)


def test_a_viewer_that_reads_nothing_is_closed_with_a_reason(scene: Scene) -> None:
    """After 10 s it is closed; the log says why, the status counts it."""
    assert 10 <= scene.closed_after < deadline(13)
    assert scene.status["closed_stalled"] == 1
    assert "closed: it took no data for 10 s" in scene.output


def test_memory_of_a_viewer_that_reads_nothing_comes_back(scene: Scene) -> None:
    """One frame is pinned by the unfinished send and counted; it is given back when the viewer is gone."""
    assert 11e6 < scene.unsent_bytes < 23e6
    assert scene.status["unsent_bytes"] == 0
    before, after = scene.memory_mb
    assert after < before + 30


def test_a_server_gives_each_viewer_at_most_the_largest_rate() -> None:
    """`--max-rate 5` on a stream of 100 Hz: each viewer gets 5 images a second, and is told what holds them back."""
    with (
        running_simulator("--rate", "100", "--size", "64x48") as (_, port),
        running_server(port, "--max-rate", "5") as server,
        live(server) as one,
        live(server) as two,
    ):
        viewers = (one, two)
        # The rate that is told is of two seconds: of less, in the beginning, the first image makes it more.
        reached = "both get 5 images a second and are told so"
        collect_until(viewers, lambda: all(abs(told(viewer)["rate"] - 5) < 0.3 for viewer in viewers), 10, reached)
    for viewer in viewers:
        assert rate_of(viewer) < 5 * 1.2
        assert viewer.hellos[0]["limits"]["max_rate"] == 5
        assert told(viewer)["limit"] == "rate"
        # Of the images that came, most were replaced by newer ones; how many come is the machine's business.
        assert viewer.statuses[-1]["source"]["replaced"] > viewer.statuses[-1]["source"]["messages"] / 2


def test_a_viewer_may_want_fewer_images(server: ServerProcess) -> None:
    """`rate` in what a viewer wants holds for it alone, and not for its scalars."""
    with live(server, rate=2) as modest, live(server) as other:

        def between() -> int:
            before, last = modest.frames[-2:]
            return sum(before.pulse_id < frame.pulse_id < last.pulse_id for frame in other.frames)

        def enough() -> bool:
            return len(modest.frames) >= 8 and between() > 5 and len(modest.rows) > 60

        collect_until((modest, other), enough, 10, "one gets few images and all scalars, the other more images")
        # What the other one got and this one did not is counted, with each frame and in the status.
        assert modest.frames[-1].skipped >= between()
        collect_until((modest,), lambda: told(modest)["not_sent"] > 20, 10, "it is told what it did not get")
    assert rate_of(modest) < 2 * 1.4
    assert len(other.frames) > 2 * len(modest.frames)
    pulses = [row.pulse_id for row in modest.rows]
    assert pulses == list(range(pulses[0], pulses[0] + len(pulses)))


def test_the_bandwidth_of_one_viewer_is_limited() -> None:
    """`--viewer-mbit 8` holds images back, never scalars; the viewer is told."""
    with (
        running_simulator("--rate", "100", "--size", "100x125", "--dtype", "float64") as (_, port),
        running_server(port, "--viewer-mbit", "8") as server,
        live(server) as viewer,
    ):

        def reached() -> bool:
            return len(viewer.rows) > 150 and told(viewer)["mbit"] == pytest.approx(8, rel=0.3)

        collect_until((viewer,), reached, 10, "it gets what it may, is told so, and has rows")
    # An image is 100 kB, 0.8 Mbit, so that 10 of them fit into a second.
    assert rate_of(viewer) < 10 * 1.2
    assert told(viewer)["limit"] == "bandwidth"
    assert viewer.lost_rows == 0


def test_the_bandwidth_of_all_viewers_is_shared_fairly() -> None:
    """`--total-mbit 16`: two viewers on other machines get half of it each."""
    with (
        running_simulator("--rate", "100", "--size", "100x125", "--dtype", "float64") as (_, port),
        running_server(port, "--total-mbit", "16", script=FAR_SERVER) as server,
        live(server, format="raw") as one,
        live(server, format="raw") as two,
    ):
        viewers = (one, two)

        def reached() -> bool:
            return all(told(viewer)["mbit"] == pytest.approx(8, rel=0.25) for viewer in viewers)

        # What is told is of two seconds, and in the first ones there was one viewer only.
        collect_until(viewers, reached, 10, "each gets half")
    for viewer in viewers:
        assert viewer.hellos[0]["limits"]["loopback"] is False


def test_a_large_image_to_another_machine_is_announced() -> None:
    """Before an image that may take long the viewer is told how large it is, so that it does not give up meanwhile."""
    with (
        running_simulator("--scene", "camera", "--size", "2560x2160", "--rate", "5") as (_, port),
        running_server(port, script=FAR_SERVER) as server,
        live(server, format="raw") as viewer,
    ):
        kinds = []
        while not viewer.frames:
            kinds.append(viewer.receive(deadline(5)))
    (notice,) = viewer.others
    assert kinds[-2:] == ["sending", "frame"]
    assert notice["bytes"] == pytest.approx(viewer.frames[0].bytes, abs=16)


def test_viewers_on_the_loopback_interface_are_not_limited_together() -> None:
    """The same limit leaves viewers of this machine alone."""
    with (
        running_simulator("--rate", "50", "--size", "100x125", "--dtype", "float64") as (_, port),
        running_server(port, "--total-mbit", "4") as server,
        live(server, format="raw") as viewer,
    ):
        # An image has 0.8 Mbit, so that 5 of them would fit into a second.
        more = "it gets more than the limit"
        collect_until((viewer,), lambda: told(viewer)["mbit"] > 2 * 4, 10, more)
    assert viewer.hellos[0]["limits"]["loopback"] is True


def test_a_viewer_that_never_acknowledges_gets_one_frame() -> None:
    """One frame is in flight, and no second one; the scalars go on. A late acknowledgement brings the newest frame."""
    image = np.zeros((4, 6), np.uint16)
    with RawSource() as source, running_server(source.port) as server, live(server, acknowledge=False) as viewer:
        first = source.send_until_shown(viewer, channel("image", image))
        for number in range(1, 60):
            newest = source.send(channel("image", image + number), channel("number", np.int32(number)))
        while not viewer.rows or viewer.rows[-1].pulse_id < newest:
            viewer.receive(deadline(2))
        assert [frame.pulse_id for frame in viewer.frames] == [first.pulse_id]
        viewer.ack(first.sequence, drawn_us=2_000_000)
        second = viewer.next_frame()
        assert second.pulse_id == newest
        assert second.image[0, 0] == 59


def test_an_acknowledgement_of_nothing_brings_nothing(server: ServerProcess) -> None:
    """Only the frame that is in flight can be acknowledged, and only once."""
    with live(server, acknowledge=False) as viewer:
        first = viewer.next_frame()
        for sequence in (0, first.sequence + 1, 2**64 - 1):
            viewer.ack(sequence)
        viewer.collect(0.3)
        assert len(viewer.frames) == 1
        viewer.ack(first.sequence)
        viewer.ack(first.sequence)
        viewer.collect(0.3)
        assert len(viewer.frames) == 2


def test_a_hidden_viewer_gets_no_images(server: ServerProcess) -> None:
    """`hidden` ends the images, not the scalars; afterwards only what is received from then on is shown."""
    with live(server) as viewer:
        viewer.next_frame()
        viewer.want(hidden=True)
        server.wait_for_status(lambda status: [v["hidden"] for v in status["viewers"]] == [True], 2, "hidden")
        viewer.collect(0.2)
        count, rows = len(viewer.frames), len(viewer.rows)
        collect_until((viewer,), lambda: len(viewer.rows) > rows + 10, 5, "scalars come")
        assert len(viewer.frames) == count
        before = time.time_ns()
        viewer.want(hidden=False)
        assert viewer.next_frame().receipt_time >= before


def test_without_scalars_wanted_none_come(server: ServerProcess) -> None:
    """`every: false` leaves the scalars that come with the image."""
    with live(server, every=False) as viewer:
        viewer.next_frame()
        viewer.collect(0.7)
    assert viewer.rows == []
    assert viewer.frames[0].row.values["repetition_rate"] == 100


def test_a_slow_viewer_that_takes_bytes_all_the_time_goes_on() -> None:
    """It needs minutes for what the kernel has taken of an image; only one that takes nothing for 10 s is closed."""
    image = channel("image", np.random.default_rng(1).integers(0, 2**16, (2048, 2048)).astype(np.uint16))
    with RawSource() as source, running_server(source.port) as server, stopped_viewer(server) as slow:
        end, taken = time.monotonic() + STALL_SECONDS + 4, 0
        slow.settimeout(0.2)
        while time.monotonic() < end:
            source.send(image)
            with contextlib.suppress(TimeoutError):
                taken += len(slow.recv(2048))
            time.sleep(0.1)
        assert taken > 20_000
        assert server.status()["viewers"]
