"""A value has the colour on the screen that the rule gives it, with both renderers, and the levels do not flicker."""

import json
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy import ndarray
from numpy.typing import NDArray
from playwright.sync_api import FloatRect, Page

from tests.browser.profiles import SMALL, Kind
from tests.browser.steady_source import SteadySource, constant
from tests.browser.viewer_page import ViewerPage, expected_place
from tests.raw_source import channel
from tests.server import ServerProcess, running_server
from tests.simulator import running_simulator
from tests.support import wait_until

COLOUR_MAPS = Path(__file__).resolve().parents[2] / "stream_online_viewer" / "colormaps.json"
RENDERERS = ("webgl2", "canvas2d")
SIDE = 16
NAN, POSITIVE, NEGATIVE = (255, 0, 255), (255, 0, 0), (0, 0, 255)
SCALES = (
    ("bool", 0, 1),
    ("uint8", 0, 255),
    ("int8", -100, 27),
    ("uint16", 1000, 3000),
    ("int16", -20000, -19000),
    ("uint32", 4_000_000_000, 4_000_000_200),
    ("int32", -2_000_000_000, -1_999_999_900),
    ("uint64", 0, 2**60),
    # Neighbours beyond 2**53, where doubles are 256 apart.
    ("uint64", 2**60, 2**60 + 256),
    ("int64", -(2**40), 2**40),
    ("int64", -(2**62), -(2**62) + 1024),
    ("float32", -0.25, 1.75),
    ("float64", 1e-9, 3e-9),
    ("float64", 1e9, 1e9 + 63),
    ("float64", -1.6e308, 1.6e308),
)


@pytest.fixture
def kind() -> Kind:
    """A small window."""
    return SMALL


@pytest.fixture(scope="module")
def source() -> Iterator[SteadySource]:
    """A source, whose messages each test sets."""
    with SteadySource(constant(channel("image", np.zeros((SIDE, SIDE), np.uint8)))) as source:
        yield source


def opened(page: Page, server: ServerProcess, renderer: str, fragment: str) -> ViewerPage:
    """Return the page with a renderer, and see that it is really this one that draws."""
    viewer = ViewerPage(page).open(server, f"?renderer={renderer}#{fragment}")
    viewer.wait_until_playing()
    assert viewer.moment().shown["renderer"] == renderer
    return viewer


def ramp(dtype: str, low: float, high: float) -> NDArray[Any]:
    """Return an image whose values go from below the lowest level to above the highest, with those between.

    Except for the levels none lies on a boundary between colours, where a rounding of the last digit decides.
    """
    parts = np.linspace(-0.031, 1.027, SIDE * SIDE)
    if np.dtype(dtype).kind in "iu":
        limits = np.iinfo(dtype)
        whole = [min(max(low + round(part * (high - low)), limits.min), limits.max) for part in parts]
        whole[:2] = low, high
        return np.array(whole, dtype).reshape(SIDE, SIDE)
    values = low * (1 - parts) + high * parts
    values[:2] = low, high
    return (values > 0.5 if dtype == "bool" else values.astype(dtype)).reshape(SIDE, SIDE)


def expected_indices(image: NDArray[Any], low: float, high: float) -> ndarray[Any, Any]:
    """Return the place in the colour map for each value: floor(256 t), as matplotlib has it, computed without loss."""
    first, span = Fraction(low), Fraction(high) - Fraction(low)
    places = [int(256 * (Fraction(value) - first) / span // 1) for value in image.ravel().tolist()]
    return np.array(places).clip(0, 255).reshape(image.shape)


def colour_table(name: str) -> NDArray[Any]:
    """Return the colours of a map, (256, 3)."""
    steps = np.frombuffer(bytes.fromhex(json.loads(COLOUR_MAPS.read_text())[name]), np.uint8).reshape(3, 256)
    return np.cumsum(steps, axis=1, dtype=np.uint8).T


def colours_on_screen(viewer: ViewerPage, shape: tuple[Any, ...]) -> NDArray[Any]:
    """Return the colour at the centre of each pixel of an image that is shown as a whole: (rows, columns, 3)."""
    picture = viewer.canvas_picture()
    box: FloatRect = {"x": 0, "y": 0, "height": picture.shape[0], "width": picture.shape[1]}
    places = [[expected_place(box, shape, row, column) for column in range(shape[1])] for row in range(shape[0])]
    return np.array([[picture[int(y), int(x)] for x, y in line] for line in places])


def assert_colours(viewer: ViewerPage, expected: NDArray[Any]) -> None:
    """Wait until the colours of all pixels are as expected."""
    last: list[NDArray[Any]] = []

    def equal() -> bool:
        last[:] = [colours_on_screen(viewer, expected.shape[:2])]
        return np.array_equal(last[0], expected)

    try:
        wait_until(equal, 5, "the colours are on screen")
    except AssertionError as error:
        places = np.argwhere((last[0] != expected).any(axis=2))
        shown = [(tuple(at), tuple(last[0][tuple(at)]), tuple(expected[tuple(at)])) for at in places[:5]]
        raise AssertionError(f"{error}; {len(places)} differ: place, shown, expected {shown}") from None


@pytest.mark.parametrize("renderer", RENDERERS)
def test_values_have_their_colours(page: Page, server: ServerProcess, source: SteadySource, renderer: str) -> None:
    """With fixed levels each value of each type has exactly the gray of the rule, between the levels and beyond."""
    viewer = opened(page, server, renderer, "map=gray")
    for dtype, low, high in SCALES:
        image = ramp(dtype, low, high)
        source.make = constant(channel("image", image))
        page.evaluate("(hash) => { location.hash = hash }", f"map=gray&levels={low},{high}".replace("+", ""))
        viewer.wait_for("(dtype) => viewer.shown.dtype === dtype", f"{dtype} is shown", argument=dtype)
        viewer.wait_until_playing(after=source.next_pulse)
        assert_colours(viewer, np.repeat(expected_indices(image, low, high)[..., None], 3, axis=2))


@pytest.mark.parametrize("renderer", RENDERERS)
def test_not_finite_values_have_colours_of_their_own(
    page: Page, server: ServerProcess, source: SteadySource, renderer: str
) -> None:
    """NaN and the two infinities are drawn in colours that are in no gray map, among finite values with theirs."""
    viewer = opened(page, server, renderer, "map=gray&levels=0,1")
    for dtype in ("float32", "float64"):
        image = np.array([[np.nan, 0.0, np.inf], [-np.inf, 0.5, 1.0]], dtype)
        source.make = constant(channel("image", image))
        viewer.wait_for("(dtype) => viewer.shown.dtype === dtype", f"{dtype} is shown", argument=dtype)
        assert_colours(viewer, np.array([[NAN, (0,) * 3, POSITIVE], [NEGATIVE, (128,) * 3, (255,) * 3]]))


@pytest.mark.parametrize("renderer", RENDERERS)
def test_each_colour_map_is_drawn(page: Page, server: ServerProcess, source: SteadySource, renderer: str) -> None:
    """A colour map that is chosen gives its own colours to all of its 256 places."""
    source.make = constant(channel("image", np.arange(256, dtype=np.uint8).reshape(SIDE, SIDE)))
    viewer = opened(page, server, renderer, "levels=0,255")
    names = viewer.by_id("colour-map").locator("option").all_inner_texts()
    assert len(names) == 18
    # Both draw with the same palette; that WebGL finds all of its places is seen in a few.
    for name in names if renderer == "canvas2d" else names[::6]:
        viewer.by_id("colour-map").select_option(name)
        assert_colours(viewer, colour_table(name).reshape(SIDE, SIDE, 3))


@pytest.mark.parametrize("renderer", RENDERERS)
def test_colour_images_have_the_colours_sent(
    page: Page, server: ServerProcess, source: SteadySource, renderer: str
) -> None:
    """uint8 of three or four channels is drawn as red, green and blue, whichever way the source lays it out."""
    image = np.random.default_rng(1).integers(0, 256, (4, 6, 3), np.uint8)
    opaque = np.dstack([image, np.full((4, 6), 255, np.uint8)])
    viewer = opened(page, server, renderer, "")
    for sent in (image, opaque, image.transpose(2, 0, 1), opaque.transpose(2, 0, 1)):
        source.make = constant(channel("image", np.ascontiguousarray(sent)))
        viewer.wait_until_playing(after=source.next_pulse)
        assert viewer.moment().shown["colour"] is True
        assert_colours(viewer, image)


def test_typed_levels_are_used(page: Page, server: ServerProcess, source: SteadySource) -> None:
    """Levels that are typed in are those of the picture and of the colour bar."""
    image = np.arange(256, dtype=np.uint16).reshape(SIDE, SIDE)
    source.make = constant(channel("image", image))
    viewer = opened(page, server, "canvas2d", "map=gray")
    for which, number in (("low", "50"), ("high", "150")):
        viewer.by_id(f"level-{which}").fill(number)
        viewer.by_id(f"level-{which}").press("Enter")
    assert_colours(viewer, np.repeat(expected_indices(image, 50, 150)[..., None], 3, axis=2))
    assert (viewer.text("bar-low"), viewer.text("bar-high")) == ("50", "150")


LEVELS_OF_FRAMES = """(count) => new Promise((resolve) => {
  const seen = [];
  const look = () => {
    const shown = viewer.shown;
    if (shown !== null && shown.pulse.pulseId !== seen.at(-1)?.id) {
      seen.push({ id: shown.pulse.pulseId, levels: shown.levels, range: shown.range });
    }
    if (seen.length >= count) resolve(seen.map(({ levels, range }) => ({ levels, range })));
    else requestAnimationFrame(look);
  };
  look();
})"""


@pytest.mark.parametrize(
    "options",
    [("--size", "160x120"), ("--scene", "camera", "--size", "200x160", "--mode", "pub")],
    ids=["beam", "camera"],
)
def test_automatic_levels_do_not_flicker(
    page: Page, options: tuple[str, str, str, str, str, str] | tuple[str, str]
) -> None:
    """Over many frames of a noisy beam the automatic levels rest, though the pixels' extremes change each time."""
    with running_simulator("--rate", "40", *options) as (_, port), running_server(port) as server:
        viewer = ViewerPage(page).open(server)
        viewer.wait_until_playing()
        viewer.wait_for_frames(10)
        frames = page.evaluate(LEVELS_OF_FRAMES, 50)
    changes = sum(before["levels"] != after["levels"] for before, after in zip(frames, frames[1:], strict=False))
    assert changes <= 1
    assert len({tuple(frame["range"]) for frame in frames}) > 3


def test_automatic_levels_follow_a_brighter_beam_at_once(
    page: Page, server: ServerProcess, source: SteadySource
) -> None:
    """No frame of a beam that becomes ten times brighter is drawn with levels that cut it off."""
    noise = np.random.default_rng(2).integers(0, 20, (64, 64)).astype(np.uint16)
    beam = np.zeros((64, 64), np.uint16)
    beam[20:40, 20:40] = 100
    source.make = lambda pulse_id: [channel("image", noise + beam * (10 if pulse_id % 20 >= 10 else 1))]
    viewer = ViewerPage(page).open(server)
    viewer.wait_until_playing(after=source.next_pulse)
    frames = page.evaluate(LEVELS_OF_FRAMES, 40)
    assert {frame["range"][1] > 900 for frame in frames} == {True, False}
    assert all(frame["levels"][1] >= frame["range"][1] - 20 for frame in frames)


def test_fixed_levels_stay(page: Page, server: ServerProcess, source: SteadySource) -> None:
    """Levels that were fixed stay while the picture becomes brighter, until they are automatic again."""
    source.make = constant(channel("image", np.arange(64, dtype=np.uint16).reshape(8, 8)))
    viewer = ViewerPage(page).open(server)
    viewer.wait_until_playing(after=source.next_pulse)
    viewer.by_id("levels-fix").click()
    fixed = viewer.moment().shown["levels"]
    source.make = constant(channel("image", 100 * np.arange(64, dtype=np.uint16).reshape(8, 8)))
    viewer.wait_for("() => viewer.shown.range[1] === 6300", "the brighter picture is shown")
    assert viewer.moment().shown["levels"] == fixed
    viewer.by_id("levels-auto").click()
    viewer.wait_for("() => viewer.shown.levels[1] > 6000", "the levels are automatic")


def test_one_page_does_not_touch_the_levels_of_another(
    new_page: Callable[[], Page], server: ServerProcess, source: SteadySource
) -> None:
    """Two viewers of one stream: the levels, the map and the view of one leave those of the other as they are."""
    source.make = constant(channel("image", np.arange(256, dtype=np.uint8).reshape(SIDE, SIDE)))
    one, two = (ViewerPage(new_page()).open(server) for _ in range(2))
    for viewer in (one, two):
        viewer.wait_until_playing(after=source.next_pulse)
    before = two.canvas_picture()
    one.by_id("colour-map").select_option("gray")
    one.by_id("level-high").fill("100")
    one.by_id("level-high").press("Enter")
    one.page.get_by_role("button", name="Zoom in (+)").click()
    one.wait_for("() => viewer.shown.levels[1] === 100", "one page has levels of its own")
    two.wait_for_frames(3)
    assert np.array_equal(two.canvas_picture(), before)
    assert not np.array_equal(one.canvas_picture(), before)
