"""Several web processes behind one port: they look like one, and one that dies takes only its own viewers with it."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from stream_online_viewer import start_server
from stream_online_viewer.parent import main
from stream_online_viewer.parent.process import QUIET_SECONDS
from tests.integration.stopped_viewer import stopped_viewer
from tests.live_client import LiveClient
from tests.processes import children, is_running
from tests.server import SCRIPT, ServerProcess, running_server
from tests.simulator import running_simulator
from tests.support import deadline, find_free_port, wait_until

TWO = ("--web-processes", "2")
RAW = {"format": "raw"}


@pytest.fixture(scope="module")
def camera() -> Iterator[int]:
    """The port of a camera of 20 Hz."""
    with running_simulator("--rate", "20", "--mode", "pub", "--size", "160x120") as (_, port):
        yield port


@pytest.fixture(scope="module")
def shared(camera: int) -> Iterator[ServerProcess]:
    """A server of two web processes, which no test may harm."""
    with running_server(camera, *TWO) as server:
        yield server


@pytest.fixture
def server(shared: ServerProcess) -> ServerProcess:
    """The same without viewers and connections of an earlier test."""
    shared.wait_for_status(
        lambda status: not status["viewers"] and status["connections"]["taken"] <= 1, 5, "nobody is left"
    )
    return shared


def live(server: ServerProcess, **want: Any) -> LiveClient:
    """Connect a viewer."""
    return LiveClient(server.url("live", "ws"), **want)


def pids(server: ServerProcess) -> list[int]:
    """Return the web processes by their numbers; all must answer."""
    found = server.status()["web_processes"]
    assert len(found["answered"]) == found["wanted"]
    return [process["pid"] for process in found["answered"]]


def viewers_of_each(server: ServerProcess) -> list[int]:
    """Return how many viewers each web process has."""
    return [process["viewers"] for process in server.status()["web_processes"]["answered"]]


def wait_for_own_status(viewer: LiveClient, condition: Callable[[dict[str, Any]], bool]) -> None:
    """Wait until a viewer is sent a status for which the condition is true."""
    wait_until(lambda: condition(viewer.next_status()), 5, "a status")


def is_closed(viewer: LiveClient) -> bool:
    """Take what has come; return whether the server has closed the connection."""
    try:
        while True:
            viewer.receive(0.001)
    except TimeoutError:
        return False
    except ConnectionClosed:
        return True


# as one server


def test_viewers_are_shared_evenly(server: ServerProcess) -> None:
    """Twenty viewers, of which some leave and others come: the processes differ by one or two."""
    with contextlib.ExitStack() as stack:
        viewers = [stack.enter_context(live(server, **RAW)) for _ in range(20)]
        numbers = viewers_of_each(server)
        assert sum(numbers) == 20 and abs(numbers[0] - numbers[1]) <= 2, numbers
        for viewer in viewers[::2]:
            viewer.close()
        server.wait_for_status(lambda status: len(status["viewers"]) == 10, 3, "ten have left")
        for _ in range(10):
            stack.enter_context(live(server, **RAW))
        numbers = viewers_of_each(server)
        assert sum(numbers) == 20 and abs(numbers[0] - numbers[1]) <= 2, numbers


def test_status_and_metrics_are_of_all(server: ServerProcess) -> None:
    """Whichever process is asked: the list of viewers, what they get, the connections, and what was refused."""
    with contextlib.ExitStack() as stack:
        viewers = [stack.enter_context(live(server, **RAW)) for _ in range(5)]
        for viewer in viewers:
            viewer.next_frame()
        for _ in range(3):
            with contextlib.suppress(InvalidStatus):
                stack.enter_context(LiveClient(server.url("live", "ws"), origin="http://other.example"))
        addresses = {"{}:{}".format(*viewer.connection.local_address) for viewer in viewers}
        for _ in range(6):
            status = server.status()
            assert {viewer["address"] for viewer in status["viewers"]} == addresses
            assert all(viewer["images"] for viewer in status["viewers"])
            assert [process["number"] for process in status["web_processes"]["answered"]] == [1, 2]
            assert status["connections"]["taken"] == 6
            assert status["connections"]["addresses"] == 1
            assert status["web_processes"]["silent"] == 0
            assert "\nsov_viewers 5.0\n" in server.get("metrics")[1].decode()
            assert server.get("readyz")[0] == 200
        for viewer in viewers:
            wait_for_own_status(viewer, lambda status: status["viewers"] == 5)
        assert server.get("unknown")[0] == 404
        before = sum(server.status()["connections"]["refused"].values())
        for _ in range(4):
            with socket.create_connection(("127.0.0.1", server.port)) as connection:
                connection.sendall(b"DELETE / HTTP/1.1\r\nHost: x\r\n\r\n")
                assert connection.recv(4096).startswith(b"HTTP/1.1 405")
        assert sum(server.status()["connections"]["refused"].values()) == before + 4
        metrics = server.get("metrics")[1].decode()
        assert re.search(r'sov_requests_refused_total\{reason="method"\} [4-9]', metrics)
        assert "\nsov_web_processes 2.0\n" in metrics
        assert metrics.count("\nsov_web_process_viewers{") == 2


def test_a_frame_is_made_once_for_both(server: ServerProcess) -> None:
    """Viewers of both processes get the same pulses in the same rendition, of which each was encoded once."""
    want = {"format": "preview", "picture": [80, 60], "every": False}
    before = server.status()["ingest"]["encoded"]
    with live(server, **want) as one, live(server, **want) as other:
        for _ in range(40):
            one.next_frame()
            other.next_frame()
        assert sorted(viewers_of_each(server)) == [1, 1]
        # Nothing is acknowledged any more, so that no more are made; the next report has the last of them.
        messages = server.status()["source"]["messages"]
        server.wait_for_status(lambda status: status["source"]["messages"] > messages + 10, 5, "further reports")
        made = server.status()["ingest"]["encoded"] - before
        pulses = [{frame.pulse_id for frame in viewer.frames} for viewer in (one, other)]
    assert pulses[0] & pulses[1]
    # A few were sent and not read. Were they made for each, there would be twice as many.
    assert made <= len(pulses[0] | pulses[1]) + 12


def test_a_large_image_lies_once_in_memory_for_both() -> None:
    """Viewers of both processes read it where it lies; what one that is killed held is free again."""
    with running_simulator("--rate", "4", "--mode", "pub", "--size", "640x480") as (_, port):
        with running_server(port, *TWO) as server, live(server, **RAW) as one, live(server, **RAW) as other:
            for _ in range(6):
                frames = one.next_frame(), other.next_frame()
                assert min(frame.bytes for frame in frames) > 2**20
            pulses = [{frame.pulse_id: frame for frame in viewer.frames} for viewer in (one, other)]
            both = pulses[0].keys() & pulses[1].keys()
            assert both
            for pulse in both:
                assert np.array_equal(pulses[0][pulse].pixels, pulses[1][pulse].pixels)
            ingest = server.status()["ingest"]
            assert 0 < ingest["memory"]["stored"] <= ingest["encoded"]
            assert ingest["memory"]["without_slot"] == 0
            os.kill(pids(server)[0], signal.SIGKILL)
            (rest,) = wait_until(
                lambda: (
                    found if len(found := [viewer for viewer in (one, other) if not is_closed(viewer)]) == 1 else None
                ),
                2,
                "one viewer is closed",
            )
            for _ in range(20):
                rest.next_frame()
            server.wait_for_status(lambda status: status["ingest"]["memory"]["used"] <= 4, 5, "slots are free")
            assert server.status()["ingest"]["memory"]["without_slot"] == 0


def test_single_images_are_answered_by_both(server: ServerProcess) -> None:
    """And how many one address may ask for is counted over both."""
    codes = [server.get("image.npy")[0] for _ in range(6)]
    assert codes == [200] * 6
    connections = []
    with contextlib.ExitStack() as stack:
        for _ in range(60):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            connection.settimeout(deadline(10))
            connection.sendall(b"GET /image.npy?image=unknown HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            connections.append(connection)
        # Eight requests of one address may wait for an image, in both processes together; the image never comes.
        answers: list[bytes] = []
        for connection in connections[12:]:
            answers.append(connection.recv(12))
    refused = [answer for answer in answers if answer in (b"HTTP/1.1 503", b"HTTP/1.1 429")]
    assert len(refused) >= len(answers) - 8
    assert b"HTTP/1.1 429" in refused


# limits


def refused(server: ServerProcess, **options: Any) -> bool:
    """Return whether a viewer is refused for want of a place; if not, it leaves again."""
    try:
        with LiveClient(server.url("live", "ws"), **options):
            return False
    except InvalidStatus as error:
        assert error.response.status_code == 503
        return True


def test_limits_are_exact_over_both(camera: int) -> None:
    """Places for viewers and for connections: all that come at the same time together get as many as there are."""
    options = ("--max-viewers", "7", "--max-connections-each", "40")
    with running_server(camera, *TWO, *options) as server, contextlib.ExitStack() as stack:
        joined: list[LiveClient] = []
        crowded: list[int] = []

        def join() -> None:
            try:
                joined.append(live(server, every=False))
            except InvalidStatus as error:
                crowded.append(error.response.status_code)

        threads = [threading.Thread(target=join) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for viewer in joined:
            stack.callback(viewer.close)
        assert len(joined) == 7
        assert crowded == [503] * 13
        numbers = viewers_of_each(server)
        assert sum(numbers) == 7
        # Whoever leaves makes room in either process, once.
        for viewer in joined[:2]:
            viewer.close()
        server.wait_for_status(lambda status: len(status["viewers"]) == 5, 3, "two have left")
        for viewer in (live(server, every=False), live(server, every=False)):
            stack.callback(viewer.close)
        assert refused(server) and refused(server)
        # Connections: those of the viewers count too.
        taken = server.status()["connections"]["taken"] - 1
        for _ in range(40 - taken):
            stack.enter_context(socket.create_connection(("127.0.0.1", server.port)))
        with socket.create_connection(("127.0.0.1", server.port)) as late:
            late.settimeout(deadline(5))
            late.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert late.recv(100).startswith(b"HTTP/1.1 503")


def test_a_place_is_given_to_another_address_across_processes(camera: int) -> None:
    """A crowd of one address has all places, in both processes: one that comes from elsewhere gets one, each time."""
    options = (*TWO, "--max-viewers", "6", "--proxy", "127.0.0.1")
    with running_server(camera, *options) as server, contextlib.ExitStack() as stack:

        def viewer(address: str) -> LiveClient:
            client = live(server, headers={"X-Forwarded-For": address}, every=False)
            stack.callback(client.close)
            return client

        crowd = [viewer("192.0.2.1") for _ in range(6)]
        assert sorted(viewers_of_each(server)) == [3, 3]
        alone = [viewer(f"192.0.2.{number}") for number in (2, 3, 4)]
        wait_until(lambda: sum(map(is_closed, crowd)) == 3, 5, "three of the crowd have given way")
        assert not any(map(is_closed, alone))
        status = server.status()
        assert len(status["viewers"]) == 6
        assert status["connections"]["gave_way"] == 3


def test_own_renditions_are_bounded_over_both(server: ServerProcess) -> None:
    """Parts of an image that only one viewer wants: a dozen at the same time, whichever process has the viewers."""
    with contextlib.ExitStack() as stack:
        choices = []
        for number in range(15):
            crop = [number, 0, 30, 30]
            viewer = stack.enter_context(
                live(server, format="preview", crop=crop, levels=[0, number + 1], picture=[600, 600], every=False)
            )
            viewer.next_frame()
            choices.append(viewer.next_status()["you"]["why"])
        assert choices.count("encoders") == 3, choices
        numbers = viewers_of_each(server)
        assert abs(numbers[0] - numbers[1]) <= 2


@pytest.mark.alone
def test_the_bandwidth_is_shared_by_all(camera: int) -> None:
    """Three far viewers, two of one process and one of the other, get a third each."""
    options = (*TWO, "--total-mbit", "6", "--proxy", "127.0.0.1")
    with running_server(camera, *options) as server, contextlib.ExitStack() as stack:
        viewers = []
        for number in range(3):
            headers = {"X-Forwarded-For": f"192.0.2.{number}"}
            viewers.append(stack.enter_context(live(server, headers=headers, format="raw", every=False)))

        def take(viewer: LiveClient) -> None:
            with contextlib.suppress(ConnectionClosed):
                viewer.collect(8)

        threads = [threading.Thread(target=take, args=(viewer,)) for viewer in viewers]
        begun = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        # The first two seconds are those in which the processes tell how many viewers they have.
        sent = [sum(frame.bytes for frame in viewer.frames if frame.arrived > begun + 3) for viewer in viewers]
        mbit = [amount * 8e-6 / 5 for amount in sent]
        assert 4.5 <= sum(mbit) <= 6.6, mbit
        assert max(mbit) <= 1.35 * min(mbit), mbit


# ends


@pytest.mark.alone
@pytest.mark.parametrize("which", [0, 1], ids=["the first", "the second"])
def test_one_that_is_killed_is_replaced_and_the_others_notice_nothing(which: int) -> None:
    """Viewers of the other get every frame and every row; there is another process, and it gets the next viewers."""
    with running_simulator("--rate", "2", "--mode", "pub", "--size", "64x48") as (_, port):
        # All places are taken, so those that come again need the ones that the killed process had.
        with running_server(port, *TWO, "--max-viewers", "6") as server, contextlib.ExitStack() as stack:
            viewers = [stack.enter_context(live(server, **RAW)) for _ in range(6)]
            for viewer in viewers:
                viewer.next_frame()
            before = pids(server)
            os.kill(before[which], signal.SIGKILL)
            closed = wait_until(
                lambda: found if len(found := [viewer for viewer in viewers if is_closed(viewer)]) == 3 else None,
                2,
                "its viewers are told",
            )
            rest = [viewer for viewer in viewers if viewer not in closed]
            stop = threading.Event()

            def watch(viewer: LiveClient) -> None:
                while not stop.is_set():
                    viewer.next_frame()

            threads = [threading.Thread(target=watch, args=(viewer,)) for viewer in rest]
            for thread in threads:
                thread.start()
            try:
                server.wait_for_status(lambda status: len(status["web_processes"]["answered"]) == 2, 10, "another one")
                again = [stack.enter_context(live(server, **RAW)) for _ in range(3)]
                for viewer in again:
                    viewer.next_frame()
                assert viewers_of_each(server) == [3, 3]
                status = server.status()
                after = pids(server)
                seen = len(rest[0].frames)
                wait_until(lambda: len(rest[0].frames) > seen + 3, 5, "more frames")
            finally:
                stop.set()
                for thread in threads:
                    thread.join()
            assert (after[which] != before[which], after[1 - which]) == (True, before[1 - which])
            assert status["web_processes"]["restarts"] == 1
            assert status["ingest"]["restarts"] == 0
            assert len(status["viewers"]) == 6
            for viewer in rest:
                assert len(viewer.hellos) == 1
                for received in (viewer.frames, viewer.rows):
                    pulses = [one.pulse_id for one in received]
                    assert pulses == list(range(pulses[0], pulses[0] + len(pulses)))
            assert f"web process {which + 1} was ended by SIGKILL; it is started again" in server.output()
            assert "Traceback" not in server.output()


def test_all_are_killed_at_once(camera: int) -> None:
    """Connections wait for the next process; nobody is refused."""
    with running_server(camera, *TWO) as server:
        for pid in pids(server):
            os.kill(pid, signal.SIGKILL)
        wait_until(lambda: server.output().count("was ended by SIGKILL") == 2, 5, "the parent knows")
        with live(server, **RAW) as viewer:
            viewer.next_frame()
        status = server.wait_for_status(lambda status: len(status["web_processes"]["answered"]) == 2, 10, "both")
        assert status["connections"]["refused"].get("no_place", 0) == 0
        assert status["connections"]["taken"] <= 2


def test_a_killed_ingest_process_is_replaced_for_all(camera: int) -> None:
    """Viewers of both processes are told, and get the frames of the new one."""
    with running_server(camera, *TWO) as server, live(server, **RAW) as one, live(server, **RAW) as other:
        for viewer in (one, other):
            viewer.next_frame()
        old = server.status()["ingest"]["pid"]
        before = pids(server)
        os.kill(old, signal.SIGKILL)
        for viewer in (one, other):
            epoch = viewer.frames[-1].epoch
            while viewer.next_frame().epoch == epoch:
                pass
            assert len(viewer.hellos) == 2
            wait_for_own_status(viewer, lambda status: status["ingest"]["restarts"] == 1)
        status = server.wait_for_status(lambda status: status["ingest"]["pid"] not in (None, old), 3, "another one")
        assert status["ingest"]["restarts"] == 1
        assert status["web_processes"]["restarts"] == 0
        assert not is_running(old)
        # A web process that comes after it is told of its predecessor too.
        os.kill(before[0], signal.SIGKILL)
        wait_until(lambda: "web process 1 was ended" in server.output(), 5, "the parent knows")
        server.wait_for_status(lambda status: len(status["web_processes"]["answered"]) == 2, 10, "another web process")
        assert [server.status()["ingest"]["restarts"] for _ in range(4)] == [1] * 4


def test_one_that_is_stopped_is_left_out(camera: int) -> None:
    """The status of the others comes all the same, and new viewers go to the others; it is counted."""
    with running_server(camera, *TWO) as server:
        stopped = pids(server)[0]
        os.kill(stopped, signal.SIGSTOP)
        since = time.monotonic()
        try:

            def answered() -> list[int]:
                code, body, _ = server.get("api/status", timeout=2)
                return [] if code != 200 or b'"web_processes"' not in body else [1]

            wait_until(answered, 10, "the other one answers")
            status = server.wait_for_status(lambda status: status["web_processes"]["silent"] > 0, 10, "it is counted")
            assert [process["number"] for process in status["web_processes"]["answered"]] == [2]
            # Until then it gets connections, because a busy process may say nothing for a while.
            wait_until(lambda: time.monotonic() - since > QUIET_SECONDS + 0.5, 10, "it counts as quiet")
            with contextlib.ExitStack() as stack:
                for _ in range(4):
                    stack.enter_context(live(server, **RAW)).next_frame()
        finally:
            os.kill(stopped, signal.SIGCONT)
        server.wait_for_status(lambda status: len(status["web_processes"]["answered"]) == 2, 10, "it is back")


def test_nothing_is_left_of_a_killed_parent(camera: int) -> None:
    """The web processes and the ingest process end by themselves, and the port is free."""
    with running_server(camera, *TWO) as server, live(server, **RAW) as viewer:
        viewer.next_frame()
        left = children(server.pid)
        assert len(left) == 3
        server.kill()
        server.wait()
        begun = time.monotonic()
        # The port can be had before they have ended.
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", server.port))
        wait_until(lambda: not any(map(is_running, left)), 2, "all have ended")
        print(f"all had ended {time.monotonic() - begun:.3f} s after the parent was killed")
        wait_until(partial(is_closed, viewer), 2, "the viewer is told")
        assert "Traceback" not in server.output()


def test_a_second_server_on_the_port_ends_with_one_line(server: ServerProcess) -> None:
    """With exit code 2, as with one web process, whichever of them has several."""
    for options in (TWO, ()):
        command = [sys.executable, str(SCRIPT), "tcp://127.0.0.1:1", "--port", str(server.port), *options]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=deadline(20), check=False)
        assert ended.returncode == 2
        assert ended.stdout == ""
        assert ended.stderr.count("\n") == 1 and "address already in use" in ended.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_signal_ends_all_in_order(number: int) -> None:
    """Ten viewers at 50 Hz, one reads nothing: the others get 1001, the exit code is 0, and the log has no error."""
    with (
        running_simulator("--rate", "50", "--size", "1000x750") as (_, port),
        running_server(port, *TWO) as server,
        contextlib.ExitStack() as stack,
    ):
        viewers = [stack.enter_context(live(server)) for _ in range(9)]
        stack.enter_context(stopped_viewer(server))
        codes: list[tuple[int, str] | None] = []

        def watch(viewer: LiveClient) -> None:
            try:
                while True:
                    viewer.receive(deadline(10))
            except ConnectionClosed as closed:
                codes.append(None if closed.rcvd is None else (closed.rcvd.code, closed.rcvd.reason))

        threads = [threading.Thread(target=watch, args=(viewer,)) for viewer in viewers]
        for thread in threads:
            thread.start()
        server.wait_for_status(
            lambda status: len(status["viewers"]) == 10 and all(viewer["images"] for viewer in status["viewers"]),
            5,
            "all viewers have images",
        )
        left = children(server.pid)
        # A terminal and a service manager may send it to all of them.
        for pid in left:
            os.kill(pid, number)
        begun = time.monotonic()
        assert server.end(number, seconds=2) == 0
        print(f"ended {time.monotonic() - begun:.3f} s after the signal")
        assert not any(map(is_running, left))
        for thread in threads:
            thread.join()
        assert codes == [(1001, "the server stops")] * 9
        assert not re.search("ERROR|CRITICAL|Traceback", server.output()), server.output()
        assert server.output().count("Stream online viewer ") == 1


def test_a_signal_at_once_ends_all(camera: int) -> None:
    """Before anything serves; nothing is said and nothing is left."""
    process = ServerProcess(f"tcp://127.0.0.1:{camera}", "--port", str(find_free_port()), *TWO)
    try:
        left = wait_until(lambda: found if len(found := children(process.pid)) == 3 else None, 10, "its children")
        assert process.end(seconds=2) == 0
        wait_until(lambda: not any(map(is_running, left)), 2, "all have ended")
        assert not re.search("ERROR|CRITICAL|Traceback", process.output()), process.output()
    finally:
        process.close_output()


def test_web_processes_that_cannot_start_end_the_server(tmp_path: Path) -> None:
    """They are not started for ever: the server ends with their exit code, and serves at no time."""
    (tmp_path / "a2wsgi.py").write_text("raise RuntimeError('this package is broken')\n")
    command = [sys.executable, str(SCRIPT), f"tcp://127.0.0.1:{find_free_port()}", "--port", "0", *TWO]
    ended = subprocess.run(
        command,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=deadline(30),
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert "this package is broken" in ended.stderr
    assert "ERROR a web process ended with code 1 at its start" in ended.stderr


def test_a_package_that_only_they_need_is_named(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """In one line, before anything is started."""
    monkeypatch.setattr(main, "PACKAGES", ("no_such_package",))
    assert start_server.main([*TWO, "--port", "0"]) == 2
    assert capsys.readouterr().err == (
        "stream-online-viewer: the package 'no_such_package' is missing; run: make install\n"
    )
