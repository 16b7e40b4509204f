"""The last pixels of a preview stand for fewer pixels of the image, and end where the image ends."""

import signal
from collections.abc import Iterator
from contextlib import suppress

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page

from tests.browser.placing import Placing
from tests.browser.steady_source import SteadySource, constant
from tests.browser.viewer_page import ViewerPage
from tests.raw_source import channel
from tests.server import ServerProcess, running_server
from tests.support import wait_until

ROWS, COLUMNS = SHAPE = (1501, 2003)
ZOOM = 40
# On a slow machine the page soon says that the stopped server is gone, over the picture, which it turns pale.
ENLARGE = """(fragment) => {
  document.getElementById("veil").style.visibility = "hidden";
  document.querySelector("[data-testid=canvas]").style.filter = "none";
  location.hash = fragment;
}"""


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    """A server on a source so slow that two seconds without a picture are no silence."""
    image = np.full(SHAPE, 100, np.uint16)
    image[:, -65:] = image[-65:] = 3900
    with SteadySource(constant(channel("image", image)), rate=0.4) as source, running_server(source.port) as server:
        yield server


@pytest.mark.parametrize("renderer", ["webgl2", "canvas2d"])
def test_a_preview_ends_with_its_image(page: Page, server: ServerProcess, renderer: str) -> None:
    """Enlarged at its corner, a preview of an odd size is as wide as its image, not as its pixels would be."""
    focus = (COLUMNS - 0.5, ROWS - 0.5, ZOOM)
    fragment = "#format=preview&map=gray&levels=0,4000"
    page.goto(f"http://127.0.0.1:{server.port}/?renderer={renderer}{fragment}")
    viewer = ViewerPage(page)
    viewer.wait_for("() => viewer.shown?.binning > 1", "a binned preview is shown")
    # A server that runs would send the exact pixels of the part at once.
    server.send_signal(signal.SIGSTOP)
    try:
        viewer.page.evaluate(ENLARGE, f"{fragment}&view={','.join(str(n) for n in focus)}")

        def bright_and_inside() -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
            picture = viewer.canvas_picture()
            canvas = picture.shape[:2]
            rows, columns = Placing.of(canvas, SHAPE, focus).pixels(canvas)
            return picture.min(axis=2) > 220, (rows < ROWS)[:, None] & (columns < COLUMNS)

        # Drawn by a worker, so some pictures may still be of the view before.
        with suppress(AssertionError):
            wait_until(lambda: np.array_equal(*bright_and_inside()), 10, "the part is drawn")
        bright, inside = bright_and_inside()
        shown = viewer.moment().shown
    finally:
        server.send_signal(signal.SIGCONT)
    assert shown["crop"] is None
    assert COLUMNS % shown["binning"] != 0
    assert inside.any()
    assert not inside.all()
    assert np.array_equal(bright, inside)
