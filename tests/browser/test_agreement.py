"""What the page computes of a pipeline's images is what the pipeline computed, in the units of its axes."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.browser.viewer_page import ViewerPage
from tests.server import ServerProcess, running_server
from tests.simulator import running_simulator

# The stream's numbers, and where ours are: of the fit, or of the raw profile.
NAMES = {
    "center_of_mass": ("moments", "com"),
    "rms": ("moments", "rms"),
    "fit_offset": ("fit", "offset"),
    "fit_amplitude": ("fit", "amplitude"),
    "fit_mean": ("fit", "mean"),
    "fit_standard_deviation": ("fit", "sigma"),
}
PULSES = 5
SAME_PULSE = """(last) => {
  const { analysis, values } = viewer;
  if (!analysis?.projections || !values) return null;
  const id = analysis.pulse.pulseId;
  if (id !== values.pulse.pulseId || id <= BigInt(last) || !values.scalars.has("x_fit_mean")) return null;
  const { x, y } = analysis.projections;
  const numbers = ({ moments, fit }) => ({ moments, fit });
  return {
    pulse: String(id), source: analysis.source, x: numbers(x), y: numbers(y),
    sent: Object.fromEntries([...values.scalars].map(([name, { value }]) =>
      [name, typeof value === "bigint" ? Number(value) : value])),
  };
}"""


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    """A server on a simulated pipeline, whose axes are in µm and descend."""
    with running_simulator("--scene", "pipeline", "--rate", "5") as (_, port), running_server(port) as server:
        yield server


@pytest.mark.parametrize("form", ["exact", "preview"])
def test_ours_are_the_pipelines_numbers(page: Page, server: ServerProcess, form: str) -> None:
    """Centre of mass, rms and fit of both axes agree to a thousandth, also where the server sent the sums."""
    viewer = ViewerPage(page).open(server, f"#profiles=1&format={form}")
    viewer.wait_until_playing()
    last = "-1"
    for _ in range(PULSES):
        found = viewer.wait_for(SAME_PULSE, "an analysis and the stream's values are of one pulse", argument=last)
        last = found["pulse"]
        assert found["source"] == ("pixels" if form == "exact" else "server")
        for axis in ("x", "y"):
            assert found[axis]["fit"]["state"] == "converged"
            sigma = found["sent"][f"{axis}_fit_standard_deviation"]
            assert sigma > 0
            for name, (part, key) in NAMES.items():
                sent, ours = found["sent"][f"{axis}_{name}"], found[axis][part][key]
                # A place agrees to a thousandth of the beam's size, a height to a thousandth of itself.
                allowed = 1e-3 * (sigma if key in ("com", "mean") else abs(sent))
                assert ours == pytest.approx(sent, rel=0, abs=allowed), (axis, name)
