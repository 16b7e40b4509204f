"""Many viewers of one stream: the same frames, each at its own pace, none at the expense of another."""

import contextlib
import itertools
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stream_online_viewer.web.viewer import STALL_SECONDS
from tests.integration.stopped_viewer import stopped_viewer
from tests.live_client import LiveClient
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


def is_told_5_hz(viewer: LiveClient) -> bool:
    """Return whether the next status tells the viewer that it gets 5 images a second."""
    return abs(viewer.next_status()["you"]["rate"] - 5) < 0.3


def test_twenty_viewers_get_the_same_frames() -> None:
    """At 5 Hz each of 20 viewers gets every frame, from the moment when all of them are connected."""
    camera = running_simulator("--rate", "5", "--size", "320x240")
    with camera as (_, port), running_server(port) as server, contextlib.ExitStack() as stack:
        viewers = [stack.enter_context(live(server)) for _ in range(20)]
        collect(viewers, 2.5)
    # The first frame of each waited until all were connected; with the second one all of them take part.
    first = max(viewer.frames[1].sequence for viewer in viewers)
    last = min(viewer.frames[-1].sequence for viewer in viewers)
    assert last - first >= 5
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
        collect((one, two, three), 1.5)
    assert {frame.image_block["format"] for frame in three.frames} == {"bslz4"}
    for first, second in itertools.combinations((one, two, three), 2):
        images = {(frame.epoch, frame.sequence): frame for frame in first.frames}
        both = [frame for frame in second.frames if (frame.epoch, frame.sequence) in images]
        assert len(both) >= 3
        for frame in both:
            other = images[frame.epoch, frame.sequence]
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
    """Three viewers of 2560 x 2160 uint16 images at 5 Hz, then a fourth one that reads nothing, until it is closed."""
    found = Scene()
    camera = running_simulator("--scene", "camera", "--size", "2560x2160", "--rate", "5", "--mode", "pub")
    with camera as (_, port), running_server(port) as server, contextlib.ExitStack() as stack:
        viewers = [stack.enter_context(live(server, format="raw")) for _ in range(3)]
        collect(viewers, 2.0)
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
        collect((one, two), 2.2)
        # The rate that is told is of two seconds: of less, in the beginning, the first image makes it more.
        for viewer in (one, two):
            wait_until(partial(is_told_5_hz, viewer), 10, "the rate is told")
    for viewer in (one, two):
        rate = (len(viewer.frames) - 1) / (viewer.frames[-1].arrived - viewer.frames[0].arrived)
        assert rate == pytest.approx(5, rel=0.2)
        assert viewer.hellos[0]["limits"]["max_rate"] == 5
        assert viewer.statuses[-1]["you"]["limit"] == "rate"
        # Of the images that came, most were replaced by newer ones; how many come is the machine's business.
        assert viewer.statuses[-1]["source"]["replaced"] > viewer.statuses[-1]["source"]["messages"] / 2


def test_a_viewer_may_want_fewer_images(server: ServerProcess) -> None:
    """`rate` in what a viewer wants holds for it alone, and not for its scalars."""
    with live(server, rate=2) as modest, live(server) as other:
        collect((modest, other), 2.0)
    assert 4 <= len(modest.frames) <= 5
    assert len(other.frames) > 60
    # What the other one got and this one did not is counted, in the status and with each frame.
    assert modest.statuses[-1]["you"]["not_sent"] > 20
    before, last = modest.frames[-2:]
    between = sum(before.pulse_id < frame.pulse_id < last.pulse_id for frame in other.frames)
    assert last.skipped >= between > 5
    pulses = [row.pulse_id for row in modest.rows]
    assert pulses == list(range(pulses[0], pulses[0] + len(pulses)))
    assert len(pulses) > 60


def test_the_bandwidth_of_one_viewer_is_limited() -> None:
    """`--viewer-mbit 8` holds images back, never scalars; the viewer is told."""
    with (
        running_simulator("--rate", "100", "--size", "100x125", "--dtype", "float64") as (_, port),
        running_server(port, "--viewer-mbit", "8") as server,
        live(server) as viewer,
    ):
        collect((viewer,), 2.2)
    # An image is 100 kB, 0.8 Mbit, so that 10 of them fit into a second.
    seconds = viewer.frames[-1].arrived - viewer.frames[0].arrived
    assert (len(viewer.frames) - 1) / seconds == pytest.approx(10, rel=0.2)
    assert viewer.statuses[-1]["you"]["limit"] == "bandwidth"
    assert viewer.statuses[-1]["you"]["mbit"] == pytest.approx(8, rel=0.3)
    assert viewer.lost_rows == 0
    assert len(viewer.rows) > 150


def test_the_bandwidth_of_all_viewers_is_shared_fairly() -> None:
    """`--total-mbit 16`: two viewers on other machines get half of it each."""
    with (
        running_simulator("--rate", "100", "--size", "100x125", "--dtype", "float64") as (_, port),
        running_server(port, "--total-mbit", "16", script=FAR_SERVER) as server,
        live(server, format="raw") as one,
        live(server, format="raw") as two,
    ):
        collect((one, two), 2.2)
    for viewer in (one, two):
        seconds = viewer.frames[-1].arrived - viewer.frames[0].arrived
        assert (len(viewer.frames) - 1) / seconds == pytest.approx(10, rel=0.25)
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
        collect((viewer,), 1.5)
    assert viewer.hellos[0]["limits"]["loopback"] is True
    assert len(viewer.frames) > 40


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
        viewer.collect(0.5)
        assert len(viewer.frames) == count
        assert len(viewer.rows) > rows + 10
        before = time.time_ns()
        viewer.want(hidden=False)
        assert viewer.next_frame().receipt_time >= before


def test_without_scalars_wanted_none_come(server: ServerProcess) -> None:
    """`every: false` leaves the scalars that come with the image."""
    with live(server, every=False) as viewer:
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
