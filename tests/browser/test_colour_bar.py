"""Colours and levels in the hands of a user: the colour bar, the controls below the picture, saturation, the URL."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import ViewportSize

from tests.browser.profiles import Kind
from tests.browser.steady_source import SteadySource, constant
from tests.browser.used_page import follow
from tests.browser.viewer_page import ViewerPage
from tests.raw_source import channel
from tests.support import wait_until

SHAPE = (40, 60)
HIGHEST = 2000
PHONE: ViewportSize = {"width": 390, "height": 844}
LEVELS = "() => viewer.shown.levels"
HASH = "(part) => location.hash.slice(1).split('&').includes(part)"
# Read from a copy: a canvas of the page that is read again and again gives a warning.
DATA_OF = """(name) => {
  const canvas = document.querySelector(`[data-testid=${name}]`);
  if (canvas.width === 0 || canvas.height === 0) return [];
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true });
  copy.drawImage(canvas, 0, 0);
  return copy.getImageData(0, 0, canvas.width, canvas.height).data;
}"""
INK = f"""() => {{
  const data = ({DATA_OF})('histogram');
  let ink = 0;
  for (let at = 3; at < data.length; at += 4) ink += data[at] > 0;
  return ink;
}}"""


def picture(dtype: type[np.generic] = np.uint16, highest: float = HIGHEST) -> NDArray[Any]:
    """Return an image with all values from zero to the highest."""
    return np.linspace(0, highest, SHAPE[0] * SHAPE[1]).reshape(SHAPE).astype(dtype)


@pytest.fixture(scope="module")
def source() -> Iterator[SteadySource]:
    """A source, whose messages each test sets."""
    with SteadySource(constant(channel("image", picture()))) as source:
        yield source


@pytest.fixture(autouse=True)
def usual_picture(source: SteadySource) -> None:
    """Every test begins with the same picture."""
    source.make = constant(channel("image", picture()))


def begin(viewer: ViewerPage, fragment: str = "") -> None:
    """Set what a fragment says, and wait for the bar."""
    if fragment:
        follow(viewer.page, fragment)
    viewer.wait_for("() => !document.querySelector('.colour-bar').classList.contains('unused')", "the bar is there")


def centre(viewer: ViewerPage, test_id: str) -> tuple[Any, Any]:
    """Return the middle of an element, on the page."""
    box = viewer.by_id(test_id).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(viewer: ViewerPage, start: tuple[Any, Any], end: tuple[Any, Any]) -> None:
    """Press the mouse at a place, move it in steps and let it go elsewhere."""
    mouse = viewer.page.mouse
    mouse.move(*start)
    mouse.down()
    mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, steps=4)
    mouse.move(*end, steps=4)
    mouse.up()


def levels(viewer: ViewerPage) -> list[float]:
    """Return the levels in the fields, as numbers."""
    return [float(viewer.by_id(f"level-{which}").input_value()) for which in ("low", "high")]


def wait_for_hash(viewer: ViewerPage, part: str) -> None:
    """Wait until a part of the fragment is as it should be."""
    viewer.wait_for(HASH, f"the URL has {part}", argument=part)


def bar_labels(viewer: ViewerPage) -> list[str]:
    """Return the numbers along the colour bar, from the bottom."""
    return viewer.page.locator(".ramp-ticks .tick:not(.tick-bare)").all_text_contents()


def test_the_high_handle_sets_the_high_level(viewer: ViewerPage) -> None:
    """A handle that is dragged half way down halves the level, in fields, picture and URL, and leaves the other."""
    begin(viewer, "levels=0,2000")
    x, top = centre(viewer, "handle-high")
    bottom = centre(viewer, "handle-low")[1]
    drag(viewer, (x, top), (x, (top + bottom) / 2))
    low, high = levels(viewer)
    assert low == 0
    assert high == pytest.approx(1000, abs=10)
    viewer.wait_for("(high) => viewer.shown.levels[1] === high", "the picture has the level", argument=high)
    wait_for_hash(viewer, f"levels=0,{high:g}")
    assert viewer.text("bar-high") == f"{high:g}"
    handle = viewer.by_id("handle-high")
    assert float(handle.get_attribute("aria-valuenow") or "") == high
    assert float(handle.get_attribute("aria-valuemin") or "") == low
    assert viewer.by_id("levels-mode").input_value() == "manual"


def test_levels_change_while_the_handle_is_dragged(viewer: ViewerPage) -> None:
    """The picture follows before the mouse is let go."""
    begin(viewer, "levels=0,2000")
    x, y = centre(viewer, "handle-high")
    viewer.page.mouse.move(x, y)
    viewer.page.mouse.down()
    viewer.page.mouse.move(x, y + 60, steps=3)
    viewer.wait_for("() => viewer.shown.levels[1] < 1950", "the picture follows")
    viewer.page.mouse.up()


def test_a_handle_never_passes_the_other(viewer: ViewerPage) -> None:
    """The low handle that is dragged above the high one stops below it."""
    begin(viewer, "levels=0,1000")
    x, bottom = centre(viewer, "handle-low")
    top = centre(viewer, "handle-high")[1]
    drag(viewer, (x, bottom), (x, top - 30))
    low, high = levels(viewer)
    assert high == 1000
    assert 900 < low < 1000


def test_what_lies_between_the_handles_moves_both(viewer: ViewerPage) -> None:
    """The ramp that is dragged upwards moves both levels by as much."""
    begin(viewer, "levels=500,1000")
    x, y = centre(viewer, "bar-between")
    drag(viewer, (x, y), (x, y - 40))
    low, high = levels(viewer)
    assert low > 520
    assert high - low == pytest.approx(500, abs=15)


def test_a_double_click_on_a_handle_makes_levels_automatic(viewer: ViewerPage) -> None:
    """Two quick clicks, without a move, give automatic levels and set none by hand."""
    begin(viewer, "levels=700,900")
    viewer.page.mouse.dblclick(*centre(viewer, "handle-high"))
    assert viewer.by_id("levels-auto").get_attribute("aria-pressed") == "true"
    viewer.wait_for("() => viewer.shown.levels[1] > 1500", "the levels are automatic")
    viewer.wait_for("() => location.hash === ''", "the URL is empty")


def test_arrow_keys_move_a_handle(viewer: ViewerPage) -> None:
    """Arrows move the level of the handle that has the focus a little, with Shift ten times as much."""
    begin(viewer, "levels=0,2000")
    handle = viewer.by_id("handle-high")
    handle.focus()
    viewer.page.keyboard.press("ArrowDown")
    viewer.wait_for("() => viewer.shown.levels[1] < 2000", "the level is lower")
    little = 2000 - levels(viewer)[1]
    viewer.page.keyboard.press("Shift+ArrowDown")
    viewer.wait_for("(high) => viewer.shown.levels[1] < high", "the level is lower", argument=2000 - 2 * little)
    assert 2000 - levels(viewer)[1] == pytest.approx(11 * little, rel=0.1)
    assert handle.get_attribute("aria-valuetext") == viewer.text("bar-high")
    box = viewer.canvas_box()
    assert box["width"] > 100, "the arrows have not moved the picture away"


WAYS: dict[str, tuple[str, tuple[float, float]]] = {
    "minmax": ("levels=minmax", (0, HIGHEST)),
    "percentile": ("levels=percentile,1,99", (HIGHEST * 0.01, HIGHEST * 0.99)),
    # No level lies beyond what the type can hold.
    "sigma": ("levels=sigma,3", (max(0, HIGHEST * (0.5 - 3 / 12**0.5)), HIGHEST * (0.5 + 3 / 12**0.5))),
    "full": ("levels=full", (0, 65535)),
}
"""Ways to find levels, each with its part of the URL and the levels of the usual picture."""


def test_each_way_to_find_levels(viewer: ViewerPage) -> None:
    """A choice is kept in the URL, read from there, given to the picture, and left with Auto."""
    begin(viewer)
    for mode, (part, expected) in WAYS.items():
        viewer.page.evaluate("() => { location.hash = 'levels=700,900'; }")
        viewer.wait_for("() => viewer.shown.levels[1] === 900", f"levels by hand before {mode}")
        viewer.by_id("levels-mode").select_option(mode)
        wait_for_hash(viewer, part)
        viewer.wait_for("() => viewer.shown.levels[1] !== 900", f"the levels of {mode} are found")
        assert tuple(viewer.page.evaluate(LEVELS)) == pytest.approx(expected, abs=HIGHEST * 0.02), mode
        viewer.page.reload()
        viewer.wait_until_playing()
        assert viewer.by_id("levels-mode").input_value() == mode
        viewer.by_id("levels-auto").click()
        viewer.wait_for("() => location.hash === ''", f"after {mode} the levels are automatic by the usual rule")


def test_numbers_of_a_rule(viewer: ViewerPage) -> None:
    """Percentiles are typed in, what cannot be is complained about, and Escape takes it back."""
    begin(viewer, "levels=percentile,1,99")
    field = viewer.by_id("percentile-high")
    field.fill("50")
    field.press("Enter")
    wait_for_hash(viewer, "levels=percentile,1,50")
    viewer.wait_for("() => Math.abs(viewer.shown.levels[1] - 1000) < 40", "the median is the high level")
    field.fill("120")
    field.press("Enter")
    assert "between 0 and 100" in viewer.page.locator("#levels-problem").inner_text()
    assert field.get_attribute("aria-invalid") == "true"
    field.press("Escape")
    assert field.input_value() == "50"
    assert viewer.page.locator("#levels-problem").inner_text() == ""
    viewer.by_id("levels-mode").select_option("sigma")
    field = viewer.by_id("levels-sigmas")
    field.focus()
    viewer.page.keyboard.press("ArrowDown")
    wait_for_hash(viewer, "levels=sigma,2.5")
    assert viewer.by_id("percentile-high").is_hidden()


def test_levels_of_a_part(viewer: ViewerPage) -> None:
    """Levels of what is visible: chosen, in the URL, and not offered where levels are not automatic."""
    begin(viewer)
    viewer.by_id("levels-of").select_option("visible")
    wait_for_hash(viewer, "levels-of=visible")
    viewer.by_id("levels-mode").select_option("full")
    assert viewer.by_id("levels-of").is_hidden()
    viewer.by_id("levels-auto").click()
    assert viewer.by_id("levels-of").input_value() == "visible"


def test_fix_keeps_the_present_levels(viewer: ViewerPage, source: SteadySource) -> None:
    """Fixed levels are those on screen, in the URL, and stay when the picture becomes brighter."""
    begin(viewer, "levels=minmax")
    viewer.wait_for("() => viewer.shown.levels[1] === 2000", "the levels are found")
    viewer.by_id("levels-fix").click()
    wait_for_hash(viewer, "levels=0,2000")
    assert viewer.by_id("levels-mode").input_value() == "manual"
    source.make = constant(channel("image", picture(highest=9000)))
    viewer.wait_for("() => viewer.shown.range[1] === 9000", "the brighter picture is shown")
    assert viewer.page.evaluate(LEVELS) == [0, 2000]


def ramp_colours(viewer: ViewerPage) -> NDArray[Any]:
    """Return the colours of the ramp from its top to its bottom, (places, 3)."""
    values = viewer.page.evaluate(f"() => Array.from(({DATA_OF})('ramp'))")
    return np.array(values, np.uint8).reshape(-1, 4)[:, :3]


def test_the_ramp_is_what_the_picture_is_drawn_with(viewer: ViewerPage) -> None:
    """The ramp runs from black to white, is turned round by Invert, and has the colours for beyond the levels."""
    begin(viewer, "map=gray&levels=500,1500")
    grays = ramp_colours(viewer)[:, 0].astype(int)
    assert (grays[0], grays[-1]) == (255, 0)
    assert (np.diff(grays) <= 0).all()
    viewer.by_id("colours-invert").click()
    wait_for_hash(viewer, "inverted=1")
    assert (ramp_colours(viewer)[:, 0] == 255 - grays).all()
    viewer.by_id("colours-more").click()
    viewer.by_id("use-under").check()
    viewer.by_id("use-over").check()
    wait_for_hash(viewer, "under=0000ff")
    wait_for_hash(viewer, "over=ff0000")
    colours = ramp_colours(viewer)
    assert tuple(colours[0]) == (255, 0, 0)
    assert tuple(colours[-1]) == (0, 0, 255)
    viewer.by_id("use-over").uncheck()
    viewer.wait_for("() => !location.hash.includes('over=')", "the URL has no colour for above")
    viewer.page.keyboard.press("Escape")
    assert viewer.by_id("use-over").is_hidden()


def test_a_logarithmic_scale_has_decades(viewer: ViewerPage) -> None:
    """The numbers along the bar are decades, evenly spaced; those of the linear one are even steps."""
    begin(viewer, "levels=1,10000")
    assert "2000" in bar_labels(viewer)
    viewer.by_id("colour-scale").select_option("log")
    wait_for_hash(viewer, "scale=log")
    assert bar_labels(viewer) == ["10", "100", "1000"]
    parts = viewer.page.locator(".ramp-ticks .tick").evaluate_all(
        "(ticks) => ticks.map((tick) => Number(tick.style.getPropertyValue('--part')))"
    )
    assert np.ptp(np.diff(parts)) < 1e-6


def test_gamma_has_an_exponent(viewer: ViewerPage) -> None:
    """The field for the exponent is there for this scale only."""
    begin(viewer)
    assert viewer.by_id("colour-gamma").is_hidden()
    viewer.by_id("colour-scale").select_option("gamma")
    field = viewer.by_id("colour-gamma")
    field.fill("0.7")
    field.press("Enter")
    wait_for_hash(viewer, "gamma=0.7")
    field.fill("0")
    field.press("Enter")
    assert "between 0.05 and 10" in viewer.page.locator("#levels-problem").inner_text()


def test_the_counts_are_drawn_beside_the_ramp(viewer: ViewerPage, source: SteadySource) -> None:
    """There is ink where there are values, none above them; linear counts of few bright pixels are short."""
    image = picture(highest=100)
    image[0, :3] = 2000
    source.make = constant(channel("image", image))
    begin(viewer, "levels=0,2000")
    viewer.wait_for("() => viewer.shown.range[1] === 2000", "the picture is shown")
    viewer.wait_for(INK, "the counts are drawn")
    logarithmic = viewer.page.evaluate(INK)
    viewer.by_id("counts-log").click()
    viewer.wait_for(f"(before) => ({INK})() < before", "linear counts", argument=logarithmic)
    assert viewer.by_id("counts-log").get_attribute("aria-pressed") == "false"


def test_the_wheel_zooms_the_values_beside_the_bar(viewer: ViewerPage) -> None:
    """The wheel over the bar shows less of the values, not less of the picture; a button shows all again."""
    begin(viewer, "levels=0,2000")
    before, zoom = bar_labels(viewer), viewer.text("zoom-percent")
    handle = viewer.by_id("handle-high")
    above = float(handle.get_attribute("aria-valuemax") or "")
    viewer.page.mouse.move(*centre(viewer, "bar-body"))
    viewer.page.mouse.wheel(0, -240)
    wait_until(lambda: float(handle.get_attribute("aria-valuemax") or "") < above, 5, "the axis is shorter")
    assert viewer.text("zoom-percent") == zoom
    assert viewer.page.evaluate("() => viewer.shown.levels") == [0, 2000]
    viewer.by_id("bar-whole").click()
    assert bar_labels(viewer) == before
    assert viewer.by_id("bar-whole").is_hidden()


def test_saturated_pixels_are_counted(viewer: ViewerPage, source: SteadySource) -> None:
    """The number of pixels at or above the level that is set stands beside the cursor's, in the URL the level."""
    image = picture()
    image[:2] = 4095
    source.make = constant(channel("image", image))
    begin(viewer)
    viewer.by_id("saturation").click()
    viewer.by_id("saturation-choice").select_option("4095")
    wait_for_hash(viewer, "saturation=4095")
    assert viewer.wait_for_text("saturation", "120") == "saturated 120 (≥ 4095)"
    assert viewer.by_id("saturation").get_attribute("data-state") == "saturated"
    viewer.by_id("saturation-choice").select_option("number")
    field = viewer.by_id("saturation-level")
    field.fill("none")
    field.press("Enter")
    assert "above 0" in viewer.page.locator("#saturation-problem").inner_text()
    field.fill("5000")
    field.press("Enter")
    viewer.wait_for_text("saturation", "saturated 0")
    wait_for_hash(viewer, "saturation=5000")
    viewer.by_id("saturation-choice").select_option("guessed")
    viewer.wait_for("() => !location.hash.includes('saturation')", "the URL has no level")
    viewer.page.keyboard.press("Escape")
    assert viewer.by_id("saturation-choice").is_hidden()


def test_what_zoomed_out_pixels_show(viewer: ViewerPage) -> None:
    """One, mean or brightest: chosen in the panel and kept in the URL."""
    begin(viewer)
    viewer.by_id("colours-more").click()
    viewer.by_id("reduce").select_option("max")
    wait_for_hash(viewer, "reduce=max")
    viewer.page.mouse.click(*centre(viewer, "canvas"))
    assert viewer.by_id("reduce").is_hidden()


def test_the_url_is_followed(viewer: ViewerPage) -> None:
    """A fragment that is edited sets all of the controls."""
    begin(viewer)
    fragment = "map=RdBu&inverted=1&scale=gamma&gamma=2&under=102030&levels=sigma,2&saturation=1000"
    viewer.page.evaluate("(hash) => { location.hash = hash; }", fragment)
    viewer.wait_for("() => viewer.shown.saturation.level === 1000", "the saturation is used")
    values = {name: viewer.by_id(name).input_value() for name in ("colour-map", "colour-scale", "colour-gamma")}
    assert values == {"colour-map": "RdBu", "colour-scale": "gamma", "colour-gamma": "2"}
    assert viewer.by_id("levels-mode").input_value() == "sigma"
    assert viewer.by_id("colours-invert").get_attribute("aria-pressed") == "true"
    assert viewer.by_id("colour-under").input_value() == "#102030"
    viewer.wait_for_text("saturation", "saturated 1,")


class TestOnAPhone:
    """A window of 390 x 844 with a finger."""

    @pytest.fixture
    def kind(self) -> Kind:
        """A phone."""
        return Kind(390, 844, ratio=2, phone=True)

    def test_the_essentials_are_in_one_row(self, viewer: ViewerPage) -> None:
        """Map, Auto, both levels and Fix stand beside each other, within the screen; the rest is behind a button."""
        begin(viewer)
        names = ("colour-map", "levels-auto", "level-low", "level-high", "levels-fix", "colours-more")
        boxes = [viewer.by_id(name).bounding_box() for name in names]
        assert max(box["y"] for box in boxes) - min(box["y"] for box in boxes) < 4
        for box, following in zip(boxes, boxes[1:], strict=False):
            assert box["x"] + box["width"] <= following["x"]
        assert boxes[-1]["x"] + boxes[-1]["width"] <= PHONE["width"]
        assert viewer.by_id("colour-scale").is_hidden()
        viewer.by_id("colours-more").tap()
        viewer.by_id("colour-scale").select_option("log")
        wait_for_hash(viewer, "scale=log")
        assert viewer.page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"]

    def test_handles_lie_across(self, viewer: ViewerPage) -> None:
        """The bar lies below the picture; its handle is moved to the left for a lower level."""
        begin(viewer, "levels=0,2000")
        assert viewer.by_id("histogram").is_hidden()
        x, y = centre(viewer, "handle-high")
        drag(viewer, (x, y), (x - 60, y))
        low, high = levels(viewer)
        assert low == 0
        assert 1200 < high < 1900
