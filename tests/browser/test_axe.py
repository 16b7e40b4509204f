"""axe-core finds nothing serious: contrast, names of controls, roles; on a desk and on a phone, dark and light."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from playwright.sync_api import Page, ViewportSize

from tests.browser.steady_source import SteadySource
from tests.browser.viewer_page import ViewerPage
from tests.raw_source import Part, channel
from tests.server import ServerProcess
from tests.support import deadline

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
DESK: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
RUN = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations.filter(({ impact }) => impact === "serious" || impact === "critical").map(({ id, help, nodes }) =>
    `${id}: ${help}\\n  ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join("\\n  ")}`);
}"""


def by_pulse(pulse_id: int) -> list[Part]:
    """Return the channels of a message: an image, a curve, values, one of them null."""
    return [
        channel("image", np.full((30, 40), pulse_id % 5000, np.uint16)),
        channel("x_profile", np.sin(np.arange(40) / 8)),
        channel("beam_energy", np.float64(5.25)),
        channel("state", "ready"),
    ]


@pytest.fixture(scope="module")
def source() -> Iterator[SteadySource]:
    """A source."""
    with SteadySource(by_pulse) as source:
        yield source


@pytest.fixture(scope="module", autouse=True)
def packages() -> None:
    """The page's packages for tests; where only this file is run, nothing has installed them yet."""
    if not AXE.is_file():
        command = [sys.executable, str(ROOT / "scripts" / "frontend.py"), "packages"]
        subprocess.run(command, check=True, timeout=deadline(120))


def findings(viewer: ViewerPage) -> Any:
    """Return what axe-core finds serious or critical, in words."""
    if not viewer.page.evaluate("() => 'axe' in window"):
        viewer.page.evaluate(AXE.read_text("utf-8"))
    return viewer.page.evaluate(RUN)


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_nothing_serious_is_found(
    page: Page, server: ServerProcess, size: ViewportSize, scheme: Literal["dark", "light"]
) -> None:
    """The playing page, each page of its panel, the help and the paused picture."""
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size(size)
    viewer = ViewerPage(page).open(server)
    viewer.wait_until_playing()
    found = {"playing": findings(viewer)}
    for tab in page.get_by_role("tab").all():
        tab.click()
        found[f"tab {tab.inner_text()}"] = findings(viewer)
    page.keyboard.press("Escape")
    viewer.by_id("image-area").focus()
    page.keyboard.press("?")
    found["help"] = findings(viewer)
    page.keyboard.press("Escape")
    page.keyboard.press("p")
    viewer.wait_for("() => document.querySelector('[data-paused]') !== null", "the page is paused")
    found["paused"] = findings(viewer)
    assert not {where: what for where, what in found.items() if what}


def test_a_veil_is_no_obstacle(page: Page, server: ServerProcess, source: SteadySource) -> None:
    """Nothing serious is found while the stream is silent."""
    viewer = ViewerPage(page).open(server)
    viewer.wait_until_playing()
    source.pause()
    try:
        viewer.wait_for("() => !document.getElementById('veil').hidden", "the veil comes")
        assert not findings(viewer)
    finally:
        source.resume()
