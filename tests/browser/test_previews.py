"""A preview lies where the image lies, in its colours, and no number on the page is read from it."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from tests.browser.damager import running_damager
from tests.browser.placing import Placing, grays, means
from tests.browser.steady_source import SteadySource, constant
from tests.browser.viewer_page import ViewerPage
from tests.browsers import PLAIN_HOST
from tests.raw_source import channel
from tests.server import ServerProcess, running_server
from tests.support import wait_until

ROWS, COLUMNS = SHAPE = (1501, 2003)
RENDERERS = ("webgl2", "canvas2d")
LOW, HIGH = 500, 3500
# JPEG changes a gray by a little; a wrong place by half a pixel of the screen would change it by more.
TOLERANCE = 14

CURSORS = """() => {
  window.readings = [];
  const pulses = new Map();
  window.Worker = class extends Worker {
    constructor(...options) {
      super(...options);
      this.addEventListener("message", ({ data }) => {
        if (data.type === "shown") {
          pulses.set(data.shown.pulse.sequence, Number(data.shown.pulse.pulseId));
          window.choice = data.shown.choice;
        }
        if (data.type === "cursor") {
          const { row, column, text, state } = data;
          window.readings.push({ row, column, text, state, pulse: pulses.get(data.sequence), choice: window.choice });
        }
      });
    }
  };
}"""


def image_of_pulse(pulse_id: int) -> np.ndarray:
    """Return smooth waves, so short that a place is known to a part of a pixel of the screen, and a number in each."""
    return WAVES + (pulse_id % 16) * np.uint16(1)


def waves() -> np.ndarray:
    """Return values between 600 and 3400."""
    y, x = np.mgrid[0:ROWS, 0:COLUMNS]
    return (2000 + 1400 * np.sin(x / 13) * np.cos(y / 17)).astype(np.uint16)


WAVES = waves()
PARTS = [channel("image", image_of_pulse(pulse), compression="bitshuffle_lz4") for pulse in range(16)]


@pytest.fixture(scope="module")
def source() -> Iterator[SteadySource]:
    """A source of a large image."""
    with SteadySource(lambda pulse_id: [PARTS[pulse_id % 16]]) as source:
        yield source


@pytest.fixture
def open_preview(page: Page, server: ServerProcess) -> Callable[..., Any]:
    """Returns what opens the page with previews, gray, and more in the URL."""

    def open_(query: str = "", fragment: str = "", port: int | None = None, host: str = "127.0.0.1") -> ViewerPage:
        page.goto(f"http://{host}:{port or server.port}/{query}#format=preview&map=gray{fragment}")
        viewer = ViewerPage(page)
        viewer.wait_until_playing()
        viewer.wait_for("() => viewer.shown.choice === 'preview'", "a preview is shown")
        return viewer

    return open_


def settled_preview(viewer: ViewerPage) -> dict[str, Any] | None:
    """Return what is shown of a preview that suits the size of the picture."""
    viewer.wait_for("() => viewer.shown.binning > 1", "the preview is binned")
    # The very first ones are made before the server knows the size of the image.
    viewer.wait_for("() => viewer.status.images.length > 0", "the server knows the image")
    viewer.wait_for_frames(3)
    return viewer.moment().shown


@pytest.mark.parametrize(("renderer", "host"), [(RENDERERS[0], "127.0.0.1"), (RENDERERS[1], PLAIN_HOST)])
def test_a_preview_has_the_place_and_the_colours_of_its_image(
    open_preview: Callable[..., Any], renderer: str, host: str
) -> None:
    """Every pixel of the canvas shows the mean of the pixels that lie under it, coloured as their value would be.

    By the name of the host the page is no secure context, and decodes pictures in another way.
    """
    viewer = open_preview(f"?renderer={renderer}", f"&levels={LOW},{HIGH}", host=host)
    assert viewer.page.evaluate("() => typeof ImageDecoder === 'function'") is (host != PLAIN_HOST)
    shown = settled_preview(viewer)
    assert shown["renderer"] == renderer
    picture = viewer.canvas_picture()
    canvas = picture.shape[:2]
    rows, columns = Placing.of(canvas, SHAPE).pixels(canvas)
    inside = ((rows >= 0) & (rows < ROWS))[:, None] & ((columns >= 0) & (columns < COLUMNS))
    binned = means(WAVES, shown["binning"])
    down, across = np.clip(rows, 0, ROWS - 1), np.clip(columns, 0, COLUMNS - 1)
    expected = grays(binned[np.ix_(down // shown["binning"], across // shown["binning"])], LOW, HIGH)
    found = picture[:, :, 0].astype(float)
    wrong = np.abs(found - expected)[inside]
    assert np.percentile(wrong, 99.5) < TOLERANCE
    shifted = np.abs(np.roll(found, 1, axis=1) - expected)[inside]
    assert np.percentile(shifted, 99.5) > 2 * TOLERANCE
    # Beside the image is the ground of the page.
    ground = viewer.page.evaluate("() => getComputedStyle(document.getElementById('stage')).backgroundColor")
    assert {tuple(pixel) for pixel in picture[~inside]} <= {tuple(int(n) for n in ground[4:-1].split(","))}


def test_the_numbers_of_a_preview_are_those_of_the_whole_image(open_preview: Callable[..., Any]) -> None:
    """Range, sum, sums along both axes and the histogram are exact, and the pixels of the preview are not given out."""
    viewer = open_preview()
    shown = settled_preview(viewer)
    image = image_of_pulse(int(shown["pulse"]["pulseId"]))
    assert shown["of"] == list(SHAPE)
    assert shown["sourceDtype"] == "uint16"
    assert shown["range"] == [image.min(), image.max()]
    assert shown["numbers"]["sum"] == str(image.astype(np.int64).sum())
    viewer.wait_for_text("image-about", f"uint16 {ROWS} × {COLUMNS}")
    viewer.wait_for_text("data-range", "pixels 6")
    profiles = viewer.page.evaluate(
        """async () => {
          const { pulseId, x, y, histogram } = await viewer.profiles();
          const { counts, low, width } = histogram;
          return [Number(pulseId), [...x.values], [...y.values], [...counts.values], low, width];
        }"""
    )
    pulse, x, y, counts, low, width = profiles
    image = image_of_pulse(pulse)
    assert x == image.sum(axis=0).tolist()
    assert y == image.sum(axis=1).tolist()
    expected, _ = np.histogram(image, len(counts), (low, low + width * len(counts)))
    assert counts == expected.tolist()
    refusal = viewer.page.evaluate("() => viewer.pixels().then(() => null, (error) => error.message)")
    assert "choose exact" in refusal


def test_the_value_under_the_cursor_is_exact_and_of_the_same_pulse(
    page: Page, open_preview: Callable[..., Any]
) -> None:
    """Over a preview the page reads out what the camera sent, of the pulse on screen, and nothing until it has it."""
    page.add_init_script(f"({CURSORS})()")
    viewer = open_preview()
    settled_preview(viewer)
    box = viewer.canvas_box()
    placing = Placing.of((round(box["height"]), round(box["width"])), SHAPE)
    for row, column in ((700, 900), (3, 3), (1500, 2002), (700, 1400)):
        x, y = placing.place(row, column)
        page.mouse.move(box["x"] + x, box["y"] + y)
        viewer.wait_for(
            "() => { const last = window.readings.at(-1); return last?.state === 'exact'"
            " && document.querySelector('[data-testid=readout-value]').textContent === last.text; }",
            "the value is told",
        )
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    viewer.wait_for_frames(8)
    readings = [reading for reading in page.evaluate("() => window.readings") if reading["choice"] == "preview"]
    exact = [reading for reading in readings if reading["state"] == "exact"]
    assert len({(reading["row"], reading["column"]) for reading in exact}) >= 5
    assert len({reading["pulse"] for reading in exact}) > 5
    for reading in exact:
        value = image_of_pulse(reading["pulse"])[reading["row"], reading["column"]]
        assert reading["text"] == str(value), reading
    waiting = [reading for reading in readings if reading["state"] == "waiting"]
    assert waiting
    assert {reading["text"] for reading in waiting} == {""}
    page.mouse.move(5, 5)
    viewer.wait_for_text("readout-place", "no pixel")


def test_the_page_says_that_it_waits_for_the_value(
    page: Page, open_preview: Callable[..., Any], source: SteadySource
) -> None:
    """No new picture comes after the cursor moved: the page says so instead of a number of the preview."""
    viewer = open_preview()
    settled_preview(viewer)
    source.pause()
    try:
        box = viewer.canvas_box()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        viewer.wait_for_text("readout-value", "waiting for the exact value")
    finally:
        source.resume()
    wait_until(lambda: viewer.text("readout-value").isdecimal(), 10, "the value is told")


def test_previews_say_what_they_are(open_preview: Callable[..., Any]) -> None:
    """The field of the transfer says preview and its binning, in a tone of its own, and why when it is opened."""
    viewer = open_preview()
    shown = settled_preview(viewer)
    viewer.wait_for_text("format", f"preview 1:{shown['binning']}")
    viewer.wait_for_text("format-note", "fps")
    wait_until(viewer.page.locator("[data-field=format][data-reduced]").is_visible, 5, "the field is marked")
    viewer.wait_for("() => viewer.status?.you.choice === 'preview'", "the server says so")
    viewer.by_id("format").click()
    region = viewer.page.get_by_role("region", name="Details")
    wait_until(lambda: "it was chosen on this page" in region.inner_text(), 5, "the reason is told")
    assert "Choose “automatic”" in region.inner_text()


def test_levels_are_made_by_the_server_for_all_their_grays(open_preview: Callable[..., Any]) -> None:
    """Levels that a person fixes go to the server, so that a small range of values has all grays in a preview too."""
    viewer = open_preview("", "&levels=2000,2040")
    settled_preview(viewer)
    viewer.wait_for("() => viewer.shown.levels[0] === 2000", "the levels are used")
    # The waves pass through forty values everywhere: with the grays of the whole range there were three.
    wait_until(lambda: len(np.unique(viewer.canvas_picture()[:, :, 0])) > 60, 5, "many grays are seen")


def test_a_colour_image_is_previewed_in_its_colours(page: Page) -> None:
    """The preview of a colour image has its colours at their places, and the values under the cursor are exact."""
    image = np.zeros((400, 600, 3), np.uint8)
    image[:, :300] = 200, 40, 90
    image[:, 300:] = 30, 160, 220
    part = channel("image", image, shape=[3, 600, 400])
    with SteadySource(constant(part)) as source, running_server(source.port) as server:
        viewer = ViewerPage(page).open(server, "#format=preview")
        viewer.wait_until_playing()
        viewer.wait_for("() => viewer.shown.choice === 'preview'", "a preview is shown")
        viewer.wait_for_text("image-about", "uint8 400 × 600, colour")
        box = viewer.canvas_box()
        picture = viewer.canvas_picture()
        placing = Placing.of((round(box["height"]), round(box["width"])), (400, 600))
        for row, column in ((200, 100), (200, 280), (200, 320), (390, 590)):
            x, y = placing.place(row, column)
            assert np.abs(picture[int(y), int(x)].astype(int) - image[row, column]).max() < 12
        x, y = placing.place(200, 100)
        page.mouse.move(box["x"] + x, box["y"] + y)
        viewer.wait_for_text("readout-value", "R 200, G 40, B 90")


def test_a_damaged_preview_is_told_and_does_not_stop_the_next(
    open_preview: Callable[..., Any], server: ServerProcess
) -> None:
    """Pictures that cannot be decoded are an error on the page, once; when they are whole again, the page goes on."""
    with running_damager(server.port) as damager:
        viewer = open_preview(port=damager.port)
        damager.active = True
        error = viewer.by_id("error")
        wait_until(lambda: error.count() == 1, 10, "the error is told")
        assert "a preview is damaged" in error.inner_text()
        damager.active = False
        viewer.wait_until_playing(after=viewer.pulse_id() + 3)
        assert error.count() == 1
        assert viewer.moment().shown["choice"] == "preview"
