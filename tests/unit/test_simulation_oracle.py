"""What the simulator sends beside what psi-bsread's own sender makes of the same values."""

import json
import struct
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import bsread
import numpy as np
import pytest
import zmq
from bsread.data.helpers import get_channel_encoding, get_channel_specs, get_value_bytes, get_value_reader

from stream_online_viewer.errors import SettingsError
from stream_online_viewer.simulation.beam import BeamScene
from stream_online_viewer.simulation.camera import SpotCamera, to_dtype
from stream_online_viewer.simulation.camera_scene import CameraScene
from stream_online_viewer.simulation.encoded import encode
from stream_online_viewer.simulation.library_sender import LibrarySender
from stream_online_viewer.simulation.merged import LASER_AWAY, MergedScene
from stream_online_viewer.simulation.message import Message
from stream_online_viewer.simulation.pipeline import NO_BEAM, NO_SLICES, PipelineScene
from stream_online_viewer.simulation.serialize import describe, value_bytes
from stream_online_viewer.simulation.stream_sender import StreamSender
from tests.support import deadline

SIZE = (64, 48)
COMPRESSIONS = ("none", "lz4", "bitshuffle_lz4")
NOISE = np.random.default_rng(5).integers(0, 256, 30_000, dtype=np.uint8)
VALUES: dict[str, Any] = {
    "float": 5.25,
    "int": -7,
    "bool": True,
    "text": "\u00c5ngstr\u00f6m \u00b5m",
    "none": None,
    **{f"numpy {name}": np.dtype(name).type(1) for name in ("bool", "int8", "uint16", "int32", "uint64", "float32")},
    "image": to_dtype(SpotCamera(SIZE).image(), "uint16"),
    "big": np.arange(1000, dtype=">i4").reshape(20, 50),
    "stack": np.arange(24, dtype=np.float64).reshape(2, 3, 4),
    "flags": np.arange(100) % 3 == 0,
    "incompressible": NOISE,
    "incompressible doubles": NOISE[:24_000].view(np.float64),
    "odd number of elements": NOISE[:20_003],
    "few": np.arange(5, dtype=np.uint16),
}


def _messages() -> dict[str, Message]:
    merged, pipeline = MergedScene(SIZE, "uint16"), PipelineScene(SIZE, "uint16")
    return {
        "values of all types": Message(VALUES),
        "beam": BeamScene(SIZE, "float64").message(0),
        "camera": CameraScene(SIZE, "uint16").message(0),
        "merged with an image": merged.message(0),
        "merged without": merged.message(1),
        "merged without the laser": merged.message(LASER_AWAY[0]),
        "pipeline": pipeline.message(0),
        "pipeline without slices": pipeline.message(NO_SLICES[0]),
        "pipeline without beam": pipeline.message(NO_BEAM[0]),
    }


MESSAGES = _messages()


@pytest.fixture
def receive_from() -> Iterator[Callable[[int], Any]]:
    """Return a function that connects to a port and returns a function that receives the parts of a message."""
    with zmq.Context() as context, ExitStack() as sockets:

        def connect(port: int) -> Any:
            socket = sockets.enter_context(context.socket(zmq.PULL))
            socket.linger = 0
            socket.rcvtimeo = int(deadline(5) * 1000)
            socket.connect(f"tcp://127.0.0.1:{port}")
            return socket.recv_multipart

        yield connect


@pytest.mark.parametrize("compression", COMPRESSIONS)
@pytest.mark.parametrize("name", MESSAGES)
def test_message_is_that_of_the_library(receive_from: Callable[[int], Any], name: str, compression: str) -> None:
    """Headers, hash and uncompressed values to the byte; compressed values decode to equal ones in the library."""
    message = MESSAGES[name]
    with (
        closing(LibrarySender("push", "127.0.0.1", 0, compression, 17)) as theirs,
        closing(StreamSender("push", "127.0.0.1", 0, 17)) as ours,
    ):
        receive_theirs, receive_ours = receive_from(theirs.port), receive_from(ours.port)
        encoded = encode(message, compression)
        for pulse_id in (17, 18):
            theirs.send(message)
            ours.send(encoded)
            their_parts, our_parts = receive_theirs(), receive_ours()
            header, time = _without_time(our_parts[0])
            assert header == _without_time(their_parts[0])[0]
            assert header["pulse_id"] == pulse_id
            assert our_parts[1] == their_parts[1]
            assert len(our_parts) == len(their_parts) == 2 + 2 * len(message.values)
            definitions = json.loads(our_parts[1])["channels"]
            pairs = zip(definitions, message.values.values(), our_parts[2::2], their_parts[2::2], strict=True)
            for definition, value, mine, their in pairs:
                _same(definition, mine, their)
                assert (mine == b"") == (value is None)
            order = {"little": "<", "big": ">"}
            expected = [
                b"" if value is None else struct.pack(order[definition["encoding"]] + "qq", time["sec"], time["ns"])
                for definition, value in zip(definitions, message.values.values(), strict=True)
            ]
            assert our_parts[3::2] == expected
            assert [bool(part) for part in their_parts[3::2]] == [bool(part) for part in expected]


def _without_time(main_header: bytes) -> tuple[dict[str, Any], dict[str, int]]:
    content = json.loads(main_header)
    # The order of the keys counts too, for whoever compares bytes.
    assert list(content) == ["htype", "hash", "pulse_id", "global_timestamp"]
    time = content.pop("global_timestamp")
    assert list(time) == ["sec", "ns"]
    return content, time


def _same(definition: dict[str, Any], mine: bytes, their: bytes) -> None:
    compression = definition.get("compression", "none")
    if compression == "none" or not their:
        assert mine == their, definition
        return
    sign = {"little": "<", "big": ">"}[definition["encoding"]]
    read = get_value_reader(definition["type"], compression, definition["shape"], sign, definition["name"])
    found, expected = read(mine), read(their)
    if expected is None:
        # The library cannot read what it sends in big endian with lz4; the bytes are the same all the same.
        assert mine == their and definition["encoding"] == "big", definition
        return
    assert np.asarray(found).dtype == np.asarray(expected).dtype, definition
    # By their bytes: not a number is equal to itself here.
    assert np.asarray(found).tobytes() == np.asarray(expected).tobytes(), definition


@pytest.mark.parametrize("name", VALUES)
def test_definition_and_bytes_of_a_value(name: str) -> None:
    """Type, shape, byte order and plain bytes are the library's."""
    value = VALUES[name]
    channel_type, shape = get_channel_specs(value)
    assert describe(value) == {"type": channel_type, "shape": shape, "encoding": get_channel_encoding(value)}
    if value is not None:
        assert value_bytes(value, "none") == get_value_bytes(value, None, channel_type=channel_type)


@pytest.mark.parametrize("value", [1j, b"bytes", [1, 2], np.float16(1), np.arange(3, dtype=complex), np.array(["a"])])
def test_value_that_bsread_has_no_type_for(value: Any) -> None:
    """It is refused when it is described, not sent as something else."""
    with pytest.raises(ValueError, match="bsread has no type"):
        describe(value)


@pytest.mark.parametrize("scene", ["beam", "camera", "pipeline", "merged"])
def test_option_library_sends_with_the_library(scene: str) -> None:
    """`library=True` gives every scene to `bsread.Sender`; a `bsread.Source` receives it."""
    from threading import Thread

    from stream_online_viewer.stream import generate_stream

    ports: list[int] = []

    def receive() -> None:
        with bsread.Source(host="localhost", port=ports[0], receive_timeout=int(deadline(5) * 1000)) as source:
            found.extend(source.receive().data for _ in range(3))

    found: list[Any] = []
    threads: list[Thread] = []

    def opened(port: int) -> None:
        ports.append(port)
        threads.append(Thread(target=receive))
        threads[0].start()

    generate_stream(
        0, 3, 0.0, scene=scene, size=SIZE, library=True, host="127.0.0.1", compression="bitshuffle_lz4", opened=opened
    )
    threads[0].join(deadline(10))
    assert [data.pulse_id for data in found] == [0, 1, 2]
    assert found[0].data["image"].value.shape == (48, 64)


def test_port_of_the_library_that_is_in_use() -> None:
    """It is told as that of our own sender is."""
    with closing(StreamSender("push", "127.0.0.1", 0, 0)) as taken:
        with pytest.raises(SettingsError, match="in use"):
            LibrarySender("push", "127.0.0.1", taken.port, "none", 0)
