"""Background, threshold and average: what is done with the pixels is done right, and nobody is left unaware of it."""

from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Page

from tests.browser.analysis import wait_for_region
from tests.browser.steady_source import SteadySource, constant
from tests.browser.viewer_page import ViewerPage
from tests.raw_source import channel
from tests.server import ServerProcess
from tests.support import wait_until

SHAPE = (40, 60)
DARK = (np.add.outer(np.arange(40), np.arange(60)) + 50).astype(np.uint16)
# Brighter on the left by 30, darker on the right by 20.
LIGHT = (DARK + np.where(np.arange(60) < 30, 30, -20)).astype(np.uint16)
LEFT, RIGHT = "#roi=rect:left:0,0,30,40&roi=rect:right:30,0,30,40".split("&")


@pytest.fixture(scope="module")
def source() -> Iterator[SteadySource]:
    """A source, whose images each test sets."""
    with SteadySource(constant(channel("image", DARK))) as source:
        yield source


@pytest.fixture
def viewer(page: Page, server: ServerProcess, source: SteadySource) -> ViewerPage:
    """The page with two regions, at the tab of the corrections."""
    source.make, source.rate = constant(channel("image", DARK)), 20.0
    viewer = ViewerPage(page).open(server, f"{LEFT}&{RIGHT}")
    viewer.wait_until_playing()
    viewer.by_id("tab-correct").click()
    return viewer


def badges(viewer: ViewerPage) -> list[str]:
    """Return the signs on the picture."""
    return viewer.page.locator("[data-testid=processing-badges] li").all_inner_texts()


def taken(viewer: ViewerPage, frames: str = "5") -> None:
    """Take a background of so many frames, with the keyboard."""
    viewer.by_id("background-frames").fill(frames)
    viewer.by_id("background-frames").press("Enter")
    viewer.by_id("background-take").press("Enter")
    viewer.wait_for_text("background-state", "Subtracted", f"mean of {frames} frames")


def wait_for_means(viewer: ViewerPage, left: float, right: float) -> None:
    """Wait until both regions, whose numbers are computed while they are seen, have these means."""

    def there() -> bool:
        return [wait_for_region(viewer, 1)["mean"], wait_for_region(viewer, 2)["mean"]] == pytest.approx([left, right])

    viewer.by_id("tab-analysis").click()
    wait_until(there, 15, f"means of {left} and {right}")
    viewer.by_id("tab-correct").click()


def test_the_background_is_subtracted_with_its_sign(viewer: ViewerPage, source: SteadySource) -> None:
    """What is darker than the background is negative; the picture says since when it is subtracted."""
    taken(viewer)
    wait_for_means(viewer, 0, 0)
    source.make = constant(channel("image", LIGHT))
    wait_for_means(viewer, 30, -20)
    # Numbers of regions are computed while they are seen.
    viewer.by_id("tab-analysis").click()
    wait_until(lambda: wait_for_region(viewer, 2)["min"] == -20, 15, "the least value is negative")
    viewer.by_id("tab-correct").click()
    wait_until(
        lambda: any(text.startswith("background subtracted, since ") for text in badges(viewer)),
        5,
        "the picture says so",
    )
    # Off and on again, with the same background.
    viewer.by_id("background-on").click()
    wait_until(lambda: badges(viewer) == [], 5, "nothing is said of the raw picture")
    wait_for_means(viewer, LIGHT[:, :30].mean(), LIGHT[:, 30:].mean())
    viewer.by_id("background-on").click()
    wait_for_means(viewer, 30, -20)
    viewer.by_id("background-forget").click()
    viewer.wait_for_text("background-state", "No background")
    assert viewer.by_id("background-on").is_disabled()


def test_the_switch_is_off_without_a_background(viewer: ViewerPage, source: SteadySource) -> None:
    """Off until there is one, on with it, off and on by a click; who forgets it leaves nothing of it in the URL."""
    switch = viewer.by_id("background-on")

    def is_on() -> bool:
        return switch.get_attribute("aria-pressed") == "true"

    assert not is_on()
    assert switch.is_disabled()
    taken(viewer)
    assert is_on()
    switch.click()
    assert not is_on()
    viewer.wait_for_text("background-state", "Not subtracted")
    viewer.wait_for("() => location.hash.includes('background=0')", "the URL knows that it is off")
    viewer.by_id("background-forget").click()
    viewer.wait_for_text("background-state", "No background")
    viewer.wait_for("() => !location.hash.includes('background')", "the URL knows nothing of it")
    assert not is_on()
    taken(viewer)
    switch.click()
    viewer.wait_for("() => location.hash.includes('background=0')", "the URL knows that it is off")
    source.make = constant(channel("image", DARK[:30]))
    viewer.wait_for_text("background-state", "Dropped")
    viewer.wait_for("() => !location.hash.includes('background')", "what was dropped is not in the URL")
    assert not is_on()


def test_a_threshold_after_the_subtraction(viewer: ViewerPage, source: SteadySource) -> None:
    """What is below the threshold becomes zero; the field and the URL hold it."""
    taken(viewer)
    source.make = constant(channel("image", LIGHT))
    viewer.by_id("threshold").fill("0")
    viewer.by_id("threshold").press("Enter")
    wait_for_means(viewer, 30, 0)
    wait_until(lambda: "below 0 set to 0" in badges(viewer), 5, "the picture says so")
    viewer.wait_for("() => location.hash.includes('threshold=0')", "the URL knows the threshold")
    viewer.by_id("threshold").fill("")
    viewer.by_id("threshold").press("Enter")
    wait_for_means(viewer, 30, -20)


def test_another_size_drops_the_background(viewer: ViewerPage, source: SteadySource) -> None:
    """A background of another size is of no use: it is dropped, with a warning on the picture and in the panel."""
    taken(viewer)
    source.make = constant(channel("image", DARK[:30]))
    viewer.wait_for_text("background-state", "Dropped")
    wait_until(lambda: any("background dropped" in text for text in badges(viewer)), 5, "the picture says so")
    assert not any("subtracted" in text for text in badges(viewer))


def test_the_mean_of_the_last_frames(viewer: ViewerPage, source: SteadySource) -> None:
    """The picture is the mean of the last frames; with all of them since its start it goes on until it is restarted."""
    source.make = lambda pulse_id: (channel("image", DARK if pulse_id % 2 else DARK + np.uint16(10)),)
    viewer.by_id("average-mode").select_option("running")
    viewer.by_id("average-frames").fill("4")
    viewer.by_id("average-frames").press("Enter")
    wait_until(lambda: "mean of 4 frames" in badges(viewer), 10, "the picture says so")
    viewer.by_id("average-mode").select_option("accumulate")

    def count() -> int:
        found = [text for text in badges(viewer) if "accumulating" in text]
        return int(found[0].split()[2]) if found else 0

    wait_until(lambda: count() > 12, 15, "frames go in")
    # Slowly, so that it is seen before as many frames are in it again, however long a look takes.
    source.rate = 1.0
    before = count()
    viewer.by_id("average-restart").click()
    wait_until(lambda: 0 < count() < before, 10, "it begins anew")


def test_what_is_no_number_of_frames_is_refused(viewer: ViewerPage) -> None:
    """Words under the fields say what is wrong."""
    viewer.by_id("background-frames").fill("0")
    viewer.by_id("background-frames").press("Enter")
    viewer.wait_for_text("processing-problem", "1 to 1000")
    assert viewer.by_id("background-frames").get_attribute("aria-invalid") == "true"
    viewer.by_id("background-frames").press("Escape")
    assert viewer.text("processing-problem") == ""
    assert viewer.by_id("background-frames").input_value() == "10"
