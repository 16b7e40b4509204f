"""The facility's rules for its stream viewers, one after the other, with a real source and a real server."""

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.held_source import HeldSource
from tests.live_client import LiveClient
from tests.raw_source import Part, RawSource, channel
from tests.server import SCRIPT, ServerProcess, running_server
from tests.simulator import running_simulator
from tests.support import deadline

SLOW_ENCODER = Path(__file__).with_name("slow_encoder_server.py")
JOINS = 5


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    """A server on the facility's stream at 50 Hz."""
    with running_simulator("--rate", "50") as (_, port), running_server(port) as server:
        yield server


def live(server: ServerProcess, **want: Any) -> LiveClient:
    """Connect a viewer."""
    return LiveClient(server.url("live", "ws"), **want)


def small_image(pulse_id: int) -> Part:
    """Return an image that tells its pulse id."""
    return channel("image", np.full((6, 8), pulse_id, np.uint32))


def test_one_stream_for_each_server() -> None:
    """A server takes the address of one stream; a second one is refused."""
    command = [sys.executable, str(SCRIPT), "tcp://localhost:8888", "tcp://localhost:8889"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=deadline(10), check=False)
    assert ended.returncode == 2
    assert ended.stderr.strip().endswith("unrecognized arguments: tcp://localhost:8889")


def test_every_viewer_is_told_the_one_stream(server: ServerProcess) -> None:
    """The first message to each viewer names the stream, and so does the status."""
    with live(server) as one, live(server) as two:
        one.next_frame()
        two.next_frame()
    assert one.hellos[0]["stream"] == two.hellos[0]["stream"] == server.status()["stream"]


def test_several_viewers_see_the_stream_at_the_same_time(server: ServerProcess) -> None:
    """Two viewers get the same pulses, while both are connected."""
    with live(server) as one, live(server) as two:
        for _ in range(30):
            one.next_frame()
            two.next_frame()
    assert {frame.pulse_id for frame in one.frames} & {frame.pulse_id for frame in two.frames}


def test_always_draining_also_without_a_viewer() -> None:
    """Without any viewer the server takes every message of a PUSH source, at once."""
    with RawSource() as source, running_server(source.port) as server:
        for _ in range(500):
            source.send(small_image(0))
        status = server.wait_for_status(lambda status: status["source"]["messages"] == 500, 3, "500 messages taken")
        assert status["source"]["lost"] == 0


def test_without_viewers_every_message_is_discarded_undecoded() -> None:
    """Nothing is decoded before the first viewer comes nor after the last one left; nothing is even taken apart."""
    with running_simulator("--rate", "100", "--size", "64x48") as (_, port), running_server(port) as server:
        status = server.wait_for_status(lambda status: status["source"]["messages"] > 50, 5, "50 messages")
        assert status["ingest"]["encoded"] == 0
        assert status["images"] == []
        with live(server) as viewer:
            viewer.next_frame()
        before = server.wait_for_status(lambda status: status["viewers"] == [], 2, "the viewer is gone")
        # The count is a report of every 0.2 s: let the one pass that may still tell of the viewer.
        passed = before["source"]["messages"] + 50
        first = server.wait_for_status(lambda status: status["source"]["messages"] > passed, 5, "50 messages")
        second = server.wait_for_status(lambda status: status["source"]["messages"] > passed + 50, 5, "50 messages")
        assert first["ingest"]["encoded"] == second["ingest"]["encoded"] > 0


@pytest.fixture(scope="module")
def source() -> Iterator[HeldSource]:
    """A camera that can be held."""
    with HeldSource() as source:
        yield source


@pytest.fixture(scope="module")
def holdable(source: HeldSource) -> Iterator[ServerProcess]:
    """A server on it."""
    with running_server(source.port) as server:
        yield server


def joined_while_held(source: HeldSource, server: ServerProcess) -> tuple[LiveClient, int, int]:
    """Return a viewer that came when all that was sent had been received, the last pulse of that, and when it came."""
    last = source.hold()
    server.wait_for_status(lambda status: status["source"]["messages"] == last, 5, "all that was sent is received")
    before = time.time_ns()
    return live(server), last, before


def assert_nothing_from_before(source: HeldSource, server: ServerProcess, other: LiveClient) -> None:
    """Connect viewers at different moments and look at the first frame of each."""
    for _ in range(JOINS):
        other.next_frame()
        before = time.time_ns()
        with live(server) as late:
            first = late.next_frame()
        assert first.receipt_time >= before
        assert first.pulse_id > other.frames[-1].pulse_id
        late, last, before = joined_while_held(source, server)
        with late:
            source.go_on()
            first = late.next_frame()
        assert first.pulse_id > last
        # The source's clock is this machine's too.
        assert first.receipt_time >= before and first.source_time is not None and first.source_time >= before


def test_a_viewer_gets_nothing_from_before_its_connection(source: HeldSource, holdable: ServerProcess) -> None:
    """The first frame of a late joiner was received after it connected, though others watch already."""
    with live(holdable) as other:
        assert_nothing_from_before(source, holdable, other)


def test_a_viewer_gets_nothing_from_before_its_connection_from_a_slow_encoder() -> None:
    """The same with 200 ms for each frame: the frame that is being encoded when a viewer connects is not for it."""
    with HeldSource() as source, running_server(source.port, script=SLOW_ENCODER) as server, live(server) as other:
        assert_nothing_from_before(source, server, other)
        ages = [other.next_frame().server_us * 1e-6 for _ in range(5)]
    assert statistics.median(ages) >= 0.2, "the encoder was not slow"


def test_a_viewer_gets_no_scalars_from_before_its_connection(source: HeldSource, holdable: ServerProcess) -> None:
    """The scalars of every pulse begin after the connection as well, and not with a batch that was begun before."""
    with live(holdable) as other:
        for _ in range(JOINS):
            other.next_frame()
            late, last, before = joined_while_held(source, holdable)
            with late:
                source.go_on()
                while not late.rows:
                    late.receive(deadline(2))
            assert min(row.pulse_id for row in late.rows) > last
            assert min(row.source_time or 0 for row in late.rows) >= before


def test_the_newest_frame_or_none() -> None:
    """A viewer that looks rarely gets what the camera sends now, not what has piled up."""
    with RawSource() as source, running_server(source.port) as server, live(server, acknowledge=False) as viewer:
        shown = source.send_until_shown(viewer, small_image(1))
        for number in range(2, 100):
            newest = source.send(small_image(number))
        server.wait_for_status(lambda status: status["source"]["messages"] == newest, 3, "all messages taken")
        viewer.ack(shown.sequence)
        assert viewer.next_frame().pulse_id == newest
        assert viewer.frames[-1].image[0, 0] == 99


def test_image_and_metadata_are_of_the_same_pulse(server: ServerProcess) -> None:
    """What belongs to an image comes in the same frame, and agrees with its pixels."""
    with live(server, format="exact") as viewer:
        for _ in range(20):
            frame = viewer.next_frame()
            image, values = frame.image, frame.row.values
            assert frame.row.pulse_id == frame.pulse_id
            assert frame.row.sequence == frame.sequence
            assert (values["image_size_x"], values["image_size_y"]) == (640, 480) == image.shape[::-1]
            assert np.array_equal(frame.arrays["image_profile_x"], image.sum(axis=0))
            assert np.array_equal(frame.arrays["image_profile_y"], image.sum(axis=1))
            assert 5 <= values["beam_energy"] <= 5.5
            assert values["repetition_rate"] == 100
        assert len({frame.arrays["image_profile_x"].tobytes() for frame in viewer.frames}) == 20


def test_a_frame_carries_the_times_of_its_pulse(server: ServerProcess) -> None:
    """The source's own time of the pulse, and when the server received it; the two are not mixed."""
    with live(server) as viewer:
        before = time.time_ns()
        for _ in range(5):
            frame = viewer.next_frame()
            now = time.time_ns()
            assert before <= frame.receipt_time <= now
            assert frame.source_time is not None and frame.source_time == frame.row.source_time
            assert 0 < frame.receipt_time - frame.source_time < deadline(0.5) * 1e9
            assert 0 < frame.server_us < (now - frame.receipt_time) // 1000 + 1000


def test_the_scalars_of_a_frame_are_those_of_its_pulse_in_the_scalar_lane(server: ServerProcess) -> None:
    """The two lanes tell the same of each pulse."""
    with live(server) as viewer:
        for _ in range(30):
            viewer.next_frame()
        shown = {frame.pulse_id: frame.row.values for frame in viewer.frames}
        while viewer.rows[-1].pulse_id < max(shown):
            viewer.receive(deadline(2))
    every = {row.pulse_id: row.values for row in viewer.rows}
    assert all(every[pulse_id] == values for pulse_id, values in shown.items())
