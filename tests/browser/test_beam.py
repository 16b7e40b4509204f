"""The 2-D beam fit on the page: its switch, its numbers, its drawing, and what it says where there are none.

What it computes is held against laserbeamsize and numpy by the tests of the page's mathematics; here it is enough that
the numbers are those of the beam that was sent.
"""

import io
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.browser.steady_source import SteadySource, constant
from tests.browser.used_page import follow
from tests.browser.viewer_page import ViewerPage
from tests.raw_source import channel
from tests.support import wait_until

ROWS, COLUMNS = SHAPE = (180, 240)
MIDDLE, MAJOR, MINOR, TILT = (118.4, 90.7), 18.0, 8.0, 30.0
NOISE = np.random.default_rng(5).normal(0, 3, SHAPE)
FOUND = "() => viewer.analysis?.tools.beam ?? null"
ELLIPSE = (255, 157, 224)
LOADED = "() => performance.getEntriesByType('resource').map(({ name }) => name).join()"


def beam(x: float = MIDDLE[0], y: float = MIDDLE[1], amplitude: float = 3000) -> NDArray[np.uint16]:
    """Return a beam on a level of 100, turned counter-clockwise by ``TILT``, with noise that is always the same."""
    rows, columns = np.mgrid[:ROWS, :COLUMNS]
    turn = math.radians(TILT)
    along = ((columns - x) * math.cos(turn) - (rows - y) * math.sin(turn)) / MAJOR
    beside = ((columns - x) * math.sin(turn) + (rows - y) * math.cos(turn)) / MINOR
    return (100 + amplitude * np.exp(-(along**2 + beside**2) / 2) + NOISE).round().astype(np.uint16)


@pytest.fixture(scope="module")
def source() -> Iterator[SteadySource]:
    """A source."""
    with SteadySource(constant(channel("image", beam()))) as source:
        yield source


@pytest.fixture(autouse=True)
def steady(source: SteadySource) -> None:
    """Each test begins with the same beam."""
    source.make = constant(channel("image", beam()))


def state_of(viewer: ViewerPage, state: str) -> Any:
    """Return the result as soon as it has this state."""
    found = "(state) => { const { beam } = viewer.analysis?.tools ?? {}; return beam?.state === state ? beam : null; }"
    return viewer.wait_for(found, f"the beam is {state}", argument=state)


def row(viewer: ViewerPage, name: str) -> tuple[float, float, str]:
    """Return a number of the card, its error and its unit, as soon as it is there."""
    cells = viewer.by_id("beam-card").locator(f"[data-result='{name}'] td")
    texts = wait_until(lambda: cells.all_inner_texts() or None, 10, f"the card shows {name}")
    value, _, error = texts[0].partition(" ± ")
    return float(value), float(error), texts[1]


def drawn(viewer: ViewerPage) -> int:
    """Return how many pixels of the layer over the picture have the colour of the ellipse."""
    count: int = viewer.page.evaluate(
        """([red, green, blue]) => {
          const canvas = document.querySelector("[data-testid=overlay]");
          if (canvas.width === 0 || canvas.height === 0) return 0;
          const copy = new OffscreenCanvas(canvas.width, canvas.height);
          const context = copy.getContext("2d", { willReadFrequently: true });
          context.drawImage(canvas, 0, 0);
          const { data } = context.getImageData(0, 0, copy.width, copy.height);
          let count = 0;
          for (let at = 0; at < data.length; at += 4)
            if (data[at] === red && data[at + 1] === green && data[at + 2] === blue && data[at + 3] === 255) count++;
          return count;
        }""",
        list(ELLIPSE),
    )
    return count


def test_the_key_shows_the_beam_and_takes_it_away(viewer: ViewerPage) -> None:
    """Numbers with errors and units are those of the beam; switch, address, card, note and drawing follow."""
    page = viewer.page
    assert "beam-tool" not in page.evaluate(LOADED)
    page.keyboard.press("Shift+B")
    found = state_of(viewer, "converged")
    assert found["unit"] == "px"
    assert found["outline"]["middle"] == pytest.approx(MIDDLE, abs=0.1)
    note = viewer.wait_for_text("beam-note", "D4σ", "px", "tilt")
    assert "±" in note
    assert viewer.by_id("tool-beam").get_attribute("aria-pressed") == "true"
    viewer.wait_for("() => location.hash.includes('beam=1')", "the address knows")
    viewer.by_id("tab-analysis").click()
    viewer.wait_for_text("beam-state", "converged")
    assert not viewer.by_id("beam-note").is_visible()
    for name, expected, unit in (
        ("centre x", MIDDLE[0], "px"),
        ("centre y", MIDDLE[1], "px"),
        ("major diameter", 4 * MAJOR, "px"),
        ("minor diameter", 4 * MINOR, "px"),
        ("tilt", TILT, "°"),
        ("ellipticity", MINOR / MAJOR, ""),
    ):
        value, error, shown_unit = row(viewer, name)
        # Light below the noise counts for the background, so that second moments are a little small.
        assert value == pytest.approx(expected, abs=5 * error, rel=0.02), name
        assert shown_unit == unit
    for name, sigma in (("fit sigma major", MAJOR), ("fit sigma minor", MINOR)):
        assert row(viewer, name)[0] == pytest.approx(sigma, rel=0.01)
    wait_until(lambda: drawn(viewer) > 100, 10, "the ellipse is drawn")
    viewer.by_id("tool-beam").click()
    viewer.wait_for("() => viewer.analysis?.tools.beam === undefined", "it is computed no more")
    assert not viewer.by_id("beam-card").is_visible()
    wait_until(lambda: drawn(viewer) == 0, 10, "the ellipse is gone")
    viewer.wait_for("() => !location.hash.includes('beam')", "the address forgets")


def wait_for_tilt(viewer: ViewerPage, expected: float) -> None:
    """Wait until the card shows this tilt."""
    wait_until(lambda: abs(row(viewer, "tilt")[0] - expected) < 1.5, 10, f"a tilt of {expected} degrees")


def test_an_address_shows_the_tilt_as_it_is_seen(viewer: ViewerPage) -> None:
    """A picture that is mirrored or turned shows another tilt, the same that the eye sees; the result stays."""
    follow(viewer.page, "#beam=1")
    straight = state_of(viewer, "converged")["tilt"]["value"]
    assert straight == pytest.approx(TILT, abs=1)
    viewer.by_id("tab-analysis").click()
    for key, expected in (("h", -TILT), ("v", TILT), ("]", TILT - 90)):
        viewer.page.keyboard.press(key)
        wait_for_tilt(viewer, expected)
    assert state_of(viewer, "converged")["tilt"]["value"] == pytest.approx(straight, abs=1)


def test_without_a_beam_there_are_no_numbers(viewer: ViewerPage, source: SteadySource) -> None:
    """A beam that is cut off, and a picture without one, are words; nothing is drawn."""
    follow(viewer.page, "#beam=1")
    state_of(viewer, "converged")
    viewer.by_id("tab-analysis").click()
    for image, state, text in (
        (beam(x=8), "clipped", "cut off by an edge"),
        (beam(amplitude=0), "empty", "stands out of the noise"),
    ):
        source.make = constant(channel("image", image))
        found = state_of(viewer, state)
        assert set(found) == {"state", "reason"}
        viewer.wait_for_text("beam-notes", text)
        assert not viewer.by_id("beam-results").is_visible()
        wait_until(lambda: drawn(viewer) == 0, 10, "nothing is drawn")


def test_a_chosen_preview_says_what_is_missing(viewer: ViewerPage) -> None:
    """No number comes from a preview; the card says so."""
    follow(viewer.page, "#beam=1&format=preview")
    viewer.by_id("tab-analysis").click()
    viewer.wait_for_text("beam-notes", "A preview is chosen.")
    assert viewer.page.evaluate(FOUND) is None


def test_a_held_picture_is_fitted_and_saved_with_its_ellipse(viewer: ViewerPage) -> None:
    """The tool works on a picture that was there before it was switched on; the saved one has what it draws."""
    page = viewer.page
    page.keyboard.press("p")
    viewer.wait_for_text("paused", "Paused")
    page.keyboard.press("Shift+B")
    state_of(viewer, "converged")
    viewer.wait_for_text("beam-note", "D4σ")
    wait_until(lambda: drawn(viewer) > 100, 10, "the ellipse is drawn")
    viewer.by_id("save").click()
    with page.expect_download() as download:
        viewer.by_id("save-png").click()
    picture = np.asarray(Image.open(io.BytesIO(download.value.path().read_bytes())).convert("RGB"))
    assert (picture == ELLIPSE).all(axis=2).sum() > 100


def test_the_help_has_its_key(viewer: ViewerPage) -> None:
    """The key stands in the help with what it does."""
    viewer.page.keyboard.press("?")
    shown = wait_until(lambda: viewer.page.locator("#help").inner_text() or None, 10, "the help is open")
    assert "2-D beam fit" in shown
    viewer.page.keyboard.press("Escape")
