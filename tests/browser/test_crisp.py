"""A pixel of the image at 1:1 and 2:1 is one, or two by two, pixels of the screen, at every device pixel ratio."""

import io
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import FloatRect, Page

from tests.browser.profiles import Kind
from tests.browser.steady_source import SteadySource, constant
from tests.browser.viewer_page import ViewerPage
from tests.raw_source import channel
from tests.server import ServerProcess
from tests.support import wait_until

SIDE = 150


@pytest.fixture(scope="module")
def source() -> Iterator[SteadySource]:
    """A source of an image whose neighbours are black and white in turns."""
    board = (np.indices((SIDE, SIDE)).sum(axis=0) % 2 * 255).astype(np.uint8)
    with SteadySource(constant(channel("image", board))) as source:
        yield source


def middle_of_screen(page: Page, ratio: float) -> NDArray[np.int64]:
    """Return the gray of the pixels of the screen in the middle of the picture, (rows, columns)."""
    box = page.get_by_test_id("canvas").bounding_box()
    assert box is not None
    side = SIDE / ratio / 2
    clip: FloatRect = {
        "x": box["x"] + box["width"] / 2 - side / 2,
        "y": box["y"] + box["height"] / 2 - side / 2,
        "width": side,
        "height": side,
    }
    picture = Image.open(io.BytesIO(page.screenshot(clip=clip, scale="device"))).convert("RGB")
    return np.asarray(picture)[2:-2, 2:-2].astype(int)


@pytest.fixture(params=[1, 2, 2.5, 3])
def kind(request: pytest.FixtureRequest) -> Kind:
    """Screens with several numbers of pixels to a CSS pixel, and a window whose middle is no whole number of them."""
    return Kind(901, 703, ratio=request.param)


def test_pixels_are_crisp(page: Page, server: ServerProcess, kind: Kind) -> None:
    """A chessboard of single pixels has nothing but black and white on the screen, at 1:1 and at 2:1."""
    viewer = ViewerPage(page).open(server, "?renderer=canvas2d#map=gray&levels=0,255&format=exact")
    viewer.wait_until_playing()
    page.locator("#stage").focus()
    for zoom in (1, 2):
        page.keyboard.press(str(zoom))

        def crisp(zoom: int = zoom) -> bool:
            colours = middle_of_screen(page, kind.ratio)
            pure = np.isin(colours, (0, 255)).all()
            changes = (np.diff(colours[:, :, 0], axis=1) != 0).mean()
            return bool(pure and abs(changes - 1 / zoom) < 0.1)

        wait_until(crisp, 10, f"pixels of {zoom}:1 are black and white only")
