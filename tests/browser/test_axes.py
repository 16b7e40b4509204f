"""Axes beside the picture: their numbers from pixels, from the stream and from the user's calibration."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from tests.browser.fonts import draw_without_text
from tests.browser.steady_source import SteadySource, constant
from tests.browser.viewer_page import ViewerPage, expected_place, picture_of
from tests.raw_source import channel
from tests.server import ServerProcess, running_server
from tests.support import wait_until

ROWS, COLUMNS = SHAPE = (30, 40)
IMAGE = np.arange(ROWS * COLUMNS, dtype=np.uint16).reshape(SHAPE)
X_AXIS = -100.0 + 5 * np.arange(COLUMNS)
Y_AXIS = 60.0 - 4 * np.arange(ROWS)


@pytest.fixture(scope="module")
def source() -> Iterator[SteadySource]:
    """A source with axes as camera pipelines send them,."""
    parts = (channel("image", IMAGE), channel("x_axis", X_AXIS), channel("y_axis", Y_AXIS))
    with SteadySource(constant(*parts)) as source:
        yield source


@pytest.fixture(scope="module")
def plain_server() -> Iterator[ServerProcess]:
    """A server on a source without axes."""
    with SteadySource(constant(channel("image", IMAGE))) as source, running_server(source.port) as server:
        yield server


def axis(viewer: ViewerPage, edge: str) -> tuple[str, str, list[float]] | None:
    """Return the name, the unit and the numbers of an axis, as it is described."""
    label = viewer.by_id(f"axis-{edge}").get_attribute("aria-label") or ""
    found = re.fullmatch(r"(\w) in (\S+): (.*)", label)
    return found and (found[1], found[2], [float(number) for number in found[3].split(", ") if number])


def wait_for_axis(viewer: ViewerPage, edge: str, name: str, unit: str) -> Any:
    """Return the numbers of an axis as soon as it has this name and unit."""
    found = wait_until(
        lambda: (now := axis(viewer, edge)) and now[:2] == (name, unit) and now, 5, f"{name} in {unit} at {edge}"
    )
    return found[2]


def hover(viewer: ViewerPage, row: int, column: int) -> None:
    """Move the mouse to a pixel of the whole image."""
    viewer.page.mouse.move(*expected_place(viewer.canvas_box(), SHAPE, row, column))
    viewer.wait_for_text("readout-place", f"row {row}, column {column}")


@pytest.mark.parametrize(("unit", "other"), [("µm", "px"), ("px", "µm")])
def test_marks_and_a_line_have_the_unit_of_the_axes(
    page: Page, server: ServerProcess, plain_server: ServerProcess, unit: str, other: str
) -> None:
    """What is marked is told in the unit of the axes alone, its pixels apart; without a calibration in pixels alone."""
    marks = "#marker=10,10&marker2=13,14&ruler=0,0,6,8&line=10,5,14,5,1"
    viewer = ViewerPage(page).open(server if unit == "µm" else plain_server, marks)
    viewer.wait_until_playing()
    wait_for_axis(viewer, "x", "x", unit)
    viewer.by_id("tab-view").click()
    for card in ("mark-marker1", "mark-marker2", "mark-between", "mark-ruler", "line-about", "readout-measured"):
        assert other not in viewer.wait_for_text(card, unit)
    pixels = viewer.by_id("marks-in-pixels")
    if unit == "px":
        assert pixels.is_hidden()
    else:
        assert viewer.text("line-about") == "length 20 µm"
        pixels.locator("summary").click()
        viewer.wait_for_text("pixels-marker2", "x 13, y 14 px")


def test_pixels_without_a_calibration(page: Page, plain_server: ServerProcess) -> None:
    """Without axes in the stream the numbers are those of the pixels, and the readout tells nothing else."""
    viewer = ViewerPage(page).open(plain_server)
    viewer.wait_until_playing()
    numbers = wait_for_axis(viewer, "x", "x", "px")
    assert numbers[0] == 0
    assert numbers[-1] >= 30
    assert all(number == int(number) for number in numbers)
    hover(viewer, 12, 20)
    assert viewer.text("readout-position") == ""


def test_the_axes_of_the_stream_are_used(viewer: ViewerPage) -> None:
    """Channels x_axis and y_axis that fit the image give the numbers, also descending ones, and the readout."""
    across = wait_for_axis(viewer, "x", "x", "µm")
    down = wait_for_axis(viewer, "y", "y", "µm")
    assert min(across) >= -102.5
    assert max(across) <= 97.5
    assert 0 in across
    assert 0 in down
    hover(viewer, 10, 30)
    viewer.wait_for_text("readout-position", "x 50, y 20 µm")


def test_they_hide_no_pixel(viewer: ViewerPage) -> None:
    """They lie beside the stage, not over it."""
    box = viewer.canvas_box()
    left, lower = viewer.by_id("axis-y").bounding_box(), viewer.by_id("axis-x").bounding_box()
    assert left["x"] + left["width"] <= box["x"] + 0.5
    assert lower["y"] >= box["y"] + box["height"] - 0.5
    assert left["height"] == pytest.approx(box["height"], abs=1)
    assert lower["width"] == pytest.approx(box["width"], abs=1)


def test_they_follow_zoom_and_orientation(viewer: ViewerPage) -> None:
    """Zoomed in, the numbers lie closer together; turned, the other axis is below the picture."""
    before = wait_for_axis(viewer, "x", "x", "µm")
    for _ in range(4):
        viewer.page.keyboard.press("+")
    wait_until(lambda: axis(viewer, "x")[2][1] - axis(viewer, "x")[2][0] < before[1] - before[0], 5, "finer numbers")
    viewer.page.keyboard.press("]")
    wait_for_axis(viewer, "x", "y", "µm")
    wait_for_axis(viewer, "y", "x", "µm")


def test_they_are_switched_off(viewer: ViewerPage) -> None:
    """g takes the axes away, and the picture has their room."""
    before = viewer.canvas_box()
    viewer.page.keyboard.press("g")
    wait_until(lambda: viewer.canvas_box()["width"] > before["width"] + 40, 5, "the stage is wider")
    assert viewer.by_id("axis-x").is_hidden()
    viewer.wait_for("() => location.hash.includes('axes=0')", "the URL knows")
    viewer.page.keyboard.press("g")
    wait_until(lambda: viewer.canvas_box() == before, 5, "the axes are back")


def test_a_calibration_of_ones_own(viewer: ViewerPage, new_page: Callable[[], Page]) -> None:
    """Steps, zero and unit that are typed give the numbers; what is no number is refused; the URL keeps it."""
    viewer.by_id("tab-view").click()
    viewer.by_id("cal-manual").check()
    for name, text in (("step-x", "2,5"), ("step-y", "-2"), ("unit", "mm"), ("origin-x", "20"), ("origin-y", "10")):
        viewer.by_id(f"cal-{name}").fill(text)
        viewer.by_id(f"cal-{name}").press("Tab")
    wait_for_axis(viewer, "x", "x", "mm")
    hover(viewer, 12, 22)
    viewer.wait_for_text("readout-position", "x 5, y -4 mm")
    viewer.by_id("cal-step-x").fill("wide")
    viewer.by_id("cal-step-x").press("Enter")
    assert "other than 0" in viewer.page.locator("#cal-step-x-problem").inner_text()
    assert viewer.by_id("cal-step-x").get_attribute("aria-invalid") == "true"
    viewer.wait_for("() => location.hash.includes('cal=2.5,-2,20,10,mm')", "the URL knows")
    other = ViewerPage(new_page())
    other.page.goto(viewer.page.url)
    other.wait_until_playing()
    hover(other, 12, 22)
    other.wait_for_text("readout-position", "x 5, y -4 mm")
    viewer.by_id("cal-pixel").check()
    wait_for_axis(viewer, "x", "x", "px")


def test_a_calibration_of_ones_own_is_asked_for(page: Page, plain_server: ServerProcess) -> None:
    """Without axes in the stream the fields are empty, and pixels stay pixels until steps and unit are given."""
    viewer = ViewerPage(page).open(plain_server, "#roi=rect:ROI+1:5,5,10,10&roi-chosen=1")
    viewer.wait_until_playing()
    viewer.by_id("tab-view").click()
    viewer.by_id("cal-manual").check()
    viewer.wait_for_text("calibration-asked", "Until then nothing changes")
    assert [viewer.by_id(f"cal-{name}").input_value() for name in ("step-x", "step-y", "unit")] == ["", "", ""]
    for name, text in (("step-x", "2"), ("step-y", "-3")):
        viewer.by_id(f"cal-{name}").fill(text)
        viewer.by_id(f"cal-{name}").press("Tab")
    wait_for_axis(viewer, "x", "x", "px")
    assert "cal=" not in viewer.page.evaluate("() => location.hash")
    viewer.by_id("cal-unit").fill("um")
    viewer.by_id("cal-unit").press("Tab")
    wait_for_axis(viewer, "x", "x", "µm")
    assert viewer.by_id("cal-unit").input_value() == "µm"
    assert viewer.by_id("calibration-asked").is_hidden()
    # All places in the card of a region are in pixels, and each number has its unit.
    viewer.by_id("tab-analysis").click()
    text = viewer.wait_for_text("roi-1", "centroid x")
    assert "µm" not in text
    assert "px" in text
    assert "standard deviation" in text
    assert "counts" in text


def test_a_calibration_by_two_markers(viewer: ViewerPage) -> None:
    """The distance of two marked pixels is typed, and everything that is measured uses it."""
    for row, column, key in ((10, 10, "m"), (14, 13, "Shift+M")):
        hover(viewer, row, column)
        viewer.page.keyboard.press(key)
    viewer.by_id("tab-view").click()
    viewer.by_id("cal-manual").check()
    viewer.by_id("cal-distance").fill("50")
    viewer.by_id("cal-use").click()
    viewer.wait_for_text("readout-measured", "dx 30, dy -40, length 50 µm")
    viewer.by_id("cal-zero").click()
    hover(viewer, 10, 12)
    viewer.wait_for_text("readout-position", "x 20, y 0 µm")


def test_the_cursor_is_seen_on_the_axes(viewer: ViewerPage) -> None:
    """The pixel that is read out is shown by a line on both axes."""

    draw_without_text(viewer.page)
    viewer.page.reload()
    viewer.wait_until_playing()

    def coloured(edge: str) -> int:
        picture = picture_of(viewer.by_id(f"axis-{edge}").screenshot()).astype(int)
        return int((picture[..., 2] - picture[..., 0] > 60).sum())

    viewer.page.mouse.move(5, 5)
    wait_until(lambda: coloured("x") == 0, 5, "no line without a cursor")
    hover(viewer, 10, 10)
    wait_until(lambda: coloured("x") > 10 and coloured("y") > 10, 5, "a line on both")
