"""The rules that the user set at the beginning, each by its name, over every way that images take.

A way is a source (the kind of socket, how the camera sends) and what a viewer asks for, over the links that the server
has between its processes. A new source or link is a new line in SOURCES; a new rendition of an image one in WAYS.
"""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser

from stream_online_viewer.simulation.cam_server import CamServer, SimulatedInstance
from stream_online_viewer.simulation.pva import NAME as SIMULATED_PV
from tests.browser.viewer_page import ViewerPage
from tests.bus import running_bus, running_ingest, running_web
from tests.live_client import LiveClient
from tests.server import SCRIPT, ServerProcess, running_server
from tests.simulator import running_simulator, simulated_pv
from tests.support import deadline

SIZE = (320, 240)


@dataclass(frozen=True)
class Source:
    """How the simulator sends, and what comes with an image."""

    options: tuple[str, ...]
    has_time: bool = True
    """Whether a message carries the time of the source; if not, the time of receipt is used."""
    number: str = "beam_energy"
    """A value of the stream that is shown on the page."""
    server: tuple[str, ...] = ()
    """Options of the server: other links than the usual one between its processes."""
    behind: str = ""
    """What is between simulator and server: "cam_server", which knows it by name; "bus", over which ingest and web
    server are two programs; "pva" stands for simulator and what is between."""


SOURCES = {
    "bsread PUSH": Source(("--scene", "beam")),
    "bsread PUB": Source(("--scene", "beam", "--mode", "pub")),
    "bsread PUSH, compressed": Source(("--scene", "camera", "--compression", "bitshuffle_lz4")),
    "bsread PUSH, two web processes": Source(("--scene", "beam"), server=("--web-processes", "2")),
    "bsread PUSH, over a bus": Source(("--scene", "beam"), behind="bus"),
    "array-1.0 PUB": Source(("--scene", "camera", "--mode", "pub", "--protocol", "array-1.0"), False, "frame"),
    "a name of cam_server": Source(("--scene", "beam", "--mode", "pub"), behind="cam_server"),
    **({"PV Access": Source((), True, "uniqueId", behind="pva")} if find_spec("p4p") is not None else {}),
}


def slack_ns() -> int:
    """Return how long before its receipt a message may be stamped: its transfer, 50 ms on an idle machine."""
    return int(deadline(0.05) * 1e9)


@dataclass(frozen=True)
class Way:
    """What a viewer asks for, and the keys of the image block that show that it was sent that."""

    want: dict[str, Any]
    block: dict[str, Any] = field(default_factory=dict)


WAYS = {
    "chosen by the server": Way({"format": "auto"}),
    "exact": Way({"format": "exact"}, {"exact": True}),
    "raw": Way({"format": "raw"}, {"format": "raw"}),
    "compressed": Way({"format": "bslz4"}, {"format": "bslz4"}),
    "float32": Way({"format": "float32"}),
    "preview": Way({"format": "preview", "picture": [160, 120]}, {"format": "jpeg", "binning": 2}),
    "part": Way({"format": "exact", "crop": [64, 64, 64, 64], "picture": [640, 640]}, {"of": [240, 320]}),
}


@pytest.fixture(scope="module", params=SOURCES)
def source(request: pytest.FixtureRequest) -> Source:
    """Each of the sources."""
    return SOURCES[request.param]


@pytest.fixture(scope="module")
def server(source: Source) -> Iterator[ServerProcess]:
    """A server on each of the sources, 40 images a second."""
    options = ("--rate", "40", "--size", f"{SIZE[0]}x{SIZE[1]}")
    if source.behind == "cam_server":
        with CamServer(lambda kind, name: SimulatedInstance(*source.options, *options), {"CAM": {}}) as servers:
            cameras, pipelines = (f"http://127.0.0.1:{port}" for port in servers.ports)
            asked = ("--camera-server", cameras, "--pipeline-server", pipelines)
            with running_server("cam_server://CAM", *asked) as running:
                yield running
    elif source.behind == "bus":
        with running_simulator(*source.options, *options) as (_, port):
            with running_bus() as bus, running_ingest(port, bus.url), running_web(bus.url) as running:
                yield running
    elif source.behind == "pva":
        with simulated_pv(*options) as (_, environment):
            with running_server(f"pva://{SIMULATED_PV}", environment=environment) as running:
                yield running
    else:
        with running_simulator(*source.options, *options) as (_, port):
            with running_server(port, *source.server) as running:
                yield running


def live(server: ServerProcess, want: dict[str, Any]) -> LiveClient:
    return LiveClient(server.url("live", "ws"), **want)


def test_one_server_receives_exactly_one_stream_whose_address_is_a_start_up_parameter() -> None:
    """The entry point takes one address; a second one is refused with one line, and there is a default."""
    command = [sys.executable, str(SCRIPT), "tcp://localhost:8888", "tcp://localhost:8889"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=deadline(20), check=False)
    assert ended.returncode == 2
    assert ended.stderr.strip().endswith("unrecognized arguments: tcp://localhost:8889")
    shown = subprocess.run([*command[:2], "--help"], capture_output=True, text=True, timeout=deadline(20), check=True)
    assert "tcp://localhost:8888" in shown.stdout


@pytest.mark.parametrize("way", WAYS)
def test_many_browsers_watch_at_the_same_time(server: ServerProcess, way: str) -> None:
    """Three viewers get the same pulses in the rendition that they asked for, while all are connected."""
    want = WAYS[way].want
    with live(server, want) as one, live(server, want) as two, live(server, want) as three:
        viewers = (one, two, three)
        for _ in range(15):
            for viewer in viewers:
                viewer.next_frame()
    pulses = [{frame.pulse_id for frame in viewer.frames} for viewer in viewers]
    assert pulses[0] & pulses[1] & pulses[2]
    for viewer in viewers:
        assert viewer.frames[-1].image is not None
        assert WAYS[way].block.items() <= viewer.frames[-1].image_block.items()


@pytest.mark.parametrize("way", WAYS)
def test_a_browser_gets_images_from_the_moment_it_connected_never_older_ones(
    server: ServerProcess, source: Source, way: str
) -> None:
    """The first image and the first row of one that comes while others watch were sent after it came."""
    want = WAYS[way].want
    with live(server, want) as other:
        for _ in range(3):
            other.next_frame()
            before = time.time_ns()
            with live(server, want) as late:
                first = late.next_frame()
                while not late.rows:
                    late.receive(deadline(5))
            assert first.receipt_time >= before
            # What the other had got by then had been sent before.
            assert min(first.pulse_id, *(row.pulse_id for row in late.rows)) > other.frames[-1].pulse_id
            if source.has_time:
                # The source's clock is this machine's too.
                assert first.source_time is not None and first.source_time >= before - slack_ns()
                assert min(row.source_time or 0 for row in late.rows) >= before - slack_ns()
        pulses = [frame.pulse_id for frame in other.frames]
        assert pulses == sorted(set(pulses))


@pytest.mark.parametrize("path", ["image.npy", "image.png"])
def test_a_single_image_is_the_next_one_after_the_request(server: ServerProcess, source: Source, path: str) -> None:
    """The same holds for the image files."""
    with live(server, {}) as other:
        for _ in range(3):
            other.next_frame()
            before = time.time_ns()
            code, body, headers = server.get(path)
            assert code == 200 and body
            assert int(headers["x-pulse-id"]) > other.frames[-1].pulse_id
            if source.has_time:
                assert int(headers["x-source-time-ns"]) >= before - slack_ns()


def test_the_server_always_listens_and_discards_while_nobody_watches(server: ServerProcess) -> None:
    """Without viewers every message is taken and none is decoded, before the first viewer and after the last one."""
    server.wait_for_status(lambda status: status["viewers"] == [], 5, "nobody watches")
    with live(server, {"format": "preview", "picture": [160, 120]}) as viewer:
        viewer.next_frame()
    left = server.wait_for_status(lambda status: status["viewers"] == [], 5, "the viewer is gone")
    # The count is a report of every 0.2 s: let the one pass that may still tell of the viewer.
    passed = left["source"]["messages"] + 30
    first = server.wait_for_status(lambda status: status["source"]["messages"] > passed, 10, "30 messages")
    second = server.wait_for_status(lambda status: status["source"]["messages"] > passed + 30, 10, "30 messages")
    assert first["ingest"]["encoded"] == second["ingest"]["encoded"] > 0
    assert second["source"]["state"] == "receiving"


@pytest.mark.parametrize("way", WAYS)
def test_image_and_metadata_are_of_one_pulse(server: ServerProcess, source: Source, way: str) -> None:
    """What belongs to an image comes with it, and is of the same message."""
    with live(server, WAYS[way].want) as viewer:
        for _ in range(5):
            frame = viewer.next_frame()
            assert frame.image is not None and frame.row is not None
            assert (frame.row.pulse_id, frame.row.sequence) == (frame.pulse_id, frame.sequence)
            if source.number != "beam_energy":
                assert frame.row.values[source.number] == frame.pulse_id
                continue
            assert (frame.row.values["image_size_x"], frame.row.values["image_size_y"]) == SIZE
            assert 5 <= frame.row.values["beam_energy"] <= 5.5
            block = frame.image_block
            if "crop" not in block and "binning" not in block:
                columns = frame.image.sum(axis=0, dtype=np.float64)
                assert columns == pytest.approx(frame.arrays["image_profile_x"], rel=1e-6)


def test_opening_the_page_starts_the_live_picture_by_itself(
    server: ServerProcess, source: Source, browser: Browser
) -> None:
    """The page is opened and nothing is touched: pictures follow each other, each newer, with the stream's metadata."""
    context = browser.new_context(locale="en-US")
    context.set_default_timeout(deadline(20) * 1000)
    said: list[str] = []
    try:
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        viewer = ViewerPage(page).open(server)
        pulses = viewer.wait_for_frames(5)
        assert pulses == sorted(set(pulses))
        if source.number == "beam_energy":
            energy = viewer.value("beam_energy").inner_text()
            assert re.match(r"5(\.\d+)?\b", energy), energy
            assert viewer.value("image_size_x").inner_text() == str(SIZE[0])
        else:
            assert re.match(r"\d", viewer.value(source.number).inner_text())
    finally:
        context.close()
    assert said == []
