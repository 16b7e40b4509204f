"""One ingest and several web servers over a real NATS server."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import nats
import numpy as np
import pytest

from tests.bus import INGEST_SCRIPT, NAME, Bus, ended, running_bus, running_ingest, running_web
from tests.integration.test_fan_out import collect, live
from tests.live_client import LiveClient
from tests.processes import resident_mb
from tests.server import SCRIPT, ServerProcess
from tests.simulator import running_simulator
from tests.support import deadline, wait_until

SUBJECT = f"sov.{NAME.replace('/', '.')}"


@dataclass
class Cluster:
    """A bus, an ingest and two web servers."""

    bus: Bus
    ingest: ServerProcess
    web: tuple[ServerProcess, ServerProcess]

    def until(self, condition: Callable[[dict[str, Any]], Any], what: str) -> dict[str, Any]:
        """Return the first status of the ingest for which the condition holds."""
        return self.ingest.wait_for_status(lambda status: bool(condition(status)), 10, what)

    def nobody_watches(self) -> None:
        """Wait until no viewer is left anywhere."""
        self.until(lambda status: not any(s["renditions"] or s["viewers"] for s in status["web_servers"]), "nobody")


def take(viewers: Sequence[LiveClient], frames: int) -> None:
    """Let several viewers take so many frames each, in a thread of its own."""

    def watch(viewer: LiveClient) -> None:
        for _ in range(frames):
            viewer.next_frame()

    threads = [threading.Thread(target=watch, args=(viewer,)) for viewer in viewers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Images at 40 Hz."""
    with ExitStack() as stack:
        bus = stack.enter_context(running_bus())
        _, port = stack.enter_context(running_simulator("--rate", "40", "--size", "320x240"))
        ingest = stack.enter_context(running_ingest(port, bus.url))
        web = tuple(stack.enter_context(running_web(bus.url)) for _ in range(2))
        yield Cluster(bus, ingest, (web[0], web[1]))


def test_viewers_of_several_web_servers_get_the_same_frames(cluster: Cluster) -> None:
    """The pulses that two of them have are equal to the byte, and no row of any is lost."""
    one, two = cluster.web
    with live(one, format="raw") as first, live(two, format="raw") as second:
        take((first, second), 40)
    frames = {frame.sequence: frame for frame in first.frames}
    both = [frame for frame in second.frames if frame.sequence in frames]
    assert len(both) >= 5
    for frame in both:
        assert frame.epoch == frames[frame.sequence].epoch
        assert np.array_equal(frame.pixels, frames[frame.sequence].pixels)
    for viewer in (first, second):
        rows = [row.sequence for row in viewer.rows]
        assert rows == list(range(rows[0], rows[-1] + 1))
        assert len(rows) >= 10
        assert viewer.statuses[-1]["source"]["state"] == "receiving"
        assert viewer.hellos[0]["stream"].startswith("tcp://127.0.0.1:")


def test_what_all_want_is_made_once(cluster: Cluster) -> None:
    """Two web servers, four viewers and two renditions: no more frames are made than pulses times renditions."""
    one, two = cluster.web
    cluster.nobody_watches()
    with (
        live(one, format="raw") as a,
        live(two, format="raw") as b,
        live(one, format="bslz4") as c,
        live(two, format="bslz4") as d,
    ):
        collect((a, b, c, d), 0.5)
        before = cluster.until(lambda status: status["ingest"]["renditions"] == 2, "two renditions")
        collect((a, b, c, d), 1.5)
        after = cluster.ingest.status()
    messages = after["source"]["messages"] - before["source"]["messages"]
    made = after["ingest"]["encoded"] - before["ingest"]["encoded"]
    # The counts are of reports that come five times a second.
    assert 10 < made <= 2 * (messages + 10)
    assert {server["viewers"] for server in before["web_servers"]} == {2}


def test_without_viewers_nothing_is_made_nor_published(cluster: Cluster) -> None:
    """The source is received all the time; the first viewer gets a frame that was received after it came."""
    with live(cluster.web[0]) as viewer:
        viewer.next_frame()
    cluster.nobody_watches()
    count = cluster.ingest.status()["source"]["messages"]
    first = cluster.until(lambda status: status["source"]["messages"] > count + 20, "20 messages")
    second = cluster.until(lambda status: status["source"]["messages"] > count + 50, "50 messages")
    for key in ("encoded", "published"):
        assert second["ingest"][key] == first["ingest"][key] > 0
    before = time.time_ns()
    with live(cluster.web[1]) as viewer:
        assert viewer.next_frame().receipt_time >= before


def test_a_viewer_that_holds_the_picture_costs_nothing(cluster: Cluster) -> None:
    """Once it has its exact image, no frame is published for it."""
    cluster.nobody_watches()
    with live(cluster.web[0], paused=True) as viewer:
        viewer.next_frame()
        quiet = [0]

        def nothing_more() -> bool:
            viewer.collect(0.3)
            published = cluster.ingest.status()["ingest"]["published"]
            same, quiet[0] = quiet[0] == published, published
            return same

        wait_until(nothing_more, 10, "nothing is published")


def test_status_and_metrics_tell_of_the_whole(cluster: Cluster) -> None:
    """The ingest knows each web server with its viewers; a web server knows how many there are, and who leads."""
    one, two = cluster.web
    with live(one) as a, live(one) as b, live(two) as c:
        collect((a, b, c), 0.5)
        status = cluster.until(lambda status: status["viewers"] == 3, "three viewers")
        assert sorted(server["viewers"] for server in status["web_servers"]) == [1, 2]
        assert status["role"] == "leads" and status["lease"]["held"]
        bus = one.wait_for_status(lambda status: status["bus"]["viewers"] == 3, 5, "three viewers")["bus"]
        assert bus["servers"] == 2 and bus["connected"] and bus["holder"] == status["lease"]["host"]
        assert bus["lost"] == bus["late"] == 0
        assert f"received on {bus['holder']}; nobody stands by" in a.next_status()["source"]["text"]
        assert 0 < bus["clock_error_us"] < 1e6 * deadline(1)
        wait_until(lambda: a.next_status()["viewers"] == 3, 5, "the page is told of all viewers")
        metrics = cluster.ingest.get("metrics")[1].decode()
        assert "sov_web_server_viewers{" in metrics and "sov_lease_held 1.0" in metrics
        assert "sov_bus_frames_total" in one.get("metrics")[1].decode()
    for server in (cluster.ingest, one, two):
        assert server.get("healthz")[0] == server.get("readyz")[0] == 200


def test_single_images_come_over_the_bus(cluster: Cluster) -> None:
    """Both kinds of files."""
    for path in ("image.png", "image.npy"):
        code, body, _ = cluster.web[0].get(path)
        assert code == 200 and body


def test_garbage_on_the_bus_harms_nobody(cluster: Cluster) -> None:
    """Each kind of subject gets bytes that are no message; they are counted, and the pictures go on."""
    web = cluster.web[0]

    async def throw() -> None:
        connection = await nats.connect(cluster.bus.url)
        frames = await connection.subscribe(f"{SUBJECT}.frame.*")
        subject = (await frames.next_msg(timeout=deadline(5))).subject
        for garbage in (b"", b"x", b"sovB", b"{}", b"[" * 100_000, b"\xff" * 70_000, b'{"kind":"report"}', b"null"):
            for where in ("meta", "want", "rows", "ingest", f"web.{web.status()['bus']['id']}"):
                await connection.publish(f"{SUBJECT}.{where}", garbage)
            await connection.publish(subject, garbage)
        await connection.flush()
        await connection.close()

    with live(web) as viewer:
        viewer.next_frame()
        refused = sum(web.status()["bus"]["refused"].values())
        done = asyncio.new_event_loop()
        try:
            task = done.create_task(throw())
            while not task.done():
                done.run_until_complete(asyncio.wait((task,), timeout=0.05))
                viewer.collect(0.05)
            task.result()
        finally:
            done.close()
        found = web.wait_for_status(lambda s: sum(s["bus"]["refused"].values()) >= refused + 16, 5, "refused")
        assert any(reason.startswith("frame:") for reason in found["bus"]["refused"])
        viewer.next_frame()
    assert cluster.ingest.status()["bus"]["refused"]
    assert cluster.ingest.status()["ingest"]["restarts"] == 0, cluster.ingest.output()


def test_a_restart_of_the_bus_is_a_short_gap(cluster: Cluster) -> None:
    """It is killed and started again: the same ingest goes on in the same epoch, and nothing comes twice."""
    with live(cluster.web[0]) as viewer:
        for _ in range(3):
            viewer.next_frame()
        cluster.bus.kill()
        cluster.bus.start()
        again = time.monotonic()
        seen = len(viewer.frames)
        while viewer.frames[-1].arrived < again or len(viewer.frames) < seen + 10:
            viewer.receive(deadline(10))
    sequences = [frame.sequence for frame in viewer.frames]
    assert sequences == sorted(set(sequences))
    assert len({frame.epoch for frame in viewer.frames}) == 1
    status = cluster.until(lambda status: status["lease"]["held"] and status["bus"]["connected"], "it is held")
    assert status["lease"]["taken"] == 1 and status["ingest"]["restarts"] == 0


def test_the_bus_is_away_for_long(cluster: Cluster) -> None:
    """Pages say so, the source is received on, and everything comes back in the same epoch."""
    web = cluster.web[0]
    with live(web) as viewer:
        epoch = viewer.next_frame().epoch
        memory = [resident_mb(process.pid) for process in (cluster.ingest, web)]
        cluster.bus.kill()
        wait_until(lambda: viewer.next_status()["source"]["state"] == "down", 10, "the page says so", poll=0)
        wait_until(lambda: "nothing listens there" in viewer.next_status()["source"]["text"], 10, "and why", poll=0)
        before = cluster.ingest.status()["source"]["messages"]
        cluster.until(lambda status: status["source"]["messages"] > before + 150, "messages are received on")
        assert web.get("readyz")[0] == cluster.ingest.get("readyz")[0] == 503
        assert web.get("healthz")[0] == 200
        # Nothing is kept for a bus that is away.
        for process, before_mb in zip((cluster.ingest, web), memory, strict=True):
            assert resident_mb(process.pid) < before_mb + 30
        cluster.bus.start()
        again = time.time_ns()
        while viewer.frames[-1].receipt_time < again:
            viewer.receive(deadline(10))
    assert viewer.frames[-1].epoch == epoch


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("tcp://localhost:8888", "--bus", "nats://localhost"), "--bus and --name"),
        (("tcp://localhost:8888", "--bus", "nats://localhost", "--name", "a/b"), "STREAM"),
        (("--bus", "http://user:secret@localhost", "--name", "a/b"), "--bus: this is no address"),
        (("--bus", "nats://localhost", "--name", "A/b"), "--name"),
        (("--bus", "nats://localhost", "--name", "a/b", "--web-processes", "2"), "--web-processes"),
        (("--bus", "tls://localhost", "--name", "a/b", "--bus-ca", "/dev/null"), "--bus-ca"),
        (("--bus", "nats://localhost", "--name", "a/b", "--mode", "pull"), "--mode: with --bus"),
    ],
)
def test_wrong_uses_end_with_one_line(arguments: tuple[str, ...], words: str) -> None:
    """And exit code 2; a password is not repeated."""
    done = ended(arguments, SCRIPT)
    assert done.returncode == 2
    (line,) = done.stderr.strip().splitlines()
    assert words in line and "secret" not in line


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "STREAM is missing"),
        (("--bus", "nats://localhost", "--name", "a/b"), "STREAM is missing"),
        (("tcp://localhost:8888", "--name", "a/b"), "--bus is missing"),
        (("tcp://localhost:8888", "--bus", "nats://localhost"), "--name is missing"),
        (("tcp://localhost", "--bus", "nats://localhost", "--name", "a/b"), "stream"),
        (("tcp://localhost:8888", "--bus", "nats://localhost", "--name", "a/b", "--max-rate", "5"), "--max-rate"),
    ],
)
def test_wrong_uses_of_the_ingest_end_with_one_line(arguments: tuple[str, ...], words: str) -> None:
    """There is no default stream, and options of web servers are none of it."""
    done = ended(arguments, INGEST_SCRIPT)
    assert done.returncode == 2
    (line,) = done.stderr.strip().splitlines()
    assert words in line
