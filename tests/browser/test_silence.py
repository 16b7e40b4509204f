"""A picture that is old says so: the veil when nothing comes, what it tells, and how the page recovers."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from tests.browser.steady_source import SteadySource
from tests.browser.viewer_page import ViewerPage
from tests.raw_source import Part, channel
from tests.server import ServerProcess, running_server
from tests.simulator import running_simulator
from tests.support import CI, wait_until

LATEST_MS = 4500 if CI else 1500
"""Silence is said after a second; the page looks ten times a second."""


def image_and_scalar(pulse_id: int) -> list[Any]:
    """Return the channels of a message with an image."""
    return [channel("image", np.full((6, 8), pulse_id, np.uint32)), *scalar_only(pulse_id)]


def scalar_only(pulse_id: int) -> list[Part]:
    """Return the channels of a message without one."""
    return [channel("counter", np.int32(pulse_id))]


@pytest.fixture(scope="module")
def source() -> Iterator[SteadySource]:
    """A source at 10 Hz."""
    with SteadySource(image_and_scalar, rate=10) as source:
        yield source


@pytest.fixture
def viewer(page: Page, server: ServerProcess, source: SteadySource) -> Iterator[ViewerPage]:
    """The page of that server, playing; afterwards the source sends again, as before."""
    viewer = ViewerPage(page).open(server)
    viewer.wait_until_playing()
    yield viewer
    source.make = image_and_scalar
    source.resume()


def seconds_of(text: str) -> float:
    """Return the number of seconds in a text as "for 12 s, since ..." or "12.3 s"."""
    return float(re.search(r"([\d.]+) s", text)[1])


def test_the_veil_comes_when_the_stream_stops(viewer: ViewerPage, source: SteadySource) -> None:
    """A 10 Hz stream stops: after a second, and not much more, a veil over the picture says that it is silent."""
    viewer.wait_for_frames(10)
    viewer.watch_veil()
    source.pause()
    text = viewer.wait_for_veil("silent", "Stream silent")
    # One sentence, whether the page or the server is the first to say it.
    sentence = f"The connection to tcp://127.0.0.1:{source.port} stands, but no message comes."
    assert text.count(sentence) == 1
    viewer.wait_for("() => viewer.status?.source.state === 'silent'", "the server says it")
    assert viewer.wait_for_veil("silent", sentence).count("stands") == 1
    [veil] = wait_until(lambda: viewer.veils()[1:], 5, "the page noted it")
    assert veil.kind == "silent"
    assert 900 < veil.since - veil.picture_at < LATEST_MS


def test_the_veil_counts_up(viewer: ViewerPage, source: SteadySource) -> None:
    """The veil says since when the stream is silent and counts the seconds; so does the age of the picture."""
    source.pause()
    viewer.wait_for_veil("silent")
    since = viewer.text("veil-since")
    assert re.fullmatch(r"for \d s, since \d\d:\d\d:\d\d", since)
    age = seconds_of(viewer.text("age"))
    # Whole seconds: three more of them are more than two.
    wait_until(lambda: seconds_of(viewer.text("veil-since")) >= seconds_of(since) + 3, 10, "the veil counts up")
    assert seconds_of(viewer.text("age")) >= age + 1.5
    assert viewer.text("veil-since").partition(",")[2] == since.partition(",")[2]


def test_under_the_veil_the_picture_is_gray(viewer: ViewerPage, source: SteadySource) -> None:
    """The old picture can be seen under the veil, without its colours."""
    viewer.wait_for_frames(3)
    assert colourfulness(viewer) > 30
    source.pause()
    viewer.wait_for_veil("silent")
    assert colourfulness(viewer) < 12


def colourfulness(viewer: ViewerPage) -> Any:
    """Return how far red, green and blue lie apart at the lower edge of the picture, where no card covers it."""
    picture = viewer.canvas_picture()[-40:-10, 200:-200].astype(int)
    return np.median(picture.max(axis=2) - picture.min(axis=2))


def test_the_page_recovers_when_the_stream_returns(viewer: ViewerPage, source: SteadySource) -> None:
    """The source sends again: the veil goes with the first new picture, and the age is small."""
    last = source.pause()
    viewer.wait_for_veil("silent")
    source.resume()
    viewer.wait_until_playing(after=last)
    assert viewer.wait_for_frames(5)[0] > last
    wait_until(lambda: seconds_of(viewer.text("age")) < 1, 5, "the age is small")


def test_a_slow_stream_is_not_silent(page: Page) -> None:
    """At 0.8 Hz a picture is due every 1.25 s: no veil between two of them, since three periods have not passed."""
    with SteadySource(image_and_scalar, rate=0.8) as source, running_server(source.port) as server:
        viewer = ViewerPage(page).open(server)
        viewer.wait_until_playing()
        viewer.wait_for("() => viewer.status?.source.rate > 0.7", "the server knows the rate")
        viewer.wait_until_playing(after=source.next_pulse - 1)
        viewer.watch_veil()
        viewer.wait_for_frames(2)
        assert [veil.kind for veil in viewer.veils()] == [None]


def test_a_source_that_was_restarted_is_shown_again(page: Page) -> None:
    """The source's process ends, the page says so, a new one begins at pulse 1 on the same port: it is shown."""
    options = ("--size", "32x24", "--rate", "20")
    with running_simulator(*options) as (simulator, port), running_server(port) as server:
        viewer = ViewerPage(page).open(server)
        viewer.wait_until_playing(after=20)
        simulator.end()
        viewer.wait_for_veil("silent", "Stream silent", "connection refused; the source was there before")
        with running_simulator("-o", str(port), *options):
            viewer.wait_for(
                "() => viewer.shown?.pulse.pulseId < 20 && document.getElementById('veil').hidden", "it plays"
            )


def test_no_stream_yet(page: Page, free_port: int) -> None:
    """Nothing listens at the address: the page says so, with the server's words, and plays when a source comes."""
    with running_server(free_port) as server:
        viewer = ViewerPage(page).open(server)
        viewer.wait_for_veil("no-stream", f"Nothing listens at 127.0.0.1:{free_port}", "Does the source run")
        assert viewer.text("pulse") == "–"
        with SteadySource(image_and_scalar, port=free_port):
            viewer.wait_until_playing()


def test_a_source_that_never_sent_is_waited_for(page: Page) -> None:
    """Connected to a source that sends nothing: that is said, and it is no alarm."""
    with SteadySource(image_and_scalar) as source:
        source.pause()
        with running_server(source.port) as server:
            viewer = ViewerPage(page).open(server)
            viewer.wait_for_veil("no-stream", "No stream yet", "Does the camera or its pipeline run")
            assert viewer.by_id("veil").get_attribute("data-tone") == "calm"
            source.resume()
            viewer.wait_until_playing()


class Jupyter(BaseHTTPRequestHandler):
    """Another program on the port of the stream."""

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def test_a_port_with_an_http_server_is_named(page: Page) -> None:
    """The address is that of an HTTP server: the page says it in a sentence that can be read."""
    with HTTPServer(("127.0.0.1", 0), Jupyter) as http:
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        try:
            with running_server(http.server_port) as server:
                viewer = ViewerPage(page).open(server)
                viewer.wait_for_veil("no-stream", "an HTTP server answers there (Jupyter uses 8888 too)")
                assert viewer.by_id("veil-lines").is_visible()
        finally:
            http.shutdown()
            thread.join()


def test_a_name_that_cannot_be_resolved_is_named(page: Page) -> None:
    """The host of the address does not exist: the page says that, with the name."""
    with running_server("tcp://no-such-host.invalid:9999") as server:
        ViewerPage(page).open(server).wait_for_veil("no-stream", "no-such-host.invalid", "Is the host name right?")


def test_a_silent_camera_among_scalars_has_a_state_of_its_own(viewer: ViewerPage, source: SteadySource) -> None:
    """The image channel has no more values while scalars go on: the page says that, shows them, and comes back."""
    source.make = lambda pulse_id: [channel("image", None), *scalar_only(pulse_id)]
    viewer.wait_for_veil("no-image", "Scalars arrive, no image", "image")
    assert re.match(r"for \d+ s, since", viewer.text("veil-since"))
    first = int(viewer.text("table-pulse"))
    wait_until(lambda: int(viewer.text("table-pulse")) > first + 5, 5, "the table goes on")
    assert viewer.text("table-note") == "newest, no picture"
    assert int(viewer.value("counter").inner_text()) > first
    source.make = image_and_scalar
    viewer.wait_until_playing(after=source.next_pulse)
    assert viewer.wait_for_text("table-note", "on screen")


def test_images_between_many_scalars_are_no_silence(page: Page) -> None:
    """A merged stream, whose image comes with every tenth message: it plays, without a veil."""
    with running_simulator("--scene", "merged", "--rate", "50", "--size", "64x48") as (_, port):
        with running_server(port) as server:
            viewer = ViewerPage(page).open(server)
            viewer.wait_until_playing()
            viewer.wait_for_frames(3)
            viewer.watch_veil()
            viewer.wait_for_frames(10)
            assert [veil.kind for veil in viewer.veils()] == [None]


def test_a_source_that_is_frozen_is_silent(page: Page) -> None:
    """The machine of the source vanishes without a word, its connection stays open: silence is said all the same."""
    with SteadySource(image_and_scalar, rate=10) as source, relay(source.port) as (port, frozen):
        with running_server(port) as server:
            viewer = ViewerPage(page).open(server)
            viewer.wait_until_playing()
            frozen.set()
            viewer.wait_for_veil("silent", "Stream silent")


@contextmanager
def relay(port: int) -> Iterator[tuple[Any, threading.Event]]:
    """Pass bytes on between a port, which is given, and another one, until the event that is given is set."""
    frozen, ended = threading.Event(), threading.Event()

    def pass_on(source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                if not frozen.is_set():
                    sink.sendall(data)
        except OSError:
            pass

    with socket.create_server(("127.0.0.1", 0)) as listener:
        ends: list[socket.socket] = []

        def accept() -> None:
            while not ended.is_set():
                near, _ = listener.accept()
                far = socket.create_connection(("127.0.0.1", port))
                ends.extend((near, far))
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=pass_on, args=pair, daemon=True).start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1], frozen
        finally:
            ended.set()
            for end in ends:
                end.close()
