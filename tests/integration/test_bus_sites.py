"""Two sites with a line between them: network namespaces, of which the second has a clock that is an hour ahead."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.bus import INGEST_SCRIPT, nats_server
from tests.integration.test_fan_out import live
from tests.live_client import LiveClient
from tests.namespaces import CannotBeMade, Host, two_hosts
from tests.server import SCRIPT, ServerProcess
from tests.simulator import SCRIPT as SIMULATOR
from tests.support import deadline, wait_until

HOUR = 3600
NAME = "test/sites"
BUS = ("--bus", "nats://127.0.0.1:4222", "--name", NAME)
LIMITS = """
listen: "127.0.0.1:4222"
max_payload: 8MB
max_pending: 16MB
write_deadline: "20s"
no_fast_producer_stall: true
ping_interval: "1s"
ping_max: 2
"""


@dataclass
class Sites:
    """Camera, bus and ingest at one site; a leaf node and a web server at the other."""

    hub: Host
    ingest: ServerProcess
    web: ServerProcess

    def line(self, state: str) -> None:
        """Cut the line between them (``down``), or mend it (``up``)."""
        self.hub.ip("link", "set", "line1", state)

    def more_messages(self) -> dict[str, int]:
        """Return what the ingest has done, after 40 messages more."""
        before = self.ingest.status()["source"]["messages"]
        status = self.ingest.wait_for_status(lambda status: status["source"]["messages"] > before + 40, 10, "messages")
        counts: dict[str, int] = status["ingest"]
        return counts


def half(stack: ExitStack, host: Host, script: Path, port: int, *args: str) -> ServerProcess:
    """Start one half of the viewer on a host, and return it when it is ready."""
    process = ServerProcess(*args, "--port", str(port), script=script, inside=host.command)
    stack.callback(process.close_output)
    stack.callback(process.end, seconds=10)
    process.port = host.reach(port)
    wait_until(lambda: process.get("readyz")[0] == 200, 60, "it is ready")
    return process


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    """Images at 40 Hz."""
    folder = tmp_path_factory.mktemp("sites")
    (folder / "hub.conf").write_text(
        f'{LIMITS}leafnodes {{ listen: "10.9.0.1:7422" }}\njetstream {{ store_dir: {json.dumps(str(folder))} }}\n'
    )
    (folder / "site.conf").write_text(
        f'{LIMITS}leafnodes {{ reconnect: "1s", remotes: [{{ url: "nats://10.9.0.1:7422" }}] }}\n'
    )
    with ExitStack() as stack:
        try:
            hub, site = stack.enter_context(two_hosts(HOUR))
        except CannotBeMade as error:
            pytest.skip(f"no network namespaces can be made here: {error}")
        assert site.monotonic() > time.monotonic() + HOUR - 1
        camera = [sys.executable, str(SIMULATOR), "-o", "9000", "--rate", "40", "--size", "160x120"]
        hub.run(camera, stdout=subprocess.DEVNULL)
        for host, name in ((hub, "hub"), (site, "site")):
            host.run([nats_server(), "--config", str(folder / f"{name}.conf"), "--log", str(folder / f"{name}.log")])
        ingest = half(stack, hub, INGEST_SCRIPT, 8081, "tcp://127.0.0.1:9000", *BUS)
        yield Sites(hub, ingest, half(stack, site, SCRIPT, 8080, *BUS))


def assert_new(first: LiveClient, before: int) -> None:
    """Hold the frames of a viewer that came at ``before`` (ns since 1970) against that time."""
    frame = first.next_frame()
    assert frame.receipt_time >= before
    # The clocks of both sites are this machine's, but for the monotonic one.
    assert frame.source_time is not None and frame.source_time >= before - deadline(0.05) * 1e9
    assert 0 < frame.server_us * 1e-6 < deadline(1.0)
    assert frame.receipt_time <= time.time_ns()


def test_a_viewer_at_the_other_site_gets_nothing_from_before_it_came(sites: Sites) -> None:
    """While another one watches there; the clock of its host is an hour ahead of that of the ingest."""
    with live(sites.web, format="raw") as other:
        for _ in range(5):
            other.next_frame()
            before = time.time_ns()
            with live(sites.web, format="raw") as late:
                assert_new(late, before)
                while not late.rows:
                    late.receive(deadline(5))
            assert min(late.frames[0].pulse_id, late.rows[0].pulse_id) > other.frames[-1].pulse_id
        pulses = [frame.pulse_id for frame in other.frames]
        assert pulses == sorted(set(pulses))
    status = sites.web.status()["bus"]
    assert status["late"] == status["lost"] == 0 and status["clock_error_us"] < 1e6 * deadline(1)


def test_nothing_crosses_the_line_while_nobody_watches(sites: Sites) -> None:
    """Before the first viewer and after the last one."""
    with live(sites.web) as viewer:
        viewer.next_frame()
    sites.ingest.wait_for_status(lambda s: not any(w["renditions"] for w in s["web_servers"]), 10, "nobody watches")
    first = sites.more_messages()
    assert sites.more_messages()["published"] == first["published"] > 0


def test_the_line_is_cut_and_mended(sites: Sites) -> None:
    """Nobody is told of the end of a connection: the page says that nothing comes; one that comes meanwhile is shown
    only what was received after it came; the epoch stays."""
    with live(sites.web, format="raw") as viewer:
        epoch = viewer.next_frame().epoch
        sites.line("down")
        try:
            wait_until(lambda: viewer.next_status()["source"]["state"] == "down", 10, "the page says so", poll=0)
            wait_until(lambda: sites.web.get("readyz")[0] == 503, 10, "the web server is not ready")
            sites.more_messages()
            before = time.time_ns()
            late = live(sites.web, format="raw")
        finally:
            sites.line("up")
        with late:
            while not late.frames:
                late.receive(deadline(30))
            late.frames, first = [], late.frames[0]
            assert first.receipt_time >= before
            assert first.source_time is not None and first.source_time >= before - deadline(0.05) * 1e9
            assert late.next_frame().epoch == first.epoch == epoch
        while viewer.frames[-1].receipt_time < before:
            viewer.receive(deadline(10))
        pulses = [frame.pulse_id for frame in viewer.frames]
        assert pulses == sorted(set(pulses))
    assert sites.web.get("readyz")[0] == 200
