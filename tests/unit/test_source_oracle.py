"""Every kind of value decodes to what was packed, and to what the facility's own library decodes."""

import itertools
import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from bsread import PUB, PUSH, Sender
from bsread.data.helpers import get_value_bytes
from bsread.handlers.compact import Handler
from numpy.typing import NDArray

from stream_online_viewer.sources.zeromq.receiver import Receiver
from tests.raw_source import Order, channel, message
from tests.unit.source_helpers import received, value_of
from tests.unit.source_peers import run_until, state_is

DTYPES = ("bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64")
COMPRESSIONS = ("none", "lz4", "bitshuffle_lz4")
ORDERS: tuple[Order, ...] = ("little", "big")
SHAPES: dict[str, list[tuple[int, ...]]] = {
    "scalar": [(), (1,)],
    "1-D": [(2,), (7,), (1000,), (8195,)],
    "2-D": [(2, 3), (48, 64), (3, 1), (1, 3), (1, 1), (130, 131)],
    "3-D": [(2, 3, 4), (3, 40, 50), (2, 1, 5), (1, 2, 3)],
    "4-D": [(2, 3, 4, 5)],
}


class _Parts:
    """Gives the parts of a message to the library's handler, as its socket does."""

    def __init__(self, parts: Sequence[bytes]) -> None:
        self._parts: Iterator[bytes] = iter(parts)
        self._left = len(parts)

    def next(self, as_json: bool = False) -> Any:
        self._left -= 1
        part = next(self._parts)
        return json.loads(part) if as_json else part

    def has_more(self) -> bool:
        return self._left > 0


def _by_library(parts: Sequence[bytes], name: str = "x") -> Any:
    return Handler().receive(_Parts(parts)).data[name].value


def _sample(dtype: str, shape: tuple[int, ...]) -> NDArray[Any]:
    """Return an array that holds the extremes of its type, and bytes that show a wrong order."""
    size = int(np.prod(shape, dtype=int))
    random = np.random.default_rng(size)
    if dtype == "bool":
        values = random.integers(0, 2, size).astype(bool)
    elif dtype.startswith("float"):
        values = random.normal(0, 1e3, size).astype(dtype)
        values[:4] = np.array([1.5, np.nan, -np.inf, -0.0], dtype)[:size]
    else:
        limits = np.iinfo(dtype)
        values = random.integers(limits.min, limits.max, size, dtype=dtype, endpoint=True)
        values[:3] = np.array([limits.max - 1, limits.min, 1], dtype)[:size]
    return values.reshape(shape)


def _same_bits(found: Any, expected: NDArray[Any]) -> bool:
    """Compare values bit by bit, whatever the byte order; NaN equals NaN."""
    native = np.ascontiguousarray(found).astype(expected.dtype.newbyteorder("="))
    return native.tobytes() == expected.astype(expected.dtype.newbyteorder("=")).tobytes()


@pytest.mark.parametrize("compression", COMPRESSIONS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_value_is_what_was_packed(dtype: str, compression: str) -> None:
    """Type, order, compression and number of dimensions in every combination; no dimension is dropped."""
    shapes = [(dimensions, shape) for dimensions, several in SHAPES.items() for shape in several]
    for order, (dimensions, shape) in itertools.product(ORDERS, shapes):
        sent = _sample(dtype, shape)
        part = channel("x", sent, order=order, compression=compression, shape=list(shape[::-1]))
        parts = message(1, [part])
        found = received(parts).value(0)
        assert isinstance(found, np.generic if dimensions == "scalar" else np.ndarray), (order, shape)
        assert found.shape == (() if dimensions == "scalar" else shape)
        assert found.dtype.newbyteorder("=") == sent.dtype
        assert _same_bits(found, sent), (order, shape)
        if shape != () and not (compression == "lz4" and order == "big"):
            # The library reads no 0-dimensional arrays, and lz4 only if the length prefix has the order of the channel.
            assert _same_bits(_by_library(parts), sent), (order, shape)


@pytest.mark.parametrize("compression", COMPRESSIONS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_value_as_the_library_packs_it(dtype: str, compression: str) -> None:
    """The bytes that the library's sender makes decode to the array that was given to it."""
    for order, shape in itertools.product(ORDERS, ((5,), (40, 50), (64, 1024), (2, 30, 40))):
        sent = _sample(dtype, shape).astype(np.dtype(dtype).newbyteorder(order))
        packed = get_value_bytes(sent, compression, channel_type=dtype)
        part = channel("x", sent, order=order, compression=compression)
        part.payload = packed
        found = received(message(1, [part])).value(0)
        assert isinstance(found, np.ndarray) and _same_bits(found, sent), (order, shape)


@pytest.mark.parametrize("prefix", ORDERS)
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("size", [16, 17, 30, 250, 8192, 65536, 2048 * 2048])
def test_length_prefix_of_lz4_in_either_order(size: int, order: Order, prefix: Order) -> None:
    """Senders do not agree on the order of the prefix; sizes that the library cannot read are among these."""
    sent = np.arange(size, dtype=np.uint16)
    part = channel("x", sent, order=order, compression="lz4", prefix=prefix)
    found = received(message(1, [part])).value(0)
    assert isinstance(found, np.ndarray) and _same_bits(found, sent)


@pytest.mark.parametrize("prefix", ORDERS)
@pytest.mark.parametrize("compression", COMPRESSIONS)
@pytest.mark.parametrize("text", ["a", "Ångström µm 光", '{"roi": [1, 2, 3, 4]}' * 50, "x" * 256])
def test_strings(text: str, compression: str, prefix: Order) -> None:
    """Strings are UTF-8 and as long as their data, whatever the shape says."""
    parts = message(1, [channel("x", text, compression=compression, prefix=prefix)])
    assert received(parts).value(0) == text
    if compression != "lz4" or prefix == "little":
        assert _by_library(parts) == text


@pytest.mark.parametrize("compression", [None, "lz4", "bitshuffle_lz4"])
@pytest.mark.parametrize("mode", [PUSH, PUB])
def test_stream_of_the_library(free_port: int, mode: int, compression: str | None) -> None:
    """A real sender, sending as the facility does, through a real socket: every value of a message of its own."""
    values: dict[str, Any] = {
        "image": _sample("uint16", (48, 64)),
        "energy": 5.25,
        "count": 7,
        "name": "µm",
        "null": None,
        "ok": True,
    }
    sender = Sender(
        port=free_port,
        address="tcp://127.0.0.1",
        mode=mode,
        data_compression=compression,
        data_header_compression=compression,
    )
    receiver = Receiver(f"tcp://127.0.0.1:{free_port}")
    try:
        with sender:

            def sent_and_arrived() -> bool:
                # A publisher drops messages until it has read the subscription.
                sender.send(pulse_id=5, timestamp=(1_700_000_000, 5), data=values)
                return receiver.poll(0.05)

            run_until(receiver, state_is(receiver, "waiting"), 5, "connected")
            run_until(receiver, sent_and_arrived, 5, "a message")
            found = received(receiver.receive() or [])
    finally:
        receiver.close()
    assert (found.pulse_id, found.source_time) == (5, 1_700_000_000_000_000_005)
    for name, value in values.items():
        index = found.layout.index[name]
        assert np.array_equal(value_of(found, index), value), name
        assert found.timestamp(index) == (None if value is None else 1_700_000_000_000_000_005)


def test_compressed_header_and_many_channels() -> None:
    """A message of all types at once decodes as the library decodes it, scalars in bulk included."""
    values: dict[str, Any] = {f"scalar {dtype}": _sample(dtype, (3,))[0] for dtype in DTYPES}
    values |= {f"array {dtype}": _sample(dtype, (6, 7)) for dtype in DTYPES}
    values |= {"text": "hello", "null": None}
    for order in ORDERS:
        for compression in ("none", "bitshuffle_lz4"):
            channels = [channel(name, value, order=order, compression=compression) for name, value in values.items()]
            parts = message(1, channels, header_compression="bitshuffle_lz4")
            found = received(parts)
            expected = Handler().receive(_Parts(parts)).data
            scalars = dict(found.scalars())
            for index, (name, value) in enumerate(values.items()):
                mine, theirs = found.value(index), expected[name].value
                if value is None or isinstance(value, str):
                    assert mine == theirs == scalars[index] == value
                else:
                    assert _same_bits(mine, np.asarray(value)) and _same_bits(theirs, np.asarray(value))
                    assert (index in scalars) == name.startswith("scalar")
                    if index in scalars:
                        assert _same_bits(scalars[index], np.asarray(value))


@pytest.mark.parametrize("order", ORDERS)
def test_timestamps_are_those_of_the_library(order: Order) -> None:
    """The timestamp of a value is in the byte order of its channel."""
    parts = message(1, [channel("x", 1.0, order=order, time_ns=1_700_000_000_123_456_789)])
    theirs = Handler().receive(_Parts(parts)).data["x"]
    assert received(parts).timestamp(0) == int(theirs.timestamp) * 10**9 + int(theirs.timestamp_offset)
