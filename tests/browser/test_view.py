"""Zoom, pan and fit by mouse, keys and buttons, and what the URL remembers of them."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from playwright.sync_api import Page

from tests.browser.steady_source import SteadySource, constant
from tests.browser.viewer_page import ViewerPage, expected_place
from tests.raw_source import channel
from tests.server import ServerProcess, running_server
from tests.support import wait_until

ROWS, COLUMNS = SHAPE = (30, 40)
# Each pixel tells its place: the value is 100 * row + column.
IMAGE = (100 * np.arange(ROWS)[:, None] + np.arange(COLUMNS)).astype(np.uint16)


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    """A server on a source, all of whose images are alike."""
    with SteadySource(constant(channel("image", IMAGE))) as source, running_server(source.port) as server:
        yield server


def percent(viewer: ViewerPage) -> float:
    """Return the zoom that the page shows: device pixels of the screen for a pixel of the image, in percent."""
    return float(viewer.wait_for_text("zoom-percent", "%").removesuffix("%"))


def fitted_percent(viewer: ViewerPage) -> float:
    """Return the zoom at which the whole image fills the canvas."""
    box = viewer.canvas_box()
    return 100 * min(box["height"] / ROWS, box["width"] / COLUMNS)


def under(viewer: ViewerPage, x: float, y: float) -> tuple[int, int]:
    """Return row and column under a place of the page, as the value there tells."""
    viewer.page.mouse.move(x, y)
    place = wait_until(lambda: told(viewer), 5, "the value there is known", poll=0.02)
    return place


def told(viewer: ViewerPage) -> tuple[int, int] | None:
    """Return row and column of the readout if value and place belong together."""
    text, place = viewer.text("readout-value"), viewer.text("readout-place")
    if not text.isdecimal():
        return None
    row, column = divmod(int(text), 100)
    return (row, column) if place == f"row {row}, column {column}" else None


def wait_for_zoom(viewer: ViewerPage, low: float, high: float) -> None:
    """Wait until the zoom that the page shows lies between two numbers."""
    wait_until(lambda: low < percent(viewer) < high, 5, f"a zoom between {low} and {high} %")


def test_the_whole_image_is_shown_first(viewer: ViewerPage) -> None:
    """Opened, the page shows the whole image as large as it can be."""
    assert percent(viewer) == pytest.approx(fitted_percent(viewer), abs=1)
    box = viewer.canvas_box()
    for row, column in ((0, 0), (0, COLUMNS - 1), (ROWS - 1, 0), (ROWS - 1, COLUMNS - 1)):
        assert under(viewer, *expected_place(box, SHAPE, row, column)) == (row, column)


def test_the_wheel_zooms_at_the_cursor(viewer: ViewerPage) -> None:
    """The wheel enlarges the picture; the pixel under the cursor stays under it."""
    place = expected_place(viewer.canvas_box(), SHAPE, 5, 31)
    assert under(viewer, *place) == (5, 31)
    before = percent(viewer)
    for _ in range(4):
        viewer.page.mouse.wheel(0, -120)
    wait_for_zoom(viewer, 1.9 * before, 2.2 * before)
    assert under(viewer, place[0] + 0.01, place[1]) == (5, 31)
    neighbour = under(viewer, place[0] + 1.2 * percent(viewer) / 100, place[1])
    assert neighbour == (5, 32)
    for _ in range(4):
        viewer.page.mouse.wheel(0, 120)
    wait_for_zoom(viewer, before - 1, before + 1)


def test_dragging_moves_the_picture(viewer: ViewerPage) -> None:
    """The picture follows the mouse: the pixel that was taken is under it where it is let go."""
    for _ in range(2):
        viewer.page.get_by_role("button", name="Zoom in (+)").click()
    box = viewer.canvas_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    taken = under(viewer, x, y)
    viewer.page.mouse.down()
    viewer.page.mouse.move(x + 90, y - 60, steps=5)
    viewer.page.mouse.up()
    assert under(viewer, x + 90, y - 60) == taken
    assert under(viewer, x, y) != taken


def test_a_double_click_fits(viewer: ViewerPage) -> None:
    """A double click shows the whole image again."""
    box = viewer.canvas_box()
    viewer.page.mouse.move(box["x"] + 200, box["y"] + 200)
    for _ in range(3):
        viewer.page.mouse.wheel(0, -240)
    wait_until(lambda: percent(viewer) > 1.5 * fitted_percent(viewer), 5, "it is enlarged")
    viewer.page.mouse.dblclick(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    wait_for_zoom(viewer, fitted_percent(viewer) - 1, fitted_percent(viewer) + 1)


def test_one_pixel_on_one_pixel(viewer: ViewerPage) -> None:
    """The button with the zoom shows one pixel of the image on one of the screen."""
    viewer.by_id("zoom-percent").click()
    wait_for_zoom(viewer, 99, 101)


def test_the_keys_change_the_view(viewer: ViewerPage) -> None:
    """Plus and minus zoom, the arrows move, 1 shows single pixels, and 0 fits."""
    keyboard, fitted = viewer.page.keyboard, fitted_percent(viewer)
    box = viewer.canvas_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    keyboard.press("+")
    keyboard.press("+")
    wait_for_zoom(viewer, 2 * fitted, 2.5 * fitted)
    row, column = under(viewer, *middle)
    keyboard.press("ArrowRight")
    wait_until(lambda: under(viewer, *middle)[1] > column, 5, "more of the right side is seen")
    keyboard.press("ArrowDown")
    wait_until(lambda: under(viewer, *middle)[0] > row, 5, "more of the lower side is seen")
    keyboard.press("-")
    wait_for_zoom(viewer, 1.3 * fitted, 1.7 * fitted)
    keyboard.press("1")
    wait_for_zoom(viewer, 99, 101)
    keyboard.press("0")
    wait_for_zoom(viewer, fitted - 1, fitted + 1)


def test_the_keys_read_out_a_pixel(viewer: ViewerPage) -> None:
    """c reads out the pixel in the middle, Shift and the arrows move on to its neighbours, c again stops."""
    viewer.page.locator("#stage").focus()
    viewer.page.keyboard.press("c")
    viewer.wait_for_text("readout-place", "row 15, column 20")
    viewer.wait_for_text("readout-value", "1520")
    viewer.page.keyboard.press("Shift+ArrowRight")
    viewer.page.keyboard.press("Shift+ArrowUp")
    viewer.wait_for_text("readout-value", "1421")
    viewer.page.keyboard.press("c")
    viewer.wait_for_text("readout-place", "no pixel")


def test_the_picture_does_not_move_with_the_cursor(viewer: ViewerPage) -> None:
    """The numbers that the cursor brings take no room from the picture: its area keeps its size."""
    before = viewer.canvas_box()
    assert under(viewer, *expected_place(before, SHAPE, 12, 20)) == (12, 20)
    assert viewer.canvas_box() == before


def test_a_new_size_of_the_window_keeps_the_picture_whole(viewer: ViewerPage) -> None:
    """The window becomes smaller: the picture that was shown as a whole still is."""
    before = percent(viewer)
    viewer.page.set_viewport_size({"width": 900, "height": 500})
    wait_until(lambda: percent(viewer) < before - 5, 5, "the picture becomes smaller")
    wait_for_zoom(viewer, fitted_percent(viewer) - 1, fitted_percent(viewer) + 1)
    assert under(viewer, *expected_place(viewer.canvas_box(), SHAPE, 29, 39)) == (29, 39)


def test_the_url_restores_the_view(viewer: ViewerPage, new_page: Callable[[], Page]) -> None:
    """The URL after "#" holds colour map, levels and view; opened elsewhere it shows the same."""
    viewer.by_id("colour-map").select_option("inferno")
    viewer.by_id("level-low").fill("200")
    viewer.by_id("level-low").press("Enter")
    viewer.by_id("level-high").fill("2500")
    viewer.by_id("level-high").press("Enter")
    place = expected_place(viewer.canvas_box(), SHAPE, 22, 8)
    viewer.page.mouse.move(*place)
    viewer.page.mouse.wheel(0, -360)
    viewer.wait_for(
        "() => ['map=inferno', 'levels=200,2500', 'view='].every((part) => location.hash.includes(part))",
        "the URL knows",
    )
    viewer.wait_for("() => viewer.shown.levels[1] === 2500", "the levels are used")
    zoom = percent(viewer)
    other = ViewerPage(new_page())
    other.page.goto(viewer.page.url)
    other.wait_until_playing()
    other.wait_for("() => viewer.shown.levels[0] === 200 && viewer.shown.levels[1] === 2500", "the levels are used")
    assert other.by_id("colour-map").input_value() == "inferno"
    assert percent(other) == zoom
    assert under(other, *place) == (22, 8)
    box = viewer.canvas_box()
    left = (box["x"] + box["width"] * 0.2, box["y"] + box["height"] * 0.4)
    assert under(other, *left) == under(viewer, *left)


def test_a_broken_url_is_no_fault(page: Page, server: ServerProcess) -> None:
    """A fragment that makes no sense is ignored: the page plays with what it has by itself."""
    viewer = ViewerPage(page).open(server, "#map=pink&levels=9,1&view=a,b,c&unknown=%zz")
    viewer.wait_until_playing()
    assert viewer.by_id("colour-map").input_value() == "viridis"
    assert viewer.by_id("levels-auto").get_attribute("aria-pressed") == "true"
    assert percent(viewer) == pytest.approx(fitted_percent(viewer), abs=1)
