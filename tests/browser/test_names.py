"""What the page says of a stream that is opened by name."""

from playwright.sync_api import Page

from stream_online_viewer.simulation.cam_server import CamServer
from tests.browser.viewer_page import ViewerPage
from tests.cam_servers import FaultyCamServer, cam_servers, wait_a_little
from tests.server import running_server
from tests.support import wait_until


def test_the_first_viewer_is_told_what_is_started_and_what_a_name_stands_for(page: Page) -> None:
    """The source was let go: no alarm, but the sentence; then pictures, and the origin beside the address."""
    path = "/api/v1/pipeline/instance/CAM_sp"
    with cam_servers(no_client_seconds=1) as servers:
        cameras, pipelines = (f"http://127.0.0.1:{port}" for port in servers.ports)
        options = ("--camera-server", cameras, "--pipeline-server", pipelines, "--release-idle", "1")
        with running_server("cam_server://CAM", *options) as server:
            server.wait_for_status(lambda status: status["source"]["state"] == "released", 20, "it is let go")
            wait_until(lambda: not servers.running, 20, "the pipeline has ended")
            servers.faults[path] = wait_a_little(3.0, lambda: right(servers, path))
            viewer = ViewerPage(page).open(server)
            viewer.wait_for_veil("released", "Starting the pipeline CAM_sp: the pipeline server")
            assert page.locator("#veil").get_attribute("data-tone") == "calm"
            viewer.wait_for_frames(3)
            assert viewer.pixels().array[0, 0] == 1
            viewer.wait_for("() => viewer.status?.source.origin !== null", "the origin is told")
            title = viewer.by_id("stream").get_attribute("title")
            assert title is not None and "stands for: the pipeline CAM_sp, shared" in title


def right(servers: FaultyCamServer, path: str) -> dict[str, object] | bytes | None:
    """Return the right answer of the pipeline server."""
    return CamServer.answer(servers, "pipeline", path)
