"""Turned and mirrored images are drawn pixel by pixel where they belong, by both renderers, crops and colour too."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page

from tests.browser.steady_source import SteadySource, constant
from tests.browser.viewer_page import ViewerPage
from tests.browser.worker_page import (
    ORIENTATIONS,
    assert_screen,
    pixel_map,
    set_colours,
    set_view,
    shown_image,
)
from tests.raw_source import channel
from tests.server import ServerProcess

RENDERERS = ("webgl2", "canvas2d")
ROWS, COLUMNS = 30, 44


def picture() -> NDArray[Any]:
    """Return an image without any symmetry, whose neighbours differ."""
    return np.random.default_rng(3).integers(0, 256, (ROWS, COLUMNS), np.uint8)


@pytest.fixture(scope="module")
def source() -> Iterator[SteadySource]:
    """A source, whose messages each test sets."""
    with SteadySource(constant(channel("image", picture()))) as source:
        yield source


def opened(page: Page, server: ServerProcess, renderer: str, query: str = "") -> ViewerPage:
    """Return the page with a renderer, gray under the levels 0 and 255."""
    viewer = ViewerPage(page).open(server, f"?renderer={renderer}#{query}")
    viewer.wait_until_playing()
    assert viewer.moment().shown["renderer"] == renderer
    set_colours(viewer)
    return viewer


def expected_screen(
    size: tuple[Any, ...], shown: NDArray[Any], scale: float, left: float, top: float
) -> tuple[Any | NDArray[Any], Any]:
    """Return the canvas (rows, columns, 3) for a shown image, and where the image lies on it."""
    x, y = pixel_map(size[1], left, scale), pixel_map(size[0], top, scale)
    inside = ((y >= 0) & (y < shown.shape[0]))[:, None] & ((x >= 0) & (x < shown.shape[1]))[None, :]
    values = shown[y.clip(0, shown.shape[0] - 1)][:, x.clip(0, shown.shape[1] - 1)]
    return values if values.ndim == 3 else np.repeat(values[..., None], 3, axis=2), inside


def assert_all_orientations(viewer: ViewerPage, image: NDArray[Any], views: list[tuple[float, float, float]]) -> None:
    """Look at an image in all orientations, each with the views (scale, x offset, y offset) one after the other."""
    size = viewer.canvas_picture().shape[:2]
    for orientation in ORIENTATIONS:
        shown = shown_image(image, orientation)
        for view in views:
            set_view(viewer, *view, orientation)
            expected, inside = expected_screen(size, shown, *view)
            assert inside.sum() > 100
            assert_screen(viewer, expected, inside)


@pytest.mark.parametrize("renderer", RENDERERS)
def test_eight_orientations(page: Page, server: ServerProcess, source: SteadySource, renderer: str) -> None:
    """Each of the eight orientations, enlarged, at its own size and reduced, has exactly the pixels of the source."""
    image = picture()
    source.make = constant(channel("image", image))
    viewer = opened(page, server, renderer)
    assert_all_orientations(viewer, image, [(7.3, 12.4, 5.9), (1, 30, 20), (0.6, 3.2, 9.7)])


@pytest.mark.parametrize("renderer", RENDERERS)
def test_colour_images(page: Page, server: ServerProcess, source: SteadySource, renderer: str) -> None:
    """Colour images turn as the others."""
    image = np.random.default_rng(4).integers(0, 256, (ROWS, COLUMNS, 3), np.uint8)
    source.make = constant(channel("image", image))
    viewer = opened(page, server, renderer)
    viewer.wait_for("() => viewer.shown.colour", "colour is shown")
    assert_all_orientations(viewer, image, [(5.1, 12.4, 5.9)])


@pytest.mark.parametrize("renderer", RENDERERS)
def test_other_types(page: Page, server: ServerProcess, source: SteadySource, renderer: str) -> None:
    """Types without a look-up table turn as the others."""
    image = picture().astype(np.float32)
    source.make = constant(channel("image", image))
    viewer = opened(page, server, renderer)
    viewer.wait_for("() => viewer.shown.dtype === 'float32'", "floats are shown")
    assert_all_orientations(viewer, image.astype(np.uint8), [(5.1, 12.4, 5.9)])


@pytest.mark.parametrize("renderer", RENDERERS)
def test_the_visible_part_is_asked_for_in_pixels_of_the_source(
    page: Page, server: ServerProcess, source: SteadySource, renderer: str
) -> None:
    """A large image that is turned and enlarged comes as the crop that is visible, and is drawn in its place."""
    image = np.random.default_rng(5).integers(0, 256, (900, 1300), np.uint8)
    source.make = constant(channel("image", image))
    viewer = opened(page, server, renderer, "format=exact")
    viewer.wait_for("() => viewer.shown.of[1] === 1300", "the large image is shown")
    size = viewer.canvas_picture().shape[:2]
    for orientation in (ORIENTATIONS[0], ORIENTATIONS[3], ORIENTATIONS[6], ORIENTATIONS[7]):
        shown = shown_image(image, orientation)
        view = (12.5, -3000.0, -4100.0)
        set_view(viewer, *view, orientation)
        places = np.arange(900 * 1300).reshape(900, 1300)
        seen, _ = expected_screen(size, shown_image(places, orientation), *view)
        rows, columns = np.unravel_index(np.unique(seen), places.shape)
        region = [columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1]
        covers = """([x, y, width, height]) => {
          const crop = viewer.shown.crop;
          return crop !== null && crop[0] <= x && crop[1] <= y && crop[0] + crop[2] >= x + width
            && crop[1] + crop[3] >= y + height && crop[2] * crop[3] < 900 * 1300 / 2;
        }"""
        viewer.wait_for(covers, "the visible part is sent", argument=[int(number) for number in region])
        expected, inside = expected_screen(size, shown, *view)
        assert inside.all()
        assert_screen(viewer, expected, inside)


@pytest.mark.parametrize("renderer", RENDERERS)
def test_images_larger_than_a_texture(page: Page, server: ServerProcess, source: SteadySource, renderer: str) -> None:
    """An image in several textures is turned as one, and no pixel is lost between them when it is reduced."""
    # No longer than 48 times its height, beyond which it would be drawn as a band.
    image = np.zeros((360, 17000), np.uint8)
    # At and around the ends of textures of 8192 and 16384 pixels, with and without those that they share.
    bright = [
        0,
        8127,
        8128,
        8129,
        8191,
        8192,
        8193,
        16255,
        16256,
        16257,
        16319,
        16320,
        16321,
        16383,
        16384,
        16385,
        16999,
    ]
    for number, column in enumerate(bright):
        image[:, column] = 100 + 9 * number
    source.make = constant(channel("image", image, compression="bitshuffle_lz4"))
    viewer = opened(page, server, renderer, "format=exact")
    viewer.wait_for("() => viewer.shown.of[1] === 17000", "the long image is shown")
    size = viewer.canvas_picture().shape
    reduced = 50
    for orientation in (ORIENTATIONS[0], ORIENTATIONS[2], ORIENTATIONS[1], ORIENTATIONS[7]):
        # All rows are equal.
        line = shown_image(image, orientation).max(axis=1 if orientation["transpose"] else 0)
        expected = line.reshape(-1, reduced).max(axis=1)
        for start in (20, 23):
            canvas, known = np.zeros(size, int), np.zeros(size[:2], bool)
            along = slice(start, start + len(expected))
            where, left, top = ((along, 10), 10, start) if orientation["transpose"] else ((10, along), start, 10)
            canvas[where], known[where] = np.repeat(expected[:, None], 3, axis=1), True
            set_colours(viewer, reduce="max")
            set_view(viewer, 1 / reduced, left, top, orientation)
            assert_screen(viewer, canvas, known)
