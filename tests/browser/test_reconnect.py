"""The page loses its server, says so, and comes back by itself."""

import os
import re
import signal
import time
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Complaints
from tests.browser.gate import Gate, running_gate
from tests.browser.steady_source import SteadySource
from tests.browser.viewer_page import ViewerPage
from tests.processes import children
from tests.raw_source import Part, channel
from tests.server import ServerProcess, running_server
from tests.support import deadline, wait_until

FAILED_SOCKET = r"WebSocket connection to '.*' failed"
"""Chromium itself writes this to the console; no page can prevent it."""


def by_pulse(pulse_id: int) -> list[Part]:
    """Return the channels of a message."""
    return [channel("image", np.full((6, 8), pulse_id, np.uint32)), channel("counter", np.int32(pulse_id))]


@pytest.fixture(scope="module")
def source() -> Iterator[SteadySource]:
    """A source."""
    with SteadySource(by_pulse) as source:
        yield source


@pytest.fixture
def gate(server: ServerProcess) -> Iterator[Gate]:
    """A proxy in front of that server."""
    with running_gate(server.port) as gate:
        yield gate


@pytest.fixture
def viewer(page: Page, complaints: Complaints) -> ViewerPage:
    """A page of which Chromium may say that its WebSocket failed."""
    complaints.expect(FAILED_SOCKET)
    complaints.expect(r"net::ERR_(CONNECTION_REFUSED|CONNECTION_RESET|EMPTY_RESPONSE|INTERNET_DISCONNECTED)")
    return ViewerPage(page)


def wait_for_long_pause(viewer: ViewerPage) -> None:
    """Wait until the page has just begun a pause of more than a second, and let it note when that would end."""
    viewer.wait_for(
        """() => {
          const { state, retryInMs, attempt } = viewer.connection;
          if (state !== "lost" || attempt === window.looked) return false;
          window.looked = attempt;
          window.pauseEnds = performance.now() + retryInMs;
          return retryInMs > 1400;
        }""",
        "a long pause",
    )


def assert_back_at_once(viewer: ViewerPage) -> None:
    """The page plays before the pause is over."""
    viewer.wait_for("() => viewer.connection.state === 'open'", "the connection is open")
    assert viewer.page.evaluate("() => window.pauseEnds - performance.now()") > 300
    viewer.wait_until_playing()


def test_the_page_survives_a_restart_of_the_server(viewer: ViewerPage, source: SteadySource, free_port: int) -> None:
    """The server ends: the page says that it is gone. It starts again on its port: the page plays, without a click."""
    with running_server(source.port, "--port", str(free_port)) as server:
        viewer.open(server)
        viewer.wait_until_playing()
        epoch = viewer.page.evaluate("() => viewer.hello.epoch")
        assert server.end(signal.SIGTERM) == 0
        text = viewer.wait_for_veil("server-gone", "Connection to the server lost", "the server stops")
        assert re.search(r"for \d+ s, since \d\d:\d\d:\d\d", text)
        last = viewer.pulse_id()
    with running_server(source.port, "--port", str(free_port)):
        viewer.wait_until_playing(after=max(last, source.next_pulse))
        assert viewer.page.evaluate("() => viewer.hello.epoch") > epoch
        viewer.wait_for_frames(5)


def test_a_killed_server_is_noticed(viewer: ViewerPage, source: SteadySource, free_port: int) -> None:
    """The server is killed without a word: the page says that the connection broke, and tries again and again."""
    with running_server(source.port, "--port", str(free_port)) as server:
        viewer.open(server)
        viewer.wait_until_playing()
        server.send_signal(signal.SIGKILL)
        server.wait(deadline(5))
        viewer.wait_for_veil("server-gone", "Connection to the server lost", "the connection broke")
        viewer.wait_for("() => viewer.connection.attempt >= 3", "three attempts")
        assert re.search(r"Next try in \d s|Connecting", viewer.text("veil-retry"))


def test_a_frozen_server_is_noticed(viewer: ViewerPage, source: SteadySource) -> None:
    """The server hangs with its connections open: the page gives it up, and plays what is new when it goes on."""
    with running_server(source.port) as server:
        viewer.open(server)
        viewer.wait_until_playing()
        server.send_signal(signal.SIGSTOP)
        try:
            viewer.wait_for_veil("server-gone", "nothing came from the server for too long")
        finally:
            server.send_signal(signal.SIGCONT)
        viewer.wait_until_playing(after=source.next_pulse)


def test_the_old_picture_is_no_live_one(viewer: ViewerPage, gate: Gate) -> None:
    """While the server is gone the picture that stays is gray, its age counts up, and no rate is claimed."""
    viewer.page.goto(f"http://127.0.0.1:{gate.port}/")
    viewer.wait_until_playing()
    gate.set("closed")
    viewer.wait_for_veil("server-gone")
    age = float(viewer.text("age").split()[0])
    wait_until(lambda: float(viewer.text("age").split()[0]) > age + 1.5, 10, "the age counts up")
    assert viewer.text("shown").startswith("0.0")
    assert viewer.by_id("image-area").get_attribute("data-stale") is not None


def test_no_status_of_before_is_taken_for_one_of_now(viewer: ViewerPage, gate: Gate) -> None:
    """Back from a loss, the page plays on, and its frames are newer than all before."""
    viewer.page.goto(f"http://127.0.0.1:{gate.port}/")
    viewer.wait_until_playing()
    gate.set("closed")
    viewer.wait_for_veil("server-gone")
    last = viewer.pulse_id()
    gate.set("open")
    viewer.wait_until_playing(after=last)
    pulses = viewer.wait_for_frames(5)
    assert pulses == sorted(pulses)
    assert pulses[0] > last


def test_the_button_tries_at_once(viewer: ViewerPage, gate: Gate) -> None:
    """ "Try now" in the veil connects without waiting for the pause to end."""
    viewer.page.goto(f"http://127.0.0.1:{gate.port}/")
    viewer.wait_until_playing()
    gate.set("closed")
    wait_for_long_pause(viewer)
    gate.set("open")
    viewer.page.get_by_role("button", name="Try now").click()
    assert_back_at_once(viewer)


def test_the_network_that_comes_back_is_used_at_once(viewer: ViewerPage, gate: Gate) -> None:
    """The browser says `online`: the page connects at once, in the middle of its pause."""
    viewer.page.goto(f"http://127.0.0.1:{gate.port}/")
    viewer.wait_until_playing()
    gate.set("closed")
    wait_for_long_pause(viewer)
    viewer.page.context.set_offline(True)
    viewer.wait_for("() => !navigator.onLine", "the browser is offline")
    gate.set("open")
    viewer.page.context.set_offline(False)
    assert_back_at_once(viewer)


def test_a_proxy_that_blocks_websockets_is_named(viewer: ViewerPage, complaints: Complaints, gate: Gate) -> None:
    """Pages load, the WebSocket is refused: the page says that a proxy may block WebSockets, and goes on trying."""
    complaints.expect("403")
    gate.set("no-websockets")
    viewer.page.goto(f"http://127.0.0.1:{gate.port}/")
    viewer.wait_for_veil("blocked", "A proxy may block WebSockets", "Upgrade: websocket")
    wait_until(lambda: gate.attempts >= 2, 10, "another attempt")
    gate.set("open")
    viewer.wait_until_playing()


# The veil of a process that is back after a tenth of a second may come and go between two looks at it; what the worker
# told the page does not.
RECORD_WORKER = """
window.told = [];
window.Worker = class extends Worker {
  constructor(...parameters) {
    super(...parameters);
    this.addEventListener("message", ({ data }) => {
      if (data.type === "status") window.told.push(["status", data.status.source.state]);
      if (data.type === "connection") window.told.push(["connection", data.connection.state]);
    });
  }
};
"""


def test_a_killed_ingest_process_is_replaced(viewer: ViewerPage, server: ServerProcess) -> None:
    """The receiving process is killed: the page stays connected, says so, and plays again within seconds."""
    viewer.page.add_init_script(RECORD_WORKER)
    viewer.open(server)
    viewer.wait_until_playing()
    viewer.watch_veil()
    epoch = viewer.page.evaluate("() => viewer.hello.epoch")
    killed = time.monotonic()
    os.kill(server.status()["ingest"]["pid"], signal.SIGKILL)
    viewer.wait_for("(epoch) => viewer.hello.epoch > epoch", "the new process is announced", argument=epoch)
    viewer.wait_until_playing()
    assert time.monotonic() - killed < deadline(3)
    viewer.wait_for("() => viewer.status.ingest.restarts >= 1", "the restart is counted")
    assert viewer.page.evaluate("() => viewer.connection.state") == "open"
    told = viewer.page.evaluate("() => window.told")
    assert ["status", "down"] in told
    assert [connection for kind, connection in told if kind == "connection"] == ["connecting", "open"]
    assert "server-gone" not in {veil.kind for veil in viewer.veils()}
    viewer.wait_for_frames(3)


def test_a_hung_ingest_process_is_said_and_replaced(viewer: ViewerPage, server: ServerProcess) -> None:
    """The receiving process hangs: a veil says that it is being restarted, and the page plays again by itself."""
    viewer.open(server)
    viewer.wait_until_playing()
    viewer.watch_veil()
    [ingest] = children(server.pid)
    os.kill(ingest, signal.SIGSTOP)
    viewer.wait_for_veil("ingest-down", "The receiving process is being restarted", seconds=5)
    viewer.wait_until_playing()
    assert "server-gone" not in [veil.kind for veil in viewer.veils()]
    assert children(server.pid) != [ingest]
