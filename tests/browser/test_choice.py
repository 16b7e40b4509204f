"""What is sent of the image is always said, and a person may choose it, by mouse, by keys and by the URL."""

from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Page, ViewportSize

from tests.browser.profiles import Kind
from tests.browser.steady_source import SteadySource
from tests.browser.viewer_page import ViewerPage
from tests.raw_source import Part, channel
from tests.server import ServerProcess
from tests.support import wait_until

SHAPE = (240, 320)
PHONE: ViewportSize = {"width": 390, "height": 844}


def floats(pulse_id: int) -> list[Part]:
    """Return doubles that no 32-bit float holds."""
    return [channel("image", np.random.default_rng(pulse_id).random(SHAPE))]


def integers(pulse_id: int) -> list[Part]:
    """Return integers."""
    return [channel("image", np.full(SHAPE, pulse_id, np.uint16))]


@pytest.fixture(scope="module")
def source() -> Iterator[SteadySource]:
    """A source of doubles."""
    with SteadySource(floats) as source:
        yield source


def wait_for_choice(viewer: ViewerPage, choice: str) -> None:
    """Wait until this is on screen."""
    viewer.wait_for("(choice) => viewer.shown?.choice === choice", f"{choice} is shown", argument=choice)


def test_the_transfer_is_always_said(viewer: ViewerPage) -> None:
    """Kind, size and rate of what is sent are in one field, and its reason in its details."""
    viewer.wait_for_text("format", "exact", "kB")
    viewer.wait_for_text("format-note", "fps")
    viewer.wait_for("() => viewer.status?.you.choice === 'exact'", "the server says so")
    viewer.by_id("format").click()
    region = viewer.page.get_by_role("region", name="Details")
    wait_until(lambda: "nothing speaks against the whole exact image" in region.inner_text(), 5, "the reason is told")


def test_a_person_chooses(viewer: ViewerPage) -> None:
    """The choice above the picture is what comes; the URL remembers it, and automatic is not worth a word there."""
    for choice in ("preview", "float32", "exact"):
        viewer.by_id("choice").select_option(choice)
        wait_for_choice(viewer, choice)
        viewer.wait_for_text("format", choice)
        viewer.wait_for("(choice) => location.hash === `#format=${choice}`", "the URL knows", argument=choice)
    viewer.by_id("choice").select_option("auto")
    viewer.wait_for("() => location.hash === ''", "the URL forgets")
    wait_for_choice(viewer, "exact")


def test_the_url_chooses(page: Page, server: ServerProcess) -> None:
    """A page that is opened with a format in its URL has that from its first picture on; another hash changes it."""
    viewer = ViewerPage(page).open(server, "#format=preview")
    viewer.wait_until_playing()
    wait_for_choice(viewer, "preview")
    assert viewer.by_id("choice").input_value() == "preview"
    page.evaluate("() => { location.hash = '#format=float32'; }")
    wait_for_choice(viewer, "float32")
    assert viewer.by_id("choice").input_value() == "float32"
    page.evaluate("() => { location.hash = '#format=nonsense'; }")
    wait_for_choice(viewer, "exact")
    assert viewer.by_id("choice").input_value() == "auto"


def test_the_choice_is_made_by_keys(viewer: ViewerPage) -> None:
    """The control is reached by the tab key and changed by the arrow keys, as every list; letters are the page's."""
    viewer.page.locator("#stage").focus()
    for _ in range(20):
        viewer.page.keyboard.press("Shift+Tab")
        if viewer.page.evaluate("() => document.activeElement.id") == "choice":
            break
    assert viewer.page.evaluate("() => document.activeElement.id") == "choice"
    for _ in range(5):
        viewer.page.keyboard.press("ArrowDown")
        if viewer.by_id("choice").input_value() == "preview":
            break
    wait_for_choice(viewer, "preview")
    viewer.wait_for("() => location.hash === '#format=preview'", "the URL knows")
    assert viewer.by_id("paused").is_hidden()


def test_rounded_values_say_so(viewer: ViewerPage, source: SteadySource) -> None:
    """Doubles that are sent as float32 are marked: field and value under the cursor; no pixels are given out."""
    viewer.by_id("choice").select_option("float32")
    wait_for_choice(viewer, "float32")
    field = viewer.page.locator("[data-field=format][data-reduced]")
    wait_until(field.is_visible, 5, "the field is marked")
    box = viewer.canvas_box()
    viewer.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    viewer.wait_for_text("readout-value", "≈ 0.")
    refusal = viewer.page.evaluate("() => viewer.pixels().then(() => null, (error) => error.message)")
    assert "32-bit" in refusal


def test_fewer_digits_are_offered_for_doubles_only(viewer: ViewerPage, source: SteadySource) -> None:
    """An image of integers cannot be chosen as float32."""
    option = viewer.by_id("choice").locator("option[value=float32]")
    assert option.is_enabled()
    source.make = integers
    try:
        viewer.wait_for("() => viewer.shown.sourceDtype === 'uint16'", "integers come")
        wait_until(option.is_disabled, 5, "it is not offered")
    finally:
        source.make = floats
    wait_until(option.is_enabled, 5, "it is offered again")


class TestOnAPhone:
    """A window of 390 x 844 with a finger."""

    @pytest.fixture
    def kind(self) -> Kind:
        """A phone."""
        return Kind(390, 844, ratio=2, phone=True)

    def test_a_preview_is_recognised(self, page: Page, server: ServerProcess) -> None:
        """The word preview, its tone, the choice and the pause are on the screen without a touch."""
        viewer = ViewerPage(page).open(server, "#format=preview")
        wait_for_choice(viewer, "preview")
        viewer.wait_for_text("format", "preview 1:")
        field = page.locator("[data-field=format][data-reduced]")
        for element in (field, viewer.by_id("choice"), viewer.by_id("pause"), viewer.by_id("image-name")):
            box = element.bounding_box()
            assert box["width"] > 25
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= PHONE["width"]
            assert 0 <= box["y"] < PHONE["height"] - box["height"] + 1
        viewer.by_id("pause").tap()
        badge = viewer.by_id("paused").bounding_box()
        assert badge["x"] >= 0
        assert badge["x"] + badge["width"] <= PHONE["width"]
