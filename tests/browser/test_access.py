"""The page by keyboard alone, for a screen reader, and on a phone."""

import re
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from playwright.sync_api import ViewportSize

from tests.browser.profiles import Kind
from tests.browser.steady_source import SteadySource
from tests.browser.viewer_page import ViewerPage
from tests.raw_source import Part, channel
from tests.support import wait_until

PHONE: ViewportSize = {"width": 390, "height": 844}
FOCUSED = """() => {
  const element = document.activeElement;
  if (element === document.body) return null;
  const outline = getComputedStyle(element);
  return {
    name: element.getAttribute("aria-label") ?? element.labels?.[0]?.innerText ?? element.innerText ?? "",
    id: element.id, field: element.dataset.field ?? "", channel: element.dataset.channel ?? "",
    seen: outline.outlineStyle !== "none" && parseFloat(outline.outlineWidth) > 0,
  };
}"""


def by_pulse(pulse_id: int) -> list[Part]:
    """Return the channels of a message."""
    return [
        channel("image", np.full((30, 40), pulse_id, np.uint32)),
        channel("profile", np.sin(np.arange(50) / 8)),
        *(channel(f"SAR-LONG-NAME-OF-A-DEVICE:CHANNEL-{number}", np.float64(number)) for number in range(20)),
    ]


@pytest.fixture(scope="module")
def source() -> Iterator[SteadySource]:
    """A source."""
    with SteadySource(by_pulse) as source:
        yield source


def test_the_tab_key_reaches_every_control(viewer: ViewerPage) -> None:
    """The tab key goes from control to control, each of which has a name and shows that it has the focus."""
    reached = []
    viewer.page.keyboard.press("Tab")
    while focused := viewer.page.evaluate(FOCUSED):
        reached.append(focused)
        assert len(reached) < 80
        viewer.page.keyboard.press("Tab")
    assert all(focused["name"].strip() for focused in reached), reached
    assert all(focused["seen"] for focused in reached), [focused for focused in reached if not focused["seen"]]
    ids = {focused["id"] for focused in reached}
    assert {"stage", "colour-map", "filter"} <= ids
    assert {"pulse", "time", "age", "lost", "refused"} <= {focused["field"] for focused in reached}
    names = " ".join(focused["name"] for focused in reached)
    for name in ("Zoom in", "Fit the whole picture", "Lowest level", "Auto", "Fix", "Help", "Table of values", "More"):
        assert name in names, name
    assert any(focused["channel"] for focused in reached)


def test_a_link_skips_to_the_picture(viewer: ViewerPage) -> None:
    """The first tab stop leads past the numbers to the picture."""
    viewer.page.keyboard.press("Tab")
    assert "To the picture" in viewer.page.evaluate(FOCUSED)["name"]
    viewer.page.keyboard.press("Enter")
    assert viewer.page.evaluate(FOCUSED)["id"] == "stage"


def test_the_help_opens_and_closes(viewer: ViewerPage) -> None:
    """? opens the help, Escape closes it, and the focus is where it was."""
    viewer.page.locator("#stage").focus()
    viewer.page.keyboard.press("?")
    dialog = viewer.page.get_by_role("dialog", name="Keys and gestures")
    assert dialog.is_visible()
    viewer.page.keyboard.press("Escape")
    assert dialog.is_hidden()
    assert viewer.page.evaluate(FOCUSED)["id"] == "stage"


def test_the_table_is_walked_by_arrows(viewer: ViewerPage) -> None:
    """In the table the arrows go from row to row, Enter opens a curve, and Escape closes it and returns to its row."""
    viewer.page.keyboard.press("/")
    assert viewer.page.evaluate(FOCUSED)["id"] == "filter"
    viewer.page.keyboard.press("ArrowDown")
    assert viewer.page.evaluate(FOCUSED)["channel"] == "profile"
    viewer.page.keyboard.press("ArrowDown")
    assert viewer.page.evaluate(FOCUSED)["channel"] == "SAR-LONG-NAME-OF-A-DEVICE:CHANNEL-0"
    viewer.page.keyboard.press("ArrowUp")
    viewer.page.keyboard.press("Enter")
    assert viewer.text("curve-name") == "profile"
    viewer.page.locator("#curve-panel .u-over").wait_for()
    viewer.page.keyboard.press("ArrowLeft")
    assert re.match(r"\[\d+\] +\S+", viewer.wait_for_text("curve-value", "["))
    viewer.page.keyboard.press("Escape")
    assert viewer.page.locator("#curve-panel").is_hidden()
    assert viewer.page.evaluate(FOCUSED)["channel"] == "profile"


def test_levels_are_set_by_keys(viewer: ViewerPage) -> None:
    """x fixes the present levels, a makes them automatic, as often as it is pressed; arrows in a field change one."""
    keyboard, auto = viewer.page.keyboard, viewer.by_id("levels-auto")
    viewer.page.locator("#stage").focus()
    viewer.wait_for("() => document.querySelector('[data-testid=level-low]').value !== ''", "there are levels to fix")
    keyboard.press("x")
    assert auto.get_attribute("aria-pressed") == "false"
    low = viewer.by_id("level-low")
    before = float(low.input_value())
    low.focus()
    keyboard.press("ArrowDown")
    assert float(low.input_value()) < before
    viewer.page.locator("#stage").focus()
    keyboard.press("a")
    assert auto.get_attribute("aria-pressed") == "true"
    # The URL follows when what was set has rested, and may hold the levels from before.
    viewer.wait_for("() => !location.hash.includes('levels')", "the URL has no levels")
    ways: list[Callable[[], None]] = [lambda: keyboard.press("a"), auto.click]
    for again in ways:
        again()
        viewer.wait_for_frames(2)
        assert auto.get_attribute("aria-pressed") == "true", "pressed once more, nothing changes"
        assert "levels" not in viewer.page.evaluate("() => location.hash")


def test_a_wrong_level_is_refused_in_words(viewer: ViewerPage) -> None:
    """What is no number, or a low level above the high one, is marked and said, and changes nothing."""
    high = viewer.by_id("level-high")
    high.fill("bright")
    high.press("Enter")
    alert = viewer.page.locator("#levels-problem")
    assert "A level is a number" in alert.inner_text()
    assert high.get_attribute("aria-invalid") == "true"
    assert viewer.by_id("levels-auto").get_attribute("aria-pressed") == "true"


def test_the_state_of_the_stream_is_announced(viewer: ViewerPage, source: SteadySource) -> None:
    """A live region tells a screen reader that the stream plays, that it is silent, and that it plays again."""
    region = viewer.page.get_by_role("status")
    assert region.get_attribute("aria-live") == "polite"
    wait_until(lambda: region.inner_text().startswith("Playing tcp://"), 10, "playing is said")
    source.pause()
    try:
        wait_until(lambda: "Stream silent." in region.inner_text(), 10, "silence is said")
    finally:
        source.resume()
    wait_until(lambda: region.inner_text().startswith("Playing tcp://"), 10, "playing is said again")


def test_the_live_region_does_not_chatter(viewer: ViewerPage) -> None:
    """While the stream plays, the live regions are left alone: nobody wants to be spoken to ten times a second."""
    region = viewer.page.get_by_role("status")
    wait_until(lambda: region.inner_text().startswith("Playing"), 10, "playing is said")
    viewer.page.evaluate(
        """() => {
          window.spoken = 0;
          const options = { childList: true, characterData: true, subtree: true, attributes: true };
          for (const region of document.querySelectorAll("[aria-live], [role=status], [role=alert]")) {
            new MutationObserver((changes) => { window.spoken += changes.length; }).observe(region, options);
          }
        }"""
    )
    viewer.wait_for_frames(20)
    assert viewer.page.evaluate("() => window.spoken") == 0


def test_the_picture_is_described(viewer: ViewerPage) -> None:
    """The canvas has a text: channel, size, pulse and range of the values."""
    expected = re.compile(r"Image image, 30 × 40, pulse \d+, values from \d+ to \d+")
    canvas = viewer.by_id("canvas")
    wait_until(lambda: expected.fullmatch(canvas.get_attribute("aria-label") or ""), 5, "the picture is described")


class TestOnAPhone:
    """A window of 390 x 844, three device pixels to each, with a finger."""

    @pytest.fixture
    def kind(self) -> Kind:
        """A phone."""
        return Kind(390, 844, ratio=3, phone=True)

    def test_nothing_is_wider_than_the_screen(self, viewer: ViewerPage) -> None:
        """The page cannot be moved sideways."""
        assert viewer.page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"]
        assert viewer.page.evaluate("() => document.body.scrollWidth") <= PHONE["width"]
        assert viewer.page.evaluate("() => visualViewport.width") == pytest.approx(PHONE["width"], abs=1)

    def test_picture_numbers_and_values_are_seen_together(self, viewer: ViewerPage) -> None:
        """Picture, pulse id, age, rates, alarms and the first values are on the screen at once."""
        for element in (
            viewer.by_id("canvas"), viewer.by_id("stream-address"), viewer.by_id("pulse"), viewer.by_id("age"),
            viewer.by_id("shown"), viewer.by_id("lost"), viewer.by_id("refused"), viewer.by_id("values-table"),
        ):  # fmt: skip
            box = element.bounding_box()
            assert box["width"] > 5
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= PHONE["width"] + 1
            assert box["y"] >= 0
            assert box["y"] < PHONE["height"] - 20
        assert viewer.canvas_box()["height"] > 200
        assert viewer.row("profile").is_visible()

    def test_a_tap_reads_out_a_pixel(self, viewer: ViewerPage) -> None:
        """A finger on the picture reads out that pixel, and a frame marks it."""
        box = viewer.canvas_box()
        viewer.page.touchscreen.tap(box["x"] + box["width"] / 2 + 3, box["y"] + box["height"] / 2 + 3)
        viewer.wait_for_text("readout-place", "row 15, column 20")
        wait_until(lambda: viewer.text("readout-value").isdecimal(), 5, "the value is told")
        assert viewer.page.locator(".marker").is_visible()

    def test_the_other_numbers_unfold(self, viewer: ViewerPage) -> None:
        """The numbers that there is no room for are behind a button."""
        assert viewer.by_id("viewers").is_hidden()
        viewer.page.get_by_role("button", name="More numbers").tap()
        assert viewer.by_id("viewers").inner_text() == "1"


def test_menus_go_by_arrow_keys(viewer: ViewerPage) -> None:
    """The arrow down opens a menu at its first entry, arrows, Home and End go through it, Escape closes it."""
    page = viewer.page
    summary = viewer.by_id("view-menu")
    summary.focus()
    page.keyboard.press("ArrowDown")
    entry = "() => document.activeElement.dataset.testid ?? ''"
    first = page.evaluate(entry)
    assert first.startswith("view-")
    page.keyboard.press("ArrowDown")
    second = page.evaluate(entry)
    assert second not in (first, "view-menu")
    page.keyboard.press("End")
    last = page.evaluate(entry)
    page.keyboard.press("ArrowDown")
    assert page.evaluate(entry) == first
    page.keyboard.press("ArrowUp")
    assert page.evaluate(entry) == last
    page.keyboard.press("Escape")
    assert page.evaluate(entry) == "view-menu"
    assert not viewer.by_id(first).is_visible()
