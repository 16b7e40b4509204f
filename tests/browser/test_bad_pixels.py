"""Pixels without a value are drawn where they are and nowhere else, and truth values are 0 and 1 on the page."""

from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Page

from tests.browser.placing import Placing, means
from tests.browser.steady_source import SteadySource, constant
from tests.browser.viewer_page import ViewerPage
from tests.raw_source import channel
from tests.server import ServerProcess
from tests.support import wait_until

ROWS, COLUMNS = SHAPE = (1800, 2400)
LOW, HIGH = 0, 2000
BAD = (255, 0, 255)
HOLE = (slice(600, 1201), slice(800, 1601))


def holes() -> np.ndarray:
    """Return waves with a tenth of their pixels missing at random places, and a hole in the middle."""
    y, x = np.mgrid[0:ROWS, 0:COLUMNS]
    values = (1000 + 800 * np.sin(x / 120) * np.cos(y / 140)).astype(np.float32)
    values[np.random.default_rng(7).random(SHAPE) < 0.1] = np.nan
    values[HOLE] = np.nan
    return values


IMAGE = holes()
TRUE = np.random.default_rng(8).random((20, 40)) < 0.4


@pytest.fixture(scope="module")
def source() -> Iterator[SteadySource]:
    """A source of both images; the mask has bytes of 255 for true and is compressed, so it is passed on as it came."""
    image = channel("image", IMAGE, compression="bitshuffle_lz4")
    mask = channel("mask", np.where(TRUE, np.uint8(255), np.uint8(0)), compression="bitshuffle_lz4", type="bool")
    with SteadySource(constant(image, mask), rate=5) as source:
        yield source


@pytest.mark.parametrize("renderer", ["webgl2", "canvas2d"])
def test_a_preview_shows_where_there_is_no_value(page: Page, server: ServerProcess, renderer: str) -> None:
    """The hole is in the colour of bad pixels; of the missing tenth elsewhere no pixel of the preview is bad."""
    page.goto(f"http://127.0.0.1:{server.port}/?renderer={renderer}#format=preview&map=gray&levels={LOW},{HIGH}")
    viewer = ViewerPage(page)
    viewer.wait_until_playing()
    viewer.wait_for("() => viewer.shown.choice === 'preview' && viewer.shown.binning > 1", "a binned preview is shown")
    binning = viewer.moment().shown["binning"]
    assert viewer.moment().shown["renderer"] == renderer

    def agrees() -> bool:
        picture = viewer.canvas_picture()
        canvas = picture.shape[:2]
        rows, columns = Placing.of(canvas, SHAPE).pixels(canvas)
        down, across = np.clip(rows, 0, ROWS - 1) // binning, np.clip(columns, 0, COLUMNS - 1) // binning
        inside = ((rows >= 0) & (rows < ROWS))[:, None] & ((columns >= 0) & (columns < COLUMNS))
        finite = np.isfinite(IMAGE)
        share = means(finite, binning)
        none = (share == 0)[np.ix_(down, across)]
        bad = (picture[:, :, :3] == BAD).all(axis=2)
        if not np.array_equal(bad[inside], none[inside]):
            return False
        with np.errstate(invalid="ignore"):
            mean = (means(np.where(finite, IMAGE, 0), binning) / share)[np.ix_(down, across)]
        seen = inside & ~none
        wrong = np.abs(picture[:, :, 0] - np.clip((mean - LOW) * 255 / (HIGH - LOW), 0, 255))[seen]
        return np.percentile(wrong, 99) < 8

    # The very first previews may be of another size.
    wait_until(agrees, 10, "the preview is drawn as it should be")


def test_true_is_one_on_the_page(page: Page, server: ServerProcess) -> None:
    """Passed on as it came, with bytes of 255 for true: the page's pixels are 0 and 1."""
    page.goto(f"http://127.0.0.1:{server.port}/#image=mask&format=exact")
    viewer = ViewerPage(page)
    viewer.wait_until_playing()
    viewer.wait_for("() => viewer.shown.channel === 'mask' && viewer.shown.exact", "the mask is shown")
    assert viewer.moment().shown["range"] == [0, 1]
    np.testing.assert_array_equal(viewer.pixels().array, TRUE)
