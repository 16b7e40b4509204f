"""Whatever comes, the parsers return what they say or raise the error that they say; what is well formed is read."""

import json
import math
import struct
from typing import Any

import numpy as np
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from stream_online_viewer.errors import ViewerError
from stream_online_viewer.model.problems import REFUSED_REASONS, Refused
from stream_online_viewer.model.pulse import Notice
from stream_online_viewer.protocol.client import Want, parse_want
from stream_online_viewer.sources.bsread.headers import DataHeaders, MainHeader, parse_main_header
from stream_online_viewer.sources.zeromq.address import Address, parse_address
from stream_online_viewer.sources.zeromq.zmtp import GREETING, NotZmtp, PeerReader
from tests.raw_source import Order, channel, message
from tests.unit.source_helpers import PLAIN_MAIN, received

CHECKS = settings(max_examples=200, deadline=None, derandomize=True, database=None)
DTYPES = ("int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64")

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
"""All that JSON can say, and the numbers that Python says beyond it."""


def like(*keys: str) -> st.SearchStrategy[dict[str, Any]]:
    """Objects with some of these keys, which have any values."""
    return st.dictionaries(st.sampled_from(keys), anything, max_size=len(keys))


# --- messages of the stream -------------------------------------------------------------------------------------------

names = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30)


@st.composite
def values(draw: st.DrawFn) -> np.ndarray[Any, Any]:
    """Arrays of one to three dimensions, of all types of numbers, with all bits."""
    shape = tuple(draw(st.lists(st.integers(1, 12), min_size=1, max_size=3)))
    dtype = np.dtype(draw(st.sampled_from(DTYPES)))
    count = math.prod(shape)
    return np.frombuffer(
        draw(st.binary(min_size=count * dtype.itemsize, max_size=count * dtype.itemsize)), dtype
    ).reshape(shape)


@CHECKS
@given(
    st.dictionaries(names, values(), min_size=1, max_size=4),
    st.sampled_from(["little", "big"]),
    st.sampled_from(["none", "lz4", "bitshuffle_lz4"]),
    st.integers(0, 2**63 - 1),
)
def test_every_well_formed_message_is_read(
    sent: dict[str, np.ndarray[Any, Any]], order: Order, compression: str, pulse_id: int
) -> None:
    """Names, types, shapes and every bit come out as they went in, in either byte order and each compression."""
    parts = [channel(name, value, order=order, compression=compression) for name, value in sent.items()]
    found = received(message(pulse_id, parts, header_compression=compression))
    assert found.pulse_id == pulse_id
    assert [each.name for each in found.layout.channels] == list(sent)
    for index, value in enumerate(sent.values()):
        read = np.asarray(found.value(index))
        assert read.size == value.size and (value.size == 1 or read.shape == value.shape)
        assert read.astype(value.dtype).tobytes() == value.tobytes()


@CHECKS
@given(anything | like("htype", "pulse_id", "global_timestamp", "hash", "dh_compression"))
@example({"htype": "bsr_m-1.1", "pulse_id": 10**400})
def test_any_main_header_is_read_or_refused(content: Any) -> None:
    """Nothing but a refusal with a known reason is raised."""
    if isinstance(content, dict):
        content.setdefault("htype", "bsr_m-1.1")
    try:
        assert isinstance(parse_main_header(json.dumps(content).encode()), MainHeader | Notice)
    except Refused as refusal:
        assert refusal.reason in REFUSED_REASONS and len(str(refusal)) < 200


@CHECKS
@given(st.lists(like("name", "type", "shape", "encoding", "compression", "modulo", "offset") | anything, max_size=4))
def test_any_data_header_is_read_or_refused(channels: list[Any]) -> None:
    """A definition that makes no sense spoils its channel or the header, and nothing else happens."""
    content = {"htype": "bsr_d-1.1", "channels": channels}
    try:
        header = DataHeaders().parse(json.dumps(content).encode(), PLAIN_MAIN)
    except Refused as refusal:
        assert refusal.reason in REFUSED_REASONS and len(str(refusal)) < 200
    else:
        assert len(header.channels) == len(channels)


# --- the opening of a connection --------------------------------------------------------------------------------------


def ready(properties: dict[str, str], long: bool) -> bytes:
    """A READY command with these properties, its size in eight bytes or in one."""
    body = b"\x05READY"
    for name, value in properties.items():
        body += bytes([len(name)]) + name.encode() + struct.pack(">I", len(value)) + value.encode()
    assume(long or len(body) < 256)
    return (struct.pack(">BQ", 6, len(body)) if long else bytes([4, len(body)])) + body


@CHECKS
@given(
    st.sampled_from(["PUSH", "PUB", "XPUB", "PULL"]),
    st.dictionaries(st.sampled_from(["Identity", "X-Other"]), st.text("abc", max_size=40)),
    st.booleans(),
    st.lists(st.integers(1, 40), min_size=1, max_size=8),
)
def test_every_opening_is_read_however_it_is_cut(
    kind: str, others: dict[str, str], long: bool, sizes: list[int]
) -> None:
    """The type of the peer's socket is known when its last byte has come, and not before."""
    opening = GREETING + ready(others | {"Socket-Type": kind}, long)
    peer, at = PeerReader(), 0
    while at < len(opening):
        assert not peer.done
        size = sizes[at % len(sizes)]
        peer.feed(opening[at : at + size])
        at += size
    assert peer.done and peer.socket_type == kind and peer.mechanism == "NULL"


@CHECKS
@given(st.binary(max_size=200), st.sampled_from([0, 1, 10, 11, 12, 64]))
def test_any_bytes_open_a_connection_or_are_told(data: bytes, right: int) -> None:
    """Bytes that begin rightly, as far as they do, and go on anyhow: read, waited for, or no ZMTP."""
    peer = PeerReader()
    try:
        peer.feed(GREETING[:right] + data)
    except NotZmtp as problem:
        assert len(str(problem)) < 200


# --- what people and browsers say -------------------------------------------------------------------------------------


@CHECKS
@given(like(*Want.__dataclass_fields__) | anything)
def test_any_want_is_taken_or_explained(content: Any) -> None:
    """What a browser says changes what it wants, or is explained in a sentence; the want before is as it was."""
    before = Want()
    if isinstance(content, dict):
        content = {"kind": "want", **content}
    try:
        after = parse_want(json.dumps(content), before)
    except ViewerError as problem:
        assert 0 < len(str(problem)) < 300
    else:
        assert after is None or isinstance(after, Want)
    assert before == Want()


@CHECKS
@given(st.text(max_size=60) | st.text("tcp:/[]*.0123456789abf@ ", max_size=40).map("tcp://".__add__))
def test_any_address_is_taken_or_explained(text: str) -> None:
    """An address that is taken names the same place when it is written again."""
    try:
        address = parse_address(text)
    except ViewerError as problem:
        assert str(problem).splitlines() == [str(problem)]
    else:
        assert isinstance(address, Address)
        assert parse_address(address.url) == address
