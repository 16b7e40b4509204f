"""Previews, parts, float32 and pauses: what a viewer gets is of the right pulse, exact where it says so, and shared."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from stream_online_viewer.ingest.preview import binned
from tests.live_client import Frame, LiveClient
from tests.raw_source import RawSource, channel
from tests.server import ServerProcess, running_server
from tests.support import deadline, wait_until

SHAPE = (300, 500)
COMPRESSIONS = ["none", "lz4", "bitshuffle_lz4"]


def spot(pulse: int, dtype: str = "uint16", shape: tuple[int, int] = SHAPE) -> NDArray[Any]:
    """An image that differs from pulse to pulse, with structure in both directions."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    return (100 + 3 * pulse + 900 * np.exp(-(((x - 300) / 60) ** 2) - ((y - 120) / 40) ** 2)).astype(dtype)


@pytest.fixture
def source() -> Iterator[RawSource]:
    """A source that a test feeds."""
    with RawSource() as source:
        yield source


@pytest.fixture
def server(source: RawSource) -> Iterator[ServerProcess]:
    """A server that shows it."""
    with running_server(source.port) as server:
        yield server


def show(
    source: RawSource,
    viewer: LiveClient,
    make: Callable[[int], NDArray[Any]] = spot,
    seconds: float = 5.0,
    until: Callable[[Frame], bool] = lambda frame: True,
    **more: Any,
) -> tuple[Frame, NDArray[Any]]:
    """Send images until a frame is shown that is wanted; return it and the image of its pulse."""
    found: list[Frame] = []

    def sent() -> list[Frame]:
        pulse = source.pulse_id + 1
        source.send(channel("image", make(pulse), **more))
        viewer.collect(0.02)
        found[:] = [frame for frame in viewer.frames if until(frame)]
        return found

    viewer.frames.clear()
    wait_until(sent, seconds, "the wanted frame", poll=0)
    return found[-1], make(found[-1].pulse_id)


def live(server: ServerProcess, **want: Any) -> LiveClient:
    """Connect a viewer."""
    return LiveClient(server.url("live", "ws"), **want)


@pytest.mark.parametrize("compression", COMPRESSIONS)
@pytest.mark.parametrize("order", ["little", "big"])
def test_a_preview_is_a_small_picture_with_exact_numbers(
    source: RawSource, server: ServerProcess, compression: str, order: str
) -> None:
    """Binned to the window, gray by the levels that it names; the numbers are those of the whole image of its pulse."""
    with live(server, format="preview", picture=[260, 160], every=False) as viewer:
        frame, image = show(
            source, viewer, until=lambda f: "binning" in f.image_block, compression=compression, order=order
        )
        block = frame.image_block
        assert (block["format"], block["exact"], block["binning"], block["of"]) == ("jpeg", False, 2, list(SHAPE))
        assert (block["dtype"], block["source_dtype"]) == ("uint8", "uint16")
        low, high = block["levels"]
        expected = np.clip((binned(image, 2).astype(float) - low) / (high - low) * 255, 0, 255)
        assert np.abs(frame.image - expected).max() < 16
        assert np.abs(frame.image - expected).mean() < 1
        numbers = block["numbers"]
        assert [int(numbers[key]) for key in ("min", "max", "sum")] == [image.min(), image.max(), image.sum()]
        assert (numbers["finite"], numbers["not_finite"], numbers["saturated"]) == (image.size, 0, 0)
        assert list(frame.profiles["x"]) == list(image.sum(axis=0))
        assert list(frame.profiles["y"]) == list(image.sum(axis=1))
        assert frame.histogram is not None
        counts, first, width = frame.histogram
        assert list(counts) == list(np.histogram(image, first + width * np.arange(len(counts) + 1))[0])
        assert frame.detail is None
        you = viewer.next_status()["you"]
        assert (you["choice"], you["why"]) == ("preview", "wish")


def test_the_very_first_preview_is_small_already(source: RawSource, server: ServerProcess) -> None:
    """Before the web process knows how large the image is: a slow link would wait longest for the first picture."""
    with live(server, format="preview", picture=[250, 150], every=False) as viewer:
        frame, _ = show(source, viewer)
        assert frame.image_block["binning"] == 2


@pytest.mark.parametrize("dtype", ["uint8", "int16", "int32", "uint64", "float32", "float64", "bool"])
def test_any_type_has_a_preview(source: RawSource, server: ServerProcess, dtype: str) -> None:
    """All numeric types, with numbers of their own kind."""

    def make(pulse: int) -> NDArray[Any]:
        return spot(pulse) > 500 if dtype == "bool" else (spot(pulse) / 8).astype(dtype)

    with live(server, format="preview", picture=[500, 300], every=False) as viewer:
        frame, image = show(source, viewer, make)
        low, high = frame.image_block["levels"]
        expected = np.clip((image.astype(float) - low) / (high - low) * 255, 0, 255)
        assert np.abs(frame.image - expected).mean() < (3 if dtype == "bool" else 1)
        assert float(frame.image_block["numbers"]["max"]) == image.max()
        np.testing.assert_allclose(frame.profiles["y"].astype(float), image.sum(axis=1, dtype=float), rtol=1e-6)


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_the_detail_under_the_cursor_is_exact_and_of_the_same_pulse(
    source: RawSource, server: ServerProcess, compression: str
) -> None:
    """64 x 64 pixels around the cursor, cut at the edges of the image, in every frame from then on."""
    with live(server, format="preview", picture=[250, 150], every=False, hover=[300, 120]) as viewer:
        for hover in ([300, 120], [0, 0], [499, 299]):
            viewer.want(hover=hover)
            frame, image = show(source, viewer, until=partial(holds, hover=hover), compression=compression)
            x, y, width, height = frame.detail_block["crop"]
            assert (width, height) == (64, 64)
            assert frame.detail_block["exact"] is True
            np.testing.assert_array_equal(frame.detail, image[y : y + height, x : x + width])
        viewer.want(hover=None)
        show(source, viewer, until=lambda f: f.detail is None)


def holds(frame: Frame, hover: list[int]) -> bool:
    """Whether the detail of a frame holds a place."""
    if frame.detail is None:
        return False
    x, y, width, height = frame.detail_block["crop"]
    return x <= hover[0] < x + width and y <= hover[1] < y + height


@pytest.mark.parametrize("compression", COMPRESSIONS)
@pytest.mark.parametrize("format_", ["auto", "exact"])
def test_zoomed_in_a_viewer_gets_the_exact_part_that_it_sees(
    source: RawSource, server: ServerProcess, compression: str, format_: str
) -> None:
    """Exact pixels with a margin, at their place in the image; all of it again when all of it is seen."""
    with live(server, format=format_, every=False, crop=[200, 100, 60, 40]) as viewer:
        frame, image = show(source, viewer, until=lambda f: "crop" in f.image_block, compression=compression)
        block = frame.image_block
        x, y, width, height = block["crop"]
        assert x <= 200 and y <= 100 and x + width >= 260 and y + height >= 140
        assert width * height < image.size / 2
        assert (block["exact"], block["of"]) == (True, list(SHAPE))
        np.testing.assert_array_equal(frame.image, image[y : y + height, x : x + width])
        you = viewer.next_status()["you"]
        assert (you["choice"], you["why"]) == ("crop", "zoom")
        viewer.want(crop=None)
        frame, image = show(source, viewer, until=lambda f: "crop" not in f.image_block, compression=compression)
        np.testing.assert_array_equal(frame.image, image)


def test_a_part_of_an_image_that_shrinks_is_cut_to_it(source: RawSource, server: ServerProcess) -> None:
    """The camera's region of interest gets smaller while a viewer is zoomed in: no fault, no foreign pixel."""
    with live(server, every=False, crop=[400, 200, 60, 40]) as viewer:
        show(source, viewer, until=lambda f: "crop" in f.image_block)
        frame, image = show(
            source, viewer, lambda pulse: spot(pulse, shape=(50, 60)), until=lambda f: f.image.shape == (50, 60)
        )
        np.testing.assert_array_equal(frame.image, image)
        assert server.status()["source"]["invalid"] == {}


def test_colour_has_previews_and_parts(source: RawSource, server: ServerProcess) -> None:
    """Colour is reduced in colour, and cut in both of its layouts."""

    def make(pulse: int) -> NDArray[Any]:
        return np.dstack([spot(pulse, "float64") / 1100 * level for level in (250, 120, 20)]).astype(np.uint8)

    with live(server, format="preview", picture=[250, 150], every=False) as viewer:
        frame, image = show(source, viewer, make, until=lambda f: "binning" in f.image_block)
        assert frame.image.shape == (150, 250, 3)
        assert np.abs(frame.image - binned(image, 2).astype(float)).mean() < 4
        viewer.want(format="exact", crop=[200, 100, 60, 40])
        frame, image = show(source, viewer, make, until=lambda f: f.image_block["exact"] and "crop" in f.image_block)
        x, y, width, height = frame.image_block["crop"]
        np.testing.assert_array_equal(frame.image, image[y : y + height, x : x + width])
        frame, image = show(
            source, viewer, lambda pulse: np.moveaxis(make(pulse), -1, 0).copy(), until=lambda f: len(f.pixels) == 3
        )
        x, y, width, height = frame.image_block["crop"]
        np.testing.assert_array_equal(frame.image, image[:, y : y + height, x : x + width])


def test_doubles_as_float32_when_less_is_asked_for(source: RawSource, server: ServerProcess) -> None:
    """Half of the bytes, rounded, and not called exact; other types stay exact."""
    with live(server, format="float32", every=False) as viewer:
        frame, image = show(source, viewer, lambda pulse: spot(pulse, "float64") / 7)
        block = frame.image_block
        assert (block["dtype"], block["source_dtype"], block["exact"]) == ("float32", "float64", False)
        np.testing.assert_array_equal(frame.image, image.astype(np.float32))
        frame, image = show(source, viewer, until=lambda f: f.image_block["dtype"] == "uint16")
        assert frame.image_block["exact"] is True
        np.testing.assert_array_equal(frame.image, image)


@pytest.mark.parametrize("silent", [False, True], ids=["playing", "silent"])
def test_pausing_gives_the_newest_whole_exact_image_once(
    source: RawSource, server: ServerProcess, silent: bool
) -> None:
    """Also when the source has fallen silent: the pulse on screen comes once more, whole and exact."""
    with live(server, format="preview", picture=[250, 150], every=False) as viewer:
        frame, _ = show(source, viewer)
        viewer.collect(0.1)
        last = viewer.frames[-1].pulse_id
        viewer.frames.clear()
        viewer.want(paused=True)
        if silent:
            still = viewer.next_frame()
            assert still.pulse_id == last
        else:
            still, _ = show(source, viewer)
        assert still.image_block["exact"] is True
        np.testing.assert_array_equal(still.image, spot(still.pulse_id))
        for _ in range(20):
            source.send(channel("image", spot(source.pulse_id + 1)))
            viewer.collect(0.01)
        assert viewer.frames[-1].pulse_id == still.pulse_id
        assert viewer.next_status()["you"]["why"] == "pause"
        viewer.want(paused=False)
        frame, _ = show(source, viewer)
        assert frame.image_block["format"] == "jpeg"
        assert frame.pulse_id > still.pulse_id


def test_viewers_with_such_windows_share_one_encoding(source: RawSource, server: ServerProcess) -> None:
    """Ten previews for windows that differ a little cost as much as one."""
    viewers = [live(server, format="preview", picture=[240 + n, 145 + n], every=False) for n in range(10)]
    try:
        for viewer in viewers:
            show(source, viewer, until=lambda f: "binning" in f.image_block)
        before = server.status()["ingest"]["encoded"]
        sequences = set()
        for _ in range(10):
            source.send(channel("image", spot(source.pulse_id + 1)))
            for viewer in viewers:
                sequences.add(viewer.next_frame().sequence)
        encoded = server.wait_for_status(lambda s: s["ingest"]["encoded"] > before, 3, "counted")["ingest"]["encoded"]
        assert encoded - before <= len(sequences) + 2
    finally:
        for viewer in viewers:
            viewer.close()


def test_encodings_of_ones_own_are_bounded(source: RawSource, server: ServerProcess) -> None:
    """Twenty viewers look at twenty places: the last are sent what all share, and are told why."""
    viewers = []
    try:
        for n in range(20):
            viewer = live(server, format="preview", picture=[250, 150], every=False, hover=[20 * n, 100])
            viewers.append(viewer)
            show(source, viewer)
        whys = [viewer.next_status()["you"]["why"] for viewer in viewers]
        assert whys.count("encoders") == 8
        frame, _ = show(source, viewers[-1])
        assert frame.detail is None and frame.image_block["format"] == "jpeg"
        for viewer in viewers[:10]:
            viewer.close()
        viewers[-1].want(hover=[380, 101])
        show(source, viewers[-1], until=lambda f: f.detail is not None, seconds=deadline(5))
    finally:
        for viewer in viewers:
            viewer.close()


def test_a_damaged_image_has_no_preview_and_harms_nobody(source: RawSource, server: ServerProcess) -> None:
    """Compressed data that cannot be decoded is named; the next good image is shown."""
    with live(server, format="preview", picture=[250, 150], every=False) as viewer:
        show(source, viewer, compression="bitshuffle_lz4")
        bad = channel("image", spot(1), compression="bitshuffle_lz4")
        bad.payload = bad.payload[:40] + bytes(len(bad.payload) - 40)
        damaged = source.send(bad)
        while (frame := viewer.next_frame()).pulse_id < damaged:
            pass
        assert frame.image is None
        assert "image" in frame.invalid
        show(source, viewer, compression="bitshuffle_lz4")
