"""The list of cameras in a browser: the way to it, what runs as it is now, and the command that can be copied."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from stream_online_viewer.simulation.cam_server import CamServer
from tests.browser.test_axe import AXE, RUN
from tests.browser.viewer_page import ViewerPage
from tests.cam_servers import FaultyCamServer, cam_servers
from tests.server import ServerProcess, running_server
from tests.support import deadline, find_free_port

INFO = "/api/v1/cam/info"


@pytest.fixture(scope="module")
def servers() -> Iterator[FaultyCamServer]:
    with cam_servers(no_client_seconds=0) as running:
        yield running


@pytest.fixture(scope="module")
def listing(servers: FaultyCamServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server that lists CAM, which its camera server knows, and another camera, whose viewer is known."""
    file: Path = tmp_path_factory.mktemp("catalogue") / "cameras.toml"
    file.write_text(
        f'server = "cam_server://127.0.0.1:{servers.ports[0]}"\n'
        '[[camera]]\nname = "other"\naddress = "tcp://a:1"\nlink = "./"\n'
    )
    pipelines = f"http://127.0.0.1:{servers.ports[1]}"
    with running_server(find_free_port(), "--catalogue", str(file), "--pipeline-server", pipelines) as running:
        yield running


def test_the_list_is_beside_the_name_of_the_stream_and_leads_back(page: Page, listing: ServerProcess) -> None:
    """On a desk and on a phone: it covers neither the name nor the edge of the window; a camera leads to its viewer."""
    viewer = ViewerPage(page).open(listing)
    link = page.get_by_role("link", name="Cameras")
    for width, height in ((1440, 900), (800, 600), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        place, name = link.bounding_box(), viewer.by_id("stream").bounding_box()
        assert place is not None and name is not None
        assert name["x"] + name["width"] <= place["x"] and place["x"] + place["width"] <= width
        assert name["y"] <= place["y"] + place["height"] / 2 <= name["y"] + name["height"]
        assert place["height"] >= 24
    page.evaluate(AXE.read_text("utf-8"))
    assert page.evaluate(RUN) == []
    link.click()
    expect(page.get_by_role("heading", name="Cameras")).to_be_visible(timeout=deadline(10) * 1000)
    page.get_by_role("link", name="other").click()
    expect(viewer.by_id("stream")).to_be_visible(timeout=deadline(20) * 1000)


def test_what_runs_is_shown_as_it_is_now_and_what_is_open_stays_open(
    page: Page, listing: ServerProcess, servers: FaultyCamServer
) -> None:
    """Without loading the page again; the focus stays too; the command can be copied; a failure is said."""
    seconds = deadline(20) * 1000
    page.goto(listing.url("cameras"))
    camera = page.locator("summary", has_text="CAM")
    expect(camera).to_be_visible(timeout=seconds)
    page.evaluate("() => (window.same = true)")
    camera.click()
    expect(page.locator("code")).to_be_visible()
    CamServer.answer(servers, "pipeline", "/api/v1/pipeline/instance/CAM_sp")
    expect(camera.locator(".runs")).to_have_text("runs: CAM_sp", timeout=seconds)
    assert page.evaluate("() => window.same && document.activeElement.tagName") == "SUMMARY"
    expect(page.locator("code")).to_be_visible()
    page.get_by_role("button", name="Copy").click()
    expect(page.locator("button.copy")).to_have_text("Copied")
    page.evaluate(AXE.read_text("utf-8"))
    assert page.evaluate(RUN) == []
    servers.stop("pipeline", "CAM_sp")
    expect(camera.locator(".runs")).to_have_count(0, timeout=seconds)
    servers.faults[INFO] = lambda: {"state": "error", "status": "no disk"}
    problem = page.locator("#list .problem")
    expect(problem).to_contain_text("says: no disk", timeout=seconds)
    told = page.evaluate(
        "() => new Date(document.querySelector('time').dateTime).toLocaleTimeString([], {hour12: false})"
    )
    assert f"The last good answer came at {told}." in problem.inner_text()
    expect(camera).to_be_visible()
    servers.faults.clear()
    expect(problem).to_have_count(0, timeout=seconds)
