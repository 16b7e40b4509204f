"""What is shown when a stream has several images, a stack, colour, a curve, or no array at all."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from tests.browser.images import image_of
from tests.browser.steady_source import SteadySource, constant
from tests.browser.viewer_page import ViewerPage, picture_of
from tests.raw_source import Part, channel
from tests.server import ServerProcess, running_server
from tests.support import wait_until


@pytest.fixture(scope="module")
def cameras() -> Iterator[ServerProcess]:
    """A server on a stream with two image channels."""
    with SteadySource(two_images) as source, running_server(source.port) as server:
        yield server


@pytest.fixture
def viewer(page: Page, cameras: ServerProcess) -> ViewerPage:
    """The page of that server."""
    return ViewerPage(page).open(cameras)


@pytest.fixture
def play(page: Page) -> Iterator[Callable[..., ViewerPage]]:
    """Give a function that runs a source and a server, and opens the page."""
    with ExitStack() as running:

        def start(make: Callable[[int], list[Part]], *options: str) -> ViewerPage:
            source = running.enter_context(SteadySource(make))
            server = running.enter_context(running_server(source.port, *options))
            return ViewerPage(page).open(server)

        yield start
        # Before its server is gone: nothing is to be complained of that.
        page.close()


def two_images(pulse_id: int) -> list[Part]:
    """Return two image channels that differ in size and type, and tell the pulse id."""
    return [
        channel("CAMERA-1:FPICTURE", np.full((6, 8), pulse_id, np.uint32)),
        channel("CAMERA-2:FPICTURE", np.full((5, 4), -pulse_id, np.int16)),
        channel("counter", np.int32(pulse_id)),
    ]


def choices(viewer: ViewerPage) -> list[Any]:
    """Return the channels that are offered as image."""
    return [text.split("  (")[0] for text in viewer.by_id("image-channel").locator("option").all_text_contents()]


def choose(viewer: ViewerPage, name: str) -> None:
    """Choose an image channel and wait until it is shown."""
    texts = viewer.by_id("image-channel").locator("option").all_text_contents()
    viewer.by_id("image-channel").select_option(label=next(text for text in texts if text.startswith(name)))
    viewer.wait_for("(name) => viewer.shown?.channel === name", f"{name} is shown", argument=name)


def test_one_of_two_images_can_be_chosen(viewer: ViewerPage) -> None:
    """With two image channels the page offers both; the chosen one is shown, exactly, and stays in the URL."""
    viewer.wait_until_playing()
    assert viewer.moment().shown["channel"] == "CAMERA-1:FPICTURE"
    viewer.wait_for("() => document.querySelectorAll('#image-channel option').length === 2", "the choice")
    assert choices(viewer) == ["CAMERA-1:FPICTURE", "CAMERA-2:FPICTURE"]
    choose(viewer, "CAMERA-2:FPICTURE")
    pixels = viewer.pixels()
    assert np.array_equal(pixels.array, np.full((5, 4), -pixels.pulse_id, np.int16))
    viewer.wait_for("() => location.hash === '#image=CAMERA-2:FPICTURE'", "the URL keeps the choice")
    choose(viewer, "CAMERA-1:FPICTURE")


def test_the_choice_of_one_viewer_is_not_that_of_another(viewer: ViewerPage, new_page: Callable[[], Page]) -> None:
    """Two pages show different image channels of one stream at the same time."""
    other = ViewerPage(new_page())
    other.page.goto(viewer.page.url + "#image=CAMERA-2:FPICTURE")
    other.wait_until_playing()
    viewer.wait_until_playing()
    for _ in range(3):
        assert viewer.moment().shown["channel"] == "CAMERA-1:FPICTURE"
        assert other.moment().shown["channel"] == "CAMERA-2:FPICTURE"
        viewer.wait_for_frames(2)
        other.wait_for_frames(2)


def test_the_image_that_is_not_shown_is_named_in_the_table(viewer: ViewerPage) -> None:
    """The other image has a row with its type and size, since its pixels are not sent."""
    viewer.wait_until_playing()
    assert "int16 5 × 4" in viewer.row("CAMERA-2:FPICTURE").inner_text()
    assert viewer.row("CAMERA-1:FPICTURE").count() == 0


def test_a_chosen_channel_that_is_not_there_is_named(page: Page, cameras: ServerProcess) -> None:
    """The URL asks for a channel that the stream does not have: the page says which, and offers the others."""
    viewer = ViewerPage(page).open(cameras, "#image=CAMERA-3:FPICTURE")
    viewer.wait_for_veil("no-channel", "The chosen image channel is not in the stream", "CAMERA-3:FPICTURE")
    choose(viewer, "CAMERA-1:FPICTURE")
    viewer.wait_until_playing()


def test_a_slice_of_a_stack_can_be_chosen(play: Callable[..., ViewerPage]) -> None:
    """A channel of three dimensions shows one slice; which one is chosen, and its pixels are exact."""
    stack = np.stack([image_of(number, "uint16", (7, 9)) for number in range(5)])
    viewer = play(constant(channel("image", stack)))
    viewer.wait_until_playing()
    assert np.array_equal(viewer.pixels().array, stack[0])
    assert "of 5" in viewer.page.locator(".slices").inner_text()
    viewer.by_id("slice").fill("3")
    viewer.by_id("slice").press("Enter")
    viewer.wait_for("() => viewer.shown?.slice?.[0] === 3", "slice 3 is shown")
    viewer.wait_for("() => location.hash.includes('slice=3')", "the URL knows the slice")
    assert np.array_equal(viewer.pixels().array, stack[3])


@pytest.mark.parametrize("layout", ["interleaved", "planar"])
def test_the_value_of_a_colour_pixel_has_all_parts(play: Callable[..., ViewerPage], layout: str) -> None:
    """Over a colour image the readout has a number for each of red, green and blue; levels are not offered."""
    image = np.zeros((5, 6, 3), np.uint8)
    image[...] = (10, 200, 99)
    viewer = play(constant(channel("image", image if layout == "interleaved" else image.transpose(2, 0, 1).copy())))
    viewer.wait_until_playing()
    box = viewer.canvas_box()
    viewer.page.mouse.move(box["x"] + box["width"] / 2 + 5, box["y"] + box["height"] / 2 + 5)
    viewer.wait_for_text("readout-value", "R 10, G 200, B 99")
    assert viewer.by_id("level-low").is_hidden()
    assert np.array_equal(viewer.pixels().array, image)


def test_a_stream_without_image_shows_its_largest_array(play: Callable[..., ViewerPage]) -> None:
    """The largest array is drawn as a curve over the whole area, with the value under the cursor, and is exact."""

    def make(pulse_id: int) -> list[Part]:
        return [
            channel("short", np.arange(5.0)),
            channel("spectrum", pulse_id + 100 * np.sin(np.arange(400) / 60)),
            channel("energy", np.float64(5.5)),
        ]  # fmt: skip

    viewer = play(make)
    viewer.wait_until_playing()
    assert viewer.moment().shown["channel"] == "spectrum"
    pixels = viewer.pixels()
    assert np.array_equal(pixels.array, pixels.pulse_id + 100 * np.sin(np.arange(400) / 60))
    curve = viewer.by_id("stage-curve").locator(".u-over")
    picture = picture_of(curve.screenshot()).astype(int)
    drawn = np.abs(picture - picture[2, 2]).sum(axis=2) > 90
    assert drawn.any(axis=0).mean() > 0.95
    curve.hover()
    place = viewer.wait_for_text("readout-place", "index ")
    assert 195 <= int(place.removeprefix("index ")) <= 205
    assert viewer.value("energy").inner_text() == "5.50000"
    assert viewer.row("short").locator("canvas").is_visible()


def test_a_stream_of_scalars_shows_its_table(play: Callable[..., ViewerPage]) -> None:
    """Without any array the page says that no image comes, and the table follows the stream."""
    viewer = play(lambda pulse_id: [channel("counter", np.int32(pulse_id)), channel("text", "steady")])
    viewer.wait_for_veil("no-image", "Scalars arrive, no image", "The stream has no image channel")
    first = int(viewer.value("counter").inner_text())
    wait_until(lambda: int(viewer.value("counter").inner_text()) > first + 20, 10, "the table follows")
    assert viewer.value("text").inner_text() == "steady"
    assert viewer.text("table-note") == "newest, no picture"


def test_the_option_names_the_image_channel(play: Callable[..., ViewerPage]) -> None:
    """`--image-channel` decides what is shown first."""
    viewer = play(two_images, "--image-channel", "CAMERA-2:FPICTURE")
    viewer.wait_until_playing()
    assert viewer.moment().shown["channel"] == "CAMERA-2:FPICTURE"


def test_channels_that_change_are_followed(play: Callable[..., ViewerPage]) -> None:
    """Size and type of the image and the other channels change from one message to the next: each frame is right."""
    shapes = [((6, 8), "uint16"), ((12, 5), "float32"), ((3, 30), "int64"), ((6, 8), "uint8")]

    def make(pulse_id: int) -> list[Part]:
        shape, dtype = shapes[pulse_id % 4]
        return [channel("image", image_of(pulse_id, dtype, shape)), channel(f"only {pulse_id % 4}", np.int32(pulse_id))]

    viewer = play(make)
    viewer.wait_until_playing()
    seen: set[int] = set()
    while len(seen) < 4:
        pixels = viewer.pixels()
        shape, dtype = shapes[pixels.pulse_id % 4]
        assert pixels.array.tobytes() == image_of(pixels.pulse_id, dtype, shape).tobytes()
        assert pixels.array.shape == shape and pixels.array.dtype == dtype
        seen.add(pixels.pulse_id % 4)
