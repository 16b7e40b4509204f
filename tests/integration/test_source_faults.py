"""What happens to the source happens in front of the viewers: each state has its name, and it goes on by itself."""

import contextlib
import signal
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseRequestHandler
from typing import Any

import numpy as np

from tests.live_client import LiveClient
from tests.raw_source import RawSource, channel
from tests.server import ServerProcess, running_server
from tests.simulator import running_simulator
from tests.support import deadline

IMAGE = channel("image", np.zeros((4, 5), np.uint16))
SIMULATOR = ("--rate", "50", "--size", "64x48")


def live(server: ServerProcess) -> LiveClient:
    """Connect a viewer."""
    return LiveClient(server.url("live", "ws"))


def wait_for_state(viewer: LiveClient, *states: str, seconds: float) -> dict[str, Any]:
    """Return the next status of a viewer in which the source has one of these states."""
    end = time.monotonic() + deadline(seconds)
    seen = []
    while time.monotonic() < end:
        before = len(viewer.statuses)
        viewer.collect(0.02)
        for status in viewer.statuses[before:]:
            seen.append(status["source"]["state"])
            if seen[-1] in states:
                return status
    raise AssertionError(f"not within {deadline(seconds):g} s: {states}; seen {seen}")


def seconds_to_frame(viewer: LiveClient, start: float, seconds: float) -> float:
    """Return how long after ``start`` the next frame comes that was received after it."""
    wall = time.time_ns() - int((time.monotonic() - start) * 1e9)
    while viewer.next_frame(seconds).receipt_time < wall:
        pass
    return viewer.frames[-1].arrived - start


@contextlib.contextmanager
def listening(handler: type[BaseRequestHandler]) -> Iterator[int]:
    """An HTTP server on a free port; give its port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def test_the_server_may_start_before_the_source(free_port: int, record_property: Callable[[str, object], None]) -> None:
    """A viewer is told that nothing listens; the first frame comes within a second of the source's start."""
    with running_server(free_port) as server, live(server) as viewer:
        status = wait_for_state(viewer, "refused", seconds=3)
        assert f"Nothing listens at 127.0.0.1:{free_port}" in status["source"]["text"]
        assert status["source"]["socket"] is None
        with running_simulator("-o", str(free_port), *SIMULATOR):
            seconds = seconds_to_frame(viewer, time.monotonic(), 1)
    record_property("seconds", seconds)
    print(f"first frame {seconds:.3f} s after the source was there")
    assert seconds < deadline(1)


def test_a_source_that_stops_and_returns(free_port: int) -> None:
    """Within a second the viewer is told that the source is gone, and when it is back the first frame comes as soon."""
    source = ("-o", str(free_port), *SIMULATOR)
    with contextlib.ExitStack() as stack:
        with running_simulator(*source):
            server = stack.enter_context(running_server(free_port))
            viewer = stack.enter_context(live(server))
            viewer.next_frame()
        stopped = time.monotonic()
        status = wait_for_state(viewer, "lost", "refused", seconds=1)
        print(f"told {time.monotonic() - stopped:.3f} s after the source stopped: {status['source']['text']}")
        assert status["source"]["rate"] == 0
        # Whether the connection broke or nothing listens any more, the age goes on.
        before = status["source"]["age_s"]
        later = wait_for_state(viewer, "refused", seconds=3)
        assert later["source"]["age_s"] > before
        with running_simulator(*source):
            seconds = seconds_to_frame(viewer, time.monotonic(), 1)
            print(f"first frame {seconds:.3f} s after the source was back")
            assert seconds < deadline(1)
            wait_for_state(viewer, "receiving", seconds=1)
        assert len(viewer.hellos) == 1


def test_a_silent_source() -> None:
    """A source that stays connected and sends nothing is silent after a second, and not after its next message."""
    with RawSource() as source, running_server(source.port) as server, live(server) as viewer:
        wait_for_state(viewer, "waiting", seconds=3)
        end = time.monotonic() + 0.5
        while time.monotonic() < end:
            source.send_until_shown(viewer, IMAGE)
        quiet = time.monotonic()
        status = wait_for_state(viewer, "silent", seconds=3)
        assert 1.0 <= time.monotonic() - quiet
        assert 1.0 <= status["source"]["age_s"] < deadline(2.5)
        source.send_until_shown(viewer, IMAGE)
        wait_for_state(viewer, "receiving", seconds=2)


def test_a_slow_source_is_not_silent() -> None:
    """A source with a period of 0.5 s is silent only after three periods."""
    with RawSource() as source, running_server(source.port) as server, live(server) as viewer:
        wait_for_state(viewer, "waiting", seconds=3)
        for _ in range(3):
            source.send(IMAGE)
            viewer.collect(0.5)
        quiet = time.monotonic() - 0.5
        wait_for_state(viewer, "silent", seconds=3)
        assert time.monotonic() - quiet > 1.4


def test_an_http_server_at_the_port() -> None:
    """A wrong port that belongs to an HTTP server, as Jupyter's, is named; nothing is asked of it all the time."""
    requests = []

    class Jupyter(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            requests.append(self.path)
            self.send_error(404)

        def log_message(self, *arguments: Any) -> None:
            """Requests are counted instead."""

    with listening(Jupyter) as port, running_server(port) as server, live(server) as viewer:
        status = wait_for_state(viewer, "http", seconds=4)
        assert "an HTTP server answers there (Jupyter uses 8888 too)" in status["source"]["text"]
        assert server.get("healthz")[0] == 200
        viewer.collect(1.5)
        assert viewer.statuses[-1]["source"]["state"] == "http"
    assert len(requests) <= 2


def test_a_source_takes_the_place_of_an_http_server() -> None:
    """When the HTTP server is gone and a source is on its port, it is shown."""

    class Web(BaseHTTPRequestHandler):
        def log_message(self, *arguments: Any) -> None:
            """Nothing to say."""

    with contextlib.ExitStack() as stack:
        with listening(Web) as port:
            server = stack.enter_context(running_server(port))
            viewer = stack.enter_context(live(server))
            wait_for_state(viewer, "http", seconds=4)
        with running_simulator("-o", str(port), *SIMULATOR):
            seconds = seconds_to_frame(viewer, time.monotonic(), 3)
            print(f"first frame {seconds:.3f} s after the source took the place of an HTTP server")


def test_a_name_that_cannot_be_resolved() -> None:
    """The state says which name it is."""
    with running_server("tcp://no-such-host.invalid:8888") as server, live(server) as viewer:
        status = wait_for_state(viewer, "unresolvable", seconds=8)
        assert "no-such-host.invalid" in status["source"]["text"]
        assert server.get("healthz")[0] == 200


def test_a_half_open_source_is_lost_and_found_again() -> None:
    """A source that is frozen (a host without power looks the same) is lost within 3 s; when it goes on, so do we."""
    with (
        running_simulator(*SIMULATOR) as (source, port),
        running_server(port) as server,
        live(server) as viewer,
    ):
        viewer.next_frame()
        source.send_signal(signal.SIGSTOP)
        stopped = time.monotonic()
        try:
            wait_for_state(viewer, "lost", seconds=3)
            print(f"lost {time.monotonic() - stopped:.3f} s after the source froze")
        finally:
            source.send_signal(signal.SIGCONT)
        seconds = seconds_to_frame(viewer, time.monotonic(), 5)
        print(f"first frame {seconds:.3f} s after the source went on")
        wait_for_state(viewer, "receiving", seconds=2)


def test_a_push_source_is_replaced_by_a_pub_source(free_port: int) -> None:
    """The other kind of socket on the same port: the receiver follows, and the viewer is told."""
    source = ("-o", str(free_port), *SIMULATOR)
    with contextlib.ExitStack() as stack:
        with running_simulator(*source, "--mode", "push"):
            server = stack.enter_context(running_server(free_port))
            viewer = stack.enter_context(live(server))
            viewer.next_frame()
            before = wait_for_state(viewer, "receiving", seconds=2)["source"]
        with running_simulator(*source, "--mode", "pub"):
            seconds = seconds_to_frame(viewer, time.monotonic(), 3)
            print(f"first frame {seconds:.3f} s after the PUB source took the place of the PUSH source")
            after = wait_for_state(viewer, "receiving", seconds=2)["source"]
        log = server.output()
    assert (before["socket"], before["shared"], before["guessed"]) == ("PULL", True, False)
    assert (after["socket"], after["shared"], after["guessed"]) == ("SUB", False, False)
    assert "is received with a PULL socket" in log
    assert "this viewer takes messages away from other receivers" in log
    assert "is received with a SUB socket" in log


def test_a_mode_that_does_not_fit_the_source() -> None:
    """`--mode pull` on a PUB source gets nothing, so the page says what to do."""
    with (
        running_simulator("--mode", "pub", *SIMULATOR) as (_, port),
        running_server(port, "--mode", "pull") as server,
        live(server) as viewer,
    ):
        status = wait_for_state(viewer, "wrong_type", seconds=4)
        assert "is a PUB socket; start without --mode or with --mode sub" in status["source"]["text"]


def test_two_servers_on_one_pub_stream_both_get_everything() -> None:
    """Each server has every pulse; neither takes anything away from the other."""
    with (
        # A rate at which what waits for a busy receiver still fits into the queue of the PUB socket.
        running_simulator("--mode", "pub", "--rate", "20", "--size", "64x48") as (_, port),
        running_server(port) as one_server,
        running_server(port) as two_server,
        live(one_server) as one,
        live(two_server) as two,
    ):
        while min(len(one.rows), len(two.rows)) < 60:
            one.collect(0.05)
            two.collect(0.05)
        lost = [server.status()["source"]["lost"] for server in (one_server, two_server)]
    first, second = ([row.pulse_id for row in viewer.rows] for viewer in (one, two))
    assert lost == [0, 0]
    assert first == list(range(first[0], first[0] + len(first)))
    assert second == list(range(second[0], second[0] + len(second)))
    assert len(set(first) & set(second)) > 30


def test_two_servers_on_one_push_stream_share_it() -> None:
    """The messages of a PUSH source are divided, which both servers say."""
    with (
        running_simulator("--rate", "100", "--size", "64x48") as (_, port),
        running_server(port) as one_server,
        running_server(port) as two_server,
        live(one_server) as one,
        live(two_server) as two,
    ):
        while min(len(one.rows), len(two.rows)) < 10:
            one.collect(0.05)
            two.collect(0.05)
        states = [server.status()["source"] for server in (one_server, two_server)]
    assert not {row.pulse_id for row in one.rows} & {row.pulse_id for row in two.rows}
    assert all(state["shared"] for state in states)
    assert all("takes messages away" in server.output() for server in (one_server, two_server))


def test_a_source_of_messages_that_are_too_large_is_explained() -> None:
    """With `--max-message-mb 1` larger messages break the connection; the state says what may be the cause."""
    with RawSource() as source, running_server(source.port, "--max-message-mb", "1") as server, live(server) as viewer:
        large = channel("image", np.zeros((1000, 1000), np.uint16))
        end = time.monotonic() + deadline(8)
        text = ""
        while "perhaps messages are larger than the limit of 1 MB" not in text:
            assert time.monotonic() < end, text
            source.send(large)
            viewer.collect(0.02)
            text = viewer.statuses[-1]["source"]["text"] if viewer.statuses else ""
        assert viewer.frames == []
        source.send_until_shown(viewer, IMAGE)
