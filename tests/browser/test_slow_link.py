"""The page at the end of a slow, long link: 2 Mbit/s and 40 ms, through a proxy (tests/slow_link.py)."""

import statistics
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.viewer_page import ViewerPage
from tests.server import running_server
from tests.simulator import running_simulator
from tests.slow_link import SlowLink, slow_link
from tests.support import deadline

FAR_SERVER = Path(__file__).resolve().parent.parent / "integration" / "far_server.py"
RTT_MS = 40
MBIT = 2
FRAMES = 12
LEAST_RATE = 3
AGE_TOLERANCE_MS = 40

# What the page says of each picture's age, and what the wall clock of this one machine says of it, in ms.
AGES = """(count) => new Promise((resolve) => {
  const found = [];
  let last = null;
  const look = () => {
    const { shown } = viewer;
    if (shown !== null && shown !== last) {
      last = shown;
      found.push([shown.ageMs, shown.drawnAt - Number(shown.pulse.receiptTime / 1000n) / 1000]);
    }
    if (found.length > count) resolve(found.slice(1));
    else requestAnimationFrame(look);
  };
  look();
})"""
RECEIVING = "(place) => /[1-9][0-9]? %/.test(document.querySelector(place).innerText)"
SHOWN_AS = "(choice) => viewer.shown !== null && viewer.shown.choice === choice"


@pytest.fixture(scope="module")
def link() -> Iterator[SlowLink]:
    """A link to a server of the facility's stream at 25 Hz."""
    with (
        running_simulator("--rate", "25", "--size", "320x240") as (_, port),
        running_server(port, script=FAR_SERVER) as server,
        slow_link(server.port, rtt=RTT_MS, down=MBIT) as link,
    ):
        yield link


@pytest.fixture
def viewer(page: Page, link: SlowLink) -> ViewerPage:
    """The page, playing, when it is known what the link carries."""
    viewer = ViewerPage(page).open(link)
    viewer.wait_until_playing()
    viewer.wait_for("() => viewer.status.you.why === 'link'", "the server knows the link")
    viewer.wait_for(SHOWN_AS, "a preview is shown", argument="preview")
    return viewer


def test_the_picture_moves_several_times_a_second(viewer: ViewerPage) -> None:
    """Previews, without a veil in between, and the page says that they are previews, and why."""
    viewer.watch_veil()
    start = time.monotonic()
    pulses = viewer.wait_for_frames(FRAMES)
    assert time.monotonic() - start < deadline(FRAMES / LEAST_RATE)
    assert pulses == sorted(set(pulses))
    assert [veil.kind for veil in viewer.veils()] == [None]
    viewer.wait_for_text("format", "preview")
    assert viewer.moment().shown["exact"] is False


def test_the_age_on_the_page_is_true(viewer: ViewerPage) -> None:
    """The time on the way is most of it here, and is counted."""
    ages = viewer.page.evaluate(AGES, FRAMES)
    wrong = [said - true for said, true in ages]
    assert abs(statistics.median(wrong)) < AGE_TOLERANCE_MS, ages
    assert statistics.median(true for _, true in ages) > 2 * AGE_TOLERANCE_MS, "the link was not slow"


def test_the_values_are_complete(viewer: ViewerPage) -> None:
    """No row of scalars is lost, and those of the picture's pulse are in the table."""
    viewer.wait_for_frames(FRAMES)
    assert "lost" not in viewer.text("table-note")
    moment = viewer.moment()
    assert moment.values["pulse"]["pulseId"] > 0
    assert moment.scalar("repetition_rate") == 100


def test_the_page_answers(viewer: ViewerPage, link: SlowLink) -> None:
    """A key and a click take effect at once, a request within a second, while images come."""
    before = viewer.text("zoom-percent")
    viewer.page.keyboard.press("+")
    viewer.wait_for(
        "(before) => document.querySelector('[data-testid=zoom-percent]').innerText !== before", "zoomed", 1.0, before
    )
    viewer.page.get_by_test_id("colour-map").select_option("gray")
    viewer.wait_for("() => location.hash.includes('gray')", "the choice is made", 1.0)
    start = time.monotonic()
    with urllib.request.urlopen(link.url("api/status"), timeout=deadline(10)) as answer:
        assert answer.read()
    assert time.monotonic() - start < deadline(1.0)
    viewer.wait_for_frames(3)


def test_a_pause_brings_the_exact_picture_in_its_time(viewer: ViewerPage) -> None:
    """It takes seconds, in which the page does not give up; afterwards previews go on."""
    viewer.watch_veil()
    viewer.by_id("pause").click()
    viewer.wait_for("() => !document.querySelector('[data-testid=paused]').hidden", "the page says so", 1.0)
    viewer.wait_for(RECEIVING, "the page says how much has come", argument="[data-testid=receiving]")
    viewer.wait_for(SHOWN_AS, "the exact picture is there", argument="exact")
    assert viewer.pixels().array.shape == (240, 320)
    held = viewer.pulse_id()
    assert viewer.page.evaluate("() => viewer.connection.state") == "open"
    viewer.by_id("pause").click()
    viewer.wait_for(SHOWN_AS, "previews go on", argument="preview")
    viewer.wait_until_playing(after=held)
    assert all(veil.kind != "lost" for veil in viewer.veils())


def test_an_exact_picture_that_takes_longer_than_a_silence_may(page: Page, link: SlowLink) -> None:
    """Asked for as the first picture on 1 Mbit/s it takes 5 s: the page knows, waits, and shows it."""
    link.change(down=1)
    try:
        viewer = ViewerPage(page).open(link, "#format=exact")
        viewer.wait_for(RECEIVING, "the page says how much has come", argument="[data-testid=veil]")
        viewer.wait_for(SHOWN_AS, "the exact picture is there", argument="exact")
        assert viewer.page.evaluate("() => viewer.connection.state") == "open"
    finally:
        link.change(down=MBIT)
