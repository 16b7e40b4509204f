"""Scales, colours beyond the levels and reduced pictures are drawn as render/levels.ts says, with both renderers."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page

from tests.browser.steady_source import SteadySource, constant
from tests.browser.test_colours import assert_colours, colour_table, expected_indices
from tests.browser.viewer_page import ViewerPage
from tests.browser.worker_page import ORIENTATIONS, assert_screen, set_colours, set_view, shown_image
from tests.raw_source import channel
from tests.server import ServerProcess

RENDERERS = ("webgl2", "canvas2d")
SCALES = ("log", "symlog", "sqrt", "gamma", "asinh")
GAMMA = 0.4
SIDE = 16
RED, GREEN, BAD = (255, 0, 0), (0, 255, 1), (1, 2, 3)
BEYOND = {"under": "#ff0000", "over": "#00ff01", "bad": "#010203"}


@pytest.fixture(scope="module")
def source() -> Iterator[SteadySource]:
    """A source, whose messages each test sets."""
    with SteadySource(constant(channel("image", np.zeros((SIDE, SIDE), np.uint8)))) as source:
        yield source


def opened(page: Page, server: ServerProcess, source: SteadySource, renderer: str, image: NDArray[Any]) -> ViewerPage:
    """Return the page with a renderer that shows an image."""
    source.make = constant(channel("image", image))
    viewer = ViewerPage(page).open(server, f"?renderer={renderer}#format=exact")
    viewer.wait_until_playing(after=source.next_pulse)
    assert viewer.moment().shown["renderer"] == renderer
    return viewer


def show(viewer: ViewerPage, source: SteadySource, image: NDArray[Any]) -> None:
    """Let the source send another image, and wait until it is on screen."""
    source.make = constant(channel("image", image))
    viewer.wait_until_playing(after=source.next_pulse)


def bent(values: NDArray[Any], low: float, high: float, scale: str) -> NDArray[np.floating[Any]]:
    """Return the place on the scale, 0 at low and 1 at high."""
    values = values.astype(np.float64)
    if scale == "log":
        return np.log(np.maximum(values, low) / low) / np.log(high / low)
    if scale in ("sqrt", "gamma"):
        return (np.maximum(values - low, 0) / (high - low)) ** (0.5 if scale == "sqrt" else GAMMA)
    c = max(abs(low), abs(high)) / 1000
    bend = np.arcsinh if scale == "asinh" else lambda x: np.sign(x) * np.log1p(np.abs(x))
    return (bend(values / c) - bend(low / c)) / (bend(high / c) - bend(low / c))


def gray(indices: NDArray[Any]) -> NDArray[Any]:
    """Return the colours of a gray map, (..., 3)."""
    return np.repeat(indices[..., None], 3, axis=-1)


def numbers(low: float, high: float, dtype: str) -> NDArray[np.floating[Any]]:
    """Return an image whose values are dense at the low end, from below low to above high, without the boundaries."""
    values = low + (high - low) * np.linspace(-0.3, 1.05, SIDE * SIDE) ** 3
    if np.dtype(dtype).kind in "iu":
        values = values.clip(np.iinfo(dtype).min, np.iinfo(dtype).max)
    values = values.reshape(SIDE, SIDE).astype(dtype)
    values.flat[:2] = low, high
    return values


@pytest.mark.parametrize("renderer", RENDERERS)
def test_scales(page: Page, server: ServerProcess, source: SteadySource, renderer: str) -> None:
    """Each value has the colour of its place on each scale, below and above the levels too."""
    viewer = opened(page, server, source, renderer, np.zeros((SIDE, SIDE), np.uint8))
    for dtype, low, high in (
        ("uint16", 10, 4000),
        ("int16", 1, 30000),
        ("uint32", 5, 4_000_000_000),
        ("float32", 0.25, 3.5e4),
    ):
        image = numbers(low, high, dtype)
        show(viewer, source, image)
        beyond = (image < low) | (image > high)
        assert beyond.any(), dtype
        for scale in SCALES:
            places = 256 * bent(image, low, high, scale)
            # Where rounding to 32 bits decides between two neighbours, the unit tests know which.
            sure = (np.abs(places - np.round(places)) > 1e-3) | (places < 0.5) | (places > 255.5)
            assert sure.mean() > 0.95, (dtype, scale)
            expected = gray(np.floor(places).clip(0, 255).astype(int))
            expected[image < low], expected[image > high] = RED, GREEN
            set_colours(viewer, scale=scale, gamma=GAMMA, levels=(low, high), **BEYOND)
            assert_image(viewer, expected, sure | beyond)


def assert_image(viewer: ViewerPage, expected: NDArray[Any], known: NDArray[Any]) -> None:
    """Wait until the image that is shown as a whole has the expected colours where they are known."""
    size = viewer.canvas_picture().shape
    scale = min(size[0] / expected.shape[0], size[1] / expected.shape[1])
    left, top = (size[1] - expected.shape[1] * scale) / 2, (size[0] - expected.shape[0] * scale) / 2
    canvas, mask = np.zeros(size, int), np.zeros(size[:2], bool)
    for row, column in np.argwhere(known):
        y, x = int(top + (row + 0.5) * scale), int(left + (column + 0.5) * scale)
        canvas[y, x], mask[y, x] = expected[row, column], True
    assert_screen(viewer, canvas, mask)


def test_both_renderers_agree_on_every_value(
    new_page: Callable[[], Page], server: ServerProcess, source: SteadySource
) -> None:
    """All values of 16 bit have the same colour with both renderers, on all scales, at every boundary too."""
    image = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    viewers = [opened(new_page(), server, source, renderer, image) for renderer in RENDERERS]
    whole = np.ones((256, 256), bool)
    seen = []
    for scale in ("linear", *SCALES):
        pictures = []
        for viewer in viewers:
            set_colours(viewer, scale=scale, gamma=GAMMA, levels=(3, 60001), colourMap="turbo", **BEYOND)
            set_view(viewer, 1, 0, 0)
            viewer.wait_for_frames(2)
            pictures.append(viewer.canvas_picture()[:256, :256].astype(int))
        canvas = np.zeros(viewers[1].canvas_picture().shape, int)
        canvas[:256, :256] = pictures[0]
        known = np.zeros(canvas.shape[:2], bool)
        known[:256, :256] = whole
        assert_screen(viewers[1], canvas, known)
        seen.append(pictures[0])
        assert all(tuple(color) == RED for color in pictures[0].reshape(-1, 3)[:3])
        assert tuple(pictures[0][-1, -1]) == GREEN
        assert tuple(pictures[0][0, 3]) == tuple(colour_table("turbo")[0])
    assert len({picture.tobytes() for picture in seen}) == len(seen)


@pytest.mark.parametrize("renderer", RENDERERS)
def test_beyond_the_levels(page: Page, server: ServerProcess, source: SteadySource, renderer: str) -> None:
    """Under, over and bad have their colours, without them the ends of the map; values at the levels are neither."""
    image = np.array([[9, 10, 11, 19], [20, 21, 0, 255]], np.uint8)
    viewer = opened(page, server, source, renderer, image)
    plain = gray(expected_indices(image, 10, 20))
    marked = plain.copy()
    marked[image < 10], marked[image > 20] = RED, GREEN
    for colours, expected in (({}, plain), (BEYOND, marked), ({"over": "#00ff01"}, None), ({}, plain)):
        if expected is None:
            expected = plain.copy()
            expected[image > 20] = GREEN
        set_colours(viewer, levels=(10, 20), **colours)
        assert_colours(viewer, expected)
    set_colours(viewer, levels=(10, 20), inverted=True, colourMap="viridis")
    assert_colours(viewer, colour_table("viridis")[255 - expected_indices(image, 10, 20)])
    floats = image.astype(np.float32)
    floats[0, 0], floats[0, 1], floats[1, 2] = np.nan, np.inf, -np.inf
    show(viewer, source, floats)
    set_colours(viewer, levels=(10, 20), **BEYOND)
    finite = gray(expected_indices(np.nan_to_num(floats, posinf=0, neginf=0), 10, 20))
    finite[1, 1] = finite[1, 3] = GREEN
    finite[0, 0], finite[0, 1], finite[1, 2] = BAD, (255, 0, 0), (0, 0, 255)
    assert_colours(viewer, finite)


@pytest.mark.parametrize("renderer", RENDERERS)
def test_reduced_pictures(page: Page, server: ServerProcess, source: SteadySource, renderer: str) -> None:
    """The largest or the mean of the pixels that a screen pixel covers is drawn, in every orientation."""
    viewer = opened(page, server, source, renderer, np.zeros((120, 160), np.uint16))
    size = viewer.canvas_picture().shape
    for dtype in ("uint8", "int16", "uint32", "float32"):
        image = np.random.default_rng(1).integers(0, 200, (120, 160)).astype(dtype)
        if dtype == "float32":
            image[5, 7], image[64:68, 80:84] = np.nan, np.nan
            image[9, 9] = np.inf
        show(viewer, source, image)
        viewer.wait_for("(dtype) => viewer.shown.dtype === dtype", f"{dtype} is shown", argument=dtype)
        finite = np.where(np.isfinite(image.astype(float)), image.astype(float), np.nan)
        for orientation in (ORIENTATIONS[0], ORIENTATIONS[3], ORIENTATIONS[6]):
            turned = shown_image(finite, orientation)
            rows, columns = turned.shape[0] // 4, turned.shape[1] // 4
            blocks = turned.reshape(rows, 4, columns, 4).swapaxes(1, 2).reshape(rows, columns, 16)
            for reduce, tolerance in (("max", 0), ("mean", 1)):
                with np.errstate(invalid="ignore"):
                    values = np.where(
                        np.isnan(blocks).all(axis=2),
                        np.nan,
                        np.fmax.reduce(blocks, axis=2)
                        if reduce == "max"
                        else np.nansum(blocks, axis=2) / np.maximum((~np.isnan(blocks)).sum(axis=2), 1),
                    )
                expected = gray(np.floor(np.nan_to_num(values) * 256 / 200).astype(int).clip(0, 255))
                expected[np.isnan(values)] = BAD
                canvas, known = np.zeros(size, int), np.zeros(size[:2], bool)
                canvas[20 : 20 + rows, 30 : 30 + columns], known[20 : 20 + rows, 30 : 30 + columns] = expected, True
                set_colours(viewer, reduce=reduce, levels=(0, 200), bad="#010203")
                set_view(viewer, 0.25, 30, 20, orientation)
                assert_screen(viewer, canvas, known, tolerance)


@pytest.mark.parametrize("renderer", RENDERERS)
def test_a_hot_pixel_is_never_lost(page: Page, server: ServerProcess, source: SteadySource, renderer: str) -> None:
    """Under `max` one bright pixel is on screen at any scale, with `nearest` not; enlarged, both are alike."""
    places = [(0, 0), (0, 299), (199, 0), (199, 299), (101, 57), (3, 250)]
    dark = np.zeros((200, 300), np.uint16)
    viewer = opened(page, server, source, renderer, dark)
    lost = 0
    for number, (row, column) in enumerate(places):
        image = dark.copy()
        image[row, column] = 1000 + number
        show(viewer, source, image)
        viewer.wait_for("(high) => viewer.shown.range[1] === high", "the image is shown", argument=1000 + number)
        for scale in (0.93, 0.37, 0.111):
            view = (scale, 10.3, 7.7)
            set_view(viewer, *view)
            set_colours(viewer, reduce="max", levels=(0, 1000 + number), colourMap="gray", over="#00ff01")
            x, y = (
                int(np.floor(view[1] + (column + 1) * scale - 1e-6)),
                int(np.floor(view[2] + (row + 1) * scale - 1e-6)),
            )
            canvas = np.zeros(viewer.canvas_picture().shape, int)
            known = np.zeros(canvas.shape[:2], bool)
            inside = np.s_[9 : int(200 * scale) + 6, 12 : int(300 * scale) + 9]
            known[inside] = known[y, x] = True
            canvas[y, x] = 255
            assert_screen(viewer, canvas, known)
            set_colours(viewer, reduce="nearest", levels=(0, 1000 + number))
            viewer.wait_for_frames(2)
            lost += int(viewer.canvas_picture()[y, x].max() == 0)
    assert lost > 0
    before = None
    for reduce in ("nearest", "max", "mean"):
        set_colours(viewer, reduce=reduce, levels=(0, 1000))
        set_view(viewer, 3.7, -600, 5)
        viewer.wait_for_frames(2)
        picture = viewer.canvas_picture()
        assert before is None or np.array_equal(picture, before)
        before = picture


@pytest.mark.parametrize("renderer", RENDERERS)
def test_previews(page: Page, server: ServerProcess, source: SteadySource, renderer: str) -> None:
    """A preview tells what lies beyond the levels from what lies at them, and has the scale's colours nearly."""
    values = (5, 20, 190, 250)
    image = np.kron(np.array(values, np.uint16).reshape(2, 2), np.ones((64, 64), np.uint16))
    source.make = constant(channel("image", image))
    viewer = ViewerPage(page).open(server, f"?renderer={renderer}#format=preview")
    viewer.wait_until_playing(after=source.next_pulse)
    viewer.wait_for("() => viewer.shown.choice === 'preview'", "a preview is shown")
    assert viewer.moment().shown["renderer"] == renderer
    for scale in ("linear", "log"):
        set_colours(viewer, scale=scale, levels=(10, 200), **BEYOND)
        part = (np.array([20, 190]) - 10) / 190 if scale == "linear" else bent(np.array([20, 190]), 10, 200, scale)
        expected = np.zeros((128, 128, 3), int)
        expected[:64, :64], expected[64:, 64:] = RED, GREEN
        expected[:64, 64:], expected[64:, :64] = np.floor(256 * part)[:, None, None, None].astype(int)
        known = np.zeros((128, 128), bool)
        # A JPEG is not sharp at edges.
        for row, column in ((20, 20), (20, 108), (108, 20), (108, 108)):
            known[row - 8 : row + 8, column - 8 : column + 8] = True
        size = viewer.canvas_picture().shape
        canvas, mask = np.zeros(size, int), np.zeros(size[:2], bool)
        canvas[:128, :128], mask[:128, :128] = expected, known
        set_view(viewer, 1, 0, 0)
        # One gray of the preview is several colours of a logarithm.
        assert_screen(viewer, canvas, mask, tolerance=2 if scale == "linear" else 6)
