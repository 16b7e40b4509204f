"""Regions of interest: drawn, moved, typed and deleted with mouse and keys; their numbers are those of numpy."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page

from tests.browser.analysis import analysis_of, drag, wait_for_region, wait_for_shapes
from tests.browser.steady_source import SteadySource
from tests.browser.viewer_page import ViewerPage, expected_place
from tests.raw_source import Part, channel
from tests.server import ServerProcess
from tests.support import wait_until

ROWS, COLUMNS = SHAPE = (60, 80)
BOX = "rect:ROI 1:10,20,30,15"


@pytest.fixture(scope="module")
def source() -> Iterator[SteadySource]:
    """A source; each image is other noise with a slope."""
    slope = 20 * np.arange(COLUMNS) + 7 * np.arange(ROWS)[:, None]

    def make(pulse_id: int) -> tuple[Part]:
        noise = np.random.default_rng(pulse_id).integers(0, 500, SHAPE)
        return (channel("image", (slope + noise).astype(np.uint16)),)

    with SteadySource(make) as source:
        yield source


def opened(viewer: ViewerPage, server: ServerProcess, fragment: str) -> ViewerPage:
    """Return the page with what a fragment says, playing, with the regions in the panel."""
    viewer.page.goto(f"http://127.0.0.1:{server.port}/{fragment}")
    viewer.page.reload()
    viewer.wait_until_playing()
    viewer.by_id("tab-analysis").click()
    return viewer


@pytest.fixture
def boxed(page: Page, server: ServerProcess) -> ViewerPage:
    """A page with one rectangle, chosen."""
    return opened(ViewerPage(page), server, "#roi=rect:ROI+1:10,20,30,15&roi-chosen=1")


def pause(viewer: ViewerPage) -> None:
    """Hold the picture, with the numbers of this picture."""
    viewer.by_id("pause").click()
    viewer.wait_for("() => viewer.shown.choice === 'exact' && viewer.shown.exact", "exact pixels are held")
    pulse = str(viewer.pulse_id())
    wait_until(lambda: (analysis_of(viewer) or {}).get("pulse") == pulse, 10, "the picture that is held is analysed")


def shown_number(viewer: ViewerPage, name: str, region: int = 1) -> str:
    """Return the text of one number of a region in the list."""
    return viewer.by_id(f"roi-{region}").locator(f"[data-number='{name}']").inner_text()


def agree(numbers: dict[str, Any], values: NDArray[Any], places: tuple[Any, Any]) -> None:
    """Hold the numbers of a region against numpy; ``places`` are the rows and columns of the values."""
    values = values.astype(np.float64)
    assert numbers["pixels"] == values.size
    assert numbers["sum"] == values.sum()
    assert numbers["mean"] == pytest.approx(values.mean(), rel=1e-12)
    assert numbers["sigma"] == pytest.approx(values.std(), rel=1e-9)
    assert (numbers["min"], numbers["max"]) == (values.min(), values.max())
    rows, columns = places
    assert numbers["centroid"][0] == pytest.approx((columns * values).sum() / values.sum(), rel=1e-9)
    assert numbers["centroid"][1] == pytest.approx((rows * values).sum() / values.sum(), rel=1e-9)


def test_a_rectangle_is_drawn_with_the_mouse(viewer: ViewerPage) -> None:
    """Press and drag: the region has both pixels, its numbers are those of numpy, and the list shows them."""
    viewer.by_id("tool-roi-rectangle").click()
    drag(viewer, SHAPE, (20, 10), (34, 39))
    wait_for_shapes(viewer, BOX)
    assert viewer.by_id("tool-pan").get_attribute("aria-pressed") == "true"
    wait_for_region(viewer, 1, 30 * 15)
    pause(viewer)
    numbers, image = wait_for_region(viewer, 1), viewer.pixels().array
    rows, columns = np.mgrid[20:35, 10:40]
    agree(numbers, image[20:35, 10:40], (rows, columns))
    wait_until(lambda: shown_number(viewer, "sum") == str(int(image[20:35, 10:40].sum())), 5, "the list shows the sum")
    assert shown_number(viewer, "pixels") == "450"
    assert shown_number(viewer, "max") == str(image[20:35, 10:40].max())


def test_an_ellipse_and_a_polygon(viewer: ViewerPage) -> None:
    """A pixel belongs to an ellipse or a polygon if its centre does; a double click closes a polygon."""
    viewer.by_id("tool-roi-ellipse").click()
    drag(viewer, SHAPE, (5, 10), (25, 40))
    viewer.by_id("tool-roi-polygon").click()
    box = viewer.canvas_box()
    corners = [(30.3, 50.4), (33.2, 70.6), (50.7, 66.1)]
    for row, column in corners[:2]:
        viewer.page.mouse.click(*expected_place(box, SHAPE, row, column))
    viewer.page.mouse.dblclick(*expected_place(box, SHAPE, *corners[2]))
    viewer.wait_for("() => location.hash.includes('polygon:')", "the URL knows the polygon")
    zoomed = "() => !location.hash.includes('view=')"
    assert viewer.page.evaluate(zoomed)
    wait_for_region(viewer, 2)
    pause(viewer)
    image = viewer.pixels().array
    rows, columns = np.mgrid[:ROWS, :COLUMNS]
    inside = ((columns - 25) / 15.5) ** 2 + ((rows - 15) / 10.5) ** 2 <= 1
    agree(wait_for_region(viewer, 1), image[inside], (rows[inside], columns[inside]))
    points = np.array([line.split(",") for line in viewer.by_id("roi-points").input_value().split("\n")], float)
    assert points == pytest.approx(np.array([(column, row) for row, column in corners]), abs=0.1)
    inside = np.ones(SHAPE, bool)
    for (x0, y0), (x1, y1) in zip(points, np.roll(points, -1, axis=0), strict=True):
        inside &= (x1 - x0) * (rows - y0) - (y1 - y0) * (columns - x0) > 0
    assert inside.sum() > 100
    agree(wait_for_region(viewer, 2), image[inside], (rows[inside], columns[inside]))


def test_escape_gives_a_polygon_up(viewer: ViewerPage) -> None:
    """Escape takes back the corners, Enter closes."""
    viewer.by_id("tool-roi-polygon").click()
    box = viewer.canvas_box()

    def click(*places: tuple[int, int]) -> None:
        for place in places:
            viewer.page.mouse.click(*expected_place(box, SHAPE, *place))

    click((10, 10), (10, 30), (30, 30))
    viewer.page.keyboard.press("Escape")
    click((40, 40), (40, 60), (50, 60))
    viewer.page.keyboard.press("Enter")
    viewer.wait_for("() => location.hash.includes('polygon:')", "the URL knows the polygon")
    wait_for_region(viewer, 1)
    points = viewer.by_id("roi-points").input_value().split("\n")
    assert len(points) == 3
    assert [float(part) for part in points[0].split(",")] == pytest.approx([40, 40], abs=0.2)


def test_a_handle_is_dragged(boxed: ViewerPage) -> None:
    """A corner follows the mouse, the opposite one stays; the inside moves all; Escape takes it back."""
    drag(boxed, SHAPE, (34.5, 39.5), (44.5, 49.5))
    wait_for_shapes(boxed, "rect:ROI 1:10,20,40,25")
    wait_for_region(boxed, 1, 40 * 25)
    drag(boxed, SHAPE, (30, 25), (25, 35))
    wait_for_shapes(boxed, "rect:ROI 1:20,15,40,25")
    box, mouse = boxed.canvas_box(), boxed.page.mouse
    mouse.move(*expected_place(box, SHAPE, 25, 40))
    mouse.down()
    mouse.move(*expected_place(box, SHAPE, 40, 40), steps=4)
    boxed.wait_for("() => document.querySelector('[data-testid=roi-y]').value === '30'", "the region follows")
    boxed.page.keyboard.press("Escape")
    mouse.up()
    boxed.wait_for("() => document.querySelector('[data-testid=roi-y]').value === '15'", "it is where it was")


def test_the_inside_of_a_region_that_is_not_chosen_belongs_to_the_picture(boxed: ViewerPage) -> None:
    """The chosen region is taken anywhere; the others by their outline only, so that the picture can be moved."""
    boxed.by_id("roi-choose").click()
    boxed.wait_for("() => !location.hash.includes('roi-chosen')", "none is chosen")
    drag(boxed, SHAPE, (27, 25), (30, 30))
    boxed.wait_for("() => location.hash.includes('view=')", "the picture moved")
    wait_for_shapes(boxed, BOX)
    boxed.page.locator("#stage").focus()
    boxed.page.keyboard.press("0")
    boxed.wait_for("() => !location.hash.includes('view=')", "all is shown again")
    drag(boxed, SHAPE, (20, 9.5), (20, 14.5))
    wait_for_shapes(boxed, "rect:ROI 1:15,20,30,15")
    assert boxed.by_id("roi-choose").get_attribute("aria-pressed") == "true"


def test_numbers_are_typed(boxed: ViewerPage) -> None:
    """The exact numbers are fields; what is no region of this image is refused with a reason."""
    keyboard = boxed.page.keyboard

    def type_into(name: str, text: str) -> None:
        boxed.by_id(f"roi-{name}").focus()
        keyboard.press("Control+a")
        keyboard.type(text)
        keyboard.press("Enter")

    type_into("x", "12")
    type_into("width", "7")
    wait_for_shapes(boxed, "rect:ROI 1:12,20,7,15")
    wait_for_region(boxed, 1, 7 * 15)
    type_into("width", "70")
    boxed.wait_for_text("roi-problem", "80 × 60")
    assert boxed.by_id("roi-width").get_attribute("aria-invalid") == "true"
    type_into("width", "abc")
    boxed.wait_for_text("roi-problem", "not a number")
    type_into("width", "9")
    wait_for_shapes(boxed, "rect:ROI 1:12,20,9,15")
    assert boxed.text("roi-problem") == ""


def test_the_keyboard_alone(viewer: ViewerPage) -> None:
    """A region is added, moved, renamed, duplicated, deleted and brought back without a mouse."""
    keyboard = viewer.page.keyboard
    viewer.by_id("tab-analysis").press("Enter")
    viewer.by_id("roi-add-rectangle").press("Enter")
    viewer.wait_for("() => location.hash.includes('roi=rect:')", "there is a region")
    x, y = (int(viewer.by_id(f"roi-{name}").input_value()) for name in "xy")
    # The new one has the focus.
    keyboard.press("ArrowRight")
    keyboard.press("Shift+ArrowDown")
    wait_until(lambda: viewer.by_id("roi-x").input_value() == str(x + 1), 5, "it moved to the right")
    assert viewer.by_id("roi-y").input_value() == str(y + 10)
    keyboard.press("Tab")
    keyboard.press("Control+a")
    keyboard.type("the beam")
    keyboard.press("Enter")
    viewer.wait_for("() => location.hash.includes('rect:the+beam:')", "it has a name")
    viewer.by_id("roi-duplicate").press("Enter")
    viewer.wait_for("() => document.querySelectorAll('[data-roi]').length === 2", "there are two")
    viewer.by_id("roi-2").get_by_test_id("roi-choose").press("Delete")
    viewer.wait_for("() => document.querySelectorAll('[data-roi]').length === 1", "one is gone")
    # The focus went to the one that is left.
    keyboard.press("Delete")
    viewer.wait_for("() => document.querySelectorAll('[data-roi]').length === 0", "none is left")
    keyboard.press("Enter")
    viewer.wait_for("() => document.querySelectorAll('[data-roi]').length === 1", "the last one is back")


def test_levels_and_profiles_of_a_region(boxed: ViewerPage) -> None:
    """The levels are found in the region, and the profiles are those of its box."""
    boxed.by_id("roi-project").click()
    boxed.by_id("roi-levels").click()
    found = wait_until(
        lambda: found if (found := (analysis_of(boxed) or {}).get("projections")) else None, 10, "there are profiles"
    )
    assert found["region"] == [10, 20, 30, 15]
    pause(boxed)
    image = boxed.pixels().array[20:35, 10:40].astype(np.float64)
    found = analysis_of(boxed)["projections"]
    assert found["x"]["first"] == 10
    assert found["x"]["values"] == image.sum(axis=0).tolist()
    assert found["y"]["values"] == image.sum(axis=1).tolist()
    assert boxed.by_id("projections-of").input_value() == "1"
    low, high = boxed.moment().shown["levels"]
    assert image.min() - 500 < low < high <= image.max() + 500 < 2000


def test_a_line_is_cut(viewer: ViewerPage) -> None:
    """The line is drawn with its tool; the plot has the exact values; its end is dragged; its fields change it."""
    viewer.by_id("tool-line").click()
    drag(viewer, SHAPE, (30, 10), (30, 50))
    viewer.wait_for("() => location.hash.includes('line=')", "the URL knows the line")
    assert viewer.by_id("line-panel").is_visible()
    for name, value in (("x0", "10"), ("y0", "30"), ("x1", "50"), ("y1", "30")):
        viewer.by_id(f"line-{name}").fill(value)
        viewer.by_id(f"line-{name}").press("Enter")
    viewer.wait_for("() => location.hash.includes('line=10,30,50,30,1')", "the line has whole numbers")
    pause(viewer)
    image = viewer.pixels().array.astype(np.float64)
    line = analysis_of(viewer)["line"]
    assert line["distance"] == pytest.approx(np.arange(41))
    assert line["values"] == pytest.approx(image[30, 10:51])
    viewer.by_id("line-width").fill("5")
    viewer.by_id("line-width").press("Enter")
    wait_until(
        lambda: np.allclose(analysis_of(viewer)["line"]["values"], image[28:33, 10:51].mean(axis=0)),
        10,
        "the mean over five pixels",
    )
    viewer.by_id("line-width").fill("0")
    viewer.by_id("line-width").press("Enter")
    viewer.wait_for_text("line-problem", "1 to 99")
    drag(viewer, SHAPE, (30, 50), (40, 60))
    viewer.wait_for("() => /line=10,30,(59|60)/.test(location.hash)", "its end was dragged")
    viewer.by_id("line-close").click()
    viewer.wait_for("() => !location.hash.includes('line=')", "the line is gone")
    assert not viewer.by_id("line-panel").is_visible()


def test_a_line_without_a_mouse(viewer: ViewerPage) -> None:
    """A button lays a line through the middle of what is seen; Escape in its plot closes it."""
    viewer.by_id("tab-analysis").press("Enter")
    viewer.by_id("line-toggle").press("Enter")
    viewer.wait_for("() => location.hash.includes('line=')", "there is a line")
    wait_until(lambda: (analysis_of(viewer) or {}).get("line"), 10, "its values are there")
    viewer.by_id("line-plot").focus()
    viewer.page.keyboard.press("ArrowRight")
    viewer.wait_for_text("line-value", "px")
    viewer.page.keyboard.press("Escape")
    viewer.wait_for("() => !location.hash.includes('line=')", "the line is gone")


def test_a_phone_keeps_the_picture(page: Page, server: ServerProcess) -> None:
    """On a small screen the plot of a line leaves room for the picture, and a finger can open and close all."""
    page.set_viewport_size({"width": 390, "height": 844})
    viewer = ViewerPage(page).open(server, "#line=10,30,50,30,1&profiles=1&roi=rect:a:1,2,30,40")
    viewer.wait_until_playing()
    viewer.by_id("tab-analysis").click()
    assert viewer.canvas_box()["height"] > 110
    assert viewer.by_id("line-plot").bounding_box()["height"] > 50
    viewer.by_id("line-close").click()
    viewer.wait_for("() => document.querySelector('[data-testid=line-panel]').hidden", "the plot is closed")


def test_the_url_brings_all_back(boxed: ViewerPage, new_page: Callable[[], Page]) -> None:
    """A copy of the URL shows the same regions."""
    boxed.by_id("roi-add-ellipse").click()
    boxed.wait_for("() => location.hash.includes('ellipse:')", "the URL knows both")
    other = ViewerPage(new_page())
    other.page.goto(boxed.page.url)
    other.wait_until_playing()
    other.by_id("tab-analysis").click()
    wait_for_region(other, 1, 450)
    assert other.by_id("rois").locator("[data-roi]").count() == 2
    assert other.by_id("roi-2").get_attribute("data-chosen") == ""
