"""Values of a message: scalars, strings, nulls, timestamps, and what is wrong with them."""

import sys
from typing import Any

import numpy as np
import pytest
import zmq

from stream_online_viewer.model.problems import Invalid
from stream_online_viewer.model.pulse import MAX_TEXT_BYTES
from tests.raw_source import channel, compress, message
from tests.unit.source_helpers import one_value, received, seconds, short_id, single


def _reason(call: Any, *arguments: Any) -> str:
    with pytest.raises(Invalid) as problem:
        call(*arguments)
    assert len(str(problem.value)) < 150
    return problem.value.reason


def test_message_carries_what_was_given() -> None:
    """Sequence and times of receipt are kept beside both headers."""
    found = received(message(9, [channel("a", 1.0)]), sequence=17)
    assert (found.sequence, found.received, found.received_time, found.pulse_id) == (17, 1000, 2000, 9)


def test_array_without_compression_lies_in_the_message() -> None:
    """No pixel is copied, and nobody can write into the message."""
    image = np.arange(12, dtype=np.uint16).reshape(3, 4)
    frames = [zmq.Frame(part) for part in message(1, [channel("image", image)])]
    found = received(frames).value(0)
    assert isinstance(found, np.ndarray)
    assert np.shares_memory(found, np.frombuffer(frames[2].buffer, np.uint8))
    with pytest.raises(ValueError, match="read-only"):
        found[0, 0] = 1


@pytest.mark.parametrize("compression", ["none", "lz4", "bitshuffle_lz4"])
@pytest.mark.parametrize("dtype", ["bool", ">u2", "<f8"])
def test_arrays_are_read_only(compression: str, dtype: str) -> None:
    """Several users share an array, so nobody may change it."""
    sent = np.ones((40, 50), dtype)
    found = one_value(channel("x", sent, order="big" if dtype[0] == ">" else "little", compression=compression))
    assert not found.flags.writeable
    assert np.array_equal(found, sent)


def test_value_outlives_its_message() -> None:
    """An array keeps the memory that it lies in."""
    frames = [zmq.Frame(part) for part in message(1, [channel("image", np.full((200, 300), 7, np.uint16))])]
    found = received(frames).value(0)
    del frames
    assert np.all(found == 7)


def test_payload_is_what_was_received() -> None:
    """A compressed image can be passed on untouched, and not be changed by that."""
    parts = message(1, [channel("x", np.zeros((9, 9)), compression="bitshuffle_lz4")])
    payload = received([zmq.Frame(part) for part in parts]).payload(0)
    assert payload == parts[2] and payload.readonly


def test_scalars_in_native_order() -> None:
    """A scalar is a numpy scalar in the byte order of this machine."""
    found = one_value(channel("x", np.float32(1.5), order="big"))
    assert type(found) is np.float32 and found == 1.5 and found.dtype.isnative


def test_bulk_of_scalars_equals_single_values() -> None:
    """All scalars at once are the same, in order, None for null and the problem for invalid; arrays are left out."""
    sent = [
        channel("float", np.float64(1.5)),
        channel("curve", np.arange(5)),
        channel("text", "hello", compression="lz4"),
        channel("null", None),
        channel("packed", np.int16(-7), compression="bitshuffle_lz4", order="big"),
        channel("short", np.int64(5), type="int32"),
        channel("bad type", 1.0, type="complex"),
        channel("time", 1.0),
        channel("last", np.uint64(2**64 - 1), order="big", shape=[]),
    ]
    sent[7].timestamp = b"123"
    found = received(message(1, sent))
    scalars = dict(found.scalars())
    assert [index for index, _ in found.scalars()] == [0, 2, 3, 4, 5, 6, 7, 8]
    problems = {index: value.reason for index, value in scalars.items() if isinstance(value, Invalid)}
    assert problems == {5: "length", 6: "type", 7: "timestamp"}
    for index in (0, 2, 3, 4, 8):
        assert scalars[index] == found.value(index) and type(scalars[index]) is type(found.value(index))


def test_invalid_in_bulk_does_not_hold_the_message() -> None:
    """A problem that is kept must not keep the traceback, whose frames hold the message."""
    ((_, problem),) = single(b"123").scalars()
    assert isinstance(problem, Invalid) and problem.__traceback__ is None


def test_scalars_of_every_kind_of_part() -> None:
    """Parts may be bytes, memoryviews or frames of ZeroMQ."""
    parts = message(1, [channel("a", np.int32(5)), channel("b", "text"), channel("c", np.arange(3))])
    for kind in (bytes, memoryview, zmq.Frame):
        found = received([kind(part) for part in parts])
        values: list[Any] = [value for _, value in found.scalars()]
        assert values == [5, "text"]
        assert list(found.value(2)) == [0, 1, 2]  # type: ignore[arg-type]


@pytest.mark.parametrize("dtype", ["float64", "string", "bool", "nonsense"])
def test_empty_part_is_null(dtype: str) -> None:
    """A channel without a value in this message is null, whatever else is wrong with it."""
    found = single(b"", b"junk", type=dtype, shape=[3])
    assert found.is_null(0) and found.value(0) is None


@pytest.mark.parametrize("value", [0, 1, 2, 0x80, 0xFF])
@pytest.mark.parametrize("compression", ["none", "lz4", "bitshuffle_lz4"])
def test_any_byte_but_zero_is_true(value: int, compression: str) -> None:
    """A boolean is 0 or 1 afterwards."""
    scalar = single(compress(bytes([value]), compression), type="bool", compression=compression)
    assert scalar.value(0) == (value != 0) and scalar.scalars()[0][1] == (value != 0)
    array = single(compress(bytes([0, value]), compression), type="bool", shape=[2], compression=compression).value(0)
    assert isinstance(array, np.ndarray) and array.view(np.uint8).tolist() == [0, int(value != 0)]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"plain", "plain"),
        (b"padded\0\0\0\0", "padded"),
        (b"cut\0here", "cut"),
        (b"\0", ""),
        ("é".encode() + b"\0\xff", "é"),
        (b"<script>alert(1)</script>", "<script>alert(1)</script>"),
    ],
    ids=short_id,
)
def test_string_ends_at_the_first_nul(raw: bytes, text: str) -> None:
    """Sources in C pad their strings."""
    assert single(raw, type="string").value(0) == text


@pytest.mark.parametrize("raw", [b"\xff", b"abc\xc3", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80"], ids=short_id)
def test_string_that_is_not_utf8_is_invalid(raw: bytes) -> None:
    """A string that cannot be shown is no value."""
    assert _reason(single(raw, type="string").value, 0) == "text"


@pytest.mark.parametrize("compression", ["none", "lz4", "bitshuffle_lz4"])
def test_strings_have_a_largest_size(compression: str) -> None:
    """64 KB are a value, one byte more is not, and is not even decompressed."""
    for size, valid in ((MAX_TEXT_BYTES, True), (MAX_TEXT_BYTES + 1, False)):
        found = single(compress(b"x" * size, compression), type="string", compression=compression)
        if valid:
            assert found.value(0) == "x" * size
        else:
            assert _reason(found.value, 0) == "too large"


def test_compressed_empty_string_is_a_value() -> None:
    """Compressed, an empty string differs from null."""
    assert single(bytes(12), type="string", compression="bitshuffle_lz4").value(0) == ""
    assert single(bytes(5), type="string", compression="lz4").value(0) == ""


@pytest.mark.parametrize("size", [1, 7, 9, 16, 800, 10**6])
@pytest.mark.parametrize("shape", [[], [1], [3], [2, 2]])
def test_length_must_be_that_of_shape_and_type(size: int, shape: list[int]) -> None:
    """Too few and too many bytes are invalid, for scalars and arrays."""
    found = single(bytes(size), type="float64", shape=shape)
    assert _reason(found.value, 0) == "length"


@pytest.mark.parametrize("compression", ["lz4", "bitshuffle_lz4"])
@pytest.mark.parametrize(("dtype", "shape"), [("uint16", [49, 64]), ("uint8", [48, 64]), ("float64", [48, 64])])
def test_compressed_value_of_another_size_is_invalid(compression: str, dtype: str, shape: list[int]) -> None:
    """The header says another shape or type than the data has: no value, and no memory is reserved for it."""
    packed = compress(bytes(48 * 64 * 2), compression, 2)
    assert _reason(single(packed, type=dtype, shape=shape, compression=compression).value, 0) == "length"


@pytest.mark.parametrize("order", ["little", "big"])
def test_timestamp(order: str) -> None:
    """The time of a value in ns; None if it is zero or was not sent."""
    assert single(bytes(8), seconds(order, 12, 34), encoding=order).timestamp(0) == 12_000_000_034
    assert single(bytes(8), seconds(order, 0, 0), encoding=order).timestamp(0) is None
    assert single(bytes(8), b"", encoding=order).timestamp(0) is None


@pytest.mark.parametrize("timestamp", [b"1", bytes(8), bytes(15), bytes(17), bytes(32)], ids=short_id)
def test_timestamp_of_another_size_is_invalid(timestamp: bytes) -> None:
    """Then value and timestamp may have been mixed up, so the value is invalid, too."""
    found = single(bytes(8), timestamp)
    assert _reason(found.value, 0) == _reason(found.timestamp, 0) == "timestamp"
    assert isinstance(found.scalars()[0][1], Invalid)


def test_timestamp_out_of_range() -> None:
    """A time beyond 64 bits of ns is invalid; its value is not."""
    found = single(bytes(8), seconds("little", 2**64 - 1, 0))
    assert _reason(found.timestamp, 0) == "timestamp"
    assert found.value(0) == 0.0


def test_only_what_is_asked_for_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scalars of a message with an image cost no decoding of the image."""

    def decode(*_: Any) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr(sys.modules["stream_online_viewer.model.pulse"], "decompress", decode)
    sent = [channel("image", np.zeros((90, 90)), compression="bitshuffle_lz4"), channel("a", np.int8(3))]
    scalars: list[Any] = received(message(1, sent)).scalars()
    assert scalars == [(1, 3)]


@pytest.mark.parametrize("shape", [[0], [0, 4], [4, 0], [3, 0, 2]])
@pytest.mark.parametrize(
    ("compression", "payload"),
    [
        ("none", b""),
        ("lz4", b""),
        ("lz4", bytes(5)),
        ("bitshuffle_lz4", b""),
        ("bitshuffle_lz4", bytes(8) + b"\x00\x00\x20\x00"),
    ],
)
def test_an_array_without_elements_is_null(shape: list[int], compression: str, payload: bytes) -> None:
    """However it is compressed: the payloads are those of psi-bsread 2.0.1, and an empty part."""
    found = single(payload, type="float64", shape=shape, compression=compression)
    assert found.is_null(0)
    assert found.value(0) is None


@pytest.mark.parametrize(
    ("compression", "payload"),
    [
        ("none", bytes(8)),
        ("lz4", b"\x08\x00\x00\x00\x80" + bytes(8)),
        ("bitshuffle_lz4", bytes(7) + b"\x08\x00\x00\x20\x00"),
        ("bitshuffle_lz4", bytes(13)),
    ],
)
def test_an_array_without_elements_that_brings_some_is_invalid(compression: str, payload: bytes) -> None:
    """What contradicts its shape is not thrown away without a word."""
    found = single(payload, type="float64", shape=[0], compression=compression)
    assert not found.is_null(0)
    assert _reason(found.value, 0) in ("length", "compressed data")
