"""Main header and data header of a message."""

import json
import struct
from typing import Any

import numpy as np
import pytest

from stream_online_viewer.coding import bslz4, lz4
from stream_online_viewer.model.channel import Channel
from stream_online_viewer.model.problems import INVALID_REASONS, REFUSED_REASONS, Invalid, Refused
from stream_online_viewer.model.pulse import Notice
from stream_online_viewer.sources.bsread.definition import MAX_DIMENSION
from stream_online_viewer.sources.bsread.headers import (
    KEPT_HEADERS,
    MAX_DATA_HEADER_BYTES,
    DataHeaders,
    MainHeader,
    parse_main_header,
)
from stream_online_viewer.sources.zeromq.json_header import MAX_HEADER_BYTES
from tests.raw_source import channel, compress, message
from tests.unit.source_helpers import header_bytes, main_bytes, parse_header, received, short_id, value_of


def _main(**changes: Any) -> MainHeader:
    header = parse_main_header(main_bytes(**changes))
    assert isinstance(header, MainHeader)
    return header


def test_main_header_as_senders_write_it() -> None:
    """Pulse id, time in ns, hash and compression are taken as they are."""
    assert _main(dh_compression="lz4") == MainHeader(7, 12_000_000_034, "abc", "lz4", None)


@pytest.mark.parametrize("compression", [..., None, "none"])
def test_dh_compression_may_be_absent_null_or_none(compression: Any) -> None:
    """Three ways to say that the data header is not compressed."""
    assert _main(dh_compression=compression).dh_compression == "none"


@pytest.mark.parametrize("pulse_id", [0, 1, 2**53 + 1, 2**63, 2**64 - 1])
def test_every_64_bit_pulse_id_is_accepted(pulse_id: int) -> None:
    """Pulse ids use all 64 bits."""
    assert _main(pulse_id=pulse_id).pulse_id == pulse_id


@pytest.mark.parametrize(
    "pulse_id", [..., None, -1, 2**64, 1.0, float("nan"), float("inf"), True, "12", "<script>", [1], {"a": 1}, 10**400]
)
def test_what_is_no_pulse_id_refuses_the_message(pulse_id: Any) -> None:
    """A message without a usable pulse id is refused with that reason and a short text."""
    with pytest.raises(Refused) as refusal:
        parse_main_header(main_bytes(pulse_id=pulse_id))
    assert refusal.value.reason == "pulse id"
    assert len(str(refusal.value)) < 100


@pytest.mark.parametrize(
    ("timestamp", "time", "problem"),
    [
        (..., None, None),
        (None, None, None),
        ({"sec": 1, "ns": 2}, 1_000_000_002, None),
        ({"epoch": 1, "ns": 2}, 1_000_000_002, None),
        ({"sec": -1, "ns": 5}, -999_999_995, None),
        ({"sec": 0, "ns": 0}, None, "zero"),
        ({"sec": 1}, None, "nanoseconds"),
        ({"sec": 1, "ns": 10**9}, None, "nanoseconds"),
        ({"sec": 1, "ns": -1}, None, "nanoseconds"),
        ({"sec": 1, "ns": 1.5}, None, "nanoseconds"),
        ({"ns": 1}, None, "seconds"),
        ({"sec": 1.5, "ns": 1}, None, "seconds"),
        ({"sec": True, "ns": 1}, None, "seconds"),
        ({"sec": "1", "ns": 1}, None, "seconds"),
        ({"sec": 10**300, "ns": 1}, None, "range"),
        ({"sec": 9223372036, "ns": 854775807}, 2**63 - 1, None),
        ({"sec": 9223372036, "ns": 854775808}, None, "range"),
        ({"sec": float("nan"), "ns": 1}, None, "seconds"),
        (17, None, "object"),
        ([1, 2], None, "object"),
    ],
)
def test_time_of_the_source(timestamp: Any, time: int | None, problem: str | None) -> None:
    """A time that cannot be used is left out and named; the message stays good."""
    header = _main(global_timestamp=timestamp)
    assert (header.source_time, header.time_problem) == (time, problem)


@pytest.mark.parametrize("htype", ["bsr_m-1.0", "bsr_m-1.1", "bsr_m-2.7"])
def test_any_version_of_the_main_header_is_read(htype: str) -> None:
    """The version in htype does not matter."""
    assert _main(htype=htype).pulse_id == 7


def test_data_header_in_the_first_place_is_refused() -> None:
    """psi-bsread's sender, not blocking, sends the rest of a message when a receiver appears in the middle of it."""
    with pytest.raises(Refused, match="main header"):
        parse_main_header(header_bytes({"name": "a"}))


@pytest.mark.parametrize("htype", ["bsr_stop-1.0", "bsr_reconnect-1.0", "bsr_stop"])
def test_the_commands_of_bsread_are_known(htype: str) -> None:
    """Commands on the same socket are no pulses and no faults, whatever else they hold."""
    assert parse_main_header(json.dumps({"htype": htype, "sentMessages": 3}).encode()) == Notice(htype)


@pytest.mark.parametrize(
    ("htype", "shown"),
    [
        ("dheader-1.0", "'dheader-1.0'"),
        ("", "''"),
        ("bsr_start-1.0", "'bsr_start-1.0'"),
        ("bsr_stop-1.0 and more", "'bsr_stop-1.0 and more'"),
        ("BSR_M-1.1", "'BSR_M-1.1'"),
        ("x" * 5000, "'" + "x" * 40 + "...'"),
        ("a\nb\x1b[31m\u202egnp\ufeff", "'a\\nb\\x1b[31m\\u202egnp\\ufeff'"),
        ("\ud800", "'\\ud800'"),
        ("<img src=x>", "'<img src=x>'"),
    ],
    ids=short_id,
)
def test_another_htype_is_refused_and_named(htype: str, shown: str) -> None:
    """What is neither a message nor a command of bsread is another protocol; its name is short and of one line."""
    with pytest.raises(Refused) as refusal:
        parse_main_header(json.dumps({"htype": htype, "shape": [3, 4]}).encode())
    assert (refusal.value.reason, refusal.value.htype) == ("htype", shown)
    assert shown in refusal.value.detail


@pytest.mark.parametrize(
    ("header", "shown"), [("{}", "missing"), ('{"htype": null}', "None"), ('{"htype": []}', "a list")]
)
def test_a_message_without_an_htype_says_what_it_has_instead(header: str, shown: str) -> None:
    """JSON of another program has no htype, or one that is no text."""
    with pytest.raises(Refused) as refusal:
        parse_main_header(header.encode())
    assert (refusal.value.reason, refusal.value.htype) == ("main header", shown)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"not json",
        b"\xff\xfe{}",
        b"\xef\xbb\xbf{}",
        b"[]",
        b"[1, 2]",
        b"null",
        b"17",
        b"NaN",
        b'"bsr_m-1.1"',
        b"{}",
        b'{"htype": 1, "pulse_id": 1}',
        b'{"htype": null, "pulse_id": 1}',
        b'{"htype": "bsr_m-1.1", "pulse_id": ' + b"9" * 5000 + b"}",
        b'{"htype": "bsr_m-1.1", "x": ' + b"[" * 30000,
        b'{"htype": "bsr_m-1.1", "x": ' + b"[" * 20000 + b"]" * 20000 + b"}",
        b'{"a":' * 10000,
        main_bytes() + b"{}",
        main_bytes()[:-1],
    ],
    ids=short_id,
)
def test_what_is_no_main_header_is_refused(raw: bytes) -> None:
    """Broken, foreign and deeply nested headers are refused, none with another exception."""
    with pytest.raises(Refused) as refusal:
        parse_main_header(raw)
    assert refusal.value.reason == "main header"


def test_main_header_has_a_largest_size() -> None:
    """64 KB are accepted, one byte more is not looked at."""
    padding = MAX_HEADER_BYTES - len(main_bytes())
    assert isinstance(parse_main_header(main_bytes() + b" " * padding), MainHeader)
    with pytest.raises(Refused, match="main header size"):
        parse_main_header(main_bytes() + b" " * (padding + 1))


@pytest.mark.parametrize("value", [None, 5, ["a"], {}])
def test_hash_of_another_type_counts_as_none(value: Any) -> None:
    """Only a string can be a hash."""
    assert _main(hash=value).hash is None


def test_defaults_of_a_channel() -> None:
    """Java leaves out what is default: float64, one element, little endian, not compressed."""
    expected = Channel("a", "float64", (1,), "little", "none", 1, 0, 8)
    assert parse_header(header_bytes({"name": "a"})).channels == (expected,)
    nulls = {key: None for key in ("type", "shape", "encoding", "compression", "modulo", "offset")}
    assert parse_header(header_bytes({"name": "a"} | nulls)).channels == (expected,)


def test_everything_that_a_channel_can_say() -> None:
    """Shapes are turned to slowest first; extra keys are ignored; case of type and compression does not matter."""
    definition = {
        "name": "CAM:FPICTURE",
        "type": "UInt16",
        "shape": [2560, 2160],
        "encoding": "big",
        "compression": "Bitshuffle_LZ4",
        "modulo": 10,
        "offset": 3,
        "unit": "V",
    }
    expected = Channel("CAM:FPICTURE", "uint16", (2160, 2560), "big", "bitshuffle_lz4", 10, 3, 2560 * 2160 * 2)
    (found,) = parse_header(header_bytes(definition)).channels
    assert found == expected
    assert found.numpy_dtype.str == ">u2"
    assert not found.is_scalar


@pytest.mark.parametrize("encoding", ["little", "Mono8,x,y", ""])
def test_encoding_that_is_not_big_is_little(encoding: str) -> None:
    """Some sources write the kind of image there."""
    assert parse_header(header_bytes({"name": "a", "encoding": encoding})).channels[0].order == "little"


@pytest.mark.parametrize(
    ("shape", "dtype", "scalar"),
    [([1], "int8", True), ([], "int8", True), ([5], "string", True), ([2], "int8", False), ([1, 1], "int8", False)],
)
def test_what_is_a_scalar(shape: list[int], dtype: str, scalar: bool) -> None:
    """One element and strings are scalars, an image of one pixel is an image."""
    assert parse_header(header_bytes({"name": "a", "shape": shape, "type": dtype})).channels[0].is_scalar is scalar


@pytest.mark.parametrize(
    ("definition", "reason"),
    [
        (5, "definition"),
        (None, "definition"),
        ([], "definition"),
        ({}, "name"),
        ({"name": None}, "name"),
        ({"name": 7}, "name"),
        ({"name": {"a": 1}}, "name"),
        ({"name": ""}, "name"),
        ({"name": "x" * 257}, "name"),
        ({"name": "\ud800"}, "name"),
        ({"name": "a", "type": "float16"}, "type"),
        ({"name": "a", "type": 5}, "type"),
        ({"name": "a", "type": ["int8"]}, "type"),
        ({"name": "a", "shape": [-1, 3]}, "shape"),
        ({"name": "a", "shape": [1.0]}, "shape"),
        ({"name": "a", "shape": [True]}, "shape"),
        ({"name": "a", "shape": ["3"]}, "shape"),
        ({"name": "a", "shape": [[3]]}, "shape"),
        ({"name": "a", "shape": 3}, "shape"),
        ({"name": "a", "shape": "[3]"}, "shape"),
        ({"name": "a", "shape": {"0": 3}}, "shape"),
        ({"name": "a", "shape": [1, 1, 1, 1, 1]}, "shape"),
        ({"name": "a", "shape": [1] * 65}, "shape"),
        ({"name": "a", "shape": [MAX_DIMENSION + 1]}, "shape"),
        ({"name": "a", "shape": [10**400]}, "shape"),
        ({"name": "a", "shape": [float("nan")]}, "shape"),
        ({"name": "a", "shape": [2**24, 2**24, 2**24, 2**24]}, "too large"),
        ({"name": "a", "shape": [2**24, 3], "type": "float64"}, "too large"),
        ({"name": "a", "encoding": 1}, "encoding"),
        ({"name": "a", "encoding": ["big"]}, "encoding"),
        ({"name": "a", "compression": "zip"}, "compression"),
        ({"name": "a", "compression": 1}, "compression"),
        ({"name": "a", "compression": {"a": 1}}, "compression"),
    ],
    ids=short_id,
)
def test_bad_definition_spoils_only_its_channel(definition: Any, reason: str) -> None:
    """The channel has a problem, its values are invalid for that reason, and the channels around it are good."""
    header = parse_header(header_bytes({"name": "before"}, definition, {"name": "after"}))
    assert [found.problem for found in header.channels] == [None, reason, None]
    assert header.index["before"] == 0 and header.index["after"] == 2
    parts = [main_bytes(), header_bytes({"name": "before"}, definition, {"name": "after"})]
    values = received([*parts, *[bytes(8), b""] * 3])
    with pytest.raises(Invalid) as problem:
        values.value(1)
    assert problem.value.reason == reason
    assert value_of(values, 0) == value_of(values, 2) == 0.0


def test_modulo_and_offset_are_only_information() -> None:
    """An odd modulo or offset does not spoil the values."""
    definition = {"name": "a", "modulo": 0, "offset": "x"}
    assert parse_header(header_bytes(definition)).channels[0] == Channel("a", "float64", (1,), nbytes=8)


def test_repeated_name_belongs_to_the_first() -> None:
    """Of two channels with one name the first is good, and the index points to it."""
    header = parse_header(header_bytes({"name": "a"}, {"name": "a", "type": "int8"}, {"name": ""}, {"name": ""}))
    assert [found.problem for found in header.channels] == [None, "duplicate name", "name", "name"]
    assert header.index == {"a": 0}


def test_names_with_html_are_names() -> None:
    """A name is text, whatever it looks like."""
    name = "<img src=x onerror=alert(1)>"
    assert parse_header(header_bytes({"name": name})).index == {name: 0}


def test_a_limit_for_the_size_of_values_can_be_given() -> None:
    """The limit holds for the decoded size."""
    raw = header_bytes({"name": "a", "shape": [13]}, {"name": "b", "shape": [12]})
    header = parse_header(raw, DataHeaders(max_value_bytes=100))
    assert [found.problem for found in header.channels] == ["too large", None]


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"not json", "data header"),
        (b"[]", "data header"),
        (b"{}", "data header"),
        (b'{"channels": null}', "data header"),
        (b'{"channels": {}}', "data header"),
        (b'{"channels": ' + b"[" * 200000, "data header"),
        (b'{"channels": "' + b"\xff" + b'"}', "data header"),
        (json.dumps({"channels": [{}] * 4097}).encode(), "channel count"),
        (b" " * (MAX_DATA_HEADER_BYTES + 1), "data header size"),
    ],
    ids=short_id,
)
def test_bad_data_header_refuses_the_message(raw: bytes, reason: str) -> None:
    """A data header that cannot be parsed whole refuses the message with its reason."""
    with pytest.raises(Refused) as refusal:
        parse_header(raw)
    assert refusal.value.reason == reason


def test_no_channels_is_a_legal_header() -> None:
    """A message without channels has two parts."""
    assert received([main_bytes(), header_bytes()]).layout.channels == ()


@pytest.mark.parametrize("compression", ["lz4", "LZ4", "bitshuffle_lz4"])
@pytest.mark.parametrize("prefix", ["little", "big"])
@pytest.mark.parametrize("channels", [1, 40])
def test_compressed_data_header(compression: str, prefix: Any, channels: int) -> None:
    """The data header may be compressed; the prefix of lz4 in either byte order."""
    plain = header_bytes(*({"name": f"channel {number}"} for number in range(channels)))
    packed = compress(plain, compression.lower(), prefix=prefix)
    assert len(parse_header(packed, dh_compression=compression).channels) == channels


@pytest.mark.parametrize(
    ("compression", "raw"),
    [
        ("zip", header_bytes()),
        (5, header_bytes()),
        ("lz4", b"\1\2\3"),
        ("lz4", header_bytes()),
        ("lz4", struct.pack("<I", 2**32 - 1) + compress(header_bytes(), "lz4")[4:]),
        ("lz4", compress(header_bytes(), "lz4")[:-1]),
        ("lz4", struct.pack("<I", MAX_DATA_HEADER_BYTES + 1) + lz4.encode(b" " * (MAX_DATA_HEADER_BYTES + 1))),
        ("bitshuffle_lz4", bslz4.encode(np.full(MAX_DATA_HEADER_BYTES + 1, ord(" "), np.uint8))),
        ("bitshuffle_lz4", header_bytes()),
        ("bitshuffle_lz4", compress(header_bytes({"name": "x" * 200}), "bitshuffle_lz4")[:-1]),
        ("bitshuffle_lz4", b"\0\0\0"),
    ],
    ids=short_id,
)
def test_data_header_that_cannot_be_decompressed(compression: Any, raw: bytes) -> None:
    """Unknown compressions, truncation, lies about the length and bombs are refused."""
    with pytest.raises(Refused) as refusal:
        parse_header(raw, dh_compression=compression)
    assert refusal.value.reason == "data header compression"


def test_reasons_are_a_fixed_small_set() -> None:
    """Reasons become labels of metrics, so there are few of them."""
    assert len(set(REFUSED_REASONS)) == len(REFUSED_REASONS) < 16
    assert len(set(INVALID_REASONS)) == len(INVALID_REASONS) < 16


def test_header_is_parsed_once_for_the_same_bytes() -> None:
    """The same bytes give the same object, other bytes another serial; a header that alternates stays known."""
    headers = DataHeaders()
    first, second = header_bytes({"name": "a"}), header_bytes({"name": "b"})
    one, two = parse_header(first, headers), parse_header(second, headers)
    assert parse_header(first, headers) is one
    assert parse_header(second, headers) is two
    assert one.serial != two.serial


def test_only_the_last_headers_are_kept() -> None:
    """A header that changes with every message does not fill the memory."""
    headers = DataHeaders()
    first = parse_header(header_bytes({"name": "first"}), headers)
    for number in range(KEPT_HEADERS - 1):
        parse_header(header_bytes({"name": f"{number}"}), headers)
    assert parse_header(header_bytes({"name": "first"}), headers) is first
    for number in range(KEPT_HEADERS):
        parse_header(header_bytes({"name": f"again {number}"}), headers)
    assert parse_header(header_bytes({"name": "first"}), headers) is not first


def test_same_bytes_with_another_compression_are_another_header() -> None:
    """What is kept is kept by bytes and compression."""
    headers = DataHeaders()
    parse_header(header_bytes(), headers)
    with pytest.raises(Refused, match="data header compression"):
        parse_header(header_bytes(), headers, dh_compression="bitshuffle_lz4")


def test_new_header_under_an_old_hash_is_used() -> None:
    """The bytes count: a header that changes under the same hash is noticed."""
    headers = DataHeaders()
    first = received(message(1, [channel("a", 1.0)], hash="same"), headers)
    second = received(message(2, [channel("b", 2)], hash="same"), headers)
    assert (list(first.layout.index), list(second.layout.index)) == (["a"], ["b"])


def test_empty_header_means_the_last_of_the_same_hash() -> None:
    """A sender may leave out a header that it has sent before."""
    headers = DataHeaders()
    received(message(1, [channel("a", 1.0)], hash="A"), headers)
    received(message(2, [channel("b", 2.0)], hash="B"), headers)
    empty = message(3, [channel("a", 5.0)], hash="A", header=b"")
    assert list(received(empty, headers).layout.index) == ["a"]
    received(message(4, [channel("c", 1.0)], hash="A"), headers)
    assert list(received(empty, headers).layout.index) == ["c"]


@pytest.mark.parametrize("name", ["never seen", None])
def test_empty_header_under_an_unknown_hash_is_refused(name: str | None) -> None:
    """Without a header there is nothing to decode with."""
    with pytest.raises(Refused, match="unknown header"):
        received(message(1, [channel("a", 1.0)], hash=name, header=b""))


@pytest.mark.parametrize(
    "bad",
    [
        b"broken",
        b"[]",
        header_bytes(),
        header_bytes({"name": "OTHER"}, {"name": "b"}),
        b'{"channels": [' + b"[" * 99999,
    ],
    ids=short_id,
)
def test_bad_header_under_a_known_hash_changes_nothing(bad: bytes) -> None:
    """After a refused message the next one decodes as before, with its header and with an empty one."""
    headers = DataHeaders()
    good = message(1, [channel("a", 1.5)], hash="H")
    received(good, headers)
    with pytest.raises(Refused):
        received(message(2, [channel("a", 2.5)], hash="H", header=bad), headers)
    empty = received(message(3, [channel("a", 3.5)], hash="H", header=b""), headers)
    assert (list(empty.layout.index), value_of(empty)) == (["a"], 3.5)
    assert received(good, headers).value(0) == 1.5


def test_bad_first_header_does_not_spoil_its_hash() -> None:
    """The first message of a hash may be broken, the next one is good."""
    headers = DataHeaders()
    with pytest.raises(Refused):
        received(message(1, [channel("a", 1.5)], hash="H", header=b"broken"), headers)
    assert received(message(2, [channel("a", 2.5)], hash="H"), headers).value(0) == 2.5


@pytest.mark.parametrize("count", [1, 2, 3, 5, 6, 5000])
def test_wrong_number_of_parts_is_refused(count: int) -> None:
    """One channel makes four parts, no more and no fewer."""
    good = message(1, [channel("a", 1.5)])
    parts = (good + [b""] * count)[:count]
    with pytest.raises(Refused, match="part count"):
        received(parts)
