"""Enlarged, the exact pixels of what is seen come, in their place, and nothing else of the picture changes."""

import signal
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from tests.browser.placing import Placing, shades
from tests.browser.steady_source import SteadySource
from tests.browser.viewer_page import ViewerPage
from tests.raw_source import channel
from tests.server import ServerProcess
from tests.support import wait_until

ROWS, COLUMNS = SHAPE = (1024, 1280)
LOW, HIGH = 0, ROWS + COLUMNS
# Each pixel tells its place and its pulse: value = pulse * 2^21 + row * 2^11 + column.
PLACES = (np.arange(ROWS, dtype=np.uint32)[:, None] << 11) + np.arange(COLUMNS, dtype=np.uint32)
SLOPE = (np.arange(ROWS)[:, None] + np.arange(COLUMNS)).astype(np.uint16)

CROP_COVERS = """([left, top, right, bottom]) => {
  const crop = viewer.shown?.crop;
  if (!crop) return false;
  const [x, y, width, height] = crop;
  return x <= left && y <= top && x + width >= right && y + height >= bottom;
}"""
NOTE_SHOWN = """() => {
  window.seen = [];
  (function look() {
    const { shown } = viewer;
    const zoom = document.querySelector("[data-testid=zoom-percent]").textContent;
    if (shown !== null) window.seen.push([shown.choice, shown.levels.join(" "), shown.of.join(" "), zoom]);
    requestAnimationFrame(look);
  })();
}"""


@pytest.fixture(scope="module")
def source() -> Iterator[SteadySource]:
    """A source, whose messages each test sets."""
    with SteadySource(lambda pulse_id: [channel("image", SLOPE)]) as source:
        yield source


def opened(
    page: Page, server: ServerProcess, focus: tuple[float, float, float] | None = None, query: str = "", more: str = ""
) -> ViewerPage:
    """Open the page, with a view of its own if there is one."""
    view = "" if focus is None else f"&view={','.join(str(n) for n in focus)}"
    page.goto(f"http://127.0.0.1:{server.port}/{query}#format=exact&map=gray{more}{view}")
    viewer = ViewerPage(page)
    viewer.wait_until_playing()
    return viewer


def canvas_shape(viewer: ViewerPage) -> tuple[Any, Any]:
    """Return rows and columns of the canvas."""
    box = viewer.canvas_box()
    return round(box["height"]), round(box["width"])


def seen_region(viewer: ViewerPage, focus: tuple[float, float, float]) -> list[int]:
    """Return left, top, right and bottom of what is seen of the image, in its pixels."""
    canvas = canvas_shape(viewer)
    rows, columns = Placing.of(canvas, SHAPE, focus).pixels(canvas)
    rows, columns = rows[(rows >= 0) & (rows < ROWS)], columns[(columns >= 0) & (columns < COLUMNS)]
    return [int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1]


def test_the_pixels_of_a_part_are_exact(page: Page, server: ServerProcess, source: SteadySource) -> None:
    """Of an enlarged picture the page has the exact pixels of the part that is seen, and says which part that is."""
    source.make = lambda pulse_id: [channel("image", PLACES + np.uint32((pulse_id % 1024) << 21))]
    focus = (900.0, 300.0, 6.0)
    viewer = opened(page, server, focus)
    viewer.wait_until_playing(after=source.next_pulse)
    viewer.wait_for(CROP_COVERS, "what is seen comes", argument=seen_region(viewer, focus))
    answer = page.evaluate(
        """async () => {
          const { pulseId, dtype, shape, crop, data } = await viewer.pixels();
          return { pulse: Number(pulseId), dtype, shape, crop, data: Array.from(data) };
        }"""
    )
    x, y, width, height = answer["crop"]
    assert answer["shape"] == [height, width]
    assert width * height < ROWS * COLUMNS / 4
    expected = PLACES[y : y + height, x : x + width] + np.uint32((answer["pulse"] % 1024) << 21)
    assert np.array_equal(np.array(answer["data"], answer["dtype"]).reshape(height, width), expected)
    viewer.wait_for_text("format", "crop")
    assert page.locator("[data-field=format][data-reduced]").count() == 0
    viewer.wait_for_text("data-range", "in view")
    viewer.wait_for_text("image-about", f"{ROWS} × {COLUMNS}")


@pytest.mark.parametrize("renderer", ["webgl2", "canvas2d"])
def test_a_part_is_drawn_at_its_place(page: Page, server: ServerProcess, source: SteadySource, renderer: str) -> None:
    """Every pixel of the canvas shows the pixel of the image that lies under it, with the levels of the whole image."""
    source.make = lambda pulse_id: [channel("image", SLOPE)]
    focus = (400.25, 700.5, 7.3)
    viewer = opened(page, server, focus, f"?renderer={renderer}", f"&levels={LOW},{HIGH}")
    viewer.wait_until_playing(after=source.next_pulse)
    viewer.wait_for(CROP_COVERS, "what is seen comes", argument=seen_region(viewer, focus))
    viewer.wait_for_frames(2)
    picture = viewer.canvas_picture()
    canvas = picture.shape[:2]
    rows, columns = Placing.of(canvas, SHAPE, focus).pixels(canvas)
    expected = shades(SLOPE[np.ix_(rows, columns)], LOW, HIGH)
    wrong = np.abs(picture[:, :, 0] - expected)
    # At the edge between two pixels of the image, which are a step apart at most, the last bit of a float decides.
    assert np.percentile(wrong, 99) <= 1
    assert np.mean(wrong == 0) > 0.95


def test_moving_the_picture_brings_the_rest(page: Page, server: ServerProcess, source: SteadySource) -> None:
    """The values of what comes into view are there soon after the picture was moved, all over the canvas."""
    source.make = lambda pulse_id: [channel("image", PLACES)]
    viewer = opened(page, server, (640.0, 512.0, 5.0))
    viewer.wait_until_playing(after=source.next_pulse)
    viewer.wait_for("() => viewer.shown.choice === 'crop'", "a part comes")
    box = viewer.canvas_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for dx, dy in ((-300, -150), (300, 200), (-380, 180)):
        page.mouse.move(*middle)
        page.mouse.down()
        page.mouse.move(middle[0] + dx, middle[1] + dy, steps=4)
        page.mouse.up()
        for x, y in ((0.02, 0.02), (0.98, 0.02), (0.02, 0.98), (0.98, 0.98)):
            page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
            wait_until(lambda: told(viewer), 10, "the value in the corner is there and right")


def told(viewer: ViewerPage) -> bool:
    """Return whether the page shows the value of the pixel that it names."""
    text, place = viewer.text("readout-value"), viewer.text("readout-place")
    if not text.isdecimal():
        return False
    return place == f"row {int(text) >> 11}, column {int(text) & 2047}"


def test_beside_the_part_there_is_no_value_yet(page: Page, server: ServerProcess, source: SteadySource) -> None:
    """Where nothing was sent of the image yet the page says so, until it comes."""
    source.make = lambda pulse_id: [channel("image", PLACES)]
    focus = (300.0, 300.0, 8.0)
    viewer = opened(page, server, focus)
    viewer.wait_until_playing(after=source.next_pulse)
    viewer.wait_for(CROP_COVERS, "what is seen comes", argument=seen_region(viewer, focus))
    box = viewer.canvas_box()
    left, right = box["x"] + 0.03 * box["width"], box["x"] + 0.97 * box["width"]
    middle = box["y"] + box["height"] / 2
    # For less than the second after which the page would call the stream silent.
    server.send_signal(signal.SIGSTOP)
    try:
        page.mouse.move(right, middle)
        page.mouse.down()
        page.mouse.move(left, middle, steps=3)
        page.mouse.up()
        page.mouse.move(right, middle)
        viewer.wait_for_text("readout-value", "no exact value here yet")
    finally:
        server.send_signal(signal.SIGCONT)
    wait_until(lambda: told(viewer), 10, "the value comes")


def test_nothing_flickers_when_the_format_changes(page: Page, server: ServerProcess, source: SteadySource) -> None:
    """From exact to preview and back, near and far: levels, size and zoom stay, and so does the picture."""
    noise = np.random.default_rng(1).normal(100, 3, SHAPE)
    y, x = np.mgrid[0:ROWS, 0:COLUMNS]
    beam = noise + 3000 * np.exp(-((x - 600) ** 2 / 9000 + (y - 500) ** 2 / 4000))
    part = channel("image", beam.astype(np.uint16), compression="bitshuffle_lz4")
    source.make = lambda pulse_id: [part]
    viewer = opened(page, server)
    viewer.wait_until_playing(after=source.next_pulse)
    viewer.wait_for_frames(8)
    page.mouse.move(5, 5)
    before = viewer.canvas_picture().astype(float)
    page.evaluate(NOTE_SHOWN)
    for choice in ("preview", "exact", "preview", "auto"):
        viewer.by_id("choice").select_option(choice)
        wanted = "exact" if choice == "auto" else choice
        viewer.wait_for("(choice) => viewer.shown.choice === choice", f"{choice} comes", argument=wanted)
        viewer.wait_for_frames(4)
        assert np.abs(viewer.canvas_picture() - before).mean() < 2
    seen = page.evaluate("() => window.seen")
    assert {choice for choice, *_ in seen} == {"exact", "preview"}
    assert len({tuple(rest) for _, *rest in seen}) == 1
    levels = seen[0][1]
    for _ in range(5):
        page.get_by_role("button", name="Zoom in (+)").click()
    viewer.wait_for("() => viewer.shown.choice === 'crop'", "a part comes")
    viewer.by_id("choice").select_option("preview")
    viewer.wait_for("() => viewer.shown.choice === 'preview' && viewer.shown.crop !== null", "a preview of it comes")
    page.get_by_role("button", name="Fit the whole picture").click()
    viewer.wait_for("() => viewer.shown.crop === null", "all of it comes")
    assert {shown[1] for shown in page.evaluate("() => window.seen")} == {levels}
