"""Curves: over the channel that is their axis, with the highest values kept, a part of x enlarged, and exact values."""

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import FloatRect, Page

from tests.browser.steady_source import SteadySource, constant
from tests.browser.viewer_page import ViewerPage
from tests.raw_source import Part, channel
from tests.server import ServerProcess, running_server

POINTS = 101
IMAGE = np.arange(12, dtype=np.uint16).reshape(3, 4)
DESCENDING = np.linspace(500, -500, POINTS).astype(np.float32)
RISING = np.linspace(10, 20, POINTS)
LARGE = 2**60


def parts(scale: int = 1) -> list[Part]:
    """Return an image and curves: a profile of the values 1000 + index, and channels that may be its axis."""
    return [
        channel("image", IMAGE),
        channel("x_profile", (scale * (1000 + np.arange(POINTS))).astype(np.int64)),
        channel("x_axis", DESCENDING),
        channel("other", RISING),
        channel("zigzag", np.sin(np.arange(POINTS))),
        channel("short", np.arange(7.0)),
        channel("SPECTRUM_Y", np.arange(POINTS) / 10),
        channel("SPECTRUM_X", 3 * RISING),
        channel("large", np.full(POINTS, LARGE + 1, np.int64)),
    ]


@pytest.fixture(scope="module")
def source() -> Iterator[SteadySource]:
    """A source, whose messages each test sets."""
    with SteadySource(constant(*parts())) as source:
        yield source


def opened(page: Page, server: ServerProcess, source: SteadySource, name: str) -> ViewerPage:
    """Return the page with this curve enlarged."""
    source.make = constant(*parts())
    viewer = ViewerPage(page).open(server)
    viewer.wait_until_playing(after=source.next_pulse)
    # The curves lie next to each other, above the fold or not.
    viewer.row(name).scroll_into_view_if_needed()
    viewer.row(name).click()
    viewer.page.locator(".curve-panel .u-over").wait_for()
    return viewer


def plot_box(viewer: ViewerPage, host: str = ".curve-panel") -> FloatRect:
    """Return where the curve is drawn on the page."""
    box = viewer.page.locator(f"{host} .u-over").bounding_box()
    assert box is not None
    return box


def point_at(
    viewer: ViewerPage, part: float, label: str = "curve-value", host: str = ".curve-panel"
) -> tuple[int, Any]:
    """Return index and text of the point under the mouse, that is moved to this part of the width."""
    box = plot_box(viewer, host)
    viewer.page.mouse.move(box["x"] + part * box["width"], box["y"] + box["height"] / 2)
    text = viewer.wait_for_text(label, "[")
    return int(re.match(r"\[(\d+)\]", text).group(1)), text


def label_of(viewer: ViewerPage, testid: str) -> Any:
    """Return the text of the chosen option."""
    return viewer.by_id(testid).evaluate("(select) => select.selectedOptions[0].textContent")


def test_a_profile_is_drawn_over_its_descending_axis(page: Page, server: ServerProcess, source: SteadySource) -> None:
    """The lowest position lies left, and the cursor tells position, the source's index and the exact value."""
    viewer = opened(page, server, source, "x_profile")
    assert label_of(viewer, "curve-over") == "over x_axis"
    index, text = point_at(viewer, 0.001)
    assert (index, text) == (100, "[100]  1100  at x_axis -500 µm")
    index, text = point_at(viewer, 0.999)
    assert (index, text) == (0, "[0]  1000  at x_axis 500 µm")


def test_another_axis_can_be_chosen_or_none(page: Page, server: ServerProcess, source: SteadySource) -> None:
    """The other channels of the same length are offered; one that goes back and forth is refused with a word."""
    viewer = opened(page, server, source, "x_profile")
    options = viewer.by_id("curve-over").locator("option").all_text_contents()
    assert options[:2] == ["over x_axis", "over index"]
    assert "over other" in options
    assert "over short" not in options
    viewer.by_id("curve-over").select_option(label="over index")
    assert point_at(viewer, 0.001) == (0, "[0]  1000")
    viewer.by_id("curve-over").select_option(label="over other")
    assert point_at(viewer, 0.999) == (100, "[100]  1100  at other 20")
    viewer.by_id("curve-over").select_option(label="over zigzag")
    assert viewer.text("curve-note") == "zigzag goes back and forth: over the index"
    assert point_at(viewer, 0.001) == (0, "[0]  1000")


def test_a_spectrum_has_its_axis(page: Page, server: ServerProcess, source: SteadySource) -> None:
    """SPECTRUM_Y is drawn over SPECTRUM_X."""
    viewer = opened(page, server, source, "SPECTRUM_Y")
    assert point_at(viewer, 0.999) == (100, "[100]  10  at SPECTRUM_X 60")


def test_an_axis_that_leaves_gives_way_to_the_index(page: Page, server: ServerProcess, source: SteadySource) -> None:
    """Without its axis a curve goes on over the index; a chosen one that left is said to be away."""
    viewer = opened(page, server, source, "x_profile")
    viewer.by_id("curve-over").select_option(label="over other")
    source.make = constant(*[part for part in parts() if part.definition["name"] != "other"])
    viewer.wait_for_text("curve-note", "other is not in this pulse or has another length")
    assert point_at(viewer, 0.001)[1] == "[0]  1000"
    source.make = constant(*parts())
    viewer.wait_for("() => document.querySelector('[data-testid=curve-note]').textContent === ''", "it is back")
    assert point_at(viewer, 0.001)[1].endswith("at other 10")


def test_peaks_are_held_until_they_are_reset(page: Page, server: ServerProcess, source: SteadySource) -> None:
    """The maximum of each point stays when the curve falls; a reset and switching off forget it."""
    viewer = opened(page, server, source, "x_profile")
    viewer.by_id("curve-over").select_option(label="over index")
    viewer.by_id("curve-peak").click()
    assert viewer.by_id("curve-peak").get_attribute("aria-pressed") == "true"
    source.make = constant(*parts(3))
    viewer.wait_for("() => viewer.values.arrays.get('x_profile').values[0] === 3000", "the curve rises")
    point_at(viewer, 0.001)
    viewer.wait_for_text("curve-value", "[0]  3000  peak 3000")
    source.make = constant(*parts(2))
    viewer.wait_for_text("curve-value", "[0]  2000  peak 3000")
    viewer.by_id("curve-reset").click()
    point_at(viewer, 0.001)
    viewer.wait_for_text("curve-value", "[0]  2000  peak 2000")
    source.make = constant(*parts())
    viewer.wait_for_text("curve-value", "[0]  1000  peak 2000")
    viewer.by_id("curve-host").focus()
    viewer.page.keyboard.press("h")
    point_at(viewer, 0.001)
    viewer.wait_for("() => document.querySelector('[data-testid=curve-value]').textContent === '[0]  1000'", "off")


def test_a_part_of_x_can_be_enlarged(page: Page, server: ServerProcess, source: SteadySource) -> None:
    """Dragging over a part shows only that, also while the curve runs; a double click shows all again."""
    viewer = opened(page, server, source, "x_profile")
    viewer.by_id("curve-over").select_option(label="over index")
    box = plot_box(viewer)
    middle = box["y"] + box["height"] / 2
    viewer.page.mouse.move(box["x"] + 0.4 * box["width"], middle)
    viewer.page.mouse.down()
    viewer.page.mouse.move(box["x"] + 0.5 * box["width"], middle, steps=4)
    viewer.page.mouse.move(box["x"] + 0.6 * box["width"], middle, steps=4)
    viewer.page.mouse.up()
    assert viewer.by_id("curve-whole").is_visible()
    viewer.wait_for_frames(3)
    assert abs(point_at(viewer, 0.001)[0] - 40) <= 1
    assert abs(point_at(viewer, 0.999)[0] - 60) <= 1
    viewer.page.mouse.dblclick(box["x"] + 0.5 * box["width"], middle)
    assert viewer.by_id("curve-whole").is_hidden()
    assert point_at(viewer, 0.001)[0] == 0
    assert point_at(viewer, 0.999)[0] == 100


def test_the_keyboard_does_the_same(page: Page, server: ServerProcess, source: SteadySource) -> None:
    """Arrows move the cursor, plus and minus zoom around it, 0 shows all; the picture behind stays as it is."""
    viewer = opened(page, server, source, "large")
    keyboard = viewer.page.keyboard
    keyboard.press("ArrowRight")
    index = int(re.match(r"\[(\d+)\]", viewer.wait_for_text("curve-value", "[")).group(1))
    keyboard.press("Shift+ArrowLeft")
    viewer.wait_for_text("curve-value", f"[{index - 10}]", str(LARGE + 1))
    for _ in range(4):
        keyboard.press("+")
    assert viewer.by_id("curve-whole").is_visible()
    assert viewer.wait_for_text("curve-value", f"[{index - 10}]")
    keyboard.press("0")
    assert viewer.by_id("curve-whole").is_hidden()
    # The picture is still shown whole: none of the keys was for it.
    box = viewer.canvas_box()
    whole = 100 * min(box["height"] / 3, box["width"] / 4)
    viewer.wait_for(
        "(whole) => Math.abs(parseFloat(document.querySelector('[data-testid=zoom-percent]').textContent) / whole - 1)"
        " < 0.1",
        "the picture is shown whole",
        seconds=5,
        argument=whole,
    )


def test_a_stream_without_image_has_the_same(page: Page) -> None:
    """The curve in the image area has axis, peaks, zoom and cursor too."""
    curves = [channel("SPEC:SPECTRUM_Y", np.arange(POINTS) / 10), channel("SPEC:SPECTRUM_X", DESCENDING)]
    with SteadySource(constant(*curves)) as source, running_server(source.port) as server:
        viewer = ViewerPage(page).open(server, "#image=SPEC:SPECTRUM_Y")
        viewer.wait_until_playing()
        viewer.wait_for("() => document.querySelector('[data-testid=stage-curve] .u-over') !== null", "the curve")
        viewer.wait_for(
            "() => document.querySelector('[data-testid=stage-curve-over]').selectedOptions[0].textContent"
            " === 'over SPEC:SPECTRUM_X'",
            "its axis",
        )
        stage = "[data-testid=stage-curve]"
        assert point_at(viewer, 0.001, "stage-curve-value", stage) == (100, "[100]  10  at SPEC:SPECTRUM_X -500")
        box = plot_box(viewer, stage)
        middle = box["y"] + box["height"] / 2
        viewer.page.mouse.move(box["x"] + 0.25 * box["width"], middle)
        viewer.page.mouse.down()
        viewer.page.mouse.move(box["x"] + 0.75 * box["width"], middle, steps=5)
        viewer.page.mouse.up()
        assert abs(point_at(viewer, 0.001, "stage-curve-value", stage)[0] - 75) <= 1
        viewer.by_id("stage-curve-whole").click()
        assert point_at(viewer, 0.001, "stage-curve-value", stage)[0] == 100
        viewer.by_id("stage-curve-peak").click()
        viewer.wait_for_frames(2)
        assert "peak 10" in point_at(viewer, 0.001, "stage-curve-value", stage)[1]
