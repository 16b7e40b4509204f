"""What arrives and cannot be used is said on the page, and values that come seldom are told from those of the pulse."""

import json
import re
import signal
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Page

from tests.browser.steady_source import SteadySource, constant
from tests.browser.viewer_page import ViewerPage
from tests.raw_source import Part, channel
from tests.server import ServerProcess, running_server
from tests.support import deadline, wait_until

IMAGE = np.arange(12, dtype=np.uint16).reshape(3, 4)
PICTURE = channel("image", IMAGE)
MARKED = "<img src=x onerror='window.hacked = 1'>\u202e"
"""An htype that is markup and turns the direction of what follows."""


@pytest.fixture(scope="module")
def source() -> Iterator[SteadySource]:
    """A source at 20 Hz, whose messages each test sets."""
    with SteadySource(constant(PICTURE)) as source:
        yield source


@pytest.fixture
def viewer(page: Page, server: ServerProcess, source: SteadySource) -> Iterator[ViewerPage]:
    """The page of that server; afterwards the source sends an image again."""
    source.make = constant(PICTURE)
    yield ViewerPage(page).open(server)
    source.resume()
    source.make = constant(PICTURE)


def test_messages_of_another_protocol_have_a_card(viewer: ViewerPage, source: SteadySource) -> None:
    """They come and are refused, says the page, with the htype as it is; and it plays when the stream is good again."""
    source.pause()
    parts = [json.dumps({"htype": MARKED, "shape": [3, 4]}).encode(), bytes(24)]

    def told() -> bool:
        source.send_parts(parts)
        return viewer.by_id("veil").get_attribute("data-kind") == "unusable"

    wait_until(told, 10, "the card")
    text = viewer.by_id("veil-lines").inner_text()
    assert "a second come and are refused" in text
    assert "Their htype is \"<img src=x onerror='window.hacked = 1'>\\u202e\"; that of" in text
    assert "\u202e" not in text
    assert viewer.page.evaluate("() => [window.hacked ?? null, document.querySelectorAll('#veil img').length]") == [
        None,
        0,
    ]
    source.resume()
    viewer.wait_until_playing()


def test_an_image_that_cannot_be_shown_has_a_card_and_a_row(viewer: ViewerPage, source: SteadySource) -> None:
    """A compression that nobody knows: the channel and the reason are on the card and in the table."""
    bad = Part(PICTURE.definition | {"name": "cam:FPICTURE", "compression": "zstd"}, PICTURE.payload, b"")
    source.make = constant(bad, channel("current", np.int32(7)))
    text = viewer.wait_for_veil("unusable-image", "cam:FPICTURE is an image", "unknown compression 'zstd'")
    assert "no image channel" not in text
    wait_until(lambda: viewer.row("cam:FPICTURE").count() == 1, 5, "the row of the image")
    assert viewer.value("cam:FPICTURE").inner_text() == "invalid: compression"
    assert viewer.value("current").inner_text() == "7"


def test_a_value_of_every_tenth_pulse_is_held(viewer: ViewerPage, source: SteadySource) -> None:
    """Between its pulses it is there with its age and its own pulse, never null and never as one of this pulse."""

    def make(pulse_id: int) -> list[Part]:
        slow = np.int32(pulse_id) if pulse_id % 10 == 0 else None
        part = channel("slow", np.int32(0))
        payload = b"" if slow is None else slow.tobytes()
        return [
            PICTURE,
            channel("each", np.int32(pulse_id)),
            Part(part.definition, payload, b""),
            channel("none", None),
        ]

    source.make = make
    viewer.wait_until_playing(after=source.next_pulse)
    wait_until(lambda: viewer.row("slow").get_attribute("data-held") is not None, 10, "a value is held")
    seen = viewer.page.evaluate(ROWS_OF_A_WHILE, 2000)
    texts = {text for text, *_ in seen}
    assert all(text.isdigit() and int(text) % 10 == 0 for text in texts) and len(texts) >= 2
    for text, held, note, title, pulse in seen:
        assert int(text) <= int(pulse)
        assert held == (text != pulse)
        if held:
            assert re.fullmatch(r"\d\.\d s ago", note)
            assert f"Of pulse {text}," in title
    assert viewer.value("none").inner_text() == "null"


ROWS_OF_A_WHILE = """(ms) => new Promise((resolve) => {
  const row = document.querySelector('[data-channel="slow"]');
  const seen = [];
  const end = performance.now() + ms;
  const look = () => {
    const value = row.querySelector("[data-testid=value]");
    const pulse = document.querySelector("[data-testid=table-pulse]").textContent;
    const note = row.querySelector(".row-dtype").textContent;
    seen.push([value.textContent, row.hasAttribute("data-held"), note, value.title, pulse]);
    if (performance.now() < end) requestAnimationFrame(look);
    else resolve(seen);
  };
  look();
})"""


def test_a_stream_with_only_an_image_says_so_and_channels_that_left_are_put_away(page: Page) -> None:
    """Without other values the table says that; ten seconds after a channel was sent last it is in a closed group."""
    with SteadySource(constant(PICTURE)) as source, running_server(source.port) as server:
        viewer = ViewerPage(page).open(server)
        viewer.wait_until_playing(after=source.next_pulse)
        wait_until(
            lambda: (
                viewer.page.locator(".values-empty").inner_text() == "The stream sends this image and no other values."
            ),
            5,
            "the table says why it is empty",
        )
        source.make = constant(PICTURE, channel("leaves", np.int32(1)), channel("stays", np.int32(2)))
        wait_until(lambda: viewer.row("leaves").count() == 1 and viewer.row("leaves").is_visible(), 5, "the row")
        wait_until(lambda: viewer.row("leaves").get_attribute("data-held") is None, 5, "its value")
        source.make = constant(PICTURE, channel("stays", np.int32(2)))
        group = viewer.page.locator("#section-gone")
        wait_until(lambda: group.locator("[data-channel=leaves]").count() == 1, 25, "it is put away")
        assert viewer.row("leaves").is_hidden()
        viewer.page.get_by_role("button", name="Not sent any more").click()
        assert viewer.row("leaves").is_visible()
        assert viewer.by_id("table-count").inner_text() == "1 channels"


def test_a_clock_that_is_years_away_is_told_beside_the_age(viewer: ViewerPage, source: SteadySource) -> None:
    """The source's time is of 2020; the age counts from the receipt, and the page says how far the two are apart."""
    viewer.wait_until_playing(after=source.next_pulse)
    note = viewer.by_id("age-note").inner_text()
    assert re.fullmatch(r"source’s time \d+(\.\d)? years behind", note)
    assert float(viewer.text("age").split()[0]) < deadline(5)


def test_a_server_that_hangs_is_not_blamed_on_the_source(page: Page, source: SteadySource) -> None:
    """The server's process is stopped: no card says that the source is silent, one says that the server is."""
    with running_server(source.port) as server:
        viewer = ViewerPage(page).open(server)
        viewer.wait_until_playing(after=source.next_pulse)
        viewer.watch_veil()
        server.send_signal(signal.SIGSTOP)
        try:
            wait_until(lambda: {veil.kind for veil in viewer.veils()} & {"mute", "server-gone"}, 10, "it is told")
            wait_until(lambda: viewer.veils()[-1].kind == "server-gone", 10, "the connection is given up")
        finally:
            server.send_signal(signal.SIGCONT)
        assert {veil.kind for veil in viewer.veils()} <= {None, "mute", "server-gone"}
        viewer.wait_until_playing(after=source.next_pulse)
