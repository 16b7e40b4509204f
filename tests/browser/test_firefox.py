"""Firefox as it is: the page plays, and its pixels are those that were sent."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from tests.browser.images import image_of
from tests.browser.steady_source import SteadySource, constant
from tests.browser.viewer_page import PIXELS, read_pixels
from tests.firefox import Firefox
from tests.raw_source import Part, channel
from tests.server import running_server

PLAYING = "window.viewer !== undefined && viewer.shown !== null && document.getElementById('veil').hidden"
SHAPE = (37, 53)


@pytest.fixture(scope="module")
def source() -> Iterator[SteadySource]:
    """A source, whose messages the test sets."""
    with SteadySource(constant(channel("image", np.zeros((2, 2), np.uint8)))) as source:
        yield source


def test_firefox_plays_exact_pixels(firefox: Firefox, source: SteadySource) -> None:
    """The page plays by itself, with exact pixels of all kinds, and complains of nothing, nor asks another host."""
    with running_server(source.port) as server:
        firefox.open(server.url())
        firefox.wait_for(PLAYING, 30)
        for dtype in ("uint8", "uint16", "int32", "int64", "float32", "float64"):
            for compression in ("none", "bitshuffle_lz4"):
                source.make = sends(dtype, compression)
                firefox.wait_for(f"viewer.shown.pulse.pulseId > {source.next_pulse}", 20)
                pixels = read_pixels(firefox.evaluate(f"({PIXELS})()"))
                assert pixels.array.tobytes() == image_of(pixels.pulse_id, dtype, SHAPE).tobytes()
        assert (
            firefox.evaluate("document.querySelector('[data-channel=energy] [data-testid=value]').textContent") == "7"
        )
        address = firefox.evaluate("document.querySelector('[data-testid=stream-address]').textContent")
        assert address == f"tcp://127.0.0.1:{source.port}"
        assert firefox.complaints == []
        assert all(url.startswith((server.url(), "blob:", "data:")) for url in firefox.requests)


def test_firefox_shows_previews(firefox: Firefox, source: SteadySource) -> None:
    """Its decoder gives the pixels of a preview in another way; paused, the whole exact image takes its place."""
    image = np.tile(np.arange(640, dtype=np.uint16), (480, 1))
    source.make = constant(channel("image", image))
    with running_server(source.port) as server:
        firefox.open(server.url("#format=preview"))
        firefox.wait_for(f"{PLAYING} && viewer.shown.choice === 'preview'", 30)
        first = firefox.evaluate("Number(viewer.shown.pulse.pulseId)")
        firefox.wait_for(f"{PLAYING} && viewer.shown.pulse.pulseId > {first + 10}", 20)
        firefox.evaluate("document.querySelector('[data-testid=pause]').click()")
        firefox.wait_for("viewer.shown.choice === 'exact'", 20)
        assert np.array_equal(read_pixels(firefox.evaluate(f"({PIXELS})()")).array, image)
        assert firefox.complaints == []


def sends(dtype: str, compression: str) -> Callable[[Any], list[Part]]:
    """Return what makes the messages of one type and compression."""
    return lambda pulse_id: [
        channel("image", image_of(pulse_id, dtype, SHAPE), compression=compression), channel("energy", np.int32(7))
    ]  # fmt: skip
