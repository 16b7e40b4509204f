"""The list of the cameras that a camera server knows, from that server to ``/cameras``."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from stream_online_viewer.simulation.cam_server import CamServer
from tests.bus import running_bus, running_ingest, running_web
from tests.cam_servers import CONFIG, Camera, FaultyCamServer
from tests.server import ServerProcess, running_server
from tests.support import find_free_port, wait_until

ITEM = re.compile(
    r'<summary>([^< ]+)(?: <span class="alias">([^<]*)</span>)?(?: <span class="runs">([^<]*)</span>)?</summary>'
)
INFO = "/api/v1/cam/info"


@pytest.fixture(scope="module")
def servers() -> Iterator[FaultyCamServer]:
    """Two cameras in a group, of which one has a pipeline."""
    aliases, groups = {"the-camera": "CAM"}, {"HALL": ["CAM", "CAM2"]}

    def start(kind: str, name: str) -> Camera:
        return Camera(1)

    cameras = {"CAM": CONFIG, "CAM2": CONFIG}
    with FaultyCamServer(start, cameras, aliases, groups, ("CAM_sp",), no_client_seconds=0) as running:
        yield running  # type: ignore[misc]


@pytest.fixture(scope="module")
def server(servers: FaultyCamServer) -> Iterator[ServerProcess]:
    """A server without a stream, with two web processes, that lists these cameras."""
    cameras, pipelines = (f"http://127.0.0.1:{port}" for port in servers.ports)
    options = ("--catalogue", cameras, "--pipeline-server", pipelines, "--web-processes", "2")
    with running_server(find_free_port(), *options) as running:
        yield running


@pytest.fixture(autouse=True)
def forgiving(servers: FaultyCamServer) -> Iterator[None]:
    yield
    servers.faults.clear()


def items(server: ServerProcess, search: str = "") -> list[tuple[str, str, str]]:
    """Return name, alias and marks of the cameras that are listed now."""
    code, body, _ = server.get(f"cameras/list?search={search}")
    assert code == 200
    return ITEM.findall(body.decode())


def until(server: ServerProcess, expected: list[tuple[str, str, str]]) -> None:
    """Wait until both web processes, which take turns, list this."""
    for _ in range(4):
        wait_until(lambda: items(server) == expected, 20, f"{expected}", poll=0.3)


QUIET = [("CAM", "the-camera", ""), ("CAM2", "", "")]


def test_names_groups_aliases_and_what_runs_are_listed(servers: FaultyCamServer, server: ServerProcess) -> None:
    """What runs is marked while the page is looked at; a search finds by all of it; nothing was ever started by it."""
    until(server, QUIET)
    page = server.get("cameras")[1].decode()
    assert "<h2>HALL</h2>" in page and "<p>2 of 2</p>" in page
    cameras, pipelines = servers.ports
    command = f"--pipeline-server http://127.0.0.1:{pipelines} cam_server://127.0.0.1:{cameras}/CAM --port 0"
    assert f"<code>stream-online-viewer {command}</code>" in page
    # The groups come with a request of their own, which a busy machine may answer too late.
    wait_until(lambda: items(server, "the-camera") == QUIET[:1], 20, "found by its alias", poll=0.3)
    wait_until(lambda: items(server, "hall%20cam2") == QUIET[1:], 20, "found by group and name", poll=0.3)
    assert servers.started == []
    CamServer.answer(servers, "pipeline", "/api/v1/pipeline/instance/CAM_sp")
    CamServer.answer(servers, "cam", "/api/v1/cam/CAM2")
    until(server, [("CAM", "the-camera", "runs: CAM_sp"), ("CAM2", "", "runs: camera")])
    servers.stop("pipeline", "CAM_sp")
    servers.stop("cam", "CAM2")
    until(server, QUIET)


def test_an_unchanged_list_is_not_sent_again(server: ServerProcess) -> None:
    """A browser that has it gets an answer without it."""
    until(server, QUIET)
    tags = set()
    for _ in range(4):
        code, _, headers = server.get("cameras/list")
        assert code == 200 and headers["cache-control"] == "no-cache"
        tags.add(headers["etag"])
    assert len(tags) == 1


def test_a_failure_is_said_with_the_time_of_the_last_good_answer(
    servers: FaultyCamServer, server: ServerProcess
) -> None:
    """The cameras of that time stay listed; all is well again afterwards."""
    until(server, QUIET)

    def body() -> str:
        return server.get("cameras")[1].decode()

    servers.faults[INFO] = lambda: {"state": "error", "status": "<b>no disk</b>"}
    wait_until(lambda: "no disk" in body(), 20, "the problem", poll=0.3)
    for _ in range(6):
        text = body()
        if "no disk" in text:
            break
    assert f"The camera server 127.0.0.1:{servers.ports[0]} says: &lt;b&gt;no disk&lt;/b&gt;" in text
    assert re.search(r'The last good answer came at <time datetime="20\d\d-[^"]*Z">\d\d:\d\d:\d\d UTC</time>', text)
    assert [name for name, _, _ in ITEM.findall(text)] == ["CAM", "CAM2"]
    servers.faults.clear()
    until(server, QUIET)
    wait_until(lambda: "no disk" not in body() + body(), 20, "no problem any more", poll=0.3)


def test_nobody_who_looks_costs_the_server_nothing(servers: FaultyCamServer, server: ServerProcess) -> None:
    """It is asked when the list is asked for, and once for all who ask at the same time."""
    until(server, QUIET)
    wait_until(lambda: quiet_for(servers, 3), 30, "no request for three seconds", poll=0.05)
    before = len(servers.asked)
    for _ in range(20):
        server.get("cameras/list")
    wait_until(lambda: len(servers.asked) > before, 10, "it is asked again")
    wait_until(lambda: quiet_for(servers, 1), 30, "no request for a second", poll=0.05)
    # Names, aliases and groups are asked for every half minute, what runs each time; two web processes may take turns.
    assert servers.asked.count(INFO) - servers.asked[:before].count(INFO) <= 2


_seen = [0, 0.0]


def quiet_for(servers: FaultyCamServer, seconds: float) -> bool:
    """Return whether the server was not asked for so long, as far as this function was called meanwhile."""
    if len(servers.asked) != _seen[0]:
        _seen[:] = [len(servers.asked), time.monotonic()]
    return time.monotonic() - _seen[1] >= seconds


def test_over_a_bus_the_ingest_asks_the_server_of_its_own_option(servers: FaultyCamServer) -> None:
    """A web server lists what that says; what the web server itself was told does not decide who is asked."""
    cameras, pipelines = (f"http://127.0.0.1:{port}" for port in servers.ports)
    with running_bus() as bus:
        options = ("--catalogue", cameras, "--pipeline-server", pipelines)
        stream = f"tcp://127.0.0.1:{find_free_port()}"
        with (
            running_ingest(stream, bus.url, *options),
            running_web(bus.url, "--catalogue", "http://127.0.0.1:1") as first,
            running_web(bus.url, "--catalogue", cameras) as second,
        ):
            for web in (first, second, first):
                until(web, QUIET)


def test_a_server_without_a_list_of_a_server_has_no_part_of_it(tmp_path: Path) -> None:
    """A file alone is not refreshed, and its page asks for nothing."""
    file = tmp_path / "cameras.toml"
    file.write_text('[[camera]]\nname = "CAM"\naddress = "cam_server://CAM"\nlink = "/cam/"\n')
    with running_server(find_free_port(), "--catalogue", str(file)) as server:
        assert server.get("cameras/list")[0] == 404
        page = server.get("cameras")[1].decode()
        assert "data-live" not in page and "http-equiv" not in page
        start = server.get("")[1].decode()
        assert start.count('<a class="cameras" href="cameras">Cameras</a>') == 1
        assert start.index('<header id="top"') < start.index('<a class="cameras"')
        assert 'href="cameras-link.css"' in start and server.get("cameras-link.css")[0] == 200
