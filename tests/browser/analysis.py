"""What the tests of the analysis share: regions and results as the page knows them, computed anew with numpy."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.browser.viewer_page import ViewerPage, expected_place
from tests.support import wait_until

ANALYSIS = """() => {
  const analysis = viewer.analysis;
  if (!analysis) return null;
  const plain = (projection) => ({ ...projection, values: Array.from(projection.values) });
  const { projections, line } = analysis;
  return {
    ...analysis,
    histogram: null,
    pulse: String(analysis.pulse.pulseId),
    projections: projections && { region: projections.region, x: plain(projections.x), y: plain(projections.y) },
    line: line && { distance: Array.from(line.distance), values: Array.from(line.values) },
  };
}"""


def analysis_of(viewer: ViewerPage) -> dict[str, Any] | None:
    """Return `viewer.analysis` with lists for arrays, None if nothing is computed."""
    answer: dict[str, Any] | None = viewer.page.evaluate(ANALYSIS)
    return answer


def wait_for_region(viewer: ViewerPage, region: int, pixels: int | None = None) -> dict[str, Any]:
    """Return the numbers of a region, exact ones of all of its pixels, as soon as it has so many."""

    def found() -> dict[str, Any] | None:
        for numbers in (analysis_of(viewer) or {"rois": []})["rois"]:
            right = numbers["id"] == region and numbers["missing"] == 0 and numbers["sum"] is not None
            if right and (pixels is None or numbers["pixels"] == pixels):
                return dict(numbers)
        return None

    return wait_until(found, 20, f"region {region} has {pixels} pixels", poll=0.05)


def shapes(viewer: ViewerPage) -> list[str]:
    """Return the regions that the URL knows, as it writes them."""
    texts: list[str] = viewer.page.evaluate("() => new URLSearchParams(location.hash.slice(1)).getAll('roi')")
    return texts


def wait_for_shapes(viewer: ViewerPage, *expected: str) -> None:
    """Wait until the URL knows exactly these regions."""
    wait_until(lambda: shapes(viewer) == list(expected), 10, f"the regions {expected}", poll=0.05)


def drag(viewer: ViewerPage, shape: tuple[int, int], start: tuple[float, float], end: tuple[float, float]) -> None:
    """Drag the mouse from one place of the image (row, column) to another one; the image is shown as a whole."""
    box = viewer.canvas_box()
    mouse = viewer.page.mouse
    mouse.move(*expected_place(box, shape, *start))
    mouse.down()
    mouse.move(*expected_place(box, shape, *end), steps=6)
    mouse.up()


def moments(profile: NDArray[np.float64]) -> tuple[float, float]:
    """Return the centre of mass and the rms of a profile, in pixels."""
    places = np.arange(profile.size)
    centre = float((places * profile).sum() / profile.sum())
    return centre, float(np.sqrt((profile * (places - centre) ** 2).sum() / profile.sum()))
