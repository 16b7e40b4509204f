"""Sizes of windows from a small phone to a large screen: no control lies on another or beyond the edge of the page."""

from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Page

from tests.browser.steady_source import SteadySource, constant
from tests.browser.viewer_page import ViewerPage
from tests.raw_source import channel
from tests.server import ServerProcess
from tests.support import wait_until

SIZES = {
    "phone": (390, 844), "phone-on-its-side": (844, 390), "small-phone": (320, 568), "small-on-its-side": (667, 375),
    "smallest-on-its-side": (568, 320), "tablet": (768, 1024), "tablet-on-its-side": (1024, 768), "half": (800, 600),
    "desk": (1440, 900), "large": (2560, 1440),
}  # fmt: skip
# Everything that a finger or a mouse can press, as far as it is seen: what its scrolling parents cut off is not there.
PRESSED = """() => {
  const found = [];
  const all = "button, a[href], select, input, summary, [role=slider], [role=tab], #stage";
  for (const element of document.querySelectorAll(all)) {
    const seen = element.checkVisibility({ visibilityProperty: true });
    if (element.closest("dialog:not([open]), .skip") || !seen) continue;
    let { left, top, right, bottom } = element.getBoundingClientRect();
    for (let parent = element.parentElement; parent !== document.body; parent = parent.parentElement) {
      if (getComputedStyle(parent).overflowX === "visible") continue;
      const box = parent.getBoundingClientRect();
      [left, right] = [Math.max(left, box.left), Math.min(right, box.right)];
      [top, bottom] = [Math.max(top, box.top), Math.min(bottom, box.bottom)];
    }
    if (right - left > 1 && bottom - top > 1) found.push({ element, left, top, right, bottom });
  }
  const name = ({ element }) =>
    element.dataset.testid || element.id || element.ariaLabel || element.textContent;
  const faults = [];
  const { scrollWidth, scrollHeight } = document.documentElement;
  for (const one of found) {
    const { left, top, right, bottom } = one;
    if (left < -1 || top < -1 || right > innerWidth + 1 || bottom > Math.max(innerHeight, scrollHeight) + 1)
      faults.push(`${name(one)} ends beyond the page`);
  }
  found.forEach((one, at) => {
    for (const other of found.slice(at + 1)) {
      if (one.element.contains(other.element) || other.element.contains(one.element)) continue;
      const width = Math.min(one.right, other.right) - Math.max(one.left, other.left);
      const height = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
      if (width > 1 && height > 1) faults.push(`${name(one)} and ${name(other)} share ${width} x ${height}`);
    }
  });
  if (scrollWidth > innerWidth + 1) faults.push(`the page is ${scrollWidth} wide`);
  return faults;
}"""


@pytest.fixture(scope="module")
def source() -> Iterator[SteadySource]:
    """A source with several images to choose from, and values: as many controls as there can be."""
    image = np.add.outer(np.arange(480), np.arange(640)).astype(np.uint16)
    parts = (
        channel("SLAAR-CAM1:FPICTURE", image), channel("SLAAR-CAM2:FPICTURE", image), channel("x_profile", image[0]),
        channel("x_axis", np.arange(640.0)), channel("y_axis", np.arange(480.0)), channel("x_rms", 12.5),
    )  # fmt: skip
    with SteadySource(constant(*parts), rate=5) as source:
        yield source


@pytest.fixture
def viewer(page: Page, server: ServerProcess) -> ViewerPage:
    """The page with its longest readout and all kinds of levels."""
    viewer = ViewerPage(page).open(server, "#profiles=1&ruler=20,20,300,200&levels=sigma,3")
    viewer.wait_until_playing()
    return viewer


@pytest.mark.parametrize("sent", ["images", "one-image"])
def test_no_control_lies_on_another(viewer: ViewerPage, sent: str) -> None:
    """At each size, with the panel and without, and in each of its pages where there is little room."""
    page = viewer.page
    if sent == "one-image":
        page.evaluate("() => { document.getElementById('image-channel').hidden = true; }")
    faults = {}
    for name, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        narrow = sent == "images" and name in ("phone", "phone-on-its-side")
        for tab in page.get_by_role("tab").all() if narrow else []:
            tab.click()
            faults[name, tab.inner_text()] = page.evaluate(PRESSED)
        page.keyboard.press("t")
        faults[name, "no panel"] = page.evaluate(PRESSED)
        page.keyboard.press("t")
        faults[name, "panel"] = page.evaluate(PRESSED)
    assert not {where: what for where, what in faults.items() if what}


def test_menus_open_inside_of_the_window(viewer: ViewerPage) -> None:
    """What opens is seen as a whole, or can be scrolled."""
    page = viewer.page
    for size in ("phone", "phone-on-its-side", "tablet-on-its-side", "desk"):
        width, height = SIZES[size]
        page.set_viewport_size({"width": width, "height": height})
        for opener, opened in (
            (viewer.by_id("view-menu"), ".view-menu .menu-body"),
            (viewer.by_id("save"), ".save-menu .menu-body"),
            (page.get_by_label("More", exact=True), ".toolbar-upper > .menu .menu-body"),
            (viewer.by_id("colours-more"), "#colour-more"),
            (page.get_by_test_id("saturation"), "#saturation-panel"),
            (viewer.by_id("age"), "#popover"),
        ):
            opener.click()

            def is_inside(opened: str = opened, width: int = width, height: int = height) -> bool:
                box = page.locator(opened).bounding_box() or {"x": -2, "y": -2, "width": 0, "height": 0}
                ends = box["x"] + box["width"] <= width + 1 and box["y"] + box["height"] <= height + 1
                return box["x"] >= -1 and box["y"] >= -1 and ends

            wait_until(is_inside, 5, f"{opened} lies inside of the window of a {size}")
            page.keyboard.press("Escape")
            page.locator(opened).wait_for(state="hidden")


def test_the_picture_is_larger_than_its_controls(viewer: ViewerPage) -> None:
    """On a phone on its side the picture still has half of the height."""
    viewer.page.set_viewport_size({"width": 844, "height": 390})
    assert viewer.canvas_box()["height"] > 390 / 2
