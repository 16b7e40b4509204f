"""A stream that is opened by the name of a camera or of a pipeline, from a cam_server to a viewer."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stream_online_viewer.simulation.cam_server import CamServer, connections
from tests.bus import running_bus, running_ingest, running_web
from tests.cam_servers import CONFIG, SHAPE, Camera, FaultyCamServer, cam_servers, wait_a_little
from tests.live_client import LiveClient
from tests.name_servers import Dispatcher, redis
from tests.server import SCRIPT, ServerProcess, running_server
from tests.simulator import running_simulator
from tests.support import deadline, find_free_port, wait_until
from tests.unit.source_peers import say_nothing, tcp_server

NO_CLIENT_SECONDS = 1.0


@contextmanager
def server_of(servers: FaultyCamServer, address: str = "cam_server://CAM", *more: str) -> Iterator[ServerProcess]:
    """Run the server on a name, with the addresses of both servers in the facility's variables."""
    urls = [f"http://127.0.0.1:{port}" for port in servers.ports]
    environment = {"CAMERA_DEFAULT_URL": urls[0], "PIPELINE_DEFAULT_URL": urls[1]}
    with running_server(address, *more, environment=environment) as running:
        yield running


def live(server: ServerProcess, **want: Any) -> LiveClient:
    return LiveClient(server.url("live", "ws"), **({"format": "exact"} | want))


def wait_for_state(server: ServerProcess, state: str, seconds: float = 15) -> dict[str, Any]:
    return server.wait_for_status(lambda status: status["source"]["state"] == state, seconds, state)["source"]


def status_until(viewer: LiveClient, condition: Callable[[dict[str, Any]], Any], seconds: float = 5) -> dict[str, Any]:
    """Return the first status that a viewer is sent for which the condition is true."""
    end = time.monotonic() + deadline(seconds)
    while True:
        status = viewer.next_status()
        if condition(status):
            return status
        assert time.monotonic() < end, status["source"]


@pytest.fixture(scope="module")
def servers() -> Iterator[FaultyCamServer]:
    with cam_servers(no_client_seconds=NO_CLIENT_SECONDS) as running:
        yield running


@pytest.fixture(scope="module")
def server(servers: FaultyCamServer) -> Iterator[ServerProcess]:
    with server_of(servers, "cam_server://the-camera") as running:
        yield running


class TestPlaying:
    """What the status says, and what a viewer gets."""

    def test_the_shared_pipeline_is_shown_and_said(self, server: ServerProcess) -> None:
        """Its pixels; the page is told what the name stands for, status and metrics the kind and the lookups."""
        with live(server) as viewer:
            assert np.array_equal(viewer.next_frame().pixels, np.full(SHAPE, 1, np.uint16))
        source = wait_for_state(server, "receiving")
        assert source["origin"] == "the pipeline CAM_sp, shared; the-camera is an alias of CAM"
        assert source["origin"] in source["text"]
        assert (source["kind"], source["socket"], source["protocol"]) == ("cam_server", "SUB", "bsread")
        assert source["lookups"]["started"] >= 1
        metrics = server.get("metrics")[1].decode()
        assert 'sov_source_kind{kind="cam_server"} 1.0' in metrics
        assert 'sov_resolutions_total{result="started"}' in metrics

    def test_an_instance_that_ends_is_looked_up_again(self, server: ServerProcess, servers: FaultyCamServer) -> None:
        """It starts anew on another port while somebody watches; the stream goes on, without another option."""
        with live(server) as viewer:
            viewer.next_frame()
            before = len(servers.started)
            servers.stop("pipeline", "CAM_sp")
            wait_until(lambda: len(servers.started) > before, 15, "the pipeline is started again")
            viewer.frames.clear()
            assert viewer.next_frame(15).pixels[0, 0] == 1

    def test_a_port_that_another_stream_got_meanwhile_is_not_shown(
        self, server: ServerProcess, servers: FaultyCamServer
    ) -> None:
        """Servers give the ports of ended streams to others: not one pixel of the other camera is shown."""
        with live(server) as viewer:
            viewer.next_frame()
            port = servers.running["pipeline", "CAM_sp"].address.rpartition(":")[2]
            servers.stop("pipeline", "CAM_sp")
            other = Camera(99, int(port))
            try:
                begun = len(viewer.frames)
                while len(viewer.frames) < begun + 20:
                    viewer.next_frame(15)
                assert {int(frame.pixels[0, 0]) for frame in viewer.frames} == {1}
            finally:
                other.close()

    def test_a_silent_stream_is_looked_up_again(self, server: ServerProcess, servers: FaultyCamServer) -> None:
        """The connection stands and nothing comes: the servers are asked, with growing pauses."""
        wait_for_state(server, "receiving")
        instance = servers.running["pipeline", "CAM_sp"]
        assert isinstance(instance, Camera)
        instance.quiet.set()
        before = server.status()["source"]["lookups"].get("found", 0)
        server.wait_for_status(
            lambda status: status["source"]["lookups"].get("found", 0) >= before + 2, 30, "two lookups"
        )
        assert server.status()["source"]["state"] == "silent"
        assert servers.running["pipeline", "CAM_sp"] is instance
        instance.quiet.clear()
        wait_for_state(server, "receiving")


def test_a_camera_without_a_pipeline_has_the_axes_of_its_calibration() -> None:
    """In um, as its pipeline would have them; pixels stay exact."""
    with cam_servers(pipelines=()) as servers, server_of(servers) as server, live(server) as viewer:
        frame = viewer.next_frame()
        assert np.array_equal(frame.pixels, np.full(SHAPE, 2, np.uint16))
        marker = CONFIG["camera_calibration"]
        for name, count, zero, size, pixels, angle in (
            ("x_axis", SHAPE[1], 4, marker["reference_marker_width"], 6, 10),
            ("y_axis", SHAPE[0], 3, marker["reference_marker_height"], 4, 45),
        ):
            step = size / pixels * np.cos(np.radians(angle))
            assert frame.arrays[name] == pytest.approx((zero - np.arange(count)) * step, rel=1e-6)
        assert status_until(viewer, lambda status: status["source"]["origin"])["source"]["origin"] == (
            "the camera CAM itself, without a pipeline"
        )


def test_the_source_is_let_go_while_nobody_watches() -> None:
    """The instance can end; that is no fault and no loss; the first viewer is told what happens, and gets pictures."""
    with (
        cam_servers(no_client_seconds=NO_CLIENT_SECONDS) as servers,
        server_of(servers, "cam_server://CAM", "--release-idle", "1") as server,
    ):
        wait_for_state(server, "receiving")
        source = wait_for_state(server, "released")
        assert source["text"] == "Nobody watches, so cam_server://CAM was let go; the next viewer opens it again."
        assert server.get("readyz")[0] == 200
        wait_until(lambda: not servers.running, 15, "the pipeline has ended")
        started = len(servers.started)
        path = "/api/v1/pipeline/instance/CAM_sp"
        right = CamServer.answer
        servers.faults[path] = wait_a_little(1.0, lambda: right(servers, "pipeline", path))
        with live(server) as viewer:
            said = status_until(viewer, lambda status: status["source"]["state"] == "resolving")
            if "Looking up" in said["source"]["text"]:
                said = status_until(viewer, lambda status: "Starting" in status["source"]["text"])
            assert said["source"]["text"].startswith("Starting the pipeline CAM_sp")
            assert viewer.next_frame(20).pixels[0, 0] == 1
            assert servers.asked.count(path) == started + 1
            # As long as somebody watches it is kept.
            assert viewer.next_frame().pixels[0, 0] == 1
        lost = wait_for_state(server, "released")
        assert lost["lost"] == lost["jumps"] == lost["backwards"] == 0
        port = int(servers.running["pipeline", "CAM_sp"].address.rpartition(":")[2]) if servers.running else 0
        assert connections(port) == 0
        assert "WARNING source released" not in server.output()


def test_without_the_option_the_server_always_listens() -> None:
    """Nobody watches, and the stream is taken all the same."""
    with cam_servers(no_client_seconds=NO_CLIENT_SECONDS) as servers, server_of(servers) as server:
        wait_for_state(server, "receiving")
        passed = server.status()["source"]["messages"]
        server.wait_for_status(lambda status: status["source"]["messages"] > passed + 40, 30, "40 messages")
        assert servers.started == ["CAM_sp"]


class TestWrongServers:
    """What the page is told, and that nothing else suffers."""

    def test_a_server_that_hangs_holds_nothing_up(self) -> None:
        """It accepts and says nothing: that is said, the receiving process is replaced as ever, and the server ends."""
        with tcp_server(say_nothing) as port:
            with running_server(f"cam_server://127.0.0.1:{port}/CAM") as server:
                status = server.wait_for_status(
                    lambda status: status["source"]["lookups"].get("slow", 0) >= 1, 20, "an answer is overdue"
                )
                assert (status["source"]["state"], status["source"]["socket"]) == ("unreachable", None)
                assert f"127.0.0.1:{port} did not answer within 3 s" in status["source"]["text"]
                os.kill(status["ingest"]["pid"], signal.SIGKILL)
                server.wait_for_status(lambda status: status["ingest"]["restarts"] == 1, 15, "it is replaced")
                begun = time.monotonic()
                assert server.end() == 0
                assert time.monotonic() - begun < deadline(3)

    def test_an_error_is_said_in_the_words_of_the_server(self) -> None:
        """It comes with HTTP 200."""
        with cam_servers() as servers:
            servers.faults["/api/v1/cam/aliases"] = lambda: {"state": "error", "status": "The beam dump is full."}
            with server_of(servers) as server:
                source = wait_for_state(server, "unresolvable")
                assert source["text"].endswith("says: The beam dump is full.")
                assert source["lookups"]["error"] >= 1
                # As soon as the server answers, the stream comes.
                servers.faults.clear()
                wait_for_state(server, "receiving")

    def test_a_noted_address_of_a_cam_server_is_recognised(self) -> None:
        """The message proposes the address by name."""
        with cam_servers() as servers:
            for port, scheme in zip(servers.ports, ("cam_server", "pipeline"), strict=True):
                with running_server(port) as server:
                    text = wait_for_state(server, "http")["text"]
                    assert (
                        f"a cam_server answers there; open its streams by name: {scheme}://127.0.0.1:{port}/NAME"
                        in text
                    )

    def test_a_stream_of_a_host_that_is_not_allowed_is_not_opened(self) -> None:
        """--source-hosts."""
        with cam_servers() as servers, server_of(servers, "pipeline://CAM_sp", "--source-hosts", "*.psi.ch") as server:
            source = wait_for_state(server, "unresolvable")
            assert "127.0.0.1, which is none of the hosts of --source-hosts" in source["text"]
            assert source["lookups"]["host"] >= 1
            assert connections(int(servers.running["pipeline", "CAM_sp"].address.rpartition(":")[2])) == 0

    def test_no_server_is_an_error_of_the_start(self) -> None:
        """One line with the option, and exit code 2."""
        ended = ServerProcess("cam_server://CAM", "--port", str(find_free_port()), script=SCRIPT)
        assert ended.wait(deadline(20)) == 2
        assert "Say it with --camera-server or as cam_server://host:8888/CAM" in ended.output()
        ended.close_output()


def test_several_web_processes_release_and_open_it_together() -> None:
    """A viewer of either keeps the source."""
    with (
        cam_servers(no_client_seconds=NO_CLIENT_SECONDS) as servers,
        server_of(servers, "cam_server://CAM", "--release-idle", "1", "--web-processes", "2") as server,
    ):
        wait_for_state(server, "released")
        with live(server) as first, live(server) as second:
            for viewer in (first, second):
                assert viewer.next_frame(20).pixels[0, 0] == 1
            first.close()
            begun, before = time.monotonic(), len(second.statuses)
            while time.monotonic() - begun < 1.5:
                second.next_frame(10)
            # On a busy machine the connection may be lost and found again, but it is not let go.
            assert wait_for_state(server, "receiving")["state"] == "receiving"
            assert all(status["source"]["state"] != "released" for status in second.statuses[before:])
        wait_for_state(server, "released")


def test_over_a_bus_it_is_let_go_by_all_web_servers_together() -> None:
    """A viewer of either web server opens it, and keeps it; the status of both names its kind."""
    with cam_servers(no_client_seconds=NO_CLIENT_SECONDS) as servers, running_bus() as bus:
        cameras, pipelines = (f"http://127.0.0.1:{port}" for port in servers.ports)
        options = ("--camera-server", cameras, "--pipeline-server", pipelines, "--release-idle", "1")
        with (
            running_ingest("cam_server://CAM", bus.url, *options),
            running_web(bus.url) as first,
            running_web(bus.url) as second,
        ):
            for web in (first, second):
                assert wait_for_state(web, "released", 30)["kind"] == "cam_server"
            with live(second) as viewer:
                assert viewer.next_frame(30).pixels[0, 0] == 1
                assert wait_for_state(first, "receiving")["origin"] == "the pipeline CAM_sp, shared"
            wait_for_state(first, "released", 30)


def test_channels_of_the_machine_come_from_the_dispatcher() -> None:
    """One request; image and scalars of a pulse; after silence another request, whose stream is taken instead."""
    cameras = [Camera(5), Camera(6)]
    addresses = iter([camera.address for camera in cameras])
    last = cameras[1].address
    with Dispatcher(lambda: json.dumps({"stream": next(addresses, last)}).encode()) as dispatcher:
        with running_server("dispatcher://CAM:FPICTURE,BPM1:X", "--dispatcher", dispatcher.url) as server:
            with live(server) as viewer:
                assert viewer.next_frame(20).pixels[0, 0] == 5
                assert len(dispatcher.requests) == 1
                source = wait_for_state(server, "receiving")
                assert source["origin"] == "a stream of CAM:FPICTURE, BPM1:X, made by the dispatcher"
                cameras[0].quiet.set()
                while viewer.next_frame(40).pixels[0, 0] != 6:
                    pass
                assert len(dispatcher.requests) == 2
    for camera in cameras:
        camera.close()


def test_a_detector_of_the_standard_daq_is_found_by_its_name() -> None:
    """Its address is read from Redis; its stream is array-1.0."""
    with running_simulator("--protocol", "array-1.0", "--scene", "camera", "--mode", "pub", "--size", "64x48") as (
        _,
        port,
    ):
        with redis({"JF01:LIVE-STREAM": f"tcp://127.0.0.1:{port}"}) as (redis_port, _):
            with running_server(f"stddaq://127.0.0.1:{redis_port}/JF01") as server, live(server) as viewer:
                assert viewer.next_frame(20).pixels.shape == (48, 64)
                source = wait_for_state(server, "receiving")
                assert (source["kind"], source["protocol"]) == ("stddaq", "array-1.0")
                assert source["origin"] == "the live stream of the detector JF01"


@pytest.mark.parametrize("kind", ["pipeline", "dispatcher", "stddaq"])
def test_each_kind_of_name_is_opened_over_a_bus(kind: str) -> None:
    """By the ingest half, which alone knows the address; the web server gets its pixels and says the kind."""
    camera = Camera(5)
    answer = json.dumps({"stream": camera.address}).encode()
    with (
        running_bus() as bus,
        cam_servers() as servers,
        Dispatcher(lambda: answer) as dispatcher,
        redis({"JF01:LIVE-STREAM": camera.address}) as (redis_port, _),
    ):
        address = {
            "pipeline": f"pipeline://127.0.0.1:{servers.ports[1]}/CAM_sp",
            "dispatcher": "dispatcher://CAM:FPICTURE",
            "stddaq": f"stddaq://127.0.0.1:{redis_port}/JF01",
        }[kind]
        options = ("--dispatcher", dispatcher.url)
        with running_ingest(address, bus.url, *options), running_web(bus.url) as web, live(web) as viewer:
            assert viewer.next_frame(20).pixels[0, 0] == (1 if kind == "pipeline" else 5)
            assert wait_for_state(web, "receiving")["kind"] == kind
    camera.close()


def test_the_catalogue_is_served_only_where_it_is_configured(server: ServerProcess, tmp_path: Path) -> None:
    """With its style sheet and a policy that lets its search be sent; by each of several web processes; wrong files end
    the start."""
    assert server.get("cameras")[0] == server.get("cameras.css")[0] == 404
    file = tmp_path / "cameras.toml"
    file.write_text('[[camera]]\nname = "CAM"\naddress = "cam_server://CAM"\nlink = "/cam/"\n')
    with running_server(find_free_port(), "--catalogue", str(file), "--web-processes", "2") as other:
        code, body, headers = other.get("cameras?search=cam")
        assert code == 200 and b'<a href="/cam/">CAM</a>' in body
        assert "form-action 'self'" in headers["content-security-policy"]
        assert headers["content-type"] == "text/html; charset=utf-8"
        assert other.get("cameras.css")[2]["content-type"] == "text/css; charset=utf-8"
    file.write_text("[[camera]]")
    ended = ServerProcess("tcp://localhost:1", "--port", "0", "--catalogue", str(file))
    assert ended.wait(deadline(20)) == 2 and "camera 1: name is no text" in ended.output()
    ended.close_output()
