"""Where the focus goes after a control was used, whose the keys are, and keys of other alphabets."""

from collections.abc import Iterator

import numpy as np
import pytest

from tests.browser.steady_source import SteadySource, constant
from tests.browser.viewer_page import ViewerPage
from tests.raw_source import channel
from tests.support import wait_until

FOCUS = "() => document.activeElement.id || document.activeElement.dataset.testid || document.activeElement.tagName"
PRESS = """([key, code, modifiers]) => document.activeElement.dispatchEvent(
  new KeyboardEvent("keydown", { key, code, bubbles: true, cancelable: true, ...modifiers }))"""


@pytest.fixture(scope="module")
def source() -> Iterator[SteadySource]:
    """A source with two images and a value."""
    image = np.add.outer(np.arange(40), np.arange(60)).astype(np.float64)
    with SteadySource(constant(channel("image", image), channel("other", image[:20]), channel("x", 1.5))) as source:
        yield source


def wait_for_picture_focus(viewer: ViewerPage, when: str = "") -> None:
    """Wait until the picture has the focus."""
    wait_until(lambda: viewer.page.evaluate(FOCUS) == "stage", 5, f"the picture has the focus {when}")


def pauses(viewer: ViewerPage, key: str) -> bool:
    """Return whether a key pauses the picture; it plays before and after."""
    viewer.page.keyboard.press(key)
    paused = viewer.by_id("paused").is_visible()
    if paused:
        viewer.page.keyboard.press(key)
    return paused


def test_a_list_gives_the_focus_back(viewer: ViewerPage) -> None:
    """After an entry was chosen with the mouse, the picture has the focus: Space pauses it."""
    for name in ("colour-map", "colour-scale", "levels-mode", "levels-of", "choice", "image-channel"):
        choices = viewer.by_id(name)
        choices.click()
        assert viewer.page.evaluate(FOCUS) == name
        # The open list belongs to the browser: what it tells the page when an entry was chosen.
        viewer.page.keyboard.press("Escape")
        choices.select_option(index=1)
        wait_for_picture_focus(viewer, f"after {name}")
        viewer.wait_until_playing()
        assert pauses(viewer, " "), name
        if name == "levels-mode":
            # The others are there only while levels are automatic.
            viewer.by_id("levels-auto").click()


def test_keys_work_while_a_list_has_the_focus(viewer: ViewerPage) -> None:
    """Arrows go through the list, letters mean what they mean elsewhere, Escape leads to the picture."""
    viewer.by_id("colour-map").focus()
    viewer.page.keyboard.press("ArrowDown")
    viewer.page.keyboard.press("ArrowDown")
    assert viewer.by_id("colour-map").input_value() == "magma"
    assert viewer.page.evaluate(FOCUS) == "colour-map"
    assert pauses(viewer, "p")
    assert viewer.by_id("colour-map").input_value() == "magma"
    viewer.page.keyboard.press("Escape")
    wait_for_picture_focus(viewer)


def test_a_button_gives_the_focus_back(viewer: ViewerPage) -> None:
    """Space after a click with the mouse pauses, and does not press the button again."""
    for name in ("levels-fix", "colours-invert", "tab-view", "tool-reticle", "zoom-percent"):
        viewer.by_id(name).click()
        wait_for_picture_focus(viewer, f"after {name}")
        assert pauses(viewer, " "), name


def test_what_the_mouse_opened_gives_the_focus_back(viewer: ViewerPage) -> None:
    """Menus, panels, details of a number and the help: after Escape the picture has the focus."""
    page = viewer.page
    for opener, opened in (
        (viewer.by_id("view-menu"), page.locator(".view-menu .menu-body")),
        (viewer.by_id("save"), page.locator(".save-menu .menu-body")),
        (viewer.by_id("colours-more"), page.locator("#colour-more")),
        (viewer.by_id("age"), page.locator("#popover")),
        (page.get_by_role("button", name="Help (?)"), page.get_by_role("dialog", name="Keys and gestures")),
    ):
        opener.click()
        opened.wait_for()
        page.keyboard.press("Escape")
        opened.wait_for(state="hidden")
        wait_for_picture_focus(viewer)
    page.keyboard.press("s")
    page.locator(".save-menu .menu-body").wait_for()
    page.keyboard.press("Escape")
    wait_for_picture_focus(viewer)


def test_a_field_gives_the_focus_back_when_it_is_done(viewer: ViewerPage) -> None:
    """Enter that is taken and Escape lead to the picture; what is refused keeps the focus."""
    low = viewer.by_id("level-low")
    low.click()
    low.fill("nothing")
    low.press("Enter")
    assert low.get_attribute("aria-invalid") == "true"
    assert viewer.page.evaluate(FOCUS) == "level-low"
    low.fill("3")
    low.press("Enter")
    wait_for_picture_focus(viewer)
    viewer.wait_for("() => viewer.shown.levels[0] === 3", "the level is set")
    low.click()
    viewer.page.keyboard.type("p")
    assert viewer.by_id("paused").is_hidden()
    viewer.page.keyboard.press("Escape")
    wait_for_picture_focus(viewer)
    assert viewer.page.evaluate("() => viewer.shown.levels[0]") == 3


def test_who_walks_with_tab_keeps_the_place(viewer: ViewerPage) -> None:
    """Enter on a button that Tab reached leaves the focus there; so does Enter in a field."""
    page = viewer.page
    viewer.by_id("levels-auto").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate(FOCUS) == "level-low"
    viewer.by_id("colours-invert").focus()
    page.keyboard.press("Enter")
    assert page.evaluate(FOCUS) == "colours-invert"


KEYS_OF_OTHERS: dict[str, tuple[str, str, dict[str, bool], bool]] = {
    "cyrillic": ("ф", "KeyA", {}, True),
    "greek": ("α", "KeyA", {}, True),
    "option": ("å", "KeyA", {"altKey": True}, True),
    "azerty": ("a", "KeyQ", {}, True),
    "altgr": ("æ", "KeyA", {"modifierAltGraph": True}, False),
    "alt": ("a", "KeyA", {"altKey": True}, False),
    "azerty-q": ("q", "KeyA", {}, False),
}
"""Character, place on the keyboard, what is held with it, and whether that is the key `a`."""


def test_letters_of_other_keyboards(viewer: ViewerPage) -> None:
    """What stands on a key counts, and its place where that is no Latin letter: here, whether it is the key `a`."""
    auto = viewer.by_id("levels-auto")
    for name, (key, code, modifiers, acts) in KEYS_OF_OTHERS.items():
        viewer.page.keyboard.press("x")
        assert auto.get_attribute("aria-pressed") == "false", name
        viewer.page.evaluate(PRESS, [key, code, modifiers])
        assert auto.get_attribute("aria-pressed") == ("true" if acts else "false"), name
