"""The turned picture and the numbers in its pixels: what the worker draws and what the page draws over it agree."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from tests.browser.fonts import draw_text_as_boxes
from tests.browser.steady_source import SteadySource, constant
from tests.browser.used_page import follow
from tests.browser.viewer_page import ViewerPage, expected_place
from tests.raw_source import channel
from tests.server import ServerProcess, running_server
from tests.support import wait_until

ROWS, COLUMNS = SHAPE = (6, 8)
IMAGE = np.zeros(SHAPE, np.uint16)
IMAGE[1, 6] = 1000


GRAY = "map=gray&levels=0,1000&axes=0"


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    """A server on a source, one of whose pixels is bright."""
    with SteadySource(constant(channel("image", IMAGE))) as source, running_server(source.port) as server:
        yield server


def bright_place(viewer: ViewerPage) -> tuple[Any, Any] | None:
    """Return the middle of what is bright on the canvas, in parts of its width and height; None if nothing is."""
    picture = viewer.canvas_picture()
    rows, columns = np.nonzero(picture.min(axis=2) > 240)
    if len(rows) < 100:
        return None
    # Not the mean: the zeros that are written into the dark pixels are bright, too.
    return np.median(columns) / picture.shape[1], np.median(rows) / picture.shape[0]


@pytest.mark.parametrize("turn", range(8))
def test_the_readout_is_where_the_pixel_is_drawn(viewer: ViewerPage, turn: str) -> None:
    """Turned and mirrored in each way, the bright pixel is read out where it is seen."""
    follow(viewer.page, f"{GRAY}&turn={turn}")
    box = viewer.canvas_box()
    x, y = wait_until(lambda: bright_place(viewer), 5, "a bright pixel is seen")
    viewer.page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
    viewer.wait_for_text("readout-place", "row 1, column 6")
    viewer.wait_for_text("readout-value", "1000")


def test_numbers_are_written_into_large_pixels(page: Page, server: ServerProcess) -> None:
    """Pixels that are large on the screen hold their values; smaller ones do not."""
    draw_text_as_boxes(page)
    viewer = ViewerPage(page).open(server, f"#{GRAY}")
    viewer.wait_until_playing()
    viewer.page.keyboard.press("1")
    wait_until(lambda: viewer.text("zoom-percent") == "100 %", 5, "the pixels are small")
    viewer.page.keyboard.press("0")
    x, y = expected_place(viewer.canvas_box(), SHAPE, 4, 2)
    box = viewer.canvas_box()

    def written() -> Any:
        picture = viewer.canvas_picture(marks=True)
        row, column = round(y - box["y"]), round(x - box["x"])
        # White on a black pixel.
        return (picture[row - 12 : row + 12, column - 12 : column + 12].min(axis=2) > 180).sum() > 5

    wait_until(written, 5, "a number is written")
