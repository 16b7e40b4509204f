"""Drawing makes its objects once: neither frames nor changes of levels, colours, scale or view make another."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from tests.browser.steady_source import SteadySource
from tests.browser.viewer_page import ViewerPage
from tests.browser.worker_page import ORIENTATIONS, set_colours, set_view, worker_of
from tests.raw_source import channel
from tests.server import ServerProcess

PATCH = """() => {
  self.madeObjects = {};
  const names = ["createTexture", "createShader", "compileShader", "createProgram", "linkProgram", "createBuffer",
    "createVertexArray", "createFramebuffer", "texStorage2D", "texImage2D", "drawArrays", "texSubImage2D"];
  for (const name of names) {
    const original = WebGL2RenderingContext.prototype[name];
    self.madeObjects[name] = 0;
    WebGL2RenderingContext.prototype[name] = function (...options) {
      self.madeObjects[name]++;
      return original.apply(this, options);
    };
  }
}"""


@pytest.fixture(scope="module")
def source() -> Iterator[SteadySource]:
    """A source at 40 Hz whose images differ."""
    noise = np.random.default_rng(1).integers(0, 4000, (97, 64, 80)).astype(np.uint16)
    with SteadySource(lambda pulse: [channel("image", noise[pulse % 97])], rate=40.0) as source:
        yield source


def test_no_gpu_object_is_made_after_the_first_pictures(
    page: Page, server: ServerProcess, source: SteadySource
) -> None:
    """Over many frames that are looked at in all ways, the worker draws and uploads, and makes nothing."""
    viewer = ViewerPage(page).open(server, "?renderer=webgl2#format=exact")
    viewer.wait_until_playing()
    assert viewer.moment().shown["renderer"] == "webgl2"
    worker = worker_of(viewer)
    # Programs of each way to reduce are compiled when they are first used.
    for reduce in ("max", "mean", "nearest"):
        set_colours(viewer, reduce=reduce)
        set_view(viewer, 0.5, 10, 10)
        viewer.wait_for_frames(3)
    worker.evaluate(PATCH)
    levels = [(0, 4000), {"mode": "full"}, *(automatic(rule) for rule in ("steady", "minmax", "percentile", "sigma"))]
    for number, scale in enumerate(("linear", "log", "symlog", "sqrt", "gamma", "asinh")):
        set_colours(
            viewer,
            scale=scale,
            gamma=0.3 + number / 5,
            levels=levels[number],
            colourMap=("viridis", "jet", "gray")[number % 3],
            inverted=number % 2 == 1,
            over=f"#ff000{number}",
            reduce=("nearest", "max", "mean")[number % 3],
        )
        for step, orientation in enumerate(ORIENTATIONS):
            set_view(viewer, 0.4 + step / 3, 5.0 * step, 3.0, orientation)
            viewer.wait_for_frames(2)
    made = worker.evaluate("() => self.madeObjects")
    assert made.pop("drawArrays") > 90
    assert made.pop("texSubImage2D") > 90
    assert set(made.values()) == {0}, made


def automatic(rule: str) -> dict[str, Any]:
    """Return automatic levels by a rule."""
    return {"mode": "auto", "rule": rule, "percentiles": [1, 99], "sigmas": 3, "of": "visible"}


def test_objects_are_counted_at_all(page: Page, server: ServerProcess, source: SteadySource) -> None:
    """The count sees the textures of a picture of another size."""
    viewer = ViewerPage(page).open(server, "?renderer=webgl2#format=exact")
    viewer.wait_until_playing()
    worker_of(viewer).evaluate(PATCH)
    before = source.make
    source.make = lambda pulse: [channel("image", np.full((33, 44), pulse % 7, np.uint16))]
    viewer.wait_for("() => viewer.shown.of[0] === 33", "the other image is shown")
    viewer.wait_for_frames(3)
    source.make = before
    made = worker_of(viewer).evaluate("() => self.madeObjects")
    assert (made["createTexture"], made["texStorage2D"]) == (1, 1)
