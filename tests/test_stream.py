"""How the simulator's stream is received with psi-bsread, the facility's library, and what a message holds.

This is the way in for somebody who wants to read the stream in a script. The host must always be named: without it
`bsread.Source` asks the facility's dispatcher. Where psi-bsread cannot be installed, `tests/stream_reader.py` shows how
to do without; everything here holds for both.
"""

import multiprocessing
import time
from typing import Any

import numpy as np
import pytest

from stream_online_viewer.stream import generate_stream
from tests import stream_reader
from tests.simulator import running_simulator
from tests.support import deadline

try:
    import bsread
except ImportError:
    READERS = {"by the format": stream_reader}
else:
    READERS = {"psi-bsread": bsread, "by the format": stream_reader}

TIMEOUT = int(deadline(5) * 1000)
"""How long to wait for a message, in milliseconds."""


def receive(source: Any) -> Any:
    """Return the next message. `Source.receive` gives None after its timeout, which a test takes for a failure."""
    message = source.receive()
    assert message is not None, "no message within the timeout"
    return message.data


@pytest.fixture(scope="module", params=READERS)
def reader(request: pytest.FixtureRequest) -> Any:
    """A module with a `Source` and the types of sockets, as psi-bsread has them."""
    return READERS[request.param]


@pytest.fixture(scope="module")
def message(reader: Any) -> Any:
    """One message of the facility's stream, as it comes without any option."""
    with running_simulator() as (_, port):
        with reader.Source(host="localhost", port=port, receive_timeout=TIMEOUT) as source:
            return receive(source)


def test_generate_stream_sends_the_number_of_images_that_was_asked_for(reader: Any) -> None:
    """`generate_stream(port, n_images)` in a process of its own, received to the last message."""
    context = multiprocessing.get_context("spawn")
    ports = context.SimpleQueue()
    sender = context.Process(target=generate_stream, args=(0, 10, 0.01), kwargs={"opened": ports.put}, daemon=True)
    sender.start()
    with reader.Source(host="localhost", port=ports.get(), receive_timeout=TIMEOUT) as source:
        pulse_ids = [receive(source).pulse_id for _ in range(10)]
    sender.join(deadline(10))
    assert pulse_ids == list(range(10))
    assert sender.exitcode == 0


def test_message_has_the_channels_of_the_facility(message: Any) -> None:
    """Seven channels, in the order in which they are sent."""
    assert list(message.data) == [
        "image",
        "image_size_x",
        "image_size_y",
        "image_profile_x",
        "image_profile_y",
        "beam_energy",
        "repetition_rate",
    ]


def test_image_is_a_float64_array_of_rows_and_columns(message: Any) -> None:
    """The image comes as a numpy array of the shape (rows, columns)."""
    image = message.data["image"].value
    assert image.dtype == np.float64
    assert image.shape == (480, 640)


def test_sizes_belong_to_the_image(message: Any) -> None:
    """`image_size_x` is the number of columns, `image_size_y` of rows."""
    rows, columns = message.data["image"].value.shape
    assert message.data["image_size_x"].value == columns
    assert message.data["image_size_y"].value == rows


def test_profiles_belong_to_the_image(message: Any) -> None:
    """`image_profile_x` is the sum over the rows, `image_profile_y` the sum over the columns, of the same image."""
    image = message.data["image"].value
    assert np.array_equal(message.data["image_profile_x"].value, image.sum(axis=0))
    assert np.array_equal(message.data["image_profile_y"].value, image.sum(axis=1))


def test_metadata_come_with_every_image(message: Any) -> None:
    """The beam energy lies between its base of 5 and 10 % above; the repetition rate is 100."""
    assert 5 <= message.data["beam_energy"].value <= 5.5
    assert message.data["repetition_rate"].value == 100


def test_message_carries_its_pulse_id_and_the_time_of_sending(message: Any) -> None:
    """The first pulse id is 0; the global timestamp, seconds and nanoseconds, is repeated for each channel."""
    assert message.pulse_id == 0
    seconds = message.global_timestamp + message.global_timestamp_offset / 1e9
    assert abs(time.time() - seconds) < 60
    for value in message.data.values():
        assert value.timestamp == message.global_timestamp
        assert value.timestamp_offset == message.global_timestamp_offset


def test_two_receivers_of_a_push_stream_share_the_messages(reader: Any) -> None:
    """Each message of a PUSH socket goes to one receiver only: a second one takes half of them away."""
    with (
        running_simulator("--rate", "200") as (_, port),
        reader.Source(host="localhost", port=port, receive_timeout=TIMEOUT) as one,
        reader.Source(host="localhost", port=port, receive_timeout=TIMEOUT) as two,
    ):
        # The first messages may all go to the one that was connected first.
        receive(two)
        first = {receive(one).pulse_id for _ in range(10)}
        second = {receive(two).pulse_id for _ in range(10)}
        assert not first & second


def test_every_receiver_of_a_pub_stream_gets_every_message(reader: Any) -> None:
    """With `--mode pub` a receiver subscribes, and several receivers see the same messages."""
    with (
        running_simulator("--mode", "pub", "--rate", "200") as (_, port),
        reader.Source(host="localhost", port=port, mode=reader.SUB, receive_timeout=TIMEOUT) as one,
        reader.Source(host="localhost", port=port, mode=reader.SUB, receive_timeout=TIMEOUT) as two,
    ):
        first = {receive(one).pulse_id for _ in range(20)}
        second = {receive(two).pulse_id for _ in range(20)}
        assert first & second
