"""How a camera's or a pipeline's name becomes an address: the order, what is asked, and every wrong answer."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stream_online_viewer.simulation.cam_server import CamServer
from stream_online_viewer.sources.base import AddressError, SourceOptions
from stream_online_viewer.sources.named import cam_server, rest
from stream_online_viewer.sources.named.address import HttpServer, Name, parse_name, parse_server
from stream_online_viewer.sources.named.calibration import axis_values, read_calibration
from stream_online_viewer.sources.named.cam_server import CameraLookup, PipelineLookup, camera_lookup, pipeline_lookup
from stream_online_viewer.sources.named.found import Found, LookupFailed
from stream_online_viewer.sources.named.rest import ask
from tests.cam_servers import CONFIG, FaultyCamServer, cam_servers, wait_a_little
from tests.support import deadline, find_free_port, wait_until
from tests.unit.source_peers import say_nothing, tcp_server

VECTORS = Path(__file__).parents[1] / "vectors" / "cam_server"


@pytest.fixture
def servers() -> Iterator[FaultyCamServer]:
    with cam_servers(no_client_seconds=0) as running:
        yield running


def camera(servers: FaultyCamServer, name: str = "CAM", hosts: tuple[str, ...] = ()) -> CameraLookup:
    cameras, pipelines = (HttpServer("127.0.0.1", port) for port in servers.ports)
    return CameraLookup(Name(name, None), cameras, pipelines, hosts)


def pipeline(servers: FaultyCamServer, name: str = "CAM_sp") -> PipelineLookup:
    return PipelineLookup(Name(name, None), HttpServer("127.0.0.1", servers.ports[1]), ())


def find(lookup: CameraLookup | PipelineLookup) -> Found:
    return lookup.find(lambda text: None)


def failure(lookup: CameraLookup | PipelineLookup) -> LookupFailed:
    with pytest.raises(LookupFailed) as problem:
        find(lookup)
    return problem.value


class TestOrder:
    """Alias, shared pipeline, camera; what runs is not started again."""

    def test_a_shared_pipeline_that_runs_is_taken_and_nothing_is_started(self, servers: FaultyCamServer) -> None:
        """Its address comes from ``info``: no request that starts something is sent at all."""
        first = find(pipeline(servers))
        assert first.started and servers.started == ["CAM_sp"]
        servers.asked.clear()
        found = find(camera(servers))
        assert (found.address, found.started) == (first.address, False)
        assert found.origin == "the pipeline CAM_sp, shared"
        assert servers.asked == ["/api/v1/cam/aliases", "/api/v1/cam", "/api/v1/pipeline/info"]

    def test_a_saved_shared_pipeline_is_started_and_said(self, servers: FaultyCamServer) -> None:
        """Once; the sentence is told before the request is sent."""
        told: list[str] = []
        found = camera(servers).find(told.append)
        assert found.started and servers.started == ["CAM_sp"]
        assert [text.partition(":")[0] for text in told] == ["Starting the pipeline CAM_sp"]

    def test_an_alias_stands_for_its_camera(self, servers: FaultyCamServer) -> None:
        """And that is said."""
        assert find(camera(servers, "the-camera")).origin == (
            "the pipeline CAM_sp, shared; the-camera is an alias of CAM"
        )

    def test_a_camera_without_a_pipeline_is_taken_itself_with_its_calibration(self, servers: FaultyCamServer) -> None:
        """It is started if it does not run, and not again."""
        servers.pipelines = ()
        found = find(camera(servers))
        assert found.origin == "the camera CAM itself, without a pipeline" and found.started
        assert found.calibration == read_calibration(CONFIG)
        again = find(camera(servers))
        assert (again.address, again.started, servers.started) == (found.address, False, ["CAM"])

    def test_without_a_pipeline_server_the_camera_is_taken_and_the_reason_said(self, servers: FaultyCamServer) -> None:
        """Nothing listens there."""
        port = find_free_port()
        lookup = CameraLookup(
            Name("CAM", None), HttpServer("127.0.0.1", servers.ports[0]), HttpServer("127.0.0.1", port), ()
        )
        assert find(lookup).origin.endswith(f", because no pipeline server listens at 127.0.0.1:{port}")

    def test_unknown_names(self, servers: FaultyCamServer) -> None:
        """Neither is started."""
        for lookup, words in (
            (camera(servers, "NONE"), "knows no camera NONE"),
            (pipeline(servers, "NONE"), "knows no pipeline NONE, neither running nor saved"),
        ):
            problem = failure(lookup)
            assert problem.result == "unknown" and words in str(problem)
        assert servers.started == []


class TestStarting:
    """What starts something is sent once."""

    def test_a_slow_start_is_not_repeated(self, servers: FaultyCamServer, monkeypatch: pytest.MonkeyPatch) -> None:
        """After a time-out only ``info`` is asked, until the instance runs."""
        monkeypatch.setattr(cam_server, "START_SECONDS", 0.2)
        release = threading.Event()
        path = "/api/v1/pipeline/instance/CAM_sp"

        def late() -> Any:
            release.wait(deadline(20))
            return CamServer.answer(servers, "pipeline", path)

        servers.faults[path] = late
        lookup = camera(servers)
        assert failure(lookup).result == "slow"
        assert "does not run yet" in str(failure(lookup))
        assert servers.asked.count(path) == 1
        release.set()
        wait_until(lambda: servers.running, 5, "the instance runs")
        found = find(lookup)
        assert not found.started and servers.started == ["CAM_sp"] and servers.asked.count(path) == 1

    def test_a_refused_start_may_be_tried_again(self, servers: FaultyCamServer) -> None:
        """The server said itself that it did not start."""
        path = "/api/v1/pipeline/instance/CAM_sp"
        servers.faults[path] = lambda: {"state": "error", "status": "Camera is\n offline."}
        lookup = camera(servers)
        problem = failure(lookup)
        assert problem.result == "error" and str(problem).endswith("says: Camera is offline.")
        del servers.faults[path]
        assert find(lookup).started


INFO = "/api/v1/pipeline/info"


def running(**entry: Any) -> dict[str, Any]:
    """Return the answer to ``info`` with one instance."""
    return {"state": "ok", "info": {"active_instances": {"CAM_sp": entry}}}


@pytest.mark.parametrize(
    ("path", "answer", "result", "words"),
    [
        ("/api/v1/cam", {"state": "error", "status": "No such thing."}, "error", "says: No such thing."),
        ("/api/v1/cam", {"state": "error"}, "unusable", "answered with the state 'error'"),
        ("/api/v1/cam", {"state": "fine", "cameras": ["CAM"]}, "unusable", "answered with the state 'fine'"),
        ("/api/v1/cam", {"cameras": ["CAM"]}, "unusable", "answered with the state None"),
        ("/api/v1/cam", {"state": "ok"}, "unusable", "without 'cameras'"),
        ("/api/v1/cam", {"state": "ok", "cameras": {"CAM": 1}}, "unusable", "without 'cameras'"),
        ("/api/v1/cam", b"<html>Sign in</html>", "unusable", "answered with HTML instead of JSON"),
        ("/api/v1/cam", b"[" * 100_000, "unusable", "something else instead of JSON"),
        ("/api/v1/cam", b'"CAM"', "unusable", "JSON that is no object"),
        ("/api/v1/cam", b"", "unusable", "something else instead of JSON"),
        ("/api/v1/cam", b"\xff\xfe", "unusable", "something else instead of JSON"),
        ("/api/v1/cam", None, "unusable", "HTTP status 404"),
        ("/api/v1/cam/aliases", {"state": "ok", "aliases": []}, "unusable", "without 'aliases'"),
        (INFO, {"state": "ok", "info": {"active_instances": []}}, "unusable", "does not say what runs there"),
        (INFO, running(stream_address="ipc:///tmp/x"), "unusable", "an address that cannot be used"),
        (INFO, running(stream_address="tcp://host:1\n"), "unusable", "an address that cannot be used"),
        (INFO, running(stream_address="tcp://*:9"), "unusable", "an address that cannot be used"),
        (INFO, running(stream_address=["tcp://host:1"]), "unusable", "without the address of a stream"),
        (INFO, running(stream_address="tcp://elsewhere:1"), "host", "which is none of the hosts of --source-hosts"),
    ],
)
def test_wrong_answers(servers: FaultyCamServer, path: str, answer: Any, result: str, words: str) -> None:
    """Each has its reason and one short sentence, and starts nothing."""
    servers.faults[path] = lambda: answer
    problem = failure(camera(servers, hosts=("127.0.0.1", "*.psi.ch")))
    assert problem.result == result and words in str(problem), problem
    assert "\n" not in str(problem) and len(str(problem)) < 400
    assert servers.started == []


def test_hosts_are_names_and_patterns(servers: FaultyCamServer) -> None:
    """In any case of letters."""
    servers.faults[INFO] = lambda: running(stream_address="tcp://Node7.PSI.ch:11100")
    assert find(camera(servers, hosts=("*.psi.ch",))).address == "tcp://Node7.PSI.ch:11100"
    assert find(camera(servers, hosts=("node7.psi.ch",))).address == "tcp://Node7.PSI.ch:11100"
    assert failure(camera(servers, hosts=("*.node7.psi.ch",))).result == "host"


def test_an_instance_that_does_not_send_is_started(servers: FaultyCamServer) -> None:
    """``info`` may still list it."""
    servers.faults[INFO] = lambda: running(stream_address="tcp://127.0.0.1:1", is_stream_active=False)
    assert find(camera(servers)).started and servers.started == ["CAM_sp"]


class TestLimits:
    """Of one request."""

    def test_a_silent_server(self) -> None:
        """It accepts, and says nothing."""
        with tcp_server(say_nothing) as port:
            self.fails_as("slow", port, "did not answer within 0.2 s")

    def test_a_server_that_drips(self) -> None:
        """Each byte comes in time, the whole does not."""

        def serve(connection: socket.socket) -> None:
            for byte in b"HTTP/1.0 200 OK\r\n" + b"X-Header: more\r\n" * 1000:
                connection.sendall(bytes([byte]))
                time.sleep(0.02)

        with tcp_server(serve) as port:
            self.fails_as("slow", port, "did not answer within 0.2 s")

    def test_a_huge_answer(self) -> None:
        """No more than the limit is taken."""

        def serve(connection: socket.socket) -> None:
            connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n")
            while True:
                connection.sendall(bytes(65536))

        with tcp_server(serve) as port:
            self.fails_as("unusable", port, "more than 1 MB", seconds=deadline(10))

    def test_what_is_no_http(self) -> None:
        """A ZeroMQ socket, for instance."""

        def serve(connection: socket.socket) -> None:
            connection.sendall(b"\xff" + bytes(8) + b"\x7f" + b"\x03\r\n\r\n")
            say_nothing(connection)

        with tcp_server(serve) as port:
            self.fails_as("unusable", port, "is no HTTP server", seconds=deadline(5))

    def test_nothing_there(self) -> None:
        """Nothing listens; the name has no address."""
        self.fails_as("unreachable", find_free_port(), "connection refused", seconds=deadline(5))
        with pytest.raises(LookupFailed, match="cannot be resolved"):
            ask(HttpServer("no-such-host.invalid", 1), "/", deadline(5))

    @staticmethod
    def fails_as(result: str, port: int, words: str, seconds: float = 0.2) -> None:
        begun = time.monotonic()
        with pytest.raises(LookupFailed) as problem:
            ask(HttpServer("127.0.0.1", port), "/", seconds, 1_000_000)
        assert problem.value.result == result and words in str(problem.value)
        assert time.monotonic() - begun < seconds + deadline(3)

    def test_no_redirection_is_followed(self) -> None:
        """It would lead to a server that nobody named."""

        def serve(connection: socket.socket) -> None:
            connection.recv(4096)
            connection.sendall(b"HTTP/1.0 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n")
            connection.shutdown(socket.SHUT_RDWR)

        with tcp_server(serve) as port:
            self.fails_as("unusable", port, "HTTP status 302", seconds=deadline(5))

    def test_limits_of_the_lookups_are_these(self) -> None:
        """Three seconds; a few megabytes."""
        assert rest.ANSWER_SECONDS == 3 and rest.MAX_ANSWER_BYTES == 16 * 2**20


@pytest.mark.parametrize("name", sorted(path.stem for path in VECTORS.glob("*.npz")))
def test_axes_are_those_of_cam_server(name: str) -> None:
    """To the last bit, for each calibration that its own numbers exist for; none without a calibration."""
    with np.load(VECTORS / f"{name}.npz", allow_pickle=False) as data:
        calibration = read_calibration({"camera_calibration": json.loads(str(data["calibration"]))})
        x_axis, y_axis = data["x_axis"], data["y_axis"]
        if calibration is None:
            assert np.array_equal(x_axis, np.arange(x_axis.size))
            return
    axes = axis_values(calibration, y_axis.size, x_axis.size)
    assert axes is not None
    x, y = axes
    assert np.array_equal(np.frombuffer(x, "<f4"), x_axis)
    assert np.array_equal(np.frombuffer(y, "<f4"), y_axis)


def test_axes_of_a_part_of_the_image() -> None:
    """Cut as the image is; none for an image that is not this part."""
    whole, part = read_calibration(CONFIG), read_calibration({**CONFIG, "roi": [2, 4, 1, 3]})
    assert whole is not None and part is not None
    axes = axis_values(whole, 6, 8)
    assert axes is not None
    x, y = axes
    assert axis_values(part, 3, 4) == (x[8:24], y[4:16])
    assert axis_values(part, 6, 8) is None


@pytest.mark.parametrize(
    "change",
    [
        {"reference_marker": [1, 1, 1, 5]},
        {"reference_marker": [1, 1, 7]},
        {"reference_marker": "1,1,7,5"},
        {"reference_marker": [1, 1, 7, float("nan")]},
        {"reference_marker_width": None},
        {"reference_marker_height": 0},
        {"angle_vertical": True},
        {"angle_vertical": 1e300},
    ],
)
def test_a_calibration_that_cannot_be_used_gives_no_axes(change: dict[str, Any]) -> None:
    """Wrong positions would be worse than none."""
    entry = {**CONFIG["camera_calibration"], **change}
    assert read_calibration({"camera_calibration": entry}) is None


class TestAddresses:
    """What an address may be."""

    @pytest.mark.parametrize(
        ("text", "name"),
        [
            ("cam_server://SARES20-CAMS142-M5", Name("SARES20-CAMS142-M5", None)),
            ("cam_server://host/CAM", Name("CAM", HttpServer("host", 8888))),
            ("cam_server://host:1/CAM:A", Name("CAM:A", HttpServer("host", 1))),
            ("cam_server://[::1]:1/CAM", Name("CAM", HttpServer("::1", 1))),
        ],
    )
    def test_right_ones(self, text: str, name: Name) -> None:
        """With and without the server."""
        assert parse_name("cam_server", 8888, text) == name

    @pytest.mark.parametrize(
        "text", ["", "/", "a/b/c", "host:0/CAM", "host:99999/CAM", "http://host/CAM", "CAM?x", "..", "a b", "x" * 300]
    )
    def test_wrong_ones(self, text: str) -> None:
        """One short line."""
        with pytest.raises(AddressError) as problem:
            parse_name("cam_server", 8888, f"cam_server://{text}")
        assert len(str(problem.value)) < 300

    def test_servers(self) -> None:
        """With and without scheme, port and path."""
        assert parse_server("http://a:1/", 2) == HttpServer("a", 1)
        assert parse_server("a", 2) == HttpServer("a", 2)
        assert parse_server("https://a/b/c", 443) == HttpServer("a", 443, True, "/b/c")
        for text in ("", "ftp://a", "http://a:b", "http://a?b", "http://u@a", "http://a:0"):
            with pytest.raises(ValueError):
                parse_server(text, 1)

    def test_which_server_is_asked(self) -> None:
        """That of the address before that of the option; no server is an error before anything is started."""
        options = SourceOptions("cam_server://CAM", camera_server="http://a:1", pipeline_server="http://b:2")
        assert camera_lookup(options).where == "the camera server a:1"
        options = SourceOptions("pipeline://host/CAM", pipeline_server="http://b:2")
        assert pipeline_lookup(options).where == "the pipeline server host:8889"
        with pytest.raises(AddressError, match="--camera-server"):
            camera_lookup(SourceOptions("cam_server://CAM"))
        with pytest.raises(AddressError, match="--pipeline-server"):
            pipeline_lookup(SourceOptions("pipeline://CAM"))


def test_a_late_answer_is_still_an_answer(servers: FaultyCamServer) -> None:
    """Within the time limit."""
    servers.faults["/api/v1/cam"] = wait_a_little(0.1, lambda: {"state": "ok", "cameras": ["CAM"]})
    assert find(camera(servers)).started
