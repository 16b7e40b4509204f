"""The camera scene: its images, the loop of them, and the bytes that are sent."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import numpy as np
import pytest
import zmq

from stream_online_viewer.errors import SettingsError
from stream_online_viewer.simulation.camera import (
    COUNTS_PER_ELECTRON,
    HOLD,
    PEAK,
    PEDESTAL,
    READOUT_NOISE,
    SpotCamera,
    check_dtype,
    loop_images,
    loop_index,
    loop_length,
    to_dtype,
)
from stream_online_viewer.simulation.encoded import EncodedCamera, encode
from stream_online_viewer.simulation.message import Message
from stream_online_viewer.simulation.stream_sender import StreamSender
from tests import stream_reader
from tests.support import deadline

SIZE = (160, 120)
TIMEOUT = int(deadline(5) * 1000)
COMPRESSIONS = ["none", "lz4", "bitshuffle_lz4"]


def test_image_is_a_12_bit_uint16_spot() -> None:
    """Counts lie between 0 and 4095; the brightest pixel is near the middle, about the peak above the pedestal."""
    image = SpotCamera(SIZE).image()
    assert image.dtype == np.uint16
    assert image.shape == (120, 160)
    assert image.max() <= 4095
    assert abs(image[58:62, 78:82].mean() - PEDESTAL - PEAK) < 0.05 * PEAK


def test_image_saturates_at_4095() -> None:
    """A beam that is too bright is cut off, as a camera does, and never wraps around."""
    image = SpotCamera(SIZE).image(peak=10_000)
    assert image.max() == 4095
    assert (image == 4095).sum() > 100


def test_dark_pixels_have_pedestal_and_readout_noise() -> None:
    """Without beam the counts scatter around the pedestal with the readout noise (and the rounding)."""
    image = SpotCamera((400, 300)).image(peak=0)
    assert image.mean() == pytest.approx(PEDESTAL, abs=0.1)
    assert image.std() == pytest.approx((READOUT_NOISE**2 + 1 / 12) ** 0.5, rel=0.02)


def test_bright_pixels_have_shot_noise() -> None:
    """The variance grows with the signal: gain * signal + readout noise^2."""
    camera = SpotCamera((64, 48))
    images = np.stack([camera.image().astype(np.float64) for _ in range(400)])
    bright = images.mean(axis=0) > PEDESTAL + PEAK / 2
    signal = images.mean(axis=0)[bright] - PEDESTAL
    expected = COUNTS_PER_ELECTRON * signal + READOUT_NOISE**2
    assert (images.var(axis=0)[bright] / expected).mean() == pytest.approx(1, abs=0.03)


def test_spot_moves_by_standard_deviations() -> None:
    """dx and dy shift the centre of mass along the columns and rows."""
    camera = SpotCamera((320, 240))
    dx, dy = 1.5, -2.0
    image = camera.image(dx, dy).astype(np.float64)
    image[image < PEDESTAL + 50] = 0
    rows, columns = np.indices(image.shape)
    assert (columns * image).sum() / image.sum() == pytest.approx(159.5 + dx * camera.sigma[0], abs=1)
    assert (rows * image).sum() / image.sum() == pytest.approx(119.5 + dy * camera.sigma[1], abs=1)


def test_spot_grows_with_its_scale() -> None:
    """A scale of 2 makes the spot twice as wide and high: four times the counts above the pedestal."""
    counts = [SpotCamera((320, 240)).image(scale=scale).sum() - PEDESTAL * 320 * 240 for scale in (1.0, 2.0)]
    assert counts[1] / counts[0] == pytest.approx(4, rel=0.01)


def test_same_seed_takes_the_same_images() -> None:
    """The loop of a simulator can be made again by whoever wants to compare pixels."""
    first, second = list(loop_images(SIZE)), list(loop_images(SIZE))
    assert len(first) == loop_length(SIZE) == 64
    assert all(np.array_equal(one, other) for one, other in zip(first, second, strict=True))
    assert not np.array_equal(first[0], first[1])


@pytest.mark.parametrize("size", [(2, 2), (640, 480), (2560, 2160), (5792, 5792)])
def test_loop_needs_bounded_memory(size: tuple[int, int]) -> None:
    """A loop has 4 to 64 images, and more than 4 only below 60 million pixels."""
    length = loop_length(size)
    assert 4 <= length <= 64
    assert length == 4 or length * size[0] * size[1] <= 60_000_000


@pytest.mark.parametrize("length", [4, 5, 64])
def test_loop_sends_no_image_twice_in_a_row(length: int) -> None:
    """Every message has another image than the one before, and all images are used."""
    indices = [loop_index(pulse_id, length) for pulse_id in range(3 * length * HOLD)]
    assert all(one != other for one, other in zip(indices, indices[1:], strict=False))
    assert set(indices) == set(range(length))


def test_loop_drifts_slowly() -> None:
    """Two messages are never further apart than two positions of the spot."""
    length = 64
    for pulse_id in range(3 * length * HOLD):
        step = loop_index(pulse_id + 1, length) - loop_index(pulse_id, length)
        assert (step + 2) % length <= 4


def test_counts_keep_their_value_in_wider_types() -> None:
    """Counts are sent as they are; only uint8 gets the upper 8 of the 12 bits."""
    counts = np.array([[0, 15, 16, 4095]], np.uint16)
    for dtype in ("int16", "uint16", "int32", "float32", "float64"):
        assert to_dtype(counts, dtype).dtype == dtype
        assert np.array_equal(to_dtype(counts, dtype), counts)
    assert to_dtype(counts, "uint8").tolist() == [[0, 0, 1, 255]]


def test_int8_is_refused() -> None:
    """Counts have no place in int8, and the message says what to do."""
    with pytest.raises(SettingsError, match="--dtype uint8"):
        check_dtype("int8")


@pytest.fixture
def receive_from() -> Iterator[Callable[[Any], Any]]:
    """A function that connects to a port and returns a function that receives the parts of one message."""
    with ExitStack() as stack:
        context = stack.enter_context(zmq.Context())

        def connect(port: str) -> Any:
            socket = stack.enter_context(context.socket(zmq.PULL))
            socket.rcvtimeo = int(deadline(5) * 1000)
            socket.connect(f"tcp://127.0.0.1:{port}")
            return socket.recv_multipart

        yield connect


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_every_message_of_the_loop_has_the_channels_of_its_own_image(
    receive_from: Callable[[Any], Any], compression: str
) -> None:
    """Sizes and profiles are those of the image in the same message, all through the loop."""
    loop = EncodedCamera(SIZE, "uint16", compression)
    images = list(loop_images(SIZE))
    sender = StreamSender("push", "*", 0, 0)
    try:
        with stream_reader.Source(
            host="localhost", port=sender.port, receive_timeout=int(deadline(5) * 1000)
        ) as source:
            for pulse_id in range(0, 64 * HOLD, 11):
                sender.send(loop.message(pulse_id))
                data = source.receive().data.data
                image = data["image"].value
                assert np.array_equal(image, images[loop_index(pulse_id, 64)])
                assert (data["image_size_x"].value, data["image_size_y"].value) == SIZE
                assert np.array_equal(data["image_profile_x"].value, image.sum(axis=0))
                assert np.array_equal(data["image_profile_y"].value, image.sum(axis=1))
                assert 5 <= data["beam_energy"].value <= 5.5
    finally:
        sender.close()


def test_values_are_sent_without_a_copy(receive_from: Callable[[Any], Any]) -> None:
    """A message can be sent many times from the same buffers, which stay as they are."""
    encoded = encode(Message({"image": np.arange(100_000, dtype=np.uint16)}), "none")
    before = bytes(encoded.values[0][0])  # type: ignore[call-overload]
    sender = StreamSender("push", "*", 0, 0)
    receive = receive_from(sender.port)
    try:
        for _ in range(20):
            sender.send(encoded)
            assert receive()[2] == before
        assert encoded.values[0][0].buffer.tobytes() == before
    finally:
        sender.close()
