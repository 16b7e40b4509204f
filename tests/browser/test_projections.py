"""Profiles and their Gaussian fits: over the picture, in the panel, and compared with a reference."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from tests.browser.analysis import analysis_of, moments
from tests.browser.steady_source import SteadySource, constant
from tests.browser.viewer_page import ViewerPage
from tests.raw_source import channel
from tests.server import ServerProcess
from tests.support import wait_until

ROWS, COLUMNS = SHAPE = (120, 160)
MEAN, SIGMA = (71.3, 52.6), (14.2, 8.9)
FLAT = channel("image", np.full(SHAPE, 100, np.uint16))


def beam(x: float = MEAN[0], y: float = MEAN[1]) -> Any:
    """Return a Gaussian beam on a level of 100 with noise that is always the same."""
    rows, columns = np.mgrid[:ROWS, :COLUMNS]
    exponent = ((columns - x) / SIGMA[0]) ** 2 / 2 + ((rows - y) / SIGMA[1]) ** 2 / 2
    noise = np.random.default_rng(7).normal(0, 5, SHAPE)
    return (100 + 3000 * np.exp(-exponent) + noise).round().astype(np.uint16)


@pytest.fixture(scope="module")
def source() -> Iterator[SteadySource]:
    """A source."""
    with SteadySource(constant(channel("image", beam()))) as source:
        yield source


@pytest.fixture(autouse=True)
def steady(source: SteadySource) -> None:
    """Each test begins with the same beam."""
    source.make = constant(channel("image", beam()))


def projections_of(viewer: ViewerPage) -> Any:
    """Return the profiles that the page has, None if it has none."""
    return (analysis_of(viewer) or {}).get("projections")


def profiled(viewer: ViewerPage) -> None:
    """Switch the profiles on with their key, open their tab, and wait for them."""
    viewer.page.keyboard.press("d")
    viewer.by_id("tab-analysis").click()
    wait_until(lambda: projections_of(viewer), 10, "there are profiles")


def result(viewer: ViewerPage, name: str) -> list[str] | None:
    """Return what the table says of x and y."""
    cells = viewer.page.locator(f"[data-result='{name}'] .result").all_inner_texts()
    return cells if len(cells) == 2 else None


def number(text: str) -> tuple[float, float]:
    """Return a value and its uncertainty of the table."""
    value, _, error = text.partition(" ± ")
    return float(value), float(error)


def test_the_sums_are_exact_and_the_fit_is_right(viewer: ViewerPage) -> None:
    """The profiles are the sums of the pixels; centre and width are those of the beam, with honest uncertainties."""
    profiled(viewer)
    found, image = projections_of(viewer), beam().astype(np.float64)
    assert found["region"] == [0, 0, COLUMNS, ROWS]
    for axis, profile, mean, sigma in (("x", image.sum(0), MEAN[0], SIGMA[0]), ("y", image.sum(1), MEAN[1], SIGMA[1])):
        projection = found[axis]
        assert projection["values"] == profile.tolist()
        assert projection["fit"]["state"] == "converged"
        errors = projection["fit"]["errors"]
        assert projection["fit"]["mean"] == pytest.approx(mean, abs=5 * errors[2])
        assert projection["fit"]["sigma"] == pytest.approx(sigma, abs=5 * errors[3])
        assert errors[2] < 0.05
        # Without the offset of the fit, and within 5 sigma of it: what is left is the beam.
        assert projection["offset"]["fitted"]
        assert projection["moments"]["com"] == pytest.approx(mean, abs=0.2)
        assert projection["moments"]["rms"] == pytest.approx(sigma, rel=0.05)
    texts = wait_until(lambda: result(viewer, "mean"), 5, "the table shows the means")
    for text, mean in zip(texts, MEAN, strict=True):
        value, error = number(text)
        assert value == pytest.approx(mean, abs=5 * error)
    assert result(viewer, "fit") == ["converged", "converged"]


def test_the_raw_profile_is_a_choice(viewer: ViewerPage) -> None:
    """Centre of mass and rms are the facility's; the page says so, and of the raw profile if that is chosen."""
    profiled(viewer)
    viewer.wait_for_text("results-definition", "as the facility's server")
    facility = projections_of(viewer)["x"]["moments"]["rms"]
    viewer.by_id("projections-baseline").select_option("none")
    found = wait_until(
        lambda: found if (found := projections_of(viewer)) and not found["x"]["offset"] else None, 10, "raw"
    )
    for axis, number in (("x", 0), ("y", 1)):
        com, rms = moments(beam().astype(np.float64).sum(number))
        assert found[axis]["moments"]["com"] == pytest.approx(com, rel=1e-9)
        assert found[axis]["moments"]["rms"] == pytest.approx(rms, rel=1e-9)
    assert found["x"]["moments"]["rms"] > 2 * facility
    viewer.wait_for_text("results-definition", "raw profile")
    viewer.wait_for("() => location.hash.includes('baseline=none')", "the URL knows")


def test_the_baseline_is_taken_off(viewer: ViewerPage) -> None:
    """With the median of the border the profile ends near zero, and the centre of mass is that of the beam."""
    profiled(viewer)
    viewer.by_id("projections-baseline").select_option("border")
    found = wait_until(
        lambda: found if (found := projections_of(viewer)) and found["x"]["baseline"] > 0 else None, 10, "a baseline"
    )
    profile = beam().astype(np.float64).sum(0)
    depth = round(0.05 * COLUMNS)
    level = np.median(np.concatenate([profile[:depth], profile[-depth:]]))
    assert found["x"]["baseline"] == pytest.approx(level)
    assert found["x"]["values"] == pytest.approx(profile - level)
    assert found["x"]["moments"]["com"] == pytest.approx(MEAN[0], abs=0.5)


def test_a_failed_fit_has_no_numbers(viewer: ViewerPage, source: SteadySource) -> None:
    """A flat image has nothing to fit: the table says so, and shows no mean."""
    profiled(viewer)
    source.make = constant(FLAT)
    states = wait_until(
        lambda: found if (found := result(viewer, "fit")) and "converged" not in found else None, 10, "the fit failed"
    )
    assert set(states) <= {"failed", "nothing to fit"}
    assert result(viewer, "mean") == ["–", "–"]
    assert result(viewer, "sigma") == ["–", "–"]


def test_without_the_fit_the_moments_stay(viewer: ViewerPage) -> None:
    """The fit can be left out; the rows of the fit go, the moments stay."""
    profiled(viewer)
    viewer.by_id("projections-fit").press("Enter")
    wait_until(lambda: result(viewer, "mean") is None and result(viewer, "rms"), 10, "only the moments are shown")
    assert projections_of(viewer)["x"]["fit"] is None


def test_a_reference_is_kept(viewer: ViewerPage, source: SteadySource) -> None:
    """The results of a pulse are kept; later ones show how far the beam moved."""
    profiled(viewer)
    viewer.by_id("reference-keep").click()
    viewer.wait_for_text("reference", "Reference", "pulse", "kept at")
    source.make = constant(channel("image", beam(x=MEAN[0] + 6.25)))

    def difference() -> list[float]:
        cells = viewer.page.locator("[data-result='mean'] .delta").all_inner_texts()
        return [float(cell.replace("Δ", "").replace("−", "-") or "nan") for cell in cells]

    wait_until(lambda: abs(difference()[0] - 6.25) < 0.2, 10, "the difference is that of the beam")
    assert abs(difference()[1]) < 0.1
    viewer.by_id("reference-clear").click()
    wait_until(lambda: result(viewer, "mean") and np.isnan(difference()).all(), 5, "nothing is compared any more")


@pytest.mark.parametrize("secure", [True, False])
def test_the_results_are_copied(page: Page, server: ServerProcess, secure: bool) -> None:
    """The table goes to the clipboard, also where the page is not served securely and the browser offers none."""
    if not secure:
        page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    viewer = ViewerPage(page).open(server)
    viewer.wait_until_playing()
    profiled(viewer)
    viewer.by_id("results-copy").click()
    viewer.wait_for_text("results-copy", "Copied")
    viewer.by_id("tab-values").click()
    field = viewer.page.locator("#values input[type=search], #values .search").first
    field.focus()
    viewer.page.keyboard.press("Control+v")
    text = field.input_value()
    assert "mean" in text
    assert "±" in text
    assert "exact pixels" in text


def test_the_essentials_stand_on_the_picture(viewer: ViewerPage) -> None:
    """While the panel shows something else, centre and width stand in a corner of the picture."""
    profiled(viewer)
    assert not viewer.by_id("result-box").is_visible()
    viewer.by_id("tab-values").click()
    viewer.wait_for_text("result-box", "mean", "σ", "px")
    viewer.page.keyboard.press("d")
    viewer.wait_for("() => document.querySelector('[data-testid=result-box]').hidden", "the box is gone")


OVERLAY = """() => {
  const canvas = document.querySelector("[data-testid=overlay]");
  const { width, height } = canvas;
  // A copy to read from: the browser warns of reading from what it draws on.
  const copy = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  copy.drawImage(canvas, 0, 0);
  const data = copy.getImageData(0, 0, width, height).data;
  let highest = null;
  for (let y = 0; y < height && highest === null; y += 1)
    for (let x = Math.round(width * 0.3); x < width; x += 1) {
      const at = 4 * (y * width + x);
      if (data[at] > 220 && data[at + 1] > 220 && data[at + 2] > 220 && data[at + 3] > 250) { highest = [x, y]; break; }
    }
  return { width, height, highest };
}"""


@pytest.mark.parametrize("turned", [False, True])
def test_the_curve_lies_on_its_pixels(viewer: ViewerPage, turned: bool) -> None:
    """The highest point of the curve at the lower edge stands at the centre of the beam, also when mirrored."""
    if turned:
        viewer.by_id("tool-mirror-x").click()
    profiled(viewer)
    viewer.by_id("projections-fit").click()
    wait_until(lambda: projections_of(viewer) and projections_of(viewer)["x"]["fit"] is None, 10, "no fit is drawn")
    drawn = wait_until(
        lambda: found if (found := viewer.page.evaluate(OVERLAY))["highest"] else None, 5, "a curve is drawn"
    )
    scale = min(drawn["width"] / COLUMNS, drawn["height"] / ROWS)
    column = COLUMNS - 1 - MEAN[0] if turned else MEAN[0]
    expected = (drawn["width"] - COLUMNS * scale) / 2 + (column + 0.5) * scale
    # The mark of the centre of mass goes to the top of the strip, the curve nearly so: both lie there.
    assert drawn["highest"][0] == pytest.approx(expected, abs=2.5 * scale)
    assert drawn["highest"][1] > 0.6 * drawn["height"]


# The page's refresh of ten times a second never comes.
NO_REFRESH = """() => {
  const set = window.setInterval.bind(window);
  window.setInterval = (job, pause, ...rest) => set(job, pause === 100 ? 1e9 : pause, ...rest);
}"""


def test_results_reach_the_panel_when_they_come(page: Page, server: ServerProcess, source: SteadySource) -> None:
    """The table shows an analysis as soon as it is there; it does not wait for the refresh of the page."""
    page.add_init_script(f"({NO_REFRESH})()")
    viewer = ViewerPage(page).open(server, "#profiles=1")
    viewer.wait_for("() => document.getElementById('tab-analysis') !== null", "the page is whole")
    viewer.by_id("tab-analysis").click()

    def mean() -> float | None:
        texts = result(viewer, "mean")
        return number(texts[0])[0] if texts is not None and "±" in texts[0] else None

    wait_until(lambda: mean() == pytest.approx(MEAN[0], abs=0.2), 15, "the panel shows the mean")
    source.make = constant(channel("image", beam(x=40.0)))
    wait_until(lambda: mean() == pytest.approx(40.0, abs=0.2), 15, "the panel shows the next mean")
