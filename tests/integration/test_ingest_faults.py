"""The receiving process dies or hangs, or the server ends: viewers stay, nothing is left over, never are there two."""

import contextlib
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from tests.integration.stopped_viewer import stopped_viewer
from tests.live_client import LiveClient
from tests.processes import children, is_running, watched_children
from tests.server import SCRIPT, ServerProcess, running_server
from tests.simulator import running_simulator
from tests.support import deadline, wait_until

SLOW_ENCODER = Path(__file__).with_name("slow_encoder_server.py")
RATE = ("--rate", "100")


@pytest.fixture
def camera() -> Iterator[int]:
    """The port of a camera of 100 Hz."""
    with running_simulator(*RATE, "--mode", "pub", "--size", "320x240") as (_, port):
        yield port


def live(server: ServerProcess, **want: Any) -> LiveClient:
    """Connect a viewer."""
    return LiveClient(server.url("live", "ws"), **want)


def ingest_of(server: ServerProcess) -> int:
    """Return the receiving process, the only child of the web process."""
    (pid,) = children(server.pid)
    return pid


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "stopped"])
def test_frames_are_back_within_two_seconds(camera: int, number: int) -> None:
    """A receiving process that died or hangs is replaced; the viewer stays connected, and is told of both."""
    with running_server(camera) as server, live(server) as viewer:
        viewer.next_frame()
        viewer.next_status()
        old = ingest_of(server)
        assert server.status()["ingest"]["pid"] == old
        hello, epoch = viewer.hellos[0], viewer.frames[-1].epoch
        with watched_children(server.pid) as watch:
            os.kill(old, number)
            start = time.monotonic()
            viewer.next_status()
            while viewer.statuses[-1]["source"]["state"] != "down":
                viewer.next_status()
            del viewer.statuses[:-1]
            while viewer.next_frame(2).epoch == epoch:
                pass
            seconds = viewer.frames[-1].arrived - start
            print(f"the first frame came {seconds:.3f} s after {signal.Signals(number).name}")
        assert seconds < deadline(2)
        assert watch.most == 1
        assert watch.seen | {old} == {old, ingest_of(server)}
        assert not is_running(old)
        # On the same connection: that the process is down, and a new beginning with a larger epoch.
        (again,) = viewer.hellos[1:]
        assert again["epoch"] == viewer.frames[-1].epoch > hello["epoch"] == epoch
        assert {**again, "epoch": 0, "clock_us": 0} == {**hello, "epoch": 0, "clock_us": 0}
        assert "down" in [status["source"]["state"] for status in viewer.statuses]
        # Nothing that the old process reported is told as if it were the new one's.
        assert all(status["source"]["state"] != "receiving" for status in viewer.statuses)
        status = server.wait_for_status(lambda status: status["source"]["state"] == "receiving", 2, "receiving")
        assert status["ingest"]["restarts"] == 1
        assert viewer.next_status()["ingest"]["restarts"] == 1
    assert "the receiving process" in server.output()
    assert "it is started again" in server.output()


def test_every_viewer_gets_the_frames_of_the_new_process(camera: int) -> None:
    """After a restart all go on: a viewer without scalars, a hidden one, and one that has not acknowledged."""
    with running_server(camera) as server, contextlib.ExitStack() as stack:
        plain, no_rows, hidden, stuck = viewers = [
            stack.enter_context(live(server, **want)) for want in ({}, {"every": False}, {"hidden": True}, {})
        ]
        stuck.acknowledge = False
        for viewer in (plain, no_rows, stuck):
            viewer.next_frame()
        epoch = plain.frames[-1].epoch
        os.kill(ingest_of(server), signal.SIGKILL)
        for viewer in (plain, no_rows, stuck):
            while viewer.next_frame(3).epoch == epoch:
                pass
        while len(hidden.hellos) < 2 or not hidden.rows:
            hidden.receive(deadline(3))
        hidden.rows.clear()
        while not hidden.rows:
            hidden.receive(deadline(2))
        assert hidden.frames == []
        assert all(len(viewer.hellos) == 2 for viewer in viewers)
        rows = [row.sequence for row in plain.rows]
        assert rows.count(1) <= 2


def test_no_viewer_is_cut_when_it_speaks_at_the_moment_of_a_death(camera: int) -> None:
    """Viewers whose every word is passed on to the receiving process speak without pause while it dies twice."""
    with running_server(camera) as server, contextlib.ExitStack() as stack:
        viewers = [stack.enter_context(live(server)) for _ in range(3)]
        for _ in range(2):
            epoch = viewers[0].next_frame().epoch
            end = threading.Event()
            talkers = [threading.Thread(target=talk, args=(viewer, end)) for viewer in viewers]
            for talker in talkers:
                talker.start()
            os.kill(ingest_of(server), signal.SIGKILL)
            while viewers[0].next_frame(4).epoch == epoch:
                pass
            end.set()
            for talker in talkers:
                talker.join()
        for viewer in viewers[1:]:
            while viewer.next_frame(4).epoch != viewers[0].frames[-1].epoch:
                pass
        assert server.status()["ingest"]["restarts"] == 2
    assert "Traceback" not in server.output()


def talk(viewer: LiveClient, end: threading.Event) -> None:
    """Say again and again something else that the receiving process has to know."""
    count = 0
    while not end.is_set():
        count += 1
        viewer.want(every=[f"channel {count}"])
        # As fast as one may; beyond that the server does not listen.
        end.wait(1 / 90)


def test_a_process_that_dies_again_and_again(camera: int) -> None:
    """Three deaths in a row: never two processes at once, and the third viewer's picture comes back as well."""
    with running_server(camera) as server, live(server) as viewer, watched_children(server.pid) as watch:
        epochs = [viewer.next_frame().epoch]
        for _ in range(3):
            os.kill(ingest_of(server), signal.SIGKILL)
            while viewer.next_frame(4).epoch == epochs[-1]:
                pass
            epochs.append(viewer.frames[-1].epoch)
        assert watch.most == 1
        assert len(watch.seen) in (3, 4)
    assert epochs == sorted(set(epochs))


def test_pages_are_served_while_the_receiving_process_is_away(camera: int) -> None:
    """With the receiving process stopped, pages, status and metrics answer at once."""
    with running_server(camera) as server:
        server.wait_for_status(lambda status: status["source"]["messages"], 3, "messages come")
        os.kill(ingest_of(server), signal.SIGSTOP)
        for path in ("healthz", "", "api/status", "metrics", "readyz"):
            start = time.monotonic()
            assert server.get(path)[0] == 200
            assert time.monotonic() - start < deadline(0.5)
        server.wait_for_status(lambda status: status["ingest"]["restarts"] == 1, 3, "it is replaced")


def test_killed_web_process_leaves_no_orphan(camera: int) -> None:
    """When the web process is killed, the receiving process ends within a second, also while it is busy."""
    for script in (SCRIPT, SLOW_ENCODER):
        with running_server(camera, script=script) as server:
            with live(server) as viewer:
                viewer.next_frame()
                pid = ingest_of(server)
                server.kill()
                server.wait()
                start = time.monotonic()
                wait_until(partial(has_ended, pid), 1, "the receiving process has ended")
                print(f"the receiving process ended {time.monotonic() - start:.3f} s after the web process was killed")


def has_ended(pid: int) -> bool:
    """Return whether a process has ended."""
    return not is_running(pid)


def watch_until_closed(viewer: LiveClient, codes: list[tuple[int, str] | None]) -> None:
    """Take what comes until the server closes, and note its code and reason."""
    try:
        while True:
            viewer.receive(deadline(10))
    except ConnectionClosed as closed:
        codes.append(None if closed.rcvd is None else (closed.rcvd.code, closed.rcvd.reason))


def test_sigterm_under_load() -> None:
    """Ten viewers at 100 Hz, one reads nothing: the others get 1001, the exit code is 0, within two seconds."""
    # An image of 6 MB: no system takes more than 4 MB into the buffer of a connection.
    with (
        running_simulator(*RATE, "--size", "1000x750") as (_, port),
        running_server(port) as server,
        contextlib.ExitStack() as stack,
    ):
        viewers = [stack.enter_context(live(server)) for _ in range(9)]
        stack.enter_context(stopped_viewer(server))
        codes: list[tuple[int, str] | None] = []
        threads = [threading.Thread(target=watch_until_closed, args=(viewer, codes)) for viewer in viewers]
        for thread in threads:
            thread.start()
        server.wait_for_status(
            lambda status: status["unsent_bytes"] and all(viewer["images"] for viewer in status["viewers"]),
            5,
            "all viewers have images, and one stopped",
        )
        pid = ingest_of(server)
        start = time.monotonic()
        code = server.end(signal.SIGTERM, seconds=2)
        seconds = time.monotonic() - start
        print(f"ended {seconds:.3f} s after SIGTERM")
        assert not is_running(pid)
        for thread in threads:
            thread.join()
        assert code == 0
        assert seconds < deadline(2)
        assert codes == [(1001, "the server stops")] * 9
        # The port can be had at once.
        with running_server(port, "--port", str(server.port)) as again, live(again) as viewer:
            viewer.next_frame()


def test_sigint_ends_as_sigterm_does(camera: int) -> None:
    """Ctrl-C in a terminal reaches both processes; the viewer is told all the same."""
    with running_server(camera) as server, live(server) as viewer:
        viewer.next_frame()
        pid = ingest_of(server)
        codes: list[tuple[int, str] | None] = []
        os.kill(pid, signal.SIGINT)
        assert server.end(signal.SIGINT, seconds=2) == 0
        watch_until_closed(viewer, codes)
        assert codes == [(1001, "the server stops")]
        assert not is_running(pid)
        assert "Traceback" not in server.output()


def test_sigterm_while_the_source_is_away(free_port: int) -> None:
    """A server that never saw its source ends as quickly, and says nothing about it."""
    with running_server(free_port) as server:
        server.wait_for_status(lambda status: status["source"]["state"] == "refused", 3, "nothing listens")
        pid = ingest_of(server)
        assert server.end(signal.SIGTERM, seconds=2) == 0
        assert not is_running(pid)
        assert "Traceback" not in server.output()


def test_sigterm_while_an_image_is_waited_for(free_port: int) -> None:
    """A request that waits for an image is told, and does not hold up the end."""
    with running_server(free_port) as server, socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(b"GET /image.png HTTP/1.1\r\nHost: x\r\n\r\n")
        server.wait_for_status(lambda status: status["viewers"], 2, "the request waits")
        assert server.end(signal.SIGTERM, seconds=2) == 0
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
        assert answer.startswith(b"HTTP/1.1 503")
        assert answer.endswith(b"the server stops\n")
        assert "Traceback" not in server.output()


def test_sigterm_while_the_receiving_process_is_stopped(camera: int) -> None:
    """Also a hung receiving process is gone when the server is."""
    with running_server(camera) as server:
        pid = ingest_of(server)
        os.kill(pid, signal.SIGSTOP)
        assert server.end(signal.SIGTERM, seconds=2) == 0
        assert not is_running(pid)
