"""A stream of array-1.0 at the address of a bsread stream: found out by itself, shown, and said to be what it is."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from tests.array_source import array_message
from tests.live_client import Frame, LiveClient
from tests.raw_source import RawSource, channel
from tests.server import ServerProcess, running_server
from tests.simulator import SCRIPT, running_simulator
from tests.support import deadline

IMAGE = np.arange(48, dtype=np.uint16).reshape(6, 8)
NO_TIME = "They are of the format array-1.0, which has no time of its own: the time of their receipt counts."


@pytest.fixture(scope="module")
def source_and_server() -> Iterator[tuple[RawSource, ServerProcess]]:
    with RawSource() as source, running_server(source.port) as server:
        yield source, server


def shown(source: RawSource, viewer: LiveClient, make: Callable[[int], list[bytes]]) -> Frame:
    """Send messages until one of them is shown, and return its frame."""
    end, count = time.monotonic() + deadline(8), len(viewer.frames)
    while len(viewer.frames) == count:
        assert time.monotonic() < end, "nothing was shown"
        source.pulse_id += 1
        source.send_parts(make(source.pulse_id))
        viewer.collect(0.02)
    return viewer.frames[count]


def told(
    source: RawSource, viewer: LiveClient, make: Callable[[int], list[bytes]], condition: Callable[[Any], bool]
) -> dict[str, Any]:
    """Send messages until the status of the source fulfils a condition, and return that."""
    end = time.monotonic() + deadline(8)
    found: dict[str, Any] = {}
    while time.monotonic() < end:
        source.pulse_id += 1
        source.send_parts(make(source.pulse_id))
        viewer.collect(0.02)
        found = viewer.statuses[-1]["source"] if viewer.statuses else {}
        if found and condition(found):
            return found
    raise AssertionError(f"not in time; last {found}")


@pytest.mark.parametrize("form", ["exact", "raw", "bslz4", "preview"])
def test_an_array_is_shown_with_what_it_says(source_and_server: tuple[RawSource, ServerProcess], form: str) -> None:
    """The pixels, the frame as the pulse id, no time of the source; the rest of the header is in the values."""
    source, server = source_and_server
    with LiveClient(server.url("live", "ws"), format=form, picture=[64, 48]) as viewer:
        before = time.time_ns()
        frame = shown(source, viewer, lambda number: array_message(number, IMAGE))
    assert frame.image is not None and frame.row is not None
    assert frame.image.shape == (6, 8)
    if form != "preview":
        assert np.array_equal(frame.pixels, IMAGE) and frame.image_block["exact"] is True
        assert frame.image_block["dtype"] == "uint16"
    assert frame.pulse_id == frame.row.values["frame"] and frame.source_time is None
    assert frame.receipt_time >= before
    assert frame.row.values["source"] == "a detector"
    assert frame.row.values["format"] == NO_TIME


def test_the_source_is_said_to_be_what_it_is(source_and_server: tuple[RawSource, ServerProcess]) -> None:
    """In the sentence that the page shows, and as a name for programs."""
    source, server = source_and_server
    with LiveClient(server.url("live", "ws")) as viewer:
        found = told(
            source,
            viewer,
            lambda number: array_message(number, IMAGE),
            lambda source: source["state"] == "receiving" and source["protocol"] == "array-1.0",
        )
    assert found["text"] == f"Messages come from tcp://127.0.0.1:{source.port}. {NO_TIME}"
    assert found["time_problem"] is None and found["refused"] == {}


def test_a_stream_may_change_its_protocol(source_and_server: tuple[RawSource, ServerProcess]) -> None:
    """From one to the other and back, while a viewer watches: each picture is shown, and no message is refused."""
    source, server = source_and_server
    refused = server.status()["source"]["refused"]
    other = IMAGE.astype(np.float64) * 1.5
    found: dict[str, Any] = {}
    with LiveClient(server.url("live", "ws"), format="exact") as viewer:
        for _ in range(2):
            frame = shown(source, viewer, lambda number: array_message(number, IMAGE))
            assert frame.image is not None and frame.image.dtype == np.uint16 and frame.source_time is None
            end = time.monotonic() + deadline(8)
            while frame.source_time is None:
                assert time.monotonic() < end
                frame = source.send_until_shown(viewer, channel("image", other))
            assert np.array_equal(frame.pixels, other)
            found = told(
                source, viewer, lambda number: array_message(number, IMAGE), lambda s: s["protocol"] == "array-1.0"
            )
        assert found["refused"] == refused


def test_float16_is_shown_as_float32(source_and_server: tuple[RawSource, ServerProcess]) -> None:
    """The numbers are those that were sent, as exact pixels and in a preview; that they were widened is said."""
    source, server = source_and_server
    sent = np.array([[0.1, -2.5, np.nan], [np.inf, 65504, 6e-8]], np.float16)
    with LiveClient(server.url("live", "ws"), format="exact") as viewer:
        frame = shown(source, viewer, lambda number: array_message(number, sent))
        assert frame.image is not None and frame.row is not None
        assert frame.image.dtype == np.float32 and np.array_equal(frame.image, sent.astype(np.float32), equal_nan=True)
        assert frame.row.values["format"].endswith("float16 is widened to float32, which changes no number.")
        found = told(source, viewer, lambda number: array_message(number, sent), lambda s: "float16" in s["text"])
        assert found["state"] == "receiving"
    with LiveClient(server.url("live", "ws"), format="preview", picture=[64, 48]) as viewer:
        frame = shown(source, viewer, lambda number: array_message(number, IMAGE.astype(np.float16)))
        assert frame.image_block["source_dtype"] == "float32"
        assert np.array_equal(frame.profiles["x"], IMAGE.sum(axis=0))


def test_bad_arrays_are_refused_and_counted(source_and_server: tuple[RawSource, ServerProcess]) -> None:
    """They are no silence: the state says what is wrong with them, the counts and the metrics how many there were."""
    source, server = source_and_server
    with LiveClient(server.url("live", "ws")) as viewer:
        shown(source, viewer, lambda number: array_message(number, IMAGE))
        found = told(
            source,
            viewer,
            lambda number: array_message(number, IMAGE, shape=[6, 9]),
            lambda s: s["state"] == "unusable" and s["refused"].get("array size", 0) >= 3,
        )
        assert "array size: 96 bytes, 108 expected from shape and type" in found["text"]
        found = told(
            source,
            viewer,
            lambda number: array_message(number, IMAGE, encoding="lz4"),
            lambda s: s["refused"].get("array header", 0) >= 3,
        )
        assert "encoding is 'lz4'" in found["text"]
        metrics = server.get("metrics")[1].decode()
        assert 'sov_source_refused_total{reason="array size"}' in metrics
        frame = shown(source, viewer, lambda number: array_message(number, IMAGE))
        assert np.array_equal(frame.pixels, IMAGE)


@pytest.mark.parametrize("mode", ["push", "pub"])
@pytest.mark.parametrize("scene", ["beam", "camera", "pipeline"])
def test_the_simulator_sends_it(scene: str, mode: str) -> None:
    """The images of the scenes, one after the other, from both kinds of socket."""
    options = ("--protocol", "array-1.0", "--scene", scene, "--mode", mode, "--rate", "40", "--size", "64x48")
    with running_simulator(*options) as (_, port), running_server(port) as server:
        with LiveClient(server.url("live", "ws"), format="exact") as viewer:
            frames = [viewer.next_frame() for _ in range(5)]
            found = viewer.next_status()["source"]
    assert {frame.image.shape for frame in frames if frame.image is not None} == {(48, 64)}
    assert {frame.image_block["dtype"] for frame in frames} == {"float64" if scene == "beam" else "uint16"}
    pulses = [frame.pulse_id for frame in frames]
    assert pulses == sorted(set(pulses))
    assert found["protocol"] == "array-1.0" and found["refused"] == {}


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (("--compression", "lz4"), "not compressed"),
        (("--scene", "merged"), "messages without an image"),
        (("--library",), "psi-bsread"),
    ],
)
def test_what_cannot_be_sent_so_is_said(option: tuple[str, ...], words: str) -> None:
    """One line, and exit code 2."""
    ended = subprocess.run(
        [sys.executable, str(SCRIPT), "-o", "0", "-n", "1", "--protocol", "array-1.0", *option],
        capture_output=True,
        text=True,
        timeout=deadline(20),
        check=False,
    )
    assert ended.returncode == 2 and words in ended.stderr and len(ended.stderr.strip().splitlines()) == 1


def test_the_status_of_a_bsread_stream_names_it() -> None:
    """The sentence stays as it was; nothing is to be said about such pulses."""
    with RawSource() as source, running_server(source.port) as server:
        assert server.status()["source"]["protocol"] is None
        with LiveClient(server.url("live", "ws")) as viewer:
            source.send_until_shown(viewer, channel("image", IMAGE))
            end = time.monotonic() + deadline(8)
            found: dict[str, Any] = {}
            while found.get("protocol") is None:
                assert time.monotonic() < end, json.dumps(found)
                source.send(channel("image", IMAGE))
                found = viewer.next_status()["source"]
        assert (found["protocol"], found["text"]) == ("bsread", f"Messages come from tcp://127.0.0.1:{source.port}.")
