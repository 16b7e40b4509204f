"""A tab that nobody sees gets no images, and shows nothing old when it is seen again.

The tab is really hidden: another tab of the same window lies in front of it.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from tests.browser.gate import running_gate
from tests.browser.steady_source import SteadySource
from tests.browser.tabs import Tab, Tabs, running_tabs
from tests.raw_source import channel
from tests.server import ServerProcess
from tests.support import wait_until

PLAYING = "viewer.shown !== null && document.getElementById('veil').hidden"
# Animation frames come only while the tab is seen: what is noted is what a person could see.
NOTE_FRAMES = """void document.addEventListener("visibilitychange", () => {
  window.seenAgain = Date.now();
  window.seen = [];
  (function look() {
    const { shown } = window.viewer;
    const open = document.getElementById("veil").hidden;
    window.seen.push(open && shown !== null ? Number(shown.pulse.receiptTime / 1000000n) : null);
    requestAnimationFrame(look);
  })();
}, { once: true })"""


@pytest.fixture(scope="module")
def source() -> Iterator[SteadySource]:
    """A source at 20 Hz."""
    with SteadySource(lambda pulse_id: [channel("image", np.full((6, 8), pulse_id, np.uint32))], rate=20) as source:
        yield source


@pytest.fixture(scope="module")
def tabs(chromium_path: str) -> Iterator[Tabs]:
    """A window of a Chromium that is not driven by Playwright."""
    with running_tabs(chromium_path) as tabs:
        yield tabs


@pytest.fixture
def tab(tabs: Tabs) -> Iterator[Tab]:
    """A new tab in front; the first, empty one can be brought before it."""
    tab = tabs.open("about:blank")
    yield tab
    tab.call("Page.close")
    assert tab.complaints == []


def opened(tab: Tab, port: int) -> None:
    """Load the viewer into a tab and wait until it plays."""
    tab.call("Page.navigate", url=f"http://127.0.0.1:{port}/")
    tab.wait_for(f"window.viewer !== undefined && {PLAYING}", "the page plays")


def hide(tabs: Tabs, tab: Tab) -> None:
    """Bring another tab to the front."""
    tabs.bring_to_front(tabs.first)
    tab.wait_for("document.visibilityState === 'hidden'", "the tab is hidden")


def only_viewer(status: dict[str, Any]) -> dict[str, Any]:
    """Return the status of the one viewer, or an empty one."""
    return status["viewers"][0] if len(status["viewers"]) == 1 else {}


def test_a_hidden_tab_gets_no_images(tabs: Tabs, tab: Tab, server: ServerProcess) -> None:
    """Hidden, the tab stays connected and the server sends it no image; its page draws none."""
    opened(tab, server.port)
    server.wait_for_status(lambda status: only_viewer(status).get("rate", 0) > 10, 10, "images are sent")
    hide(tabs, tab)
    viewer = server.wait_for_status(lambda status: bool(only_viewer(status).get("hidden")), 10, "the server knows")
    server.wait_for_status(lambda status: only_viewer(status).get("rate") == 0, 10, "no image is sent")
    encoded = server.status()["ingest"]["encoded"]
    messages = viewer["source"]["messages"]
    server.wait_for_status(lambda status: status["source"]["messages"] > messages + 40, 10, "two seconds pass")
    assert server.status()["ingest"]["encoded"] <= encoded + 1
    assert tab.evaluate("viewer.connection.state") == "open"


def test_a_tab_that_is_seen_again_shows_nothing_old(tabs: Tabs, tab: Tab, server: ServerProcess) -> None:
    """Seen again, the tab shows a veil at once, and then a picture that was received after it became visible."""
    opened(tab, server.port)
    hide(tabs, tab)
    # Not longer: a picture that is older than a second has a veil over it anyway.
    server.wait_for_status(lambda status: bool(only_viewer(status).get("hidden")), 10, "the server knows")
    tab.evaluate(NOTE_FRAMES)
    tabs.bring_to_front(tab)
    tab.wait_for("new Set(window.seen).size > 5", "it plays")
    seen, again = tab.evaluate("[window.seen, window.seenAgain]")
    assert seen[0] is None
    # Server and browser share the clock of this machine; a millisecond is lost by rounding.
    assert all(received >= again - 1 for received in seen if received is not None)


def test_the_title_of_a_hidden_tab_tells_of_silence(
    tabs: Tabs, tab: Tab, server: ServerProcess, source: SteadySource
) -> None:
    """A hidden tab goes on to say in its title that the stream is silent."""
    opened(tab, server.port)
    hide(tabs, tab)
    source.pause()
    try:
        tab.wait_for("document.title.startsWith('silent')", "the title says silent", 30)
    finally:
        source.resume()
    tabs.bring_to_front(tab)
    tab.wait_for(PLAYING, "it plays")


def test_a_tab_that_is_seen_again_connects_at_once(tabs: Tabs, tab: Tab, server: ServerProcess) -> None:
    """The server was gone while the tab was hidden: brought to the front, it does not wait for its pause to end.

    On a busy machine the pause may be over before the tab is seen, so this is tried again. By itself the page never
    connects before its pause is over, so once is enough.
    """
    with running_gate(server.port) as gate:
        opened(tab, gate.port)

        def connects_before_its_pause_ends() -> bool:
            hide(tabs, tab)
            gate.set("closed")
            tab.wait_for("viewer.connection.state === 'lost' && viewer.connection.attempt >= 3", "a pause")
            # A closed gate counts attempts too: the next one is that of the tab that is seen again.
            attempts, due = gate.attempts, tab.evaluate("performance.now() + viewer.connection.retryInMs")
            gate.set("open")
            tabs.bring_to_front(tab)
            tab.wait_for("viewer.connection.state === 'open'", "the connection is open")
            early = bool(tab.evaluate("performance.now()") < due - 300)
            assert not early or gate.attempts == attempts + 1
            tab.wait_for(PLAYING, "it plays")
            return early

        wait_until(connects_before_its_pause_ends, 30, "it connects at once")
