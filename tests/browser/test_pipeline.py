"""What a processing server found in the image: drawn where it lies, switched, and told in numbers and words."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from tests.browser.fonts import draw_without_text
from tests.browser.steady_source import SteadySource, constant
from tests.browser.viewer_page import ViewerPage, expected_place
from tests.raw_source import Part, channel
from tests.server import ServerProcess
from tests.support import wait_until

COLUMNS, ROWS = 80, 60
X_AXIS = ((COLUMNS - 1) / 2 - np.arange(COLUMNS)).astype(np.float32) * 10
Y_AXIS = ((ROWS - 1) / 2 - np.arange(ROWS)).astype(np.float32) * 10
REGION = (20, 10, 60, 40)
IMAGE = np.zeros((ROWS, COLUMNS), np.uint16)
PARAMETERS = {
    "camera_name": "CAM",
    "image_background": "CAM_background",
    "image_background_enable": "signed",
    "image_background_ok": True,
    "image_threshold": 20,
    "image_region_of_interest": None,
    "image_good_region": {"threshold": 0.3, "gfscale": 1.8},
    "image_slices": {"number_of_slices": 2, "scale": 2.0, "orientation": "horizontal"},
    "rotation": {"angle": 12.5, "order": 1, "mode": "constant"},
    "mirror_x": True,
    "mirror_y": False,
    "averaging": 3,
    "binning_x": 2,
    "binning_y": 1,
}
BAR = "() => !document.querySelector('[data-testid=processing-error]')?.hidden ?? true"
NO_BAR = "() => document.querySelector('[data-testid=processing-error]').hidden"

# Pixels of the overlay in the colours of the stream's own results, pink and for the fit a pale yellow, in a box of the
# page: [left, top, right, bottom] in CSS pixels.
INK = """([left, top, right, bottom]) => {
  const overlay = document.querySelector("[data-testid=overlay]");
  const box = overlay.getBoundingClientRect();
  const ratio = overlay.width / box.width;
  const [width, height] = [Math.round((right - left) * ratio), Math.round((bottom - top) * ratio)];
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  context.drawImage(overlay, -Math.round((left - box.x) * ratio), -Math.round((top - box.y) * ratio));
  const { data } = context.getImageData(0, 0, width, height);
  let count = 0;
  for (let at = 0; at < data.length; at += 4) {
    const [red, green, blue, alpha] = data.subarray(at, at + 4);
    const pink = red > 200 && green < 160 && blue > 150;
    // Not the white of labels and of the picture's own profile, which lie where the width of the stage puts them.
    const pale = red > 170 && green > 160 && blue > 120 && red - blue > 30;
    count += alpha > 100 && (pink || pale) ? 1 : 0;
  }
  return count;
}"""


def results(prefix: str = "", parameters: dict[str, object] = PARAMETERS) -> list[Part]:
    """Return the channels that a processing server adds to the image, without the curves."""
    values = {
        "x_axis": X_AXIS,
        "y_axis": Y_AXIS,
        "x_center_of_mass": float(X_AXIS[45]),
        "y_center_of_mass": float(Y_AXIS[50]),
        "x_rms": 123.25,
        "y_rms": 0.0,
        "x_fwhm": 290.5,
        "y_fwhm": float("nan"),
        "x_fit_mean": -55.5,
        "x_fit_standard_deviation": 120.125,
        "intensity": 123456,
        "good_region": np.array(REGION, np.int64),
        "slice_orientation": "horizontal",
        "slice_amount": 2,
        "slice_length": 100.0,
        "slice_0_center_x": float(X_AXIS[30]),
        "slice_0_center_y": float(Y_AXIS[20]),
        "slice_0_standard_deviation": 50.0,
        "slice_0_intensity": 5.0,
        "slice_1_center_x": float(X_AXIS[50]),
        "slice_1_center_y": float(Y_AXIS[30]),
        "slice_1_standard_deviation": 50.0,
        "slice_1_intensity": 6.0,
        "coupling": 5.0,
        "coupling_slope": 0.5,
        "coupling_offset": float(Y_AXIS[20] - 0.5 * X_AXIS[30]),
        "processing_parameters": json.dumps(parameters),
    }
    return [channel(f"{prefix}{name}", value) for name, value in values.items()]


def curves() -> list[Part]:
    """Return profiles and a fit: a step in x, so that where it is drawn tells which pixel it belongs to."""
    x_profile = np.where(np.arange(COLUMNS) < COLUMNS // 2, 0, 1000).astype(np.int64)
    fit = np.full(COLUMNS, 500.0)
    return [
        channel("x_profile", x_profile),
        channel("y_profile", np.zeros(ROWS, np.int64)),
        channel("x_fit_gauss_function", fit),
    ]


@pytest.fixture(autouse=True)
def without_text(page: Page) -> None:
    """Labels are as wide as the fonts of the machine make them; what counts here are lines and boxes."""
    draw_without_text(page)


@pytest.fixture(scope="module")
def source() -> Iterator[SteadySource]:
    """A source, whose messages each test sets."""
    with SteadySource(constant(channel("image", IMAGE))) as source:
        yield source


def opened(
    page: Page, server: ServerProcess, source: SteadySource, parts: list[Part], fragment: str = ""
) -> ViewerPage:
    """Return the page as it shows a black image with these channels."""
    source.make = constant(channel("image", IMAGE), *parts)
    viewer = ViewerPage(page).open(server, fragment)
    viewer.wait_until_playing(after=source.next_pulse)
    return viewer


def box_around(viewer: ViewerPage, row: float, column: float, half: int = 3) -> list[Any]:
    """Return the box of the page around the middle of a pixel, so many CSS pixels to each side."""
    x, y = expected_place(viewer.canvas_box(), (ROWS, COLUMNS), row, column)
    return [x - half, y - half, x + half, y + half]


def ink(viewer: ViewerPage, box: Sequence[float]) -> Any:
    """Return how many pixels of the overlay are drawn on in a box of the page."""
    return viewer.page.evaluate(INK, box)


def wait_for_ink(viewer: ViewerPage, box: Sequence[float], what: str) -> None:
    """Wait until something is drawn there."""
    viewer.wait_for(f"(box) => ({INK})(box) > 0", what, argument=box)


def wait_for_none(viewer: ViewerPage, box: Sequence[float], what: str) -> None:
    """Wait until nothing is drawn there any more."""
    viewer.wait_for(f"(box) => ({INK})(box) === 0", what, argument=box)


def test_what_was_found_lies_where_it_is(page: Page, server: ServerProcess, source: SteadySource) -> None:
    """The good region's box, slices with their widths and the centre of mass are drawn at their pixels."""
    viewer = opened(page, server, source, results())
    x0, y0, x1, y1 = REGION
    corners = [(y0 - 0.5, x0 - 0.5), (y1 - 0.5, x1 - 0.5), (y0 - 0.5, x1 - 0.5), (y1 - 0.5, x0 - 0.5)]
    places = {
        **{f"corner {corner}": corner for corner in corners},
        "slice": (20, 30),
        "end of its width": (15, 30),
        "other end of its width": (25, 30),
        "line through the slices": (25, 40),
    }
    for what, (row, column) in places.items():
        wait_for_ink(viewer, box_around(viewer, row, column, 5), what)
    # The arms of the cross, beside its free middle.
    x, y = expected_place(viewer.canvas_box(), (ROWS, COLUMNS), 50, 45)
    wait_for_ink(viewer, [x + 6, y - 2, x + 12, y + 2], "the centre of mass")
    assert ink(viewer, box_around(viewer, 36, 25, 3)) == 0
    assert ink(viewer, box_around(viewer, 5, 5, 3)) == 0


def test_the_streams_own_curves_lie_along_the_edges(page: Page, server: ServerProcess, source: SteadySource) -> None:
    """A profile with a step is low to the left of its pixel and high to the right, over the lower edge."""
    viewer = opened(page, server, source, [*results(), *curves()], "#stream=profiles&fit=0")
    wait_for_none(viewer, [0, 0, 1440, 900], "they are not seen without the profiles of the picture")
    viewer.page.keyboard.press("d")
    canvas = viewer.canvas_box()
    bottom, top = (expected_place(canvas, (ROWS, COLUMNS), row, 0)[1] for row in (ROWS - 0.5, -0.5))
    # The page's own profile is zero. Both have a scale from 0 to 1000 with a margin of 8 % on either side.
    depth = min(0.2 * canvas["height"], 0.35 * (bottom - top))
    base, high = bottom - depth * 0.08 / 1.16, bottom - depth * 1.08 / 1.16

    def column(at: int) -> float:
        return expected_place(canvas, (ROWS, COLUMNS), 0, at)[0]

    top_right = [column(45), high - 4, column(75), high + 4]
    top_left = [column(22), high - 4, column(35), high + 4]
    bottom_left = [column(22), base - 3, column(35), base + 3]
    wait_for_ink(viewer, top_right, "the high part of the profile")
    assert ink(viewer, bottom_left) > 0
    assert ink(viewer, top_left) == 0
    middle = [column(45), (base + high) / 2 - 4, column(75), (base + high) / 2 + 4]
    assert ink(viewer, middle) == 0
    viewer.by_id("tab-stream").click()
    viewer.by_id("stream-fit").check()
    wait_for_ink(viewer, middle, "the fit")


# Row, from the top of a box, of a level line in the colour of the stream's profile or of the page's own: the middle of
# the rows that are most of all in this colour, so that upright marks do not count.
LEVEL_ROW = """([[left, top, right, bottom], mine]) => {
  const overlay = document.querySelector("[data-testid=overlay]");
  const box = overlay.getBoundingClientRect();
  const [width, height] = [Math.round(right - left), Math.round(bottom - top)];
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  context.drawImage(overlay, -Math.round(left - box.x), -Math.round(top - box.y), box.width, box.height);
  const { data } = context.getImageData(0, 0, width, height);
  const counts = new Array(height).fill(0);
  for (let at = 0; at < data.length; at += 4) {
    const [red, green, blue, alpha] = data.subarray(at, at + 4);
    const found = mine ? red > 200 && green > 200 && blue > 200 : red > 200 && green < 160 && blue > 150;
    if (alpha < 200 || !found) continue;
    counts[Math.floor(at / 4 / width)] += 1;
  }
  const most = Math.max(...counts);
  const rows = counts.flatMap((count, row) => (count > most / 2 ? [row] : []));
  return most < width / 2 ? null : rows.reduce((sum, row) => sum + row, 0) / rows.length;
}"""


def test_the_streams_profile_lies_on_the_pages_own(page: Page, server: ServerProcess, source: SteadySource) -> None:
    """The same sums are drawn at the same height, whatever is taken off the page's profile."""
    image = np.full((ROWS, COLUMNS), 50, np.uint16)
    image[:, COLUMNS // 2 :] = 80
    sums = [channel(f"{name}_profile", image.sum(axis).astype(np.int64)) for axis, name in ((0, "x"), (1, "y"))]

    def make(*more: Any) -> Callable[[int], Sequence[Part]]:
        return constant(channel("image", image), *more, channel("x_axis", X_AXIS), channel("y_axis", Y_AXIS))

    source.make = make()
    viewer = ViewerPage(page).open(server, "#profiles=1&fit=0&stream=profiles")
    viewer.wait_until_playing(after=source.next_pulse)
    canvas = viewer.canvas_box()

    def row(mine: bool, columns: tuple[int, int]) -> Any:
        left, right = (expected_place(canvas, (ROWS, COLUMNS), 0, at)[0] for at in columns)
        box = [left, canvas["y"] + canvas["height"] / 2, right, canvas["y"] + canvas["height"] - 1]
        return viewer.page.evaluate(LEVEL_ROW, [box, mine])

    sides = ((50, 70), (22, 35))
    for baseline in ("facility", "minimum"):
        source.make = make()
        viewer.by_id("tab-analysis").click()
        viewer.by_id("projections-baseline").select_option(baseline)
        # Whole lengths of side by side curves: what is drawn is at rest when it comes twice.
        wait_until(lambda: [row(False, side) for side in sides] == [None, None], 5, "only the page's own profile")
        own = wait_until(lambda: at_rest(lambda: [row(True, side) for side in sides]), 5, "the page's own profile")
        source.make = make(*sums)
        seen = wait_until(lambda: at_rest(lambda: [row(False, side) for side in sides]), 5, "the stream's profile")
        assert seen == pytest.approx(own, abs=1.5)
        assert abs(own[0] - own[1]) > 10


def at_rest(read: Callable[[], Any]) -> Any:
    """Return what is read if it is all there, and the same a little later."""
    before = read()
    return before if None not in before and before == read() else None


def test_each_part_can_be_switched_and_is_remembered(page: Page, server: ServerProcess, source: SteadySource) -> None:
    """A part that is switched off is gone, also after the page was loaded anew from its URL."""
    viewer = opened(page, server, source, results())
    slice_box = box_around(viewer, 20, 30)
    corner = box_around(viewer, REGION[1] - 0.5, REGION[0] - 0.5, 5)
    wait_for_ink(viewer, slice_box, "the slice")
    viewer.by_id("tab-stream").click()
    viewer.by_id("stream-slices").uncheck()
    wait_for_none(viewer, slice_box, "the slice goes")
    assert ink(viewer, corner) > 0
    viewer.wait_for("() => location.hash === '#stream=profiles,fit,region,centre'", "the URL keeps it")
    page.reload()
    viewer.wait_until_playing()
    wait_for_ink(viewer, corner, "the region")
    assert ink(viewer, slice_box) == 0
    viewer.by_id("tab-stream").click()
    for part in ("profiles", "fit", "region", "centre"):
        viewer.by_id(f"stream-{part}").uncheck()
    wait_for_none(viewer, corner, "the region goes")
    viewer.wait_for("() => location.hash === '#stream=none'", "the URL says none")


def test_the_numbers_of_the_stream_are_in_the_panel(page: Page, server: ServerProcess, source: SteadySource) -> None:
    """What the server did is in plain words, what it found in numbers; what is no number is a dash."""
    viewer = opened(page, server, source, results())
    viewer.by_id("tab-stream").click()
    text = viewer.wait_for_text("stream-processing", "Background")
    for words in (
        "negative values kept (CAM_background)",
        "20: less is zero",
        "whole image",
        "12.5°",
        "3 images",
        "2 × 1 pixels",
    ):
        assert words in text
    rows = [row.split("\t") for row in viewer.by_id("stream-numbers").inner_text().splitlines()]
    numbers = {row[0]: [part.strip() for part in row[1:]] for row in rows}
    assert numbers["rms"] == ["123.25", "0", "µm"]
    assert numbers["FWHM"] == ["290.5", "–", "µm"]
    assert numbers["Fit σ"] == ["120.125", "–", "µm"]
    assert "123456" in viewer.text("stream-image")
    assert int(viewer.text("stream-pulse")) > 0


def test_a_failure_of_the_processing_is_said_over_the_picture(
    page: Page, server: ServerProcess, source: SteadySource
) -> None:
    """The server's own words stand above the black picture as text, and go with the failure."""
    failure = "<img src=x onerror='window.hacked = 1'> invalid background size (1024, 1280)"
    viewer = opened(page, server, source, results())
    assert viewer.page.evaluate(NO_BAR)
    source.make = constant(
        channel("image", IMAGE),
        channel("processing_parameters", json.dumps({**PARAMETERS, "processing_error": failure})),
    )
    viewer.wait_for(BAR, "the warning comes")
    assert viewer.text("processing-error-text") == failure
    bar = viewer.by_id("processing-error")
    assert bar.get_attribute("role") == "alert"
    canvas, box = viewer.canvas_box(), bar.bounding_box()
    assert box["y"] == canvas["y"]
    assert box["height"] < canvas["height"] / 4
    assert viewer.page.evaluate("() => window.hacked") is None
    bad = {**PARAMETERS, "image_background_ok": False}
    source.make = constant(channel("image", IMAGE), *results(parameters=bad))
    viewer.wait_for_text("processing-error-text", "CAM_background does not fit")
    source.make = constant(channel("image", IMAGE), *results())
    viewer.wait_for(NO_BAR, "the warning goes")


def test_names_may_have_the_cameras_name_before_them(page: Page, server: ServerProcess, source: SteadySource) -> None:
    """In a merged stream the results of the picture's own camera are taken."""
    mine = [channel("CAM1:image", IMAGE), *results("CAM1:")]
    source.make = constant(*mine, channel("CAM2:x_rms", 1.0), channel("CAM2:x_profile", np.ones(COLUMNS)))
    viewer = ViewerPage(page).open(server, "#image=CAM1:image")
    viewer.wait_until_playing(after=source.next_pulse)
    wait_for_ink(viewer, box_around(viewer, 20, 30), "the slice")
    viewer.by_id("tab-stream").click()
    viewer.wait_for_text("stream-numbers", "123.25")


def test_a_plain_stream_has_no_such_tab(page: Page, server: ServerProcess, source: SteadySource) -> None:
    """Without results the tab is not there, and nothing is drawn."""
    viewer = opened(page, server, source, [channel("x_axis", X_AXIS), channel("broken", "{")])
    viewer.wait_for_frames(3)
    assert viewer.by_id("tab-stream").is_hidden()
    canvas = viewer.canvas_box()
    whole = [canvas["x"], canvas["y"], canvas["x"] + canvas["width"], canvas["y"] + canvas["height"]]
    assert ink(viewer, whole) == 0


def test_values_that_cannot_be_right_are_left_out(page: Page, server: ServerProcess, source: SteadySource) -> None:
    """Null, text for numbers, wrong lengths and broken JSON neither break the page nor are they drawn."""
    good = [part for part in results() if part.definition["name"] not in ("good_region", "x_rms", "x_center_of_mass")]
    wrong = [
        channel("good_region", np.array([5, 5, 900, 2], np.int64)),
        channel("x_rms", "much"),
        channel("x_center_of_mass", None),
        channel("x_profile", np.arange(7.0)),
        channel("gr_x_fit_gauss_function", None),
    ]
    viewer = opened(page, server, source, [*good, *wrong])
    wait_for_ink(viewer, box_around(viewer, 20, 30), "the slice")
    assert ink(viewer, box_around(viewer, 4.5, 4.5, 5)) == 0
    viewer.by_id("tab-stream").click()
    viewer.wait_for_text("stream-numbers", "290.5")
    assert "123.25" not in viewer.text("stream-numbers")
