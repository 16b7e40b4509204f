"""What the worker computes of pictures is what numpy computes of what was sent, and pixels stay readable as they came.

The worker is asked by its own messages, so that the controls of the page have no part in this.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from tests.browser.steady_source import SteadySource
from tests.browser.viewer_page import ViewerPage
from tests.raw_source import channel
from tests.server import ServerProcess

ROWS, COLUMNS = SHAPE = (480, 640)
VARIANTS = 8
CENTRE, SIGMA = (300.25, 200.5), (40.0, 25.0)
NO_ANALYSIS: dict[str, Any] = {
    "histogram": False,
    "projections": None,
    "rois": [],
    "levelsRoi": None,
    "line": None,
    "axes": {"x": {"kind": "pixel"}, "y": {"kind": "pixel"}},
}
REGION = {"id": 1, "name": "beam", "shape": {"kind": "rectangle", "x": 250, "y": 180, "width": 60, "height": 50}}

WATCH_WORKER = """() => {
  window.heard = { analysis: null, processing: null, printed: null };
  const pulses = new Map();
  window.Worker = class extends Worker {
    constructor(...options) {
      super(...options);
      // The first one; the analysis worker comes later, and is heard only.
      window.worker ??= this;
      this.addEventListener("message", ({ data }) => {
        if (data.type === "shown") pulses.set(data.shown.pulse.sequence, Number(data.shown.pulse.pulseId));
        if (data.type === "analysis") window.heard.analysis = data.analysis;
        if (data.type === "processing") window.heard.processing = data.state;
        if (data.type === "printed") window.heard.printed = { ...data, pulse: pulses.get(data.sequence) };
      });
    }
  };
}"""
ANALYSIS = """(part) => {
  const found = window.heard.analysis;
  if (found === null || (found[part] === null || found[part].length === 0)) return null;
  const plain = (value) => ArrayBuffer.isView(value) ? Array.from(value)
    : Array.isArray(value) ? value.map(plain)
    : typeof value === "bigint" ? Number(value)
    : value !== null && typeof value === "object"
      ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)])) : value;
  return plain(found);
}"""


def image_of_pulse(pulse_id: int) -> np.ndarray:
    """Return a beam on a pedestal that differs from pulse to pulse, in 12 bit."""
    return IMAGES[pulse_id % VARIANTS]


def _images() -> list[np.ndarray]:
    y, x = np.mgrid[0:ROWS, 0:COLUMNS]
    beam = np.exp(-(((x - CENTRE[0]) / SIGMA[0]) ** 2 + ((y - CENTRE[1]) / SIGMA[1]) ** 2) / 2)
    return [(100 + 7 * number + (2000 + 50 * number) * beam).astype(np.uint16) for number in range(VARIANTS)]


IMAGES = _images()
PARTS = [channel("image", image, compression="bitshuffle_lz4") for image in IMAGES]


@pytest.fixture(scope="module")
def source() -> Iterator[SteadySource]:
    """A source of the beam."""
    with SteadySource(lambda pulse_id: [PARTS[pulse_id % VARIANTS]], rate=20) as source:
        yield source


@pytest.fixture
def open_watched(page: Page, server: ServerProcess) -> Callable[..., ViewerPage]:
    """Returns what opens the page with a worker that can be asked and heard."""

    def open_(fragment: str = "") -> ViewerPage:
        page.add_init_script(f"({WATCH_WORKER})()")
        viewer = ViewerPage(page).open(server, fragment)
        viewer.wait_until_playing()
        return viewer

    return open_


def ask(viewer: ViewerPage, **message: Any) -> None:
    viewer.page.evaluate("(message) => window.worker.postMessage(message)", message)


def analyse(viewer: ViewerPage, part: str, **wish: Any) -> dict[str, Any]:
    """Return the first analysis in which ``part`` is there, with 64-bit integers as int."""
    ask(viewer, type="analyse", wish={**NO_ANALYSIS, **wish})
    found: dict[str, Any] = viewer.wait_for(ANALYSIS, f"an analysis with {part}", argument=part)
    return found


OF_IMAGE = {"roi": None, "baseline": "none", "fit": True}


@pytest.mark.parametrize("form", ["exact", "preview"])
def test_projections_and_histogram_are_those_of_the_pixels_that_were_sent(
    open_watched: Callable[..., ViewerPage], form: str
) -> None:
    viewer = open_watched(f"#format={form}")
    found = analyse(viewer, "projections", projections=OF_IMAGE, histogram=True)
    image = image_of_pulse(found["pulse"]["pulseId"])
    assert found["source"] == ("server" if form == "preview" else "pixels")
    assert found["missing"] is None
    assert found["projections"]["x"]["values"] == image.sum(0, dtype=np.int64).tolist()
    assert found["projections"]["y"]["values"] == image.sum(1, dtype=np.int64).tolist()
    for axis, centre, sigma in zip("xy", CENTRE, SIGMA, strict=True):
        fit = found["projections"][axis]["fit"]
        assert fit["state"] == "converged"
        assert fit["mean"] == pytest.approx(centre, abs=0.1)
        assert fit["sigma"] == pytest.approx(sigma, abs=0.2)
    counts, low, width = (found["histogram"][key] for key in ("counts", "low", "width"))
    edges = low + width * np.arange(len(counts) + 1.0)
    edges[-1] = np.inf
    assert counts == np.histogram(image, edges)[0].tolist()


def test_regions_have_the_numbers_of_their_pixels(open_watched: Callable[..., ViewerPage]) -> None:
    viewer = open_watched()
    line = {"x0": 10, "y0": 20, "x1": 109, "y1": 20, "width": 1}
    found = analyse(viewer, "rois", rois=[REGION], line=line)
    image = image_of_pulse(found["pulse"]["pulseId"])
    part = image[180:230, 250:310].astype(float)
    region = found["rois"][0]
    assert (region["pixels"], region["sum"], region["min"], region["max"]) == (
        part.size,
        part.sum(),
        part.min(),
        part.max(),
    )
    assert region["sigma"] == pytest.approx(part.std())
    assert found["line"]["values"] == image[20, 10:110].tolist()


def test_a_chosen_preview_stays_one_and_says_what_is_missing(open_watched: Callable[..., ViewerPage]) -> None:
    viewer = open_watched("#format=preview")
    ask(viewer, type="analyse", wish={**NO_ANALYSIS, "rois": [REGION]})
    expected = "A preview is chosen. Choose automatic or exact for this."
    viewer.wait_for("(text) => window.heard.analysis?.missing === text", "the user is told", argument=expected)
    assert viewer.page.evaluate("() => viewer.shown.choice") == "preview"


def test_the_background_is_subtracted_and_pixels_stay_as_they_were_sent(
    open_watched: Callable[..., ViewerPage], source: SteadySource
) -> None:
    viewer = open_watched()
    # So slow that none is left out: the mean of as many as there are variants is known only then.
    fast, source.rate = source.rate, 1.5
    viewer.wait_until_playing(after=source.next_pulse)
    ask(viewer, type="background", frames=VARIANTS)
    viewer.wait_for("() => window.heard.processing?.background.state === 'on'", "the background is there")
    source.rate = fast
    assert viewer.page.evaluate("() => viewer.processing.background.taken") == VARIANTS
    background = np.mean(IMAGES, axis=0)
    ask(viewer, type="print", region=[298, 200, 3, 2])
    printed = viewer.wait_for("() => window.heard.printed", "the printed values")
    difference = image_of_pulse(printed["pulse"]) - background
    assert [float(text) for text in printed["texts"]] == pytest.approx(difference[200:202, 298:301].ravel().tolist())
    pixels = viewer.pixels()
    assert np.array_equal(pixels.array, image_of_pulse(pixels.pulse_id))
    box = viewer.canvas_box()
    viewer.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    viewer.wait_for_text("readout-value", " → ")
    low, high = viewer.page.evaluate("() => viewer.shown.range")
    images = np.array(IMAGES) - background
    assert images.min() <= low <= high <= images.max()
