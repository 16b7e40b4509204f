"""The page opens and plays: image, metadata, curves and status, without a click."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from numpy import ndarray
from numpy.typing import NDArray
from playwright.sync_api import Page

from tests.browser.viewer_page import ViewerPage, expected_place, picture_of
from tests.browsers import PLAIN_HOST
from tests.server import ServerProcess, running_server
from tests.simulator import running_simulator
from tests.support import wait_until

BLOCK = 8
# Two pictures of the page, a moment apart, are of one pulse.
HELD = """async () => {
  const pulse = () => viewer.shown.pulse.sequence;
  const before = pulse();
  await new Promise((resolve) => setTimeout(resolve, 200));
  return pulse() === before;
}"""


@pytest.fixture(scope="module")
def stream() -> Iterator[int]:
    """The port of the facility's stream at 20 Hz, small: a driven browser copies every message to its driver."""
    with running_simulator("--rate", "20", "--size", "160x120") as (_, port):
        yield port


@pytest.fixture(scope="module")
def server(stream: int) -> Iterator[ServerProcess]:
    """A server on that stream."""
    with running_server(stream) as server:
        yield server


def test_the_page_plays_by_itself(viewer: ViewerPage) -> None:
    """The page is opened and nothing is touched: frames follow each other on screen, each newer than the one before."""
    pulses = viewer.wait_for_frames(20)
    assert pulses == sorted(set(pulses))


def test_the_stream_of_the_facility_is_shown_as_it_is(page: Page) -> None:
    """`start_stream.py` without options: 640x480 float64; the profiles are the sums of the pixels of the same pulse."""
    with running_simulator() as (_, port), running_server(port) as server:
        # On a busy machine the server's own choice may be a preview.
        viewer = ViewerPage(page).open(server, "#format=exact")
        viewer.wait_until_playing()
        moment, pixels = viewer.moment_and_pixels()
    assert pixels.array.shape == (480, 640)
    assert pixels.array.dtype == np.float64
    np.testing.assert_allclose(moment.values["arrays"]["image_profile_x"], pixels.array.sum(axis=0), rtol=1e-12)
    np.testing.assert_allclose(moment.values["arrays"]["image_profile_y"], pixels.array.sum(axis=1), rtol=1e-12)


def test_the_image_is_drawn(viewer: ViewerPage) -> None:
    """The picture area holds the image, whatever beam it is of: what is brighter in it is brighter on the screen."""
    viewer.page.get_by_test_id("colour-map").select_option("gray")
    viewer.wait_for("() => location.hash.includes('map=gray')", "the choice is made")
    viewer.by_id("pause").click()
    viewer.wait_for("() => !document.querySelector('[data-testid=paused]').hidden", "the picture is held")
    viewer.wait_for(HELD, "it does not change any more")
    values, picture = viewer.pixels().array, viewer.canvas_picture().mean(axis=2)
    box, half = viewer.canvas_box(), BLOCK // 2
    brightness, grays = [], []
    for row in range(half, values.shape[0], BLOCK):
        for column in range(half, values.shape[1], BLOCK):
            x, y = expected_place(box, values.shape, row, column)
            left, top = round(x - box["x"]), round(y - box["y"])
            brightness.append(values[row - half : row + half, column - half : column + half].mean())
            grays.append(picture[top - half : top + half, left - half : left + half].mean())
    darkest, brightest = np.argmin(brightness), np.argmax(brightness)
    assert grays[brightest] > grays[darkest] + 60


def test_the_image_keeps_its_aspect_ratio(viewer: ViewerPage) -> None:
    """A pixel of the image is a square on the screen, and the image fills the area in one direction."""
    picture = viewer.canvas_picture()
    ground = picture[0, 0]
    drawn = np.any(picture != ground, axis=2)
    rows, columns = np.flatnonzero(drawn.any(axis=1)), np.flatnonzero(drawn.any(axis=0))
    height, width = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
    assert width / height == pytest.approx(160 / 120, rel=0.01)
    assert width >= picture.shape[1] - 2 or height >= picture.shape[0] - 2


def test_the_metadata_are_in_the_table(viewer: ViewerPage) -> None:
    """Each scalar of the facility's stream has its row, with a value."""
    for name in ("beam_energy", "repetition_rate", "image_size_x", "image_size_y"):
        assert float(viewer.value(name).inner_text()) > 0, name
    assert viewer.value("image_size_x").inner_text() == "160"
    assert viewer.value("image_size_y").inner_text() == "120"


@pytest.mark.parametrize(("name", "points"), [("image_profile_x", 160), ("image_profile_y", 120)])
def test_a_profile_is_seen_as_a_curve(viewer: ViewerPage, name: str, points: int) -> None:
    """The row of a profile shows a curve: one line from side to side, highest in the middle."""
    assert f"[{points}]" in viewer.row(name).inner_text()
    spark = viewer.row(name).locator("canvas")
    box = spark.bounding_box()
    assert box["width"] > 50
    assert box["height"] > 15
    line = line_of(picture_of(spark.screenshot()))
    assert np.mean(~np.isnan(line)) > 0.95
    edges = np.nanmean(np.concatenate([line[: line.size // 10], line[-line.size // 10 :]]))
    assert np.nanmin(line) < edges - 8


def line_of(picture: NDArray[Any]) -> ndarray[Any, Any]:
    """Return the height of a curve for each column of a picture, in rows from the top; NaN where nothing is drawn."""
    # Without the rounded corners, which are of another colour than the ground.
    inner = picture[4:-4, 4:-4].astype(int)
    ground = np.median(inner, axis=(0, 1))
    drawn = np.abs(inner - ground).sum(axis=2) > 90
    heights = np.full(inner.shape[1], np.nan)
    for column in np.flatnonzero(drawn.any(axis=0)):
        heights[column] = np.flatnonzero(drawn[:, column]).mean()
    return heights


def test_a_profile_is_enlarged_on_click(viewer: ViewerPage) -> None:
    """A click on a profile opens it large, with axes, and the cursor says the value of a point."""
    viewer.value("image_profile_x").click()
    panel = viewer.page.locator("#curve-panel")
    assert viewer.text("curve-name") == "image_profile_x"
    assert panel.locator("canvas").bounding_box()["width"] > 300
    assert np.mean(~np.isnan(line_of(picture_of(panel.locator(".u-over").screenshot())))) > 0.9
    panel.locator(".u-over").hover()
    shown = re.fullmatch(r"\[(\d+)\] +(\S+)", viewer.wait_for_text("curve-value", "["))
    assert 75 < int(shown[1]) < 85
    assert 10 < float(shown[2]) < 25
    viewer.page.get_by_role("button", name="Close the curve").click()
    assert panel.is_hidden()


def test_the_enlarged_curve_follows_the_stream(viewer: ViewerPage) -> None:
    """The enlarged curve belongs to the pulse that it names, and goes on with the stream."""
    viewer.value("image_profile_y").click()
    about = viewer.page.locator("#curve-panel .curve-about")
    first = wait_until(lambda: re.search(r"pulse (\d+)$", about.inner_text()), 5, "the curve names its pulse")[1]
    wait_until(lambda: not about.inner_text().endswith(f"pulse {first}"), 5, "the next curve")


def test_the_status_fields_are_filled(viewer: ViewerPage, stream: int) -> None:
    """Address, socket type, pulse id, time, age, rates, lost pulses and refused messages are seen at once."""
    wait_until(lambda: 17 < float(viewer.text("received").strip("–") or 0) < 23, 20, "the rate of the source is shown")
    texts = {
        name: viewer.wait_for_text(name) for name in ("pulse", "time", "age", "received", "shown", "lost", "refused")
    }
    assert viewer.text("stream-address") == f"tcp://127.0.0.1:{stream}"
    assert viewer.text("socket-type") == "PULL"
    assert int(texts["pulse"]) > 0
    assert re.fullmatch(r"\d\d:\d\d:\d\d\.\d{3}", texts["time"])
    assert re.fullmatch(r"0\.\d s", texts["age"])
    assert texts["lost"] == "0"
    assert texts["refused"] == "0"
    for name in texts:
        assert viewer.by_id(name).is_visible(), name


def test_the_rate_shown_is_that_of_the_pictures(viewer: ViewerPage) -> None:
    """The rate of pictures shown comes near the rate of the source."""
    viewer.wait_for_frames(40)
    wait_until(lambda: 16 < float(viewer.text("shown")) < 24, 5, "20 pictures a second are shown")


def test_the_rate_received_leaves_out_the_time_without_viewers(
    new_page: Callable[[], Page], server: ServerProcess
) -> None:
    """Images are not counted while nobody watches; the first rate that a page is told is not lowered by that.

    It would be about 1, from the few images before and after those three seconds; with few images it is not yet 20.
    """
    first = new_page()
    ViewerPage(first).open(server).wait_until_playing()
    first.close()
    before = server.wait_for_status(lambda status: status["viewers"] == [], 10, "nobody watches")["source"]["messages"]
    server.wait_for_status(lambda status: status["source"]["messages"] > before + 60, 15, "three seconds pass")
    viewer = ViewerPage(new_page()).open(server)
    assert viewer.wait_for("() => viewer.status?.source.image_rate", "the rate is told") > 3


def test_a_pull_socket_is_said_to_take_messages_from_others(viewer: ViewerPage) -> None:
    """With a PUSH source the page warns that other receivers miss what this server takes."""
    assert viewer.text("shared-warning") == "takes messages from other receivers"


def test_the_title_tells_state_rate_and_stream(viewer: ViewerPage, stream: int) -> None:
    """The tab says that the page plays, how fast, and which stream."""
    expected = re.compile(rf"● \d+\.\d fps – tcp://127\.0\.0\.1:{stream}")
    wait_until(lambda: expected.fullmatch(viewer.page.title()), 5, "the title is there")


def test_a_number_explains_itself_on_click(viewer: ViewerPage) -> None:
    """A click on a number of the strip opens its parts, and Escape closes them."""
    viewer.by_id("latency").click()
    popover = viewer.page.get_by_role("region", name="Details")
    for part in ("in the server", "on the way", "decoded here", "drawn here"):
        assert part in popover.inner_text()
    viewer.page.keyboard.press("Escape")
    assert popover.is_hidden()


def test_the_page_works_under_a_plain_host_name(page: Page, server: ServerProcess) -> None:
    """Under http and a name that is no secure context everything works: pixels, values, curves, the URL's memory."""
    viewer = ViewerPage(page).open(server, "#format=exact", host=PLAIN_HOST)
    viewer.wait_until_playing()
    assert page.evaluate("() => isSecureContext") is False
    assert viewer.pixels().array.shape == (120, 160)
    assert viewer.value("image_size_x").inner_text() == "160"
    assert viewer.row("image_profile_x").locator("canvas").bounding_box()["width"] > 50
    viewer.by_id("colour-map").select_option("gray")
    viewer.wait_for("() => location.hash.includes('map=gray')", "the URL keeps the colour map")
    viewer.wait_for_frames(5)


def test_the_page_follows_the_preference_for_dark_or_light(viewer: ViewerPage) -> None:
    """The ground of the page is dark or light as the system prefers."""
    grounds = {}
    for scheme in ("dark", "light"):
        viewer.page.emulate_media(color_scheme=scheme)
        grounds[scheme] = picture_of(viewer.page.locator("#top").screenshot()).mean()
    assert grounds["dark"] < 90
    assert grounds["light"] > 200


def test_two_pages_show_the_stream_at_once(new_page: Callable[[], Page], server: ServerProcess) -> None:
    """Two pages play at the same time, and of a pulse that both show they have the same pixels."""
    one, two = (ViewerPage(new_page()).open(server, "#format=exact") for _ in range(2))
    one.wait_until_playing()
    two.wait_until_playing()
    for _ in range(100):
        first, second = one.pixels(), two.pixels()
        if first.pulse_id == second.pulse_id:
            break
    assert first.pulse_id == second.pulse_id
    assert first.array.tobytes() == second.array.tobytes()


def test_the_server_says_what_the_page_may_load(server: ServerProcess) -> None:
    """The policy of the page, its worker included, allows nothing but this server, and no inline script."""
    paths = re.findall(rb'(?:src|href)="\./(assets/[^"]+\.js)"', server.get("")[1])
    worker = re.search(rb"worker-[\w-]+\.js", server.get(paths[0].decode())[1])[0].decode()
    for path in ("", f"assets/{worker}"):
        status, _, headers = server.get(path)
        assert status == 200
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe-inline" not in policy
        assert "'unsafe-eval'" not in policy
        assert "http" not in policy
