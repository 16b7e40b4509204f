"""Images of one row or column can be seen, read out pixel by pixel, and opened as a curve."""

from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Page

from tests.browser.steady_source import SteadySource, constant
from tests.browser.viewer_page import ViewerPage
from tests.raw_source import channel
from tests.server import ServerProcess
from tests.support import wait_until

LENGTH = 200
VALUES = (1000 + 7 * np.arange(LENGTH)).astype(np.uint16)
FRAGMENT = "#map=gray&levels=1000,2400&format=exact"


@pytest.fixture(scope="module")
def source() -> Iterator[SteadySource]:
    """A source, whose images each test sets."""
    with SteadySource(constant(channel("line", VALUES.reshape(1, LENGTH)))) as source:
        yield source


@pytest.mark.parametrize("renderer", ["webgl2", "canvas2d"])
@pytest.mark.parametrize("shape", [(1, LENGTH), (LENGTH, 1)], ids=["row", "column"])
def test_a_line_is_a_band_and_a_curve(
    page: Page, source: SteadySource, server: ServerProcess, renderer: str, shape: tuple[int, int]
) -> None:
    """Of 200 pixels, 1 high or wide: an eighth of its length, hovering tells each pixel, a button gives the curve."""
    source.make = constant(channel("line", VALUES.reshape(shape)))
    viewer = ViewerPage(page).open(server, f"?renderer={renderer}{FRAGMENT}")
    viewer.wait_until_playing()
    wait_until(lambda: viewer.moment().shown["of"] == list(shape), 10, "the line is shown")
    along, thick = (1, 0) if shape[0] == 1 else (0, 1)
    word = "1 row, drawn 25 times as high" if shape[0] == 1 else "1 column, drawn 25 times as wide"
    viewer.wait_for_text("stretched", word)

    box = viewer.canvas_box()
    sides = (box["height"], box["width"])
    length = min(sides[along], 8 * sides[thick])
    middle = np.array([box["y"] + box["height"] / 2, box["x"] + box["width"] / 2])
    for index in (3, 100, 196):
        for beside in (-0.4, 0, 0.4):
            at = middle.copy()
            at[along] += ((index + 0.5) / LENGTH - 0.5) * length
            at[thick] += beside * length / 8
            viewer.page.mouse.move(at[1], at[0])
            row, column = (0, index) if along == 1 else (index, 0)
            viewer.wait_for_text("readout-place", f"row {row}, column {column}")
            viewer.wait_for_text("readout-value", str(VALUES[index]))
    viewer.page.mouse.move(*(middle + (0.6 * length / 8) * np.eye(2)[thick])[::-1])
    viewer.wait_for_text("readout-place", "no pixel")

    # What is on the screen: gray rises along the line and is the same across it.
    picture = viewer.canvas_picture()[:, :, 0].astype(int)
    across = picture if along == 1 else picture.T
    columns = across.shape[1]
    inside = slice(round((columns - length) / 2) + 2, round((columns + length) / 2) - 2)
    # Its middle is drawn in gray 127, unlike the ground around it.
    lit = across[abs(across[:, columns // 2] - 127) < 6, inside]
    assert lit.shape[0] == pytest.approx(length / 8 * across.shape[0] / sides[thick], abs=3)
    # Its edges may lie within a pixel of the screen.
    lit = lit[2:-2]
    assert (lit == lit[0]).all(), np.argwhere(lit != lit[0])[:5]
    assert (np.diff(lit[0]) >= 0).all()
    assert lit[0, 0] < 10
    assert lit[0, -1] > 245

    viewer.by_id("show-as-curve").click()
    viewer.wait_for_text("image-curve-about", "uint16", "pulse")
    viewer.by_id("image-curve-host").locator(".u-over").wait_for()
    viewer.by_id("image-curve-host").focus()
    viewer.page.keyboard.press("ArrowRight")
    text = viewer.wait_for_text("image-curve-value", "[")
    index = int(text[1 : text.index("]")])
    assert text.split()[1] == str(VALUES[index])
    viewer.page.keyboard.press("Escape")
    viewer.by_id("image-curve-host").wait_for(state="hidden")


def test_one_pixel_is_a_square(page: Page, source: SteadySource, server: ServerProcess) -> None:
    """1x1: as large as fits, without words on it, and no curve."""
    source.make = constant(channel("line", np.array([[2400]], np.uint16)))
    viewer = ViewerPage(page).open(server, FRAGMENT)
    viewer.wait_until_playing()
    wait_until(lambda: viewer.moment().shown["of"] == [1, 1], 10, "the pixel is shown")
    box = viewer.canvas_box()
    side = min(box["width"], box["height"])
    viewer.page.mouse.move(box["x"] + box["width"] / 2 + 0.4 * side, box["y"] + box["height"] / 2 + 0.4 * side)
    viewer.wait_for_text("readout-value", "2400")
    assert viewer.by_id("show-as-curve").is_hidden()
    assert viewer.by_id("stretched").is_hidden()
