"""The pixels on the page are those that the source sent, exactly, whatever their type and way."""

import itertools
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Locator

from tests.browser.images import DTYPES, image_of
from tests.browser.steady_source import SteadySource, constant
from tests.browser.viewer_page import HasPort, ViewerPage, expected_place
from tests.raw_source import Part, channel
from tests.server import ServerProcess
from tests.support import wait_until

ODD = (37, 53)
"""Rows and columns: more than one block of bitshuffle for types of 8 bytes, and a rest that is no multiple of 8."""

SPECIAL = np.array([[np.nan, np.inf, -np.inf, -0.0], [0.0, 5e-324, 1.7976931348623157e308, 0.1]])


@pytest.fixture(scope="module")
def source() -> Iterator[SteadySource]:
    """A source at 10 Hz, whose messages each test sets."""
    with SteadySource(constant(channel("image", np.zeros((2, 2), np.uint8))), rate=10) as source:
        yield source


@pytest.fixture
def viewer(use: Callable[[HasPort], ViewerPage], server: ServerProcess) -> ViewerPage:
    """The page of that server."""
    return use(server)


def one_of(parts: list[Part], pulse_id: int) -> list[Part]:
    """Return the parts of a pulse, of which each has one of some in turn."""
    return [parts[pulse_id % len(parts)]]


def says(element: Locator, text: str) -> bool:
    """Return whether this is what an element says."""
    return element.inner_text() == text


def assert_exact(
    viewer: ViewerPage,
    source: SteadySource,
    make: Callable[[int], NDArray[Any]],
    dtype: str,
    shape: tuple[int, ...] = ODD,
    **more: Any,
) -> None:
    """Send images that ``make`` gives for each pulse, and compare those on the page with the ones of their pulses."""
    source.make = lambda pulse_id: [channel("image", make(pulse_id), **more)]
    viewer.wait_until_playing(after=source.next_pulse)
    for _ in range(2):
        pixels = viewer.pixels()
        assert pixels.array.dtype == dtype, more
        assert pixels.array.shape == shape, (dtype, more)
        assert pixels.array.tobytes() == make(pixels.pulse_id).tobytes(), (dtype, more)
        viewer.wait_until_playing(after=pixels.pulse_id)


def test_pixels_are_exact(viewer: ViewerPage, source: SteadySource) -> None:
    """Every bit of every pixel is the one sent, of every type, in both byte orders, compressed or not."""
    for dtype, order, compression in itertools.product(DTYPES, ("little", "big"), ("none", "bitshuffle_lz4")):
        image = partial(image_of, dtype=dtype, shape=ODD)
        assert_exact(viewer, source, image, dtype, order=order, compression=compression)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_nan_and_infinities_arrive(viewer: ViewerPage, source: SteadySource, dtype: str) -> None:
    """NaN, infinities, negative zero, the smallest and the largest numbers are among the pixels that arrive."""
    with np.errstate(over="ignore"):
        image = SPECIAL.astype(dtype)
    for compression in ("none", "bitshuffle_lz4"):
        assert_exact(viewer, source, lambda pulse: image, dtype, image.shape, compression=compression)
    viewer.wait_for_text("data-range", "not finite")


def test_pixels_of_the_third_compression_are_exact(viewer: ViewerPage, source: SteadySource) -> None:
    """Images that the source compressed with plain lz4 are exact as well."""
    image = partial(image_of, dtype="int32", shape=ODD)
    for order in ("little", "big"):
        assert_exact(viewer, source, image, "int32", order=order, compression="lz4")


def test_pixels_of_a_large_image_are_exact(viewer: ViewerPage, source: SteadySource) -> None:
    """An image of the size of a camera, of hundreds of blocks, is exact too."""
    images = [image_of(pulse, "uint16", (1024, 1280)) for pulse in range(4)]
    # On a busy machine the server's own choice may be a preview.
    viewer.page.get_by_label("More", exact=True).click()
    viewer.by_id("format-choice").select_option("exact")
    for compression in ("bitshuffle_lz4", "none"):
        parts = [channel("image", image, compression=compression) for image in images]
        source.make = partial(one_of, parts)
        viewer.wait_until_playing(after=source.next_pulse)
        pixels = viewer.pixels()
        assert np.array_equal(pixels.array, images[pixels.pulse_id % 4])


@pytest.mark.parametrize("wanted", ["raw", "bslz4"])
def test_the_format_is_the_chosen_one(viewer: ViewerPage, source: SteadySource, wanted: str) -> None:
    """Images come in the format that the user chose, whatever the source sends; the pixels stay exact."""
    viewer.page.get_by_label("More", exact=True).click()
    viewer.by_id("format-choice").select_option(wanted)
    image = partial(image_of, dtype="uint16", shape=ODD)
    for compression in ("none", "bitshuffle_lz4"):
        assert_exact(viewer, source, image, "uint16", compression=compression)
        what = f"images that came as {compression} come as {wanted}"
        viewer.wait_for("(format) => viewer.shown.format === format", what, argument=wanted)
        assert_exact(viewer, source, image, "uint16", compression=compression)
        assert viewer.moment().shown["format"] == wanted, what
        viewer.wait_for_text("format", "exact")


READOUTS = [
    ("uint8", [[0, 255], [7, 8]], (0, 1), "255"),
    ("int16", [[-32768, 1], [2, 3]], (0, 0), "-32768"),
    ("uint16", [[0, 1], [65535, 4]], (1, 0), "65535"),
    ("int32", [[0, 1], [2, -(2**31)]], (1, 1), "-2147483648"),
    ("uint32", [[2**32 - 1, 1], [2, 3]], (0, 0), "4294967295"),
    ("int64", [[0, -(2**53) - 1], [2, 3]], (0, 1), "-9007199254740993"),
    ("uint64", [[0, 1], [2**64 - 1, 3]], (1, 0), "18446744073709551615"),
    ("float32", [[0.1, 1], [2, 3]], (0, 0), "0.1"),
    ("float64", [[0, 0.1 + 0.2], [2, 3]], (0, 1), "0.30000000000000004"),
    ("float64", [[0, 1], [2, np.nan]], (1, 1), "NaN"),
    ("float32", [[0, 1], [np.inf, 3]], (1, 0), "Infinity"),
    ("float64", [[-np.inf, 1], [2, 3]], (0, 0), "-Infinity"),
    ("bool", [[False, True], [False, False]], (0, 1), "true"),
]


def test_the_value_under_the_cursor(viewer: ViewerPage, source: SteadySource) -> None:
    """The mouse over a pixel shows its row, its column and its value with all digits, whatever the type."""
    for dtype, rows, place, text in READOUTS:
        source.make = constant(channel("image", np.array(rows, dtype)))
        viewer.wait_until_playing(after=source.next_pulse)
        viewer.page.mouse.move(*expected_place(viewer.canvas_box(), (2, 2), *place))
        viewer.wait_for_text("readout-place", f"row {place[0]}, column {place[1]}")
        readout = viewer.by_id("readout-value")
        wait_until(partial(says, readout, text), 10, f"{dtype} {text} is read out")


def test_the_value_under_the_cursor_follows_the_stream(viewer: ViewerPage, source: SteadySource) -> None:
    """The mouse rests, the stream goes on: the value is that of the new frame, the place stays."""
    source.make = lambda pulse_id: [channel("image", np.full((2, 2), pulse_id, np.uint32))]
    viewer.wait_until_playing(after=source.next_pulse)
    viewer.page.mouse.move(*expected_place(viewer.canvas_box(), (2, 2), 1, 0))
    first = int(viewer.wait_for_text("readout-value", "").strip("…") or 0)
    viewer.wait_for(
        "(first) => Number(document.querySelector('[data-testid=readout-value]').textContent) > first + 5",
        "the value follows",
        argument=max(first, source.next_pulse),
    )
    assert viewer.text("readout-place") == "row 1, column 0"


def test_beside_the_picture_there_is_no_value(viewer: ViewerPage, source: SteadySource) -> None:
    """The mouse beside the picture reads out nothing."""
    source.make = constant(channel("image", np.ones((2, 2), np.uint8)))
    viewer.wait_until_playing(after=source.next_pulse)
    box = viewer.canvas_box()
    viewer.page.mouse.move(*expected_place(box, (2, 2), 0, 0))
    viewer.wait_for_text("readout-value", "1")
    viewer.page.mouse.move(box["x"] + 3, box["y"] + box["height"] / 2)
    viewer.wait_for_text("readout-place", "no pixel under the cursor")
    assert viewer.text("readout-value") == ""
