"""Paused, the page holds one whole exact picture with all that belongs to it, and never lets it pass for a live one."""

from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Page

from tests.browser.gate import running_gate
from tests.browser.images import image_of
from tests.browser.steady_source import SteadySource
from tests.browser.tabs import running_tabs
from tests.browser.viewer_page import ViewerPage, expected_place
from tests.raw_source import Part, channel
from tests.server import ServerProcess, running_server
from tests.support import wait_until

SHAPE = (300, 400)


def by_pulse(pulse_id: int) -> list[Part]:
    """Return an image of its own for each pulse, and the pulse in the table."""
    return [channel("image", image_of(pulse_id, "uint16", SHAPE)), channel("number", np.uint32(pulse_id))]


@pytest.fixture(scope="module")
def source() -> Iterator[SteadySource]:
    """A source."""
    with SteadySource(by_pulse) as source:
        yield source


@pytest.fixture
def viewer(page: Page, server: ServerProcess) -> ViewerPage:
    """The page of that server, playing previews."""
    viewer = ViewerPage(page).open(server, "#format=preview")
    viewer.wait_until_playing()
    viewer.wait_for("() => viewer.shown.choice === 'preview'", "a preview is shown")
    return viewer


def pause(viewer: ViewerPage) -> int:
    """Pause, and return the pulse id of the picture that is held."""
    viewer.page.locator("#stage").focus()
    viewer.page.keyboard.press("p")
    viewer.wait_for("() => viewer.shown.choice === 'exact'", "the exact picture comes")
    return viewer.pulse_id()


def pass_pulses(source: SteadySource, count: int = 20) -> None:
    """Wait until the source sent so many further messages."""
    end = source.next_pulse + count
    wait_until(lambda: source.next_pulse > end, 20, "pulses pass")


def test_a_pause_gives_the_whole_exact_frame(viewer: ViewerPage, source: SteadySource) -> None:
    """The picture becomes the newest whole exact one; pixels, values and read-out are of its pulse, and stay so."""
    before = viewer.pulse_id()
    pulse = pause(viewer)
    # The pulse on screen may be the newest: it comes once more, whole and exact.
    assert pulse >= before
    image = image_of(pulse, "uint16", SHAPE)
    pixels = viewer.pixels()
    assert pixels.pulse_id == pulse
    assert np.array_equal(pixels.array, image)
    assert viewer.text("pulse") == str(pulse)
    viewer.wait_for("(pulse) => viewer.values.scalars.get('number').value === pulse", "its values", argument=pulse)
    viewer.page.mouse.move(*expected_place(viewer.canvas_box(), SHAPE, 17, 333))
    viewer.wait_for_text("readout-value", str(image[17, 333]))
    pass_pulses(source)
    assert viewer.pulse_id() == pulse
    assert viewer.text("pulse") == str(pulse)
    assert viewer.moment().scalar("number") == pulse
    viewer.wait_for_text("format-note", "paused")


def test_a_pause_is_seen(viewer: ViewerPage, source: SteadySource) -> None:
    """A sign over the picture says that it is held and since when, the title too, and no veil calls it stale."""
    assert viewer.by_id("paused").is_hidden()
    pause(viewer)
    assert viewer.by_id("paused").is_visible()
    viewer.wait_for_text("paused-since", "since ", ", 2 s")
    wait_until(lambda: "paused" in viewer.page.title(), 5, "the title says paused")
    assert viewer.veil() is None
    region = viewer.page.get_by_role("status")
    wait_until(lambda: region.inner_text() == "Paused.", 5, "it is announced")
    assert viewer.by_id("pause").get_attribute("aria-label").startswith("Resume")


def test_a_resumed_picture_plays_on_without_a_veil(viewer: ViewerPage, source: SteadySource) -> None:
    """After a pause of seconds the next picture comes, and no veil is seen before it; the rate is that of before."""
    viewer.wait_for_frames(10)
    rate = viewer.moment().shown["shownRate"]
    pulse = pause(viewer)
    pass_pulses(source, 40)
    viewer.watch_veil()
    viewer.by_id("pause").click()
    viewer.wait_until_playing(after=pulse + 40)
    viewer.wait_for_frames(5)
    assert [state.kind for state in viewer.veils()] == [None]
    assert viewer.by_id("paused").is_hidden()
    wait_until(lambda: viewer.page.title().startswith("●"), 5, "the title says that it plays")
    assert viewer.moment().shown["choice"] == "preview"
    wait_until(lambda: viewer.moment().shown["shownRate"] > rate / 2, 5, "the pause is not part of the rate")


def test_a_paused_picture_is_looked_at(viewer: ViewerPage) -> None:
    """Zoom and levels work on the held picture, and a pixel of it is read by keys."""
    pulse = pause(viewer)
    image = image_of(pulse, "uint16", SHAPE)
    before = viewer.canvas_picture()
    keyboard = viewer.page.keyboard
    for key in ("+", "+", "ArrowRight"):
        keyboard.press(key)
    keyboard.press("c")
    place = viewer.wait_for_text("readout-place", "row ")
    row, column = (int(part.split(" ")[1]) for part in place.split(", "))
    viewer.wait_for_text("readout-value", str(image[row, column]))
    for field, level in (("level-low", "10"), ("level-high", "70")):
        viewer.by_id(field).fill(level)
        viewer.by_id(field).press("Enter")
    viewer.wait_for("() => viewer.shown.levels[1] === 70", "the levels are used")
    assert not np.array_equal(viewer.canvas_picture(), before)
    assert viewer.pulse_id() == pulse


@pytest.mark.parametrize("key", ["p", "Space"])
def test_the_keys_pause_and_resume(viewer: ViewerPage, key: str) -> None:
    """p and the space bar pause and resume; in a field they are letters."""
    viewer.page.locator("#stage").focus()
    viewer.page.keyboard.press(key)
    assert viewer.by_id("paused").is_visible()
    viewer.page.keyboard.press(key)
    assert viewer.by_id("paused").is_hidden()
    field = viewer.page.locator("#filter")
    field.focus()
    viewer.page.keyboard.press(key)
    assert viewer.by_id("paused").is_hidden()
    assert len(field.input_value()) == 1
    # On a button the space bar presses that button.
    viewer.page.get_by_role("button", name="Zoom in (+)").focus()
    before = viewer.text("zoom-percent")
    if key == "Space":
        viewer.page.keyboard.press(key)
        wait_until(lambda: viewer.text("zoom-percent") != before, 5, "the button is pressed")
        assert viewer.by_id("paused").is_hidden()


def test_a_pause_outlives_the_connection(page: Page, server: ServerProcess, source: SteadySource) -> None:
    """The connection is lost and comes back: the loss is seen, the picture stays, and it is still paused."""
    with running_gate(server.port) as gate:
        page.goto(f"http://127.0.0.1:{gate.port}/#format=preview")
        viewer = ViewerPage(page)
        viewer.wait_until_playing()
        pulse = pause(viewer)
        gate.set("closed")
        viewer.wait_for_veil("server-gone", "lost")
        assert viewer.by_id("paused").is_visible()
        gate.set("open")
        viewer.wait_for("() => viewer.connection.state === 'open'", "the connection is open")
        wait_until(lambda: viewer.veil() is None, 10, "the veil goes")
        pass_pulses(source)
        assert viewer.pulse_id() == pulse
        assert np.array_equal(viewer.pixels().array, image_of(pulse, "uint16", SHAPE))
        viewer.by_id("pause").click()
        viewer.wait_until_playing(after=pulse + 20)


def test_a_hidden_tab_comes_back_paused(chromium_path: str, server: ServerProcess, source: SteadySource) -> None:
    """Another tab lies in front for a while: the held picture is still there, with its sign."""
    with running_tabs(chromium_path) as tabs:
        tab = tabs.open("about:blank")
        tab.call("Page.navigate", url=f"http://127.0.0.1:{server.port}/#format=preview")
        playing = "window.viewer?.shown?.choice === 'preview' && document.getElementById('veil').hidden"
        tab.wait_for(playing, "the page plays")
        tab.evaluate("document.querySelector('[data-testid=pause]').click()")
        tab.wait_for("viewer.shown.choice === 'exact'", "the exact picture comes")
        pulse = tab.evaluate("Number(viewer.shown.pulse.pulseId)")
        tabs.bring_to_front(tabs.first)
        tab.wait_for("document.visibilityState === 'hidden'", "the tab is hidden")
        pass_pulses(source)
        assert "paused" in tab.evaluate("document.title")
        tabs.bring_to_front(tab)
        tab.wait_for("document.visibilityState === 'visible'", "the tab is seen")
        pass_pulses(source)
        assert tab.evaluate("Number(viewer.shown.pulse.pulseId)") == pulse
        assert tab.evaluate("document.querySelector('[data-testid=paused]').hidden") is False
        assert tab.evaluate("document.getElementById('veil').hidden") is True
        assert tab.complaints == []


def test_another_image_ends_a_pause(page: Page, source: SteadySource) -> None:
    """Who chooses another channel wants to see it play."""
    other = channel("other", np.ones((20, 30), np.uint32))
    with (
        SteadySource(lambda pulse_id: [*by_pulse(pulse_id), other]) as merged,
        running_server(merged.port, "--image-channel", "image") as server,
    ):
        viewer = ViewerPage(page).open(server)
        viewer.wait_until_playing()
        viewer.wait_for("() => viewer.status?.images.length === 2", "both are known")
        pulse = pause(viewer)
        viewer.by_id("image-channel").select_option("other")
        viewer.wait_for("() => viewer.shown?.channel === 'other'", "the other one plays")
        assert viewer.by_id("paused").is_hidden()
        viewer.wait_until_playing(after=pulse)
