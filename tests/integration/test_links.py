"""Viewers at the end of slow and long links: a useful picture that is not old, every scalar, and nobody else is slower.

The link is a proxy that delays and limits (tests/slow_link.py); the server is told that its viewers are far away.
"""

import itertools
import socket
import statistics
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.integration.stopped_viewer import stopped_viewer
from tests.link_viewer import Seen, watch
from tests.live_client import LiveClient
from tests.server import running_server
from tests.simulator import running_simulator
from tests.slow_link import QUEUE_BYTES, slow_link
from tests.support import deadline, wait_until

FAR_SERVER = Path(__file__).with_name("far_server.py")
CAMERA = ("--scene", "camera", "--mode", "pub")
RTT_MS = 40
MBIT = 2
MBIT_BYTES = 1e6 / 8


def frame_seconds(seen: Seen) -> float:
    """Return the mean time from image to image."""
    times = [image.at for image in seen.images]
    return statistics.mean(after - before for before, after in itertools.pairwise(times))


@contextmanager
def answering(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that handles each connection with a function, in a thread of its own; gives its port."""

    def serve() -> None:
        while True:
            try:
                connection = listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=handle, args=(connection,), daemon=True).start()

    def handle(connection: socket.socket) -> None:
        with connection:
            try:
                answer(connection)
            except OSError:
                return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


def echo(connection: socket.socket) -> None:
    """Give back what comes."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while data := connection.recv(65536):
        connection.sendall(data)


def flood(connection: socket.socket) -> None:
    """Send without end."""
    while True:
        connection.sendall(bytes(65536))


def round_trip(connection: socket.socket) -> float:
    """Return the seconds that a byte needs to come back."""
    start = time.monotonic()
    connection.sendall(b"x")
    assert connection.recv(1) == b"x"
    return time.monotonic() - start


def test_a_link_delays_what_passes() -> None:
    """There and back together take the round trip, and hardly more."""
    with answering(echo) as port, slow_link(port, rtt=RTT_MS) as link:
        with socket.create_connection(("127.0.0.1", link.port)) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            first = round_trip(connection)
            times = [round_trip(connection) for _ in range(10)]
            assert first >= 2 * RTT_MS / 1e3, "the handshake takes a round trip too"
            assert min(times) >= RTT_MS / 1e3
            assert min(times) < deadline(1.5) * RTT_MS / 1e3
            link.change(rtt=5)
            wait_until(lambda: round_trip(connection) < deadline(0.02), 2, "the link is shorter")


def test_a_link_limits_what_passes() -> None:
    """Its rate, over a second in which the sender has always more, and how much it may hold back in secret."""
    with answering(flood) as port, slow_link(port, down=MBIT) as link:
        with socket.create_connection(("127.0.0.1", link.port)) as connection:
            connection.recv(1)
            start, size = time.monotonic(), 0
            while (passed := time.monotonic() - start) < 1.0:
                size += len(connection.recv(65536))
            assert size <= MBIT * MBIT_BYTES * passed + 20_000
            assert size >= 0.5 * MBIT * MBIT_BYTES


def test_all_connections_share_a_link() -> None:
    """Beside one that fills the queue, another one waits in the same queue, and not longer."""

    def either(connection: socket.socket) -> None:
        (flood if connection.recv(1) == b"f" else echo)(connection)

    with answering(either) as port, slow_link(port, down=MBIT, up=0) as link:
        with (
            socket.create_connection(("127.0.0.1", link.port)) as greedy,
            socket.create_connection(("127.0.0.1", link.port)) as small,
        ):
            greedy.sendall(b"f")
            small.sendall(b"e")
            reader = threading.Thread(target=swallow, args=(greedy,), daemon=True)
            reader.start()
            full = QUEUE_BYTES / (MBIT * MBIT_BYTES)
            wait_until(lambda: round_trip(small) > 0.7 * full, 3, "the queue is full")
            assert min(round_trip(small) for _ in range(3)) < deadline(2 * full)
            greedy.shutdown(socket.SHUT_RDWR)
            reader.join()


def swallow(connection: socket.socket) -> None:
    """Read until the end."""
    try:
        while connection.recv(65536):
            pass
    except OSError:
        return


def test_ends_pass_through_a_link() -> None:
    """Each side learns that the other one has ended, after all that was sent before."""

    def answer_to_all(connection: socket.socket) -> None:
        data = b""
        while more := connection.recv(65536):
            data += more
        connection.sendall(data[::-1])

    with answering(answer_to_all) as port, slow_link(port, rtt=10, down=10) as link:
        with socket.create_connection(("127.0.0.1", link.port)) as connection:
            connection.sendall(b"abc" * 1000)
            connection.shutdown(socket.SHUT_WR)
            answer = b""
            while more := connection.recv(65536):
                answer += more
    assert answer == b"cba" * 1000


@pytest.fixture(scope="module")
def full_link() -> Seen:
    """A viewer of exact images at 25 Hz, of which the link carries about ten a second."""
    with (
        running_simulator(*CAMERA, "--size", "100x100", "--rate", "25") as (_, port),
        running_server(port, script=FAR_SERVER) as server,
        slow_link(server.port, rtt=RTT_MS, down=MBIT) as link,
    ):
        return watch(link.url("live", "ws"), 6.0, 3.0, format="raw")


def test_the_round_trip_of_a_link_that_our_own_images_fill(full_link: Seen) -> None:
    """Pings that wait behind images say nothing of the way, and do not count."""
    measured = [you["rtt_ms"] for you in full_link.you]
    assert len(measured) >= 4
    assert min(measured) >= RTT_MS
    assert statistics.median(measured) < deadline(1.5) * RTT_MS


def test_images_do_not_queue_on_a_full_link(full_link: Seen) -> None:
    """One is on its way, so an image is as old as its transmission takes."""
    assert {you["window"] for you in full_link.you} == {1}
    ages = sorted(image.age for image in full_link.images)
    assert ages[len(ages) * 9 // 10] <= 2 * frame_seconds(full_link)


@pytest.fixture(scope="module")
def far_page() -> tuple[Seen, list[float]]:
    """A viewer of the facility's stream on a slow, long link, whose images the server chooses, and who asks for more.

    Gives what it saw, and the seconds that each of its requests took meanwhile.
    """
    requests: list[float] = []
    with (
        running_simulator("--rate", "25") as (_, port),
        running_server(port, script=FAR_SERVER) as server,
        slow_link(server.port, rtt=RTT_MS, down=MBIT) as link,
    ):
        done = threading.Event()

        def ask() -> None:
            while not done.wait(0.3):
                start = time.monotonic()
                with urllib.request.urlopen(link.url("api/status"), timeout=deadline(10)) as answer:
                    answer.read()
                requests.append(time.monotonic() - start)

        thread = threading.Thread(target=ask)
        thread.start()
        try:
            seen = watch(link.url("live", "ws"), 6.0, 4.0, format="auto", picture=[1200, 900])
        finally:
            done.set()
            thread.join()
    return seen, requests


def test_a_slow_long_link_carries_a_useful_picture(far_page: tuple[Seen, list[float]]) -> None:
    """On 2 Mbit/s and 40 ms: a preview several times a second, less than two of its frame times old when it comes."""
    seen, _ = far_page
    assert {you["choice"] for you in seen.you} == {"preview"}
    assert {you["why"] for you in seen.you} == {"link"}
    assert all(shown.startswith("jpeg") for shown in seen.shown_as)
    assert 1 / frame_seconds(seen) >= 3
    ages = sorted(image.age for image in seen.images)
    assert ages[len(ages) * 9 // 10] < 2 * frame_seconds(seen)


def test_a_slow_long_link_carries_every_scalar(far_page: tuple[Seen, list[float]]) -> None:
    """No row is missing, none is late by more than the image before it."""
    seen, _ = far_page
    assert seen.missing_rows == seen.lost_rows == 0
    assert seen.rows > 100
    assert max(seen.scalar_ages) < deadline(1.0)


def test_a_page_on_a_slow_long_link_is_told_how_things_are(far_page: tuple[Seen, list[float]]) -> None:
    """A message comes all the time, a status every second."""
    seen, _ = far_page
    assert len(seen.you) >= 4
    assert max(seen.gaps) < deadline(1.0)


def test_requests_are_answered_over_a_slow_long_link(far_page: tuple[Seen, list[float]]) -> None:
    """Images do not keep them waiting for more than a second."""
    _, requests = far_page
    assert len(requests) >= 8
    assert max(requests) < deadline(1.0)


def test_full_quality_comes_back_by_itself_and_goes_again() -> None:
    """A slow link gets fast: exact images without a word of the viewer; it gets slow again: previews."""
    with (
        # 49 Mbit a second, which the program in the place of the link has time for on a busy machine too.
        running_simulator("--rate", "10", "--dtype", "uint16") as (_, port),
        running_server(port, script=FAR_SERVER) as server,
        slow_link(server.port, rtt=RTT_MS, down=MBIT) as link,
        LiveClient(link.url("live", "ws"), format="auto", picture=[1200, 900]) as viewer,
    ):
        choices: list[str] = []

        def is_sent(choice: str, exact: bool) -> bool:
            viewer.collect(0.2)
            choices.extend(status["you"]["choice"] for status in viewer.statuses)
            viewer.statuses.clear()
            frames = viewer.frames[-3:]
            viewer.frames[:] = frames
            return choices[-1:] == [choice] and bool(frames) and all(f.image_block["exact"] is exact for f in frames)

        wait_until(lambda: is_sent("preview", False), 15, "previews on the slow link", poll=0)
        link.change(rtt=1, down=1000)
        wait_until(lambda: is_sent("exact", True), 30, "exact images on the fast link", poll=0)
        link.change(rtt=RTT_MS, down=10)
        wait_until(lambda: is_sent("preview", False), 30, "previews again", poll=0)
    shown = [choice for choice, _ in itertools.groupby(choices) if choice is not None]
    assert shown == ["preview", "exact", "preview"]


def test_beside_an_exact_image_that_takes_long_everything_else_is_on_time() -> None:
    """2.2 MB over 2 Mbit/s take nine seconds: rows and status come meanwhile, and what is wanted next is not late."""
    with (
        running_simulator("--rate", "25") as (_, port),
        running_server(port, script=FAR_SERVER) as server,
        slow_link(server.port, rtt=RTT_MS, down=MBIT) as link,
        LiveClient(link.url("live", "ws"), format="exact", picture=[1200, 900], pieces=True) as viewer,
    ):
        first = viewer.next_frame(20)
        ages, statuses = [], len(viewer.statuses)
        end = time.monotonic() + 4
        while time.monotonic() < end:
            if viewer.receive(deadline(2)) == "scalars":
                ages.append(time.time() - (viewer.rows[-1].source_time or 0) / 1e9)
        assert len(viewer.statuses) - statuses >= 3
        assert len(viewer.frames) == 1, "the image did not take long"

        # The exact image goes on under a pause, which the status confirms, and ends for another wish.
        paused = time.monotonic()
        viewer.want(paused=True)
        while viewer.statuses[-1]["you"]["why"] != "pause":
            viewer.receive(deadline(2))
        pause = time.monotonic() - paused
        viewer.next_frame(20)
        assert viewer.frames[-1].sequence > first.sequence
        viewer.want(paused=False)
        while viewer.pieces[-1][0] + viewer.pieces[-1][1] in (0, viewer.pieces[-1][2]):
            viewer.receive(deadline(3))
        wished = time.monotonic()
        viewer.want(format="preview")
        while viewer.frames[-1].image_block["format"] != "jpeg":
            viewer.receive(deadline(3))
        wish = time.monotonic() - wished
        print(f"rows at most {max(ages):.2f} s old, a pause confirmed after {pause:.2f} s, a wish after {wish:.2f} s")
        assert max(ages) < deadline(1)
        assert pause < deadline(1)
        assert wish < deadline(1)
        assert viewer.pieces[-1][3], "the image did not end"


def test_a_slow_viewer_and_a_stopped_one_delay_nobody() -> None:
    """One reads nothing, one has 1 MB/s: the others get as many images as before, the slow one fewer, and not old."""
    camera = running_simulator(*CAMERA, "--size", "320x240", "--rate", "10")
    with camera as (_, port), running_server(port) as server, slow_link(server.port, down=8) as link:
        alone = beside_each_other(*[server.url("live", "ws")] * 4)
        with stopped_viewer(server):
            *beside, slow = beside_each_other(*[server.url("live", "ws")] * 4, link.url("live", "ws"))
    before, after = (statistics.mean(frame_seconds(seen) for seen in some) for some in (alone, beside))
    assert after < 1.3 * before
    assert frame_seconds(slow) > 1.3 * before, "the link was not slow"
    ages = sorted(image.age for image in slow.images)
    assert ages[len(ages) * 9 // 10] <= 2 * frame_seconds(slow)


def beside_each_other(*urls: str) -> list[Seen]:
    """Return what viewers of these URLs see at the same time."""
    seen: list[Seen] = [Seen() for _ in urls]

    def one(number: int, url: str) -> None:
        seen[number] = watch(url, 3.0, 1.0, format="raw")

    threads = [threading.Thread(target=one, args=item) for item in enumerate(urls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seen
