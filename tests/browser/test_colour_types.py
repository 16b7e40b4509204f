"""Colour images of 16-bit integers and floats, pixel by pixel or layer by layer, by the page and in its files."""

import io
import urllib.request
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import FloatRect, Page

from tests.browser.steady_source import SteadySource, constant
from tests.browser.viewer_page import ViewerPage, expected_place
from tests.raw_source import channel
from tests.server import ServerProcess
from tests.support import wait_until

ROWS, COLUMNS = 48, 64
# Four blocks: red, green, blue and gray, each with all of its light at the high level or at half of it.
PARTS = np.zeros((ROWS, COLUMNS, 3))
PARTS[:24, :32] = 1, 0, 0
PARTS[:24, 32:] = 0, 1, 0
PARTS[24:, :32] = 0, 0, 1
PARTS[24:, 32:] = 0.5, 0.5, 0.5
PLACES = ((8, 8), (8, 56), (40, 8), (40, 56))
LOW, HIGH = 1000, 3000


@pytest.fixture(scope="module")
def source() -> Iterator[SteadySource]:
    """A source, whose images each test sets."""
    with SteadySource(constant(channel("image", np.zeros((ROWS, COLUMNS), np.uint8)))) as source:
        yield source


def colours(picture: NDArray[Any], height: int, width: int) -> NDArray[Any]:
    """Return the colours in the four blocks of a picture, (4, 3)."""
    box: FloatRect = {"x": 0, "y": 0, "width": width, "height": height}
    places = [expected_place(box, (ROWS, COLUMNS), row, column) for row, column in PLACES]
    return np.array([picture[int(y), int(x)] for x, y in places]).astype(int)


@pytest.mark.parametrize("layers_first", [False, True], ids=["pixels", "layers"])
@pytest.mark.parametrize("dtype", ["uint16", "float32"])
def test_colours_of_every_type(
    page: Page, source: SteadySource, server: ServerProcess, dtype: str, layers_first: bool
) -> None:
    """Exact, as a preview and in /image.png they have the colours of the levels; as slices they are a stack."""
    values = (LOW + (HIGH - LOW) * PARTS).astype(dtype)
    sent = np.ascontiguousarray(values.transpose(2, 0, 1)) if layers_first else values
    source.make = constant(channel("image", sent))
    expected = colours((255 * PARTS), ROWS, COLUMNS)
    for form in ("exact", "preview"):
        viewer = ViewerPage(page).open(server, f"?form={form}#format={form}&levels={LOW},{HIGH}")
        viewer.wait_until_playing()

        def right(viewer: ViewerPage = viewer, form: str = form) -> bool:
            shown = viewer.moment().shown
            as_asked = (shown["choice"] == "preview") == (form == "preview")
            if shown["sourceDtype"] != dtype or not shown["colour"] or not as_asked:
                return False
            picture = viewer.canvas_picture()
            return abs(colours(picture, *picture.shape[:2]) - expected).max() <= (1 if form == "exact" else 12)

        wait_until(right, 15, f"the colours of {form}")
    address = f"http://127.0.0.1:{server.port}/image.png?min={LOW}&max={HIGH}"
    with urllib.request.urlopen(address, timeout=20) as answer:
        file = np.asarray(Image.open(io.BytesIO(answer.read())).convert("RGB")).astype(int)
    assert abs(file - 255 * PARTS).max() <= 1

    # As slices: one picture of a stack, whose colours come from a map, and the address remembers it.
    viewer.by_id("colour-choice").select_option("slices")
    viewer.wait_for("() => viewer.shown !== null && viewer.shown.slice !== null", "a slice is shown")
    assert not viewer.moment().shown["colour"]
    viewer.wait_for("() => location.hash.includes('colour=slices')", "the address remembers it")
    viewer.by_id("colour-choice").select_option("colour")
    viewer.wait_for("() => viewer.shown !== null && viewer.shown.colour", "colours again")
    viewer.wait_for("() => location.hash.includes('colour=colour')", "the address remembers it")
