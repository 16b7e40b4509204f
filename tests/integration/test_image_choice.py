"""Which channel is the image: found by its name or its size, given by an option, or chosen by a viewer."""

import contextlib
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from tests.live_client import Frame, LiveClient
from tests.raw_source import RawSource, channel
from tests.server import ServerProcess, running_server
from tests.support import deadline

SMALL = np.arange(20, dtype=np.uint16).reshape(4, 5)
LARGE = np.arange(600, dtype=np.float32).reshape(20, 30)
CURVE = np.linspace(0, 1, 50)
NUMBER = np.float64(1.5)


@contextlib.contextmanager
def viewer_of(source: RawSource, *options: str, **want: Any) -> Iterator[tuple[ServerProcess, LiveClient]]:
    """A viewer of a new server."""
    with running_server(source.port, *options) as server, LiveClient(server.url("live", "ws"), **want) as viewer:
        yield server, viewer


def name_of(viewer: LiveClient, frame: Frame) -> str:
    """Return the name of the channel that a frame shows."""
    return viewer.names[frame.image_block["channel"]]


@pytest.mark.parametrize(
    ("channels", "chosen"),
    [
        ({"large": LARGE, "image": SMALL, "CAM:FPICTURE": LARGE, "curve": CURVE}, "image"),
        ({"large": LARGE, "CAM:FPICTURE": SMALL, "curve": CURVE}, "CAM:FPICTURE"),
        ({"small": SMALL, "large": LARGE, "curve": CURVE, "number": NUMBER}, "large"),
        ({"short": CURVE[:7], "curve": CURVE, "number": NUMBER}, "curve"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_the_image_is_found(channels: dict[str, Any], chosen: str) -> None:
    """`image`, else `*:FPICTURE`, else the largest image, else the largest curve; the rest comes along."""
    with RawSource() as source, viewer_of(source) as (server, viewer):
        frame = source.send_until_shown(viewer, *(channel(name, value) for name, value in channels.items()))
        assert name_of(viewer, frame) == chosen
        assert np.array_equal(frame.pixels, channels[chosen])
        others = {name: value for name, value in channels.items() if name != chosen}
        assert set(frame.arrays) == {name for name, value in others.items() if value.ndim == 1}
        assert set(frame.omitted) == {name for name, value in others.items() if value.ndim == 2}
        status = server.wait_for_status(lambda status: status["default_image"], 2, "the choice is told")
        assert status["default_image"] == chosen
        assert chosen in {image["name"] for image in status["images"]}


def test_the_option_names_the_image() -> None:
    """`--image-channel` is what is shown, also where another channel is called image."""
    with RawSource() as source, viewer_of(source, "--image-channel", "small") as (_, viewer):
        frame = source.send_until_shown(viewer, channel("image", LARGE), channel("small", SMALL))
        assert name_of(viewer, frame) == "small"
        assert np.array_equal(frame.pixels, SMALL)


def test_each_viewer_may_choose_another_image() -> None:
    """The option is only the default; what one viewer chooses changes nothing for another."""
    with RawSource() as source, viewer_of(source) as (server, one), LiveClient(server.url("live", "ws")) as two:
        channels = [channel("image", SMALL), channel("large", LARGE)]
        source.send_until_shown(one, *channels)
        source.send_until_shown(two, *channels)
        # What there is stands in the first status after an image was looked at.
        while not (images := two.next_status()["images"]):
            pass
        offered = {two.names[number]: (dtype, shape) for number, dtype, shape in images}
        assert offered == {"image": ("uint16", [4, 5]), "large": ("float32", [20, 30])}
        two.want(image="large")
        server.wait_for_status(lambda status: "large" in {v["image"] for v in status["viewers"]}, 2, "chosen")
        for _ in range(3):
            source.send_until_shown(two, *channels)
            one.next_frame()
        assert name_of(two, two.frames[-1]) == "large"
        assert np.array_equal(two.frames[-1].pixels, LARGE)
        assert {name_of(one, frame) for frame in one.frames} == {"image"}
        two.want(image=None)
        server.wait_for_status(lambda status: {v["image"] for v in status["viewers"]} == {None}, 2, "default again")
        source.send_until_shown(two, *channels)
        source.send_until_shown(two, *channels)
        assert name_of(two, two.frames[-1]) == "image"


def test_a_curve_can_be_chosen_as_image() -> None:
    """A viewer may look at any array; one that is not there yet is waited for."""
    with RawSource() as source, viewer_of(source, image="curve") as (server, viewer):
        source.send(channel("image", SMALL))
        server.wait_for_status(lambda status: status["source"]["messages"] == 1, 2, "received")
        frame = source.send_until_shown(viewer, channel("image", SMALL), channel("curve", CURVE))
        assert np.array_equal(frame.pixels, CURVE)
        assert frame.image_block["shape"] == [50]


def test_a_stream_of_scalars_only() -> None:
    """Without any array every row comes in the scalar lane, and nothing is offered as image."""
    with RawSource() as source, viewer_of(source) as (server, viewer):
        while not viewer.rows:
            source.send(channel("number", NUMBER), channel("text", "on"))
            viewer.collect(0.05)
        first = viewer.rows[0].pulse_id
        for _ in range(100):
            last = source.send(channel("number", NUMBER), channel("text", "on"))
        while viewer.rows[-1].pulse_id < last:
            viewer.receive(deadline(3))
        assert [row.pulse_id for row in viewer.rows] == list(range(first, last + 1))
        assert all(row.values == {"number": 1.5, "text": "on"} for row in viewer.rows)
        source_state = server.status()["source"]
        assert viewer.frames == []
        assert source_state["image_age_s"] is None
        assert source_state["age_s"] is not None


def test_an_image_without_a_value_is_not_replaced_by_another_channel() -> None:
    """In merged streams most messages have no image: the choice stays, and no lesser channel is shown in between."""
    with RawSource() as source, viewer_of(source) as (_, viewer):
        with_image = [channel("image", SMALL), channel("large", LARGE)]
        source.send_until_shown(viewer, *with_image)
        for _ in range(20):
            source.send(channel("image", None, type="uint16", shape=[5, 4]), channel("large", LARGE))
        last = source.send(*with_image)
        while viewer.frames[-1].pulse_id < last:
            viewer.next_frame()
        assert {name_of(viewer, frame) for frame in viewer.frames} == {"image"}


def test_an_image_that_comes_late_is_waited_for() -> None:
    """The first messages of a merged stream have no image: it is waited for, no other array is shown instead."""
    with RawSource() as source, viewer_of(source) as (_, viewer):
        while not viewer.rows:
            source.send(
                channel("image", None, type="uint16", shape=[5, 4]), channel("curve", CURVE), channel("x", NUMBER)
            )
            viewer.collect(0.05)
        last = source.send(channel("image", SMALL), channel("curve", CURVE))
        while not viewer.frames or viewer.frames[-1].pulse_id < last:
            viewer.next_frame()
        assert {name_of(viewer, frame) for frame in viewer.frames} == {"image"}


def test_another_image_takes_over_when_the_first_is_gone() -> None:
    """A source that is started again with another camera: its image is shown after a second at most, not after ten."""
    with RawSource() as source, viewer_of(source) as (_, viewer):
        source.send_until_shown(viewer, channel("CAM1:FPICTURE", SMALL))
        start = time.monotonic()
        while name_of(viewer, viewer.frames[-1]) == "CAM1:FPICTURE":
            source.send_until_shown(viewer, channel("CAM2:FPICTURE", LARGE))
        assert time.monotonic() - start < deadline(1.5)
        assert np.array_equal(viewer.frames[-1].pixels, LARGE)


def test_of_two_cameras_one_is_shown_whatever_their_sizes() -> None:
    """Both change their size with every message: each pulse shows the camera that was shown first, at its size."""
    with RawSource() as source, viewer_of(source, format="auto", picture=[300, 200]) as (_, viewer):
        source.send_until_shown(viewer, channel("a", LARGE), channel("b", SMALL))
        first = len(viewer.frames)
        for number in range(1, 25):
            a, b = np.full((number, 7), number, np.uint16), np.full((25 - number, 7), 9, np.uint16)
            pulse = source.send(channel("a", a), channel("b", b))
            while viewer.frames[-1].pulse_id < pulse:
                viewer.next_frame()
            assert np.array_equal(viewer.frames[-1].pixels, a)
        frames = viewer.frames[first:]
        assert {name_of(viewer, frame) for frame in frames} == {"a"}
        assert len({frame.pulse_id for frame in frames}) == 24


def test_large_arrays_are_named_and_left_out() -> None:
    """What is too large for the table beside the image is listed with its type and shape, and can be chosen."""
    with RawSource() as source, viewer_of(source) as (_, viewer):
        frame = source.send_until_shown(viewer, channel("image", SMALL), channel("waveform", np.zeros(100_000)))
        assert frame.omitted == {"waveform": ["float64", [100_000], "too large for the table"]}
        assert frame.arrays == {}
