"""Levels are found by the rule that is chosen, of exact pixels and of previews, and saturation is told."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from tests.browser.steady_source import SteadySource, constant
from tests.browser.viewer_page import ViewerPage
from tests.browser.worker_page import set_colours, set_view
from tests.raw_source import channel
from tests.server import ServerProcess

ROWS, COLUMNS = 60, 80


def beam() -> Any:
    """Return a beam of a 12-bit camera on a noisy background, which saturates in its middle."""
    y, x = np.mgrid[:ROWS, :COLUMNS]
    noise = np.random.default_rng(7).integers(90, 111, (ROWS, COLUMNS))
    peak = 5000 * np.exp(-((x - 30.0) ** 2 + (y - 25.0) ** 2) / 40)
    return (noise + peak).clip(0, 4095).astype(np.uint16)


@pytest.fixture(scope="module")
def source() -> Iterator[SteadySource]:
    """A source of one image."""
    with SteadySource(constant(channel("image", beam()))) as source:
        yield source


def automatic(rule: str, of: str = "image", percentiles: tuple[int, int] = (1, 99), sigmas: int = 3) -> dict[str, Any]:
    """Return automatic levels by a rule."""
    return {"mode": "auto", "rule": rule, "percentiles": list(percentiles), "sigmas": sigmas, "of": of}


def wait_for_levels(viewer: ViewerPage, low: float, high: float, tolerance: float = 0.0) -> None:
    """Wait until the picture is drawn with these levels."""
    near = """([low, high, tolerance]) => {
      const [first, last] = viewer.shown.levels;
      return Math.abs(first - low) <= tolerance && Math.abs(last - high) <= tolerance;
    }"""
    try:
        viewer.wait_for(near, "the levels are in use", 8, [float(low), float(high), tolerance])
    except AssertionError as error:
        raise AssertionError(f"{error}: {low} ... {high}; they are {viewer.moment().shown['levels']}") from None


@pytest.mark.parametrize("choice", ["exact", "preview"])
def test_rules(page: Page, server: ServerProcess, source: SteadySource, choice: str) -> None:
    """The extremes, percentiles and deviations of the whole image, and the full scale of the camera, are the levels."""
    image = beam()
    viewer = ViewerPage(page).open(server, f"#format={choice}")
    viewer.wait_until_playing()
    viewer.wait_for("(choice) => viewer.shown.choice === choice", "it is sent as wanted", argument=choice)
    # A bin of the server's counts of a preview holds four values.
    bin_width = 0.0 if choice == "exact" else 4.0
    set_colours(viewer, levels=automatic("minmax"))
    wait_for_levels(viewer, image.min(), image.max())
    set_colours(viewer, levels=automatic("percentile", percentiles=(2, 95)))
    low, high = np.percentile(image, [2, 95], method="lower")
    wait_for_levels(viewer, low, high, bin_width)
    set_colours(viewer, levels=automatic("sigma", sigmas=2))
    mean, sigma = image.mean(), image.std()
    # No level lies beyond what the type can hold.
    wait_for_levels(viewer, max(0, np.floor(mean - 2 * sigma)), np.ceil(mean + 2 * sigma), bin_width)
    set_colours(viewer, levels={"mode": "full"})
    wait_for_levels(viewer, 0, 4095)
    set_colours(viewer, levels=automatic("minmax"), scale="log")
    wait_for_levels(viewer, image.min(), image.max())
    saturation = viewer.moment().shown["saturation"]
    assert saturation == {"level": 4095, "guessed": True, "count": int((image == 4095).sum())}


def test_levels_of_what_is_visible(page: Page, server: ServerProcess, source: SteadySource) -> None:
    """Levels of the visible part follow the view; those of the image do not."""
    image = beam()
    viewer = ViewerPage(page).open(server, "#format=exact")
    viewer.wait_until_playing()
    set_colours(viewer, levels=automatic("minmax", of="visible"))
    wait_for_levels(viewer, image.min(), image.max())
    height, width = viewer.canvas_picture().shape[:2]
    scale = 60.0
    set_view(viewer, scale, -50 * scale, -40 * scale)
    seen = image[40 : int(np.ceil(40 + height / scale)), 50 : int(np.ceil(50 + width / scale))]
    assert seen.max() < 200
    wait_for_levels(viewer, seen.min(), seen.max(), 0.02 * float(np.ptp(seen)))
    set_colours(viewer, levels=automatic("minmax"))
    set_view(viewer, 4, 0, 0)
    wait_for_levels(viewer, image.min(), image.max())
