"""From a real source through a real server: colour as it is wanted, pixels without a value, shades far from zero."""

import io
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.live_client import Frame, LiveClient
from tests.raw_source import RawSource, channel
from tests.server import ServerProcess, running_server
from tests.support import deadline, wait_until

COLOUR_SHAPE = (40, 60, 3)


@pytest.fixture(scope="module")
def source() -> Iterator[RawSource]:
    """A source that the tests feed."""
    with RawSource() as source:
        yield source


@pytest.fixture(scope="module")
def server(source: RawSource) -> Iterator[ServerProcess]:
    """A server that shows it."""
    with running_server(source.port) as server:
        yield server


def live(server: ServerProcess, **want: Any) -> LiveClient:
    """Connect a viewer."""
    return LiveClient(server.url("live", "ws"), every=False, **want)


def show(
    source: RawSource, viewer: LiveClient, image: NDArray[Any], until: Callable[[Frame], Any], **more: Any
) -> Frame:
    """Send an image until a frame is shown that is wanted; return that frame."""

    def sent() -> list[Frame]:
        source.send(channel("image", image, **more))
        viewer.collect(0.02)
        return [frame for frame in viewer.frames if frame.image is not None and until(frame)]

    viewer.frames.clear()
    return wait_until(sent, deadline(5), "the wanted frame", poll=0)[-1]


def encoded_images(server: ServerProcess) -> int:
    """Return the number of encoded images once two reports of the ingest process agree: they come five a second."""
    counts: list[int] = []

    def settled() -> bool:
        counts.append(server.status()["ingest"]["encoded"])
        return counts[-2:-1] == counts[-1:]

    wait_until(settled, 5, "no more images are encoded", poll=0.5)
    return counts[-1]


def fetched(source: RawSource, server: ServerProcess, image: NDArray[Any], path: str) -> tuple[int, bytes]:
    """Send an image until a request for a file is answered; return its status and body."""
    answers: list[tuple[int, bytes, dict[str, str]]] = []
    thread = threading.Thread(target=lambda: answers.append(server.get(path, timeout=20)))
    thread.start()
    end = time.monotonic() + deadline(10)
    while thread.is_alive() and time.monotonic() < end:
        source.send(channel("image", image))
        thread.join(0.02)
    thread.join(1)
    return answers[0][0], answers[0][1]


def colour(dtype: str, kind: str) -> NDArray[Any]:
    """A colour image in which every value is another."""
    values = np.arange(np.prod(COLOUR_SHAPE)).reshape(COLOUR_SHAPE).astype(dtype)
    return values if kind == "interleaved" else np.moveaxis(values, -1, 0).copy()


@pytest.mark.parametrize("kind", ["interleaved", "planar"])
@pytest.mark.parametrize(("dtype", "compression"), [("uint16", "bitshuffle_lz4"), ("float32", "none")])
def test_a_viewer_chooses_between_colour_and_a_stack(
    source: RawSource, server: ServerProcess, kind: str, dtype: str, compression: str
) -> None:
    """Colour by the shape, a stack when that is wanted, colour again; beside it a viewer that knows of no choice."""
    image = colour(dtype, kind)
    more = {"compression": compression}
    with live(server, format="exact", colour="auto") as viewer, live(server, format="exact") as old:
        frame = show(source, viewer, image, lambda f: f.image_block.get("colour") == kind, **more)
        np.testing.assert_array_equal(frame.image, image)
        assert frame.image_block["exact"] is True
        frame = show(source, old, image, lambda f: f.image_block["shape"] == list(image.shape[1:]), **more)
        assert frame.image_block["slice"] == [0, len(image)]
        viewer.want(colour="slices", slice=2)
        frame = show(source, viewer, image, lambda f: f.image_block.get("slice") == [2, len(image)], **more)
        np.testing.assert_array_equal(frame.image, image[2])
        viewer.want(colour="colour", crop=[3, 4, 5, 6], format="preview")
        frame = show(source, viewer, image, lambda f: f.image_block.get("colour") == "interleaved", **more)
        assert frame.image_block["levels"][0] < frame.image_block["levels"][1]


def test_a_stream_that_says_gray_is_a_stack(source: RawSource, server: ServerProcess) -> None:
    """Three frames of a camera that names its pixels Mono16."""
    image = colour("uint16", "planar")
    with live(server, format="exact", colour="auto") as viewer:
        frame = show(source, viewer, image, lambda f: f.image_block.get("slice"), encoding="Mono16")
        np.testing.assert_array_equal(frame.image, image[0])


def test_viewers_that_cannot_differ_share_one_encoding(source: RawSource, server: ServerProcess) -> None:
    """Of a plain image there is nothing to choose: with and without the wish it is encoded once."""
    image = np.arange(30000, dtype=np.uint16).reshape(100, 300)
    viewers = [live(server, format="preview", picture=[300, 100], **wish) for wish in ({"colour": "auto"}, {})]
    try:
        for viewer in viewers:
            show(source, viewer, image, lambda f: f.image.shape == (100, 300))
        before, sequences = encoded_images(server), set()
        for _ in range(10):
            source.send(channel("image", image))
            for viewer in viewers:
                sequences.add(viewer.next_frame().sequence)
        server.wait_for_status(lambda s: s["ingest"]["encoded"] > before, 3, "counted")
        assert encoded_images(server) - before <= len(sequences) + 2
    finally:
        for viewer in viewers:
            viewer.close()


def test_a_preview_says_which_of_its_pixels_have_no_value(source: RawSource, server: ServerProcess) -> None:
    """A corner of NaN; without it the block is not there."""
    image = np.add.outer(np.arange(100.0), np.arange(150.0))
    holes = image.copy()
    holes[:30, :30] = np.nan
    with live(server, format="preview", picture=[50, 34]) as viewer:
        frame = show(source, viewer, holes, lambda f: f.image_block.get("binning") == 3 and f.bad is not None)
        assert frame.bad is not None and frame.bad.shape == frame.pixels.shape == (34, 50)
        assert frame.bad[:10, :10].all() and np.count_nonzero(frame.bad) == 100
        assert show(source, viewer, image, lambda f: f.image_block["numbers"]["not_finite"] == 0).bad is None


@pytest.mark.parametrize(("dtype", "first"), [("int32", 2**30), ("float64", 10**9), ("int64", 2**60)])
def test_the_png_of_64_steps_far_from_zero_has_64_colours(
    source: RawSource, server: ServerProcess, dtype: str, first: int
) -> None:
    """At the address that scripts use, with the levels that the server finds."""
    image = np.arange(64).reshape(8, 8).astype(dtype) + np.dtype(dtype).type(first)
    code, body = fetched(source, server, image, "image.png?colormap=gray")
    assert code == 200
    shades = np.asarray(Image.open(io.BytesIO(body)).convert("RGB"))[:, :, 0]
    assert len(np.unique(shades)) == 64


def test_files_of_colour_images(source: RawSource, server: ServerProcess) -> None:
    """The NPY has all parts, the PNG is in colour; a slice of the stack for who asks for one."""
    image = colour("uint16", "planar")
    for path, wanted in (("image.npy", image), ("image.npy?slice=1", image[1]), ("image.npy?colour=slices", image[0])):
        code, body = fetched(source, server, image, path)
        assert code == 200
        np.testing.assert_array_equal(np.load(io.BytesIO(body)), wanted)
    code, body = fetched(source, server, image, "image.png")
    assert Image.open(io.BytesIO(body)).mode == "RGB"
