"""What a test tells the page's worker itself: how it shall look at the images, without the page's tools."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Worker

from tests.browser.viewer_page import ViewerPage
from tests.support import wait_until

COLOURS: dict[str, Any] = {
    "colourMap": "gray",
    "inverted": False,
    "scale": "linear",
    "gamma": 0.5,
    "under": None,
    "over": None,
    "bad": "#ff00ff",
    "levels": {"mode": "manual", "low": 0, "high": 255},
    "reduce": "nearest",
}
"""As the type `Colours` of `contract/colours.ts`."""

ORIENTATIONS = [
    {"transpose": bool(bits & 1), "mirrorX": bool(bits & 2), "mirrorY": bool(bits & 4)} for bits in range(8)
]
UPRIGHT = ORIENTATIONS[0]


def worker_of(viewer: ViewerPage) -> Worker:
    """Return the worker of a page that plays."""
    wait_until(lambda: viewer.page.workers, 5, "the page has its worker")
    return viewer.page.workers[0]


def tell(viewer: ViewerPage, message: dict[str, Any]) -> None:
    """Let the worker receive a message (`ToWorker` of `contract/messages.ts`) as if the page had sent it."""
    worker_of(viewer).evaluate("(data) => void self.dispatchEvent(new MessageEvent('message', { data }))", message)


def set_colours(viewer: ViewerPage, **colours: Any) -> None:
    """Set all colours: those of :data:`COLOURS`, changed by the arguments; ``levels`` may be (low, high)."""
    levels = colours.get("levels")
    if isinstance(levels, tuple):
        colours["levels"] = {"mode": "manual", "low": levels[0], "high": levels[1]}
    tell(viewer, {"type": "colours", "colours": {**COLOURS, **colours}})


def set_view(
    viewer: ViewerPage, scale: float, offset_x: float, offset_y: float, orientation: dict[str, bool] = UPRIGHT
) -> None:
    """Place the shown image on the canvas, in device pixels."""
    view = {"scale": scale, "offsetX": offset_x, "offsetY": offset_y, "orientation": orientation}
    tell(viewer, {"type": "view", "view": view})


def shown_image(image: NDArray[Any], orientation: dict[str, bool]) -> NDArray[Any]:
    """Return the image as it is shown: (rows, columns) or (rows, columns, 3), turned and mirrored."""
    image = image[:: -1 if orientation["mirrorY"] else 1, :: -1 if orientation["mirrorX"] else 1]
    return image.swapaxes(0, 1) if orientation["transpose"] else image


def pixel_map(length: int, offset: float, scale: float) -> NDArray[np.int64]:
    """Return which pixel of the shown image each canvas pixel shows along an axis, (length,); it may lie beside it."""
    one = np.float32
    places = (np.arange(length) + 0.5 - one(offset)).astype(one) * one(1 / scale)
    return np.floor(places.astype(one)).astype(np.int64)


def assert_screen(viewer: ViewerPage, expected: NDArray[Any], known: NDArray[np.bool_], tolerance: int = 0) -> None:
    """Wait until the canvas, (rows, columns, 3), has the expected colours where they are known."""
    last: list[NDArray[Any]] = []

    def equal() -> bool:
        picture = viewer.canvas_picture()
        assert picture.shape == expected.shape
        last[:] = [(np.abs(picture.astype(int) - expected).max(axis=2) > tolerance) & known]
        return not last[0].any()

    try:
        wait_until(equal, 8, "the colours are on screen", poll=0.05)
    except AssertionError as error:
        places = np.argwhere(last[0])
        picture = viewer.canvas_picture()
        differ = [(tuple(at), tuple(picture[tuple(at)]), tuple(expected[tuple(at)])) for at in places[:5].tolist()]
        raise AssertionError(f"{error}; {len(places)} differ: place, shown, expected {differ}") from None
