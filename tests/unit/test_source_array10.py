"""Messages of array-1.0: what is taken from them, and what is refused, against messages made from the format alone."""

import json
from typing import Any, Literal

import numpy as np
import pytest

from stream_online_viewer.model.problems import REFUSED_REASONS, Refused
from stream_online_viewer.model.pulse import Notice, Pulse
from stream_online_viewer.sources.array10.format import KEPT_KINDS, Array10
from tests.array_source import array_message

IMAGE = np.arange(20, dtype=np.uint16).reshape(4, 5)
TYPES = ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64"]


def taken(parts: list[bytes], reader: Array10 | None = None) -> Pulse:
    """Return the pulse of a message, as the ingest gets it."""
    return (reader or Array10()).read(parts).pulse(3, 1000, 2000)


def values(pulse: Pulse) -> dict[str, Any]:
    """Return all values by name."""
    return {channel.name: pulse.value(index) for index, channel in enumerate(pulse.layout.channels)}


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("dtype", TYPES)
def test_every_type_in_both_byte_orders(dtype: str, order: Literal["<", ">"]) -> None:
    """The first length of the shape is the slowest: rows, then columns."""
    sent = np.arange(20).reshape(4, 5).astype(np.dtype(dtype).newbyteorder(order))
    pulse = taken(array_message(7, sent))
    found = pulse.value(0)
    assert isinstance(found, np.ndarray) and found.shape == (4, 5) and np.array_equal(found, sent)
    assert pulse.layout.channels[0].dtype == dtype
    assert found.dtype == sent.dtype


def test_identity_and_time() -> None:
    """The frame is the pulse id; there is no time, and that is no fault."""
    arrival = Array10().read(array_message(2**64 - 1, IMAGE))
    assert not isinstance(arrival, Notice)
    assert (arrival.pulse_id, arrival.source_time, arrival.time_problem) == (2**64 - 1, None, None)
    pulse = arrival.pulse(3, 1000, 2000)
    assert (pulse.sequence, pulse.received, pulse.received_time) == (3, 1000, 2000)
    assert (pulse.pulse_id, pulse.source_time) == (2**64 - 1, None)


def test_what_the_header_says_is_in_the_values() -> None:
    """The frame, the source, and what the pulses are and lack; scalars as the lane of scalars gets them, too."""
    pulse = taken(array_message(7, IMAGE))
    found = values(pulse)
    assert list(found) == ["image", "frame", "source", "format"]
    assert (found["frame"], found["source"]) == (7, "a detector")
    assert "array-1.0" in found["format"] and "no time of its own" in found["format"]
    assert [value for _, value in pulse.scalars()] == [7, "a detector", found["format"]]


def test_some_senders_say_pulse_id() -> None:
    """Instead of the frame, or as well: then the frame counts, and both are values."""
    instead = taken(array_message(1, IMAGE, frame=..., pulse_id=99))
    assert (instead.pulse_id, values(instead)["pulse_id"]) == (99, 99)
    both = taken(array_message(1, IMAGE, pulse_id=99))
    assert (both.pulse_id, values(both)["frame"], values(both)["pulse_id"]) == (1, 1, 99)


@pytest.mark.parametrize("key", ["endianness", "endianess"])
def test_both_spellings_of_the_byte_order(key: str) -> None:
    """The description of the format itself has both."""
    header = {"endianness": ..., key: "big"}
    assert np.array_equal(taken(array_message(1, IMAGE.astype(">u2"), **header)).value(0), IMAGE)  # type: ignore[arg-type]


def test_what_may_be_left_out() -> None:
    """Byte order: little; source and encoding: nothing; htype: told by the shape; type: int8, and that is said."""
    bare = array_message(1, np.array([[1, -2]], np.int8), endianness=..., source=..., encoding=..., htype=..., type=...)
    reader = Array10()
    assert reader.claims(bare)
    found = values(taken(bare, reader))
    assert found["image"].tolist() == [[1, -2]] and found["image"].dtype == np.int8
    assert "taken for int8" in found["format"] and "source" not in found
    assert reader.note == found["format"]


def test_every_float16_keeps_its_value() -> None:
    """Widened to float32: all 65536 patterns of bits are the same number, and that it was done is said."""
    sent = np.arange(2**16, dtype=np.uint16).view(np.float16).reshape(256, 256)
    orders: tuple[Literal["<", ">"], ...] = ("<", ">")
    for order in orders:
        pulse = taken(array_message(1, sent.astype(np.dtype("f2").newbyteorder(order))))
        found = pulse.value(0)
        assert isinstance(found, np.ndarray) and found.dtype == np.dtype(order + "f4")
        with np.errstate(invalid="ignore"):
            assert np.array_equal(found.astype(np.float64), sent.astype(np.float64), equal_nan=True)
        assert not found.flags.writeable
        assert (pulse.layout.channels[0].dtype, pulse.layout.channels[0].nbytes) == ("float32", 4 * 2**16)
        assert "float16 is widened to float32" in values(pulse)["format"]


def test_stacks_and_lines() -> None:
    """Further dimensions stand before rows and columns; one alone is a curve."""
    stack = np.arange(24, dtype=np.int32).reshape(2, 3, 4)
    assert taken(array_message(1, stack)).layout.channels[0].shape == (2, 3, 4)
    assert taken(array_message(1, np.arange(9.0))).layout.channels[0].shape == (9,)


def test_an_array_without_elements_is_no_value() -> None:
    """As of bsread: the channel is there, and has none."""
    assert taken(array_message(1, np.zeros((0, 4), np.uint8))).value(0) is None


@pytest.mark.parametrize(
    ("change", "reason", "words"),
    [
        ({"htype": "array-2.0"}, "htype", "'array-2.0' is no array-1.0 message"),
        ({"htype": None}, "htype", "None"),
        ({"htype": ..., "shape": ...}, "htype", "missing"),
        ({"frame": ...}, "pulse id", "neither a frame nor a pulse_id"),
        ({"frame": -1}, "pulse id", "frame is -1"),
        ({"frame": 2**64}, "pulse id", "frame is 18446744073709551616"),
        ({"frame": 1.5}, "pulse id", "1.5"),
        ({"frame": True}, "pulse id", "True"),
        ({"pulse_id": "3"}, "pulse id", "pulse_id is '3'"),
        ({"type": "complex64"}, "array header", "unknown type 'complex64'"),
        ({"type": "bool"}, "array header", "unknown type 'bool'"),
        ({"type": ["uint16"]}, "array header", "a list"),
        ({"shape": ...}, "array header", "shape is None"),
        ({"shape": "4x5"}, "array header", "'4x5'"),
        ({"shape": []}, "array header", "0 dimensions"),
        ({"shape": [1] * 5}, "array header", "5 dimensions"),
        ({"shape": [4, -5]}, "array header", "-5"),
        ({"shape": [4, 5.0]}, "array header", "5.0"),
        ({"shape": [True, 20]}, "array header", "True"),
        ({"shape": [2**24 + 1, 1]}, "array header", "16777217"),
        ({"endianness": "middle"}, "array header", "'middle'"),
        ({"endianness": 1}, "array header", "1"),
        ({"encoding": "bslz4"}, "array header", "only uncompressed"),
        ({"encoding": {"a": 1}}, "array header", "an object"),
        ({"shape": [4, 6]}, "array size", "40 bytes, 48 expected"),
        ({"type": "uint8"}, "array size", "40 bytes, 20 expected"),
        ({"type": "float16", "shape": [4, 6]}, "array size", "40 bytes, 48 expected"),
        ({"shape": [2**24] * 4, "type": "float64"}, "array size", "40 bytes"),
    ],
)
def test_a_bad_header_is_refused_with_a_reason(change: dict[str, Any], reason: str, words: str) -> None:
    """The detail is one short line."""
    with pytest.raises(Refused) as refusal:
        Array10().read(array_message(1, IMAGE, **change))
    assert refusal.value.reason == reason and words in refusal.value.detail
    assert reason in REFUSED_REASONS and len(refusal.value.detail) < 200 and refusal.value.detail.isprintable()


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ([b""], "main header"),
        ([b"{"], "main header"),
        ([b"[1]"], "main header"),
        ([b"\xff"], "main header"),
        ([b"[" * 60000], "main header"),
        ([b" " * 65537], "main header size"),
        (array_message(1, IMAGE)[:1], "part count"),
        ([*array_message(1, IMAGE), b""], "part count"),
    ],
)
def test_what_is_no_message_of_two_parts_is_refused(parts: list[bytes], reason: str) -> None:
    """Nothing but a refusal comes of it."""
    reader = Array10()
    assert reader.claims(parts) == (reason == "part count")
    with pytest.raises(Refused) as refusal:
        reader.read(parts)
    assert refusal.value.reason == reason


def test_one_layout_as_long_as_nothing_changes() -> None:
    """What others derive from a layout is kept by its serial; many kinds in turn do not fill the memory."""
    reader = Array10()
    first = taken(array_message(1, IMAGE), reader).layout
    assert taken(array_message(2, IMAGE + 1, source="another"), reader).layout is first
    other = taken(array_message(3, IMAGE.T), reader).layout
    assert other.serial != first.serial and other.channels[0].shape == (5, 4)
    assert taken(array_message(4, IMAGE), reader).layout is first
    for columns in range(1, KEPT_KINDS + 2):
        taken(array_message(5, np.zeros((1, columns), np.uint8)), reader)
    assert taken(array_message(6, IMAGE), reader).layout is not first


def test_what_is_claimed() -> None:
    """Arrays, by their htype or else by their shape; no messages of bsread, which may have any other keys."""
    claims = Array10().claims
    assert claims(array_message(1, IMAGE))
    assert not claims([json.dumps({"htype": "bsr_m-1.1", "shape": [1]}).encode(), b""])
    assert not claims([json.dumps({"pulse_id": 3}).encode(), b""])
