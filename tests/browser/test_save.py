"""Files that the page saves: the picture in its colours, its pixels bit for bit, the values with all their digits."""

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import FloatRect, Page

from tests.browser.profiles import Kind
from tests.browser.steady_source import SteadySource, constant, source_time
from tests.browser.viewer_page import ViewerPage, expected_place
from tests.raw_source import Part, channel
from tests.server import ServerProcess
from tests.support import wait_until

SIDE = 16
RAMP = np.arange(SIDE * SIDE, dtype=np.uint16).reshape(SIDE, SIDE)
LARGE = 2**62 + 1
# A signalling NaN and one with a payload: only a copy of the bytes keeps them.
ODD = np.array([0x7FC0DEAD, 0x3F800001, 0xFF800000, 0x80000000], np.uint32).view(np.float32).reshape(2, 2)


@pytest.fixture(scope="module")
def source() -> Iterator[SteadySource]:
    """A source, whose messages each test sets."""
    with SteadySource(constant(channel("image", RAMP))) as source:
        yield source


@pytest.fixture(autouse=True)
def usual_channels(source: SteadySource) -> None:
    """Every test begins with the same channels."""
    source.make = constant(channel("image", RAMP))


def opened(page: Page, server: ServerProcess, source: SteadySource, *parts: Part, path: str = "") -> ViewerPage:
    """Return the page as it shows these channels."""
    source.make = constant(*parts)
    viewer = ViewerPage(page).open(server, path)
    wait_for_channels(viewer, source)
    return viewer


def show(viewer: ViewerPage, source: SteadySource, *parts: Part) -> None:
    """Let a page show these channels."""
    source.make = constant(*parts)
    wait_for_channels(viewer, source)


def wait_for_channels(viewer: ViewerPage, source: SteadySource) -> None:
    """Wait until picture and table are of what the source sends now."""
    viewer.wait_until_playing(after=source.next_pulse)
    viewer.wait_for("(id) => viewer.values.pulse.pulseId > id", "the table is of now", argument=source.next_pulse - 1)


def saved(viewer: ViewerPage, what: str) -> tuple[Path, Any]:
    """Return path and name of the file that an entry of the menu gives."""
    if not viewer.by_id(f"save-{what}").is_visible():
        viewer.by_id("save").click()
    with viewer.page.expect_download() as download:
        viewer.by_id(f"save-{what}").click()
    viewer.wait_for_text("save-status", "Saved", download.value.suggested_filename)
    return Path(download.value.path()), download.value.suggested_filename


IMAGES: list[NDArray[Any]] = [
    RAMP,
    ODD,
    np.array([[LARGE, -LARGE]], np.int64),
    np.array([[2**64 - 1], [0]], np.uint64),
    np.array([[True, False], [False, True]]),
    np.array([[-128, 127, 0]], np.int8),
    np.array([[1e-300, -0.0]], np.float64),
    np.arange(24, dtype=np.uint8).reshape(2, 4, 3),
]


def test_numpy_loads_the_pixels_bit_for_bit(viewer: ViewerPage, source: SteadySource) -> None:
    """The .npy file holds type, shape and bytes of what the source sent."""
    for image in IMAGES:
        what = f"{image.dtype}, {image.shape}"
        source.make = constant(channel("image", image))
        viewer.wait_until_playing(after=source.next_pulse)
        path, name = saved(viewer, "npy")
        array = np.load(path, allow_pickle=False)
        assert array.dtype == image.dtype, what
        assert array.shape == image.shape, what
        assert array.tobytes() == image.tobytes(), what
        assert re.fullmatch(r"image_\d+_\d{8}T\d{6}\.\d{3}Z\.npy", name)
        pulse = int(name.split("_")[1])
        seconds = np.datetime64(source_time(pulse), "ns").astype("datetime64[ms]").item()
        assert name.split("_")[2] == seconds.strftime("%Y%m%dT%H%M%S.") + f"{seconds.microsecond // 1000:03}Z.npy"


def test_what_is_not_exact_is_no_file_of_pixels(page: Page, server: ServerProcess, source: SteadySource) -> None:
    """Of a preview there are no exact pixels: the menu says so."""
    viewer = opened(page, server, source, channel("image", RAMP), path="#format=preview")
    viewer.by_id("save").click()
    viewer.by_id("save-npy").click()
    text = viewer.wait_for_text("save-status", "Not saved:")
    assert "preview" in text


@pytest.mark.parametrize("renderer", ["webgl2", "canvas2d"])
def test_the_picture_has_its_colours(page: Page, server: ServerProcess, source: SteadySource, renderer: str) -> None:
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


def test_overlays_are_in_the_picture_or_not(page: Page, server: ServerProcess, source: SteadySource) -> None:
    """What is drawn over the picture is in the file, unless only the picture is wanted."""
    region = np.array([4, 4, 12, 12], np.int64)
    viewer = opened(
        page, server, source, channel("image", 0 * RAMP), channel("good_region", region), channel("x_rms", 1.0)
    )
    box = viewer.canvas_box()
    x, y = expected_place(box, RAMP.shape, 3.5, 3.5)

    def colours(origin: FloatRect | None) -> int:
        picture = np.asarray(Image.open(saved(viewer, "png")[0]).convert("RGB"))
        left, top = int(x - origin["x"]) - 4, int(y - origin["y"]) - 4
        return len(np.unique(picture[top : top + 9, left : left + 9].reshape(-1, 3), axis=0))

    viewer.by_id("tab-stream").wait_for()
    # The axis beside the picture is in the file, too.
    assert colours(viewer.by_id("axis-y").bounding_box()) > 1
    viewer.by_id("save-overlay").uncheck()
    assert colours(box) == 1


MARKS = "#profiles=1&fit=1&reticle=1&marker=3,4&marker2=12,5&ruler=2,13,13,9&roi=rect:A:5,5,4,3&line=1,1,14,6,1"


@pytest.fixture
def kind(request: pytest.FixtureRequest) -> Kind:
    """Screens, as the parameters of a test ask for: dark or not, and the pixels to a CSS pixel."""
    return getattr(request, "param", Kind())


@pytest.mark.parametrize(
    "kind",
    [Kind(1280, 800, ratio=ratio, dark=dark) for ratio in (1, 2) for dark in (True, False)],
    ids=["dark-1", "light-1", "dark-2", "light-2"],
    indirect=True,
)
def test_the_picture_is_as_seen(page: Page, server: ServerProcess, source: SteadySource, kind: Kind) -> None:
    """Axes, colour bar, fit numbers and all that lies on the picture are in the file as they are on the screen."""
    ratio = kind.ratio
    y, x = np.mgrid[:SIDE, :SIDE]
    beam = (100 + 3000 * np.exp(-((x - 7) ** 2 + (y - 8) ** 2) / 8)).astype(np.uint16)
    viewer = opened(page, server, source, channel("image", beam), path=MARKS)
    viewer.by_id("result-box").wait_for()
    # Nothing moves any more; the sign of the pause is no part of the picture.
    page.keyboard.press("p")
    page.evaluate("() => { document.querySelector('.paused-badge').style.display = 'none'; }")
    page.mouse.move(5, 5)
    parts = {name: viewer.by_id(name).bounding_box() for name in ("axis-y", "axis-x", "colour-bar", "image-area")}
    box = viewer.by_id("result-box").bounding_box()
    screen = np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("RGB")).astype(int)
    picture = np.asarray(Image.open(saved(viewer, "png")[0]).convert("RGB")).astype(int)
    left, top = parts["axis-y"]["x"], parts["axis-y"]["y"]
    for name, part in {**parts, "result-box": box}.items():
        # The buttons of the colour bar and their frame are no part of the picture.
        height = part["height"] - (40 if name == "colour-bar" else 0)
        rows = [round((part["y"] - at) * ratio) for at in (0, top)]
        columns = [round((part["x"] - at) * ratio) for at in (0, left)]
        size = round(height * ratio), round(part["width"] * ratio)
        seen, drawn = (
            whole[row : row + size[0], column : column + size[1]]
            for whole, row, column in zip((screen, picture), rows, columns, strict=True)
        )
        assert drawn.shape == seen.shape, name
        # Where words and lines are on the screen, there they are in the file: edges of letters may differ a little.
        ground = np.median(seen.reshape(-1, 3), axis=0)
        ink, drawn_ink = (np.abs(part - ground).max(axis=2) > 60 for part in (seen, drawn))
        assert ink.any(), name
        assert (near(drawn_ink) & ink).sum() > 0.97 * ink.sum(), name
        assert (near(ink) & drawn_ink).sum() > 0.97 * drawn_ink.sum(), name
        assert (farthest(seen, drawn) > 60).mean() < 0.01, name


def farthest(seen: NDArray[Any], drawn: NDArray[Any]) -> Any:
    """Return how far each colour of the file is from the nearest one on the screen, at its place or beside it."""
    padded = np.pad(seen, ((1, 1), (1, 1), (0, 0)), mode="edge")
    rows, columns, _ = seen.shape
    places = [padded[y : y + rows, x : x + columns] for y in range(3) for x in range(3)]
    return np.min([np.abs(place - drawn).max(axis=2) for place in places], axis=0)


def near(ink: NDArray[Any]) -> Any:
    """Return the ink and the pixels beside it."""
    padded = np.pad(ink, 1)
    rows, columns = ink.shape
    return np.any([padded[y : y + rows, x : x + columns] for y in range(3) for x in range(3)], axis=0)


def test_the_numbers_of_the_fit_are_in_the_picture_while_the_panel_shows_them(
    page: Page, server: ServerProcess, source: SteadySource
) -> None:
    """With the page Analysis open the numbers stand there and not on the picture: the file has them all the same."""
    y, x = np.mgrid[:SIDE, :SIDE]
    beam = (100 + 3000 * np.exp(-((x - 7) ** 2 + (y - 8) ** 2) / 8)).astype(np.uint16)
    viewer = opened(page, server, source, channel("image", beam), path="#profiles=1")
    viewer.by_id("result-box").wait_for()
    box = viewer.by_id("result-box").bounding_box()
    axis = viewer.by_id("axis-y").bounding_box()
    viewer.by_id("tab-analysis").click()
    viewer.by_id("result-box").wait_for(state="hidden")
    picture = np.asarray(Image.open(saved(viewer, "png")[0]).convert("RGB"))
    viewer.by_id("result-box").wait_for(state="hidden")
    row, column = round(box["y"] - axis["y"]), round(box["x"] - axis["x"])
    inside = picture[row : row + round(box["height"]), column : column + round(box["width"])]
    assert (inside.min(axis=2) > 200).sum() > 50


def test_bands_of_profiles_do_not_cover_marks(page: Page, server: ServerProcess, source: SteadySource) -> None:
    """A ruler in the dark band of a profile has the same colour as beside it."""
    # Dark below the ruler, with and without the band; between two rows, because the values are written into the pixels.
    image = np.where(RAMP == 8 * SIDE + 12, 1000, 0).astype(np.uint16)
    viewer = opened(page, server, source, channel("image", image), path="#map=gray&ruler=1,0,1,15")
    box = viewer.canvas_box()

    def colour(row: float) -> Any:
        x, y = expected_place(box, RAMP.shape, row, 1)
        picture = viewer.canvas_picture(marks=True)
        left, top = int(x - box["x"]), int(y - box["y"])
        return picture[top, left - 3 : left + 4].max(axis=0)

    expected = colour(12.5)
    page.keyboard.press("d")
    viewer.wait_for("() => viewer.analysis?.projections", "there are profiles")
    wait_until(lambda: np.abs(colour(12.5).astype(int) - expected).max() < 25, 5, "the ruler is not covered")


VALUES = [
    channel("large", np.int64(LARGE)),
    channel("double", np.float64(0.1) + 0.2),
    channel("nan", np.float64(np.nan)),
    channel("text", '=HYPERLINK("x"), "quoted"\n'),
    channel("nothing", None),
    channel("curve", np.arange(4, dtype=np.float32) / 10),
]


def test_the_values_are_json_with_all_digits(viewer: ViewerPage, source: SteadySource) -> None:
    """64-bit integers, doubles and arrays are in the JSON file as they were sent."""
    show(viewer, source, channel("image", RAMP), *VALUES)
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


def test_the_values_are_csv_that_is_no_formula(viewer: ViewerPage, source: SteadySource) -> None:
    """The same as CSV; text that a spreadsheet would run has an apostrophe before it."""
    show(viewer, source, channel("image", RAMP), *VALUES)
    path, _ = saved(viewer, "csv")
    with path.open(newline="", encoding="utf-8") as file:
        rows = {row["name"]: row for row in csv.DictReader(file)}
    assert rows["large"]["value"] == str(LARGE)
    assert float(rows["double"]["value"]) == 0.1 + 0.2
    assert rows["text"]["value"] == "'" + '=HYPERLINK("x"), "quoted"\n'
    assert rows["curve"] == {"name": "curve", "dtype": "float32", "shape": "4", "value": "0 0.1 0.2 0.3"}


def test_names_of_files_are_safe(page: Page, server: ServerProcess, source: SteadySource) -> None:
    """A channel that is named like a path gives a file without one."""
    odd = "../..\\<b>x:image"
    viewer = opened(page, server, source, channel(odd, RAMP), path="#image=../..%5C<b>x:image")
    viewer.wait_for("(name) => viewer.shown?.channel === name", "the channel is shown", argument=odd)
    assert re.match(r"b_x_image_\d+_", saved(viewer, "npy")[1])


def test_the_keyboard_saves(viewer: ViewerPage) -> None:
    """The key s opens the menu, Enter saves the picture, Escape closes it."""
    viewer.page.keyboard.press("s")
    viewer.by_id("save-png").wait_for()
    with viewer.page.expect_download() as download:
        viewer.page.keyboard.press("Enter")
    assert download.value.suggested_filename.endswith(".png")
    viewer.page.keyboard.press("Escape")
    viewer.by_id("save-png").wait_for(state="hidden")
