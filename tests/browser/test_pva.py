"""Images of EPICS on the page."""

import numpy as np
from playwright.sync_api import Page

from tests.browser.viewer_page import ViewerPage
from tests.pva_server import PV, image_of, pva_server
from tests.server import running_server

SHAPE = [37, 53]


def test_pixels_axes_and_alarm_of_a_compressed_image(page: Page) -> None:
    """The browser decodes what areaDetector compressed; axes are pixels of the detector; the alarm is said."""
    with pva_server() as pva, running_server(f"pva://{PV}", environment=pva.environment) as server:
        places = [{"offset": 100, "binning": 2}, {"offset": 50}]
        alarm = {"severity": 2, "status": 0, "message": "too hot"}
        pva.run(5, dtype="uint16", shape=SHAPE, codec="bslz4", seed=3, places=places, alarm=alarm)
        viewer = ViewerPage(page).open(server)
        viewer.wait_for_frames(2)
        assert np.array_equal(viewer.pixels().array, image_of("uint16", SHAPE, 3))
        viewer.wait_for("() => viewer.status?.source.state === 'receiving'", "the status says that images come")
        title = viewer.by_id("stream").get_attribute("title")
        assert title is not None and "The PV is in alarm: MAJOR, too hot." in title
        assert viewer.value("x_axis_unit").inner_text() == "px"
