"""Large images travel from the receiving process to the web process in shared memory, whatever happens to whom."""

import contextlib
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.integration.stopped_viewer import stopped_viewer
from tests.live_client import LiveClient
from tests.raw_source import RawSource, channel
from tests.server import ServerProcess, running_server
from tests.simulator import running_simulator
from tests.support import deadline, wait_until

NO_MEMORY = Path(__file__).with_name("no_memory_server.py")
LARGE = ("--size", "1000x750")
"""6 MB: no system takes more than 4 MB into the buffer of a connection."""
STOPPED = 50
LIMITS_LIFTED = ("--total-mbit", "0")


@pytest.fixture
def camera() -> Iterator[int]:
    """The port of a camera with large images."""
    with running_simulator("--rate", "20", "--mode", "pub", *LARGE) as (_, port):
        yield port


def live(server: ServerProcess) -> LiveClient:
    """Connect a viewer of the exact image."""
    return LiveClient(server.url("live", "ws"), format="exact")


def memory(status: dict[str, Any]) -> dict[str, int]:
    """Return what a status says of the memory."""
    found: dict[str, int] = status["ingest"]["memory"]
    return found


def memories(pid: int) -> int:
    """Return how many memories for frames a process has."""
    found = set()
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            if "memfd:frames" in os.readlink(entry):
                found.add(entry.stat().st_ino)
    return len(found)


def test_exact_images_of_all_sizes_arrive_as_they_were_sent() -> None:
    """Large ones in memory, small ones as before, in any order."""
    numbers = np.random.default_rng(1)
    with RawSource() as source, running_server(source.port) as server, live(server) as viewer:
        for side in (64, 1500, 16, 1400, 1600, 65, 1501):
            image = numbers.integers(0, 2**16, (side, side)).astype(np.uint16)
            source.send_until_shown(viewer, channel("image", image))
            while viewer.frames[-1].pixels.shape != image.shape:
                # What was shown is the one before, which was sent more than once.
                viewer.next_frame()
            assert np.array_equal(viewer.frames[-1].pixels, image)
        found = memory(server.wait_for_status(lambda status: memory(status)["stored"] >= 4, 2, "frames in memory"))
        assert found["without_slot"] == found["copied_out"] == 0
        assert found["used"] <= 2


def test_fifty_stopped_viewers_leave_the_memory_to_the_others(camera: int) -> None:
    """Each keeps another image. What they keep is copied out and counted, and the others' images have room again."""
    with (
        running_server(camera, "--mode", "sub", *LIMITS_LIFTED) as server,
        live(server) as healthy,
        contextlib.ExitStack() as stack,
    ):
        healthy.next_frame()
        for _ in range(STOPPED):
            # A newer image for each.
            healthy.next_frame()
            stack.enter_context(stopped_viewer(server))
        server.wait_for_status(
            lambda status: all(viewer["images"] for viewer in status["viewers"]), 5, "all viewers were sent an image"
        )
        status = server.wait_for_status(lambda status: memory(status)["copied_out"] >= 5, 5, "frames are copied out")
        assert status["unsent_bytes"] > 5 * 6e6

        def free_again() -> bool:
            healthy.next_frame()
            found = memory(server.status())
            return 2 * found["used"] <= found["slots"] + 4

        wait_until(free_again, 5, "slots are free", poll=0)
        before = memory(server.status())
        for _ in range(20):
            healthy.next_frame()
        after = memory(server.status())
        assert after["without_slot"] == before["without_slot"]
        assert after["stored"] >= before["stored"] + 15
        assert f"sov_memory_copied_out_total {float(after['copied_out'])}" in server.get("metrics")[1].decode()
        assert server.status()["ingest"]["restarts"] == 0


def test_a_viewer_keeps_what_it_was_sent_by_a_process_that_is_gone(camera: int) -> None:
    """A slow one in the middle of an image: the old memory lives until it has read all, and no longer."""
    with running_server(camera, "--mode", "sub") as server, live(server) as viewer:
        expected = viewer.next_frame()
        with stopped_viewer(server) as slow:
            server.wait_for_status(lambda status: status["unsent_bytes"], 5, "an image is not sent completely")
            (old,) = {server.status()["ingest"]["pid"]}
            assert memories(server.pid) == 1
            os.kill(old, signal.SIGKILL)
            while viewer.next_frame(4).epoch == expected.epoch:
                pass
            assert memories(server.pid) == 2
            size = read_frame(slow)
            assert size > 5e6
        viewer.next_frame()
        wait_until(lambda: memories(server.pid) == 1, 3, "the old memory is gone")
        assert server.status()["ingest"]["restarts"] == 1
    assert "Traceback" not in server.output()


def read_frame(connection: socket.socket) -> int:
    """Read until a whole frame has come; return its bytes. Checks that it is what its envelope says."""
    connection.settimeout(deadline(5))
    data = bytearray()
    while True:
        data += connection.recv(2**20)
        at = data.find(b"\x82\x7f")
        if at >= 0 and len(data) >= at + 10:
            size = int.from_bytes(data[at + 2 : at + 10], "big")
            if len(data) >= at + 10 + size:
                message = data[at + 10 : at + 10 + size]
                assert int.from_bytes(message[:4], "little") == size
                assert message[4] == 1
                return size


def test_without_such_memory_all_works_as_before(camera: int) -> None:
    """Which is said once, also when the receiving process is started again."""
    with running_server(camera, script=NO_MEMORY) as server, live(server) as viewer:
        epoch = viewer.next_frame().epoch
        (pid,) = {server.status()["ingest"]["pid"]}
        os.kill(pid, signal.SIGKILL)
        while viewer.next_frame(4).epoch == epoch:
            pass
        assert set(memory(server.status()).values()) == {0}
        assert server.output().count("memory cannot be shared") == 1
