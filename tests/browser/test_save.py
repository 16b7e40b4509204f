"""Files that the page saves: the picture in its colours, its pixels bit for bit, the values with all their digits."""

import csv
import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.browser.steady_source import SteadySource, constant, source_time
from tests.browser.viewer_page import ViewerPage, expected_place
from tests.raw_source import channel

SIDE = 16
RAMP = np.arange(SIDE * SIDE, dtype=np.uint16).reshape(SIDE, SIDE)
LARGE = 2**62 + 1
# A signalling NaN and one with a payload: only a copy of the bytes keeps them.
ODD = np.array([0x7FC0DEAD, 0x3F800001, 0xFF800000, 0x80000000], np.uint32).view(np.float32).reshape(2, 2)


@pytest.fixture(scope="module")
def source():
    """A source at 10 Hz, whose messages each test sets."""
    with SteadySource(constant(channel("image", RAMP)), rate=10) as source:
        yield source


def opened(page, server, source, *parts, path=""):
    """Return the page as it shows these channels."""
    source.make = constant(*parts)
    viewer = ViewerPage(page).open(server, path)
    viewer.wait_until_playing(after=source.next_pulse)
    viewer.wait_for("(id) => viewer.values.pulse.pulseId > id", "the table is of now", argument=source.next_pulse - 1)
    return viewer


def saved(viewer, what):
    """Return path and name of the file that an entry of the menu gives."""
    if not viewer.by_id(f"save-{what}").is_visible():
        viewer.by_id("save").click()
    with viewer.page.expect_download() as download:
        viewer.by_id(f"save-{what}").click()
    viewer.wait_for_text("save-status", "Saved", download.value.suggested_filename)
    return Path(download.value.path()), download.value.suggested_filename


@pytest.mark.parametrize(
    "image",
    [
        RAMP,
        ODD,
        np.array([[LARGE, -LARGE]], np.int64),
        np.array([[2**64 - 1], [0]], np.uint64),
        np.array([[True, False], [False, True]]),
        np.array([[-128, 127, 0]], np.int8),
        np.array([[1e-300, -0.0]], np.float64),
        np.arange(24, dtype=np.uint8).reshape(2, 4, 3),
    ],
    ids=lambda image: f"{image.dtype}-{image.ndim}d",
)
def test_numpy_loads_the_pixels_bit_for_bit(page, server, source, image):
    """The .npy file holds type, shape and bytes of what the source sent."""
    viewer = opened(page, server, source, channel("image", image))
    path, name = saved(viewer, "npy")
    array = np.load(path, allow_pickle=False)
    assert array.dtype == image.dtype
    assert array.shape == image.shape
    assert array.tobytes() == image.tobytes()
    assert re.fullmatch(r"image_\d+_\d{8}T\d{6}\.\d{3}Z\.npy", name)
    pulse = int(name.split("_")[1])
    seconds = np.datetime64(source_time(pulse), "ns").astype("datetime64[ms]").item()
    assert name.split("_")[2] == seconds.strftime("%Y%m%dT%H%M%S.") + f"{seconds.microsecond // 1000:03}Z.npy"


def test_what_is_not_exact_is_no_file_of_pixels(page, server, source):
    """Of a preview there are no exact pixels: the menu says so."""
    viewer = opened(page, server, source, channel("image", RAMP), path="#format=preview")
    viewer.by_id("save").click()
    viewer.by_id("save-npy").click()
    text = viewer.wait_for_text("save-status", "Not saved:")
    assert "preview" in text


@pytest.mark.parametrize("renderer", ["webgl2", "canvas2d"])
def test_the_picture_has_its_colours(page, server, source, renderer):
    """Every pixel of the picture in the file has the colour that it has on the screen, and there is a caption below."""
    viewer = opened(page, server, source, channel("image", RAMP), path=f"?renderer={renderer}#map=inferno")
    assert viewer.moment().shown["renderer"] == renderer
    screen = viewer.canvas_picture()
    viewer.by_id("save").click()
    viewer.by_id("save-overlay").uncheck()
    viewer.page.keyboard.press("Escape")
    path, name = saved(viewer, "png")
    picture = np.asarray(Image.open(path).convert("RGB"))
    box = viewer.canvas_box()
    assert picture.shape[1] == round(box["width"])
    assert picture.shape[0] > round(box["height"]) + 20
    for row, column in np.ndindex(SIDE, SIDE):
        x, y = expected_place(box, RAMP.shape, row, column)
        at = int(y - box["y"]), int(x - box["x"])
        assert tuple(picture[at]) == tuple(screen[at]), (row, column)
    caption = picture[round(box["height"]) :]
    assert len(np.unique(caption.reshape(-1, 3), axis=0)) > 5
    assert name.startswith("image_")


def test_overlays_are_in_the_picture_or_not(page, server, source):
    """What is drawn over the picture is in the file, unless that is not wanted."""
    region = np.array([4, 4, 12, 12], np.int64)
    viewer = opened(
        page, server, source, channel("image", 0 * RAMP), channel("good_region", region), channel("x_rms", 1.0)
    )
    box = viewer.canvas_box()
    x, y = expected_place(box, RAMP.shape, 3.5, 3.5)
    corner = np.s_[int(y - box["y"]) - 4 : int(y - box["y"]) + 5, int(x - box["x"]) - 4 : int(x - box["x"]) + 5]

    def colours():
        picture = np.asarray(Image.open(saved(viewer, "png")[0]).convert("RGB"))
        return len(np.unique(picture[corner].reshape(-1, 3), axis=0))

    viewer.by_id("tab-stream").wait_for()
    assert colours() > 1
    viewer.by_id("save-overlay").uncheck()
    assert colours() == 1


VALUES = [
    channel("large", np.int64(LARGE)),
    channel("double", np.float64(0.1) + 0.2),
    channel("nan", np.float64(np.nan)),
    channel("text", '=HYPERLINK("x"), "quoted"\n'),
    channel("nothing", None),
    channel("curve", np.arange(4, dtype=np.float32) / 10),
]


def test_the_values_are_json_with_all_digits(page, server, source):
    """64-bit integers, doubles and arrays are in the JSON file as they were sent."""
    viewer = opened(page, server, source, channel("image", RAMP), *VALUES)
    path, name = saved(viewer, "json")
    content = json.loads(path.read_text())
    channels = content["channels"]
    assert channels["large"] == {"dtype": "int64", "value": LARGE}
    assert channels["double"]["value"] == 0.1 + 0.2
    assert channels["nan"]["value"] == "NaN"
    assert channels["text"]["value"] == '=HYPERLINK("x"), "quoted"\n'
    assert channels["nothing"]["state"] == "null"
    assert channels["curve"] == {"dtype": "float32", "shape": [4], "values": [0, 0.1, 0.2, 0.3]}
    assert content["source_time_ns"] == source_time(content["pulse_id"])
    assert name.startswith(f"image_{content['pulse_id']}_")


def test_the_values_are_csv_that_is_no_formula(page, server, source):
    """The same as CSV; text that a spreadsheet would run has an apostrophe before it."""
    viewer = opened(page, server, source, channel("image", RAMP), *VALUES)
    path, _ = saved(viewer, "csv")
    with path.open(newline="", encoding="utf-8") as file:
        rows = {row["name"]: row for row in csv.DictReader(file)}
    assert rows["large"]["value"] == str(LARGE)
    assert float(rows["double"]["value"]) == 0.1 + 0.2
    assert rows["text"]["value"] == "'" + '=HYPERLINK("x"), "quoted"\n'
    assert rows["curve"] == {"name": "curve", "dtype": "float32", "shape": "4", "value": "0 0.1 0.2 0.3"}


def test_names_of_files_are_safe(page, server, source):
    """A channel that is named like a path gives a file without one."""
    odd = "../..\\<b>x:image"
    viewer = opened(page, server, source, channel(odd, RAMP), path="#image=../..%5C<b>x:image")
    viewer.wait_for("(name) => viewer.shown?.channel === name", "the channel is shown", argument=odd)
    assert re.match(r"b_x_image_\d+_", saved(viewer, "npy")[1])


def test_the_keyboard_saves(page, server, source):
    """The key s opens the menu, Enter saves the picture, Escape closes it."""
    viewer = opened(page, server, source, channel("image", RAMP))
    viewer.page.keyboard.press("s")
    viewer.by_id("save-png").wait_for()
    with viewer.page.expect_download() as download:
        viewer.page.keyboard.press("Enter")
    assert download.value.suggested_filename.endswith(".png")
    viewer.page.keyboard.press("Escape")
    viewer.by_id("save-png").wait_for(state="hidden")
