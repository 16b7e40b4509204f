"""More parsers of bytes from outside, in the manner of test_parsers_property: read, or an error that is meant."""

import contextlib
import json
import string
from typing import Any

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from stream_online_viewer.coding import bslz4
from stream_online_viewer.coding.errors import CodecError
from stream_online_viewer.errors import ProtocolError
from stream_online_viewer.link.framing import FromWebDecoder, pack_control, pack_pull, unpack_control
from stream_online_viewer.link.messages import ChannelNames, InterestChange, Pull, RefusedForms
from stream_online_viewer.model.decompress import check_bslz4
from stream_online_viewer.model.problems import REFUSED_REASONS, Invalid, Refused
from stream_online_viewer.protocol.form import Form
from stream_online_viewer.sources.array10.format import Array10
from stream_online_viewer.web.hosts import HostError, parse_host, same_origin
from stream_online_viewer.web.images import QueryError, parse_query
from tests.array_source import array_message
from tests.unit.test_parsers_property import CHECKS, anything, like

# --- array-1.0 --------------------------------------------------------------------------------------------------------

KEYS = ("htype", "shape", "type", "frame", "pulse_id", "endianness", "endianess", "encoding", "source")


@CHECKS
@given(like(*KEYS) | anything, st.binary(max_size=40))
@example({"shape": [2**24] * 4, "frame": 0}, b"")
@example({"shape": [2, 3], "frame": 10**400, "type": "uint8"}, bytes(6))
def test_any_header_of_an_array_is_read_or_refused(content: Any, data: bytes) -> None:
    """Nothing but a refusal with a known reason is raised, and what is read has a value of the announced size."""
    if isinstance(content, dict):
        content.setdefault("htype", "array-1.0")
    try:
        found = Array10().read([json.dumps(content).encode(), data]).pulse(1, 2, 3)
    except Refused as refusal:
        assert refusal.reason in REFUSED_REASONS and len(str(refusal)) < 200
    else:
        assert np.asarray(found.value(0)).size == np.prod(found.layout.channels[0].shape)


@CHECKS
@given(
    st.lists(st.integers(1, 6), min_size=1, max_size=4).map(tuple),
    st.sampled_from(["int8", "uint16", ">u2", ">i4", "float32", ">f8", "uint64"]),
    st.integers(0, 2**64 - 1),
    st.data(),
)
def test_every_well_formed_array_is_read(shape: tuple[int, ...], dtype: str, frame: int, data: st.DataObject) -> None:
    """Type, shape, frame and every bit come out as they went in."""
    count = int(np.prod(shape)) * np.dtype(dtype).itemsize
    sent = np.frombuffer(data.draw(st.binary(min_size=count, max_size=count)), dtype).reshape(shape)
    found = Array10().read([*array_message(frame, sent)]).pulse(1, 2, 3)
    read = np.asarray(found.value(0))
    assert found.pulse_id == frame and read.size == sent.size
    assert read.astype(sent.dtype).tobytes() == sent.tobytes()


# --- bitshuffle + LZ4 -------------------------------------------------------------------------------------------------


@st.composite
def arrays(draw: st.DrawFn) -> NDArray[Any]:
    """Arrays of several blocks and a rest, some of which can be compressed."""
    dtype = np.dtype(draw(st.sampled_from(["uint8", "uint16", "uint32", "float64"])))
    count = draw(st.integers(1, 12_000))
    random = np.random.default_rng(draw(st.integers(0, 1000)))
    high = draw(st.sampled_from([2, 256]))
    return random.integers(0, high, count * dtype.itemsize, np.uint8).view(dtype)


@CHECKS
@given(arrays(), st.lists(st.tuples(st.integers(0, 2**20), st.binary(max_size=4)), max_size=4), st.integers(0, 40))
def test_any_damage_is_found_or_makes_other_pixels(
    values: NDArray[Any], changes: list[tuple[int, bytes]], less: int
) -> None:
    """Whole data are decoded to the last bit; damaged ones are invalid or a value of the right size."""
    whole = bslz4.encode(values)
    size, itemsize = values.nbytes, values.dtype.itemsize
    block = check_bslz4(memoryview(whole), size, itemsize)
    assert bslz4.decode(memoryview(whole), values.size, itemsize, block).tobytes() == values.tobytes()
    damaged = bytearray(whole)
    for at, data in changes:
        damaged[at % len(whole) : at % len(whole) + len(data)] = data
    payload = memoryview(bytes(damaged[: len(damaged) - less]))
    with contextlib.suppress(Invalid, CodecError):
        block = check_bslz4(payload, size, itemsize)
        assert bslz4.decode(payload, values.size, itemsize, block).nbytes == size


@CHECKS
@given(st.binary(max_size=200), st.integers(0, 4096), st.sampled_from([1, 2, 4, 8]))
def test_any_bytes_are_a_chain_of_blocks_or_invalid(data: bytes, elements: int, itemsize: int) -> None:
    """Also behind a head that is right: the walk ends, and says what is wrong."""
    size = elements * itemsize
    for payload in (data, bslz4.HEAD.pack(size, 0) + data, bslz4.HEAD.pack(size, 64 * itemsize) + data):
        try:
            block = check_bslz4(memoryview(payload), size, itemsize)
        except Invalid as problem:
            assert len(str(problem)) < 200
        else:
            assert block > 0 and block % 8 == 0


# --- the link ---------------------------------------------------------------------------------------------------------

texts = st.text(max_size=20)
numbers = st.integers(0, 2**32 - 1)
levels = st.none() | st.floats(allow_nan=False, allow_infinity=False)
forms = st.builds(
    Form,
    channel=st.none() | texts,
    slice=numbers,
    crop=st.none() | st.tuples(numbers, numbers, numbers, numbers),
    fit=st.none() | st.tuples(numbers, numbers),
    low=levels,
    high=levels,
    hover=st.none() | st.tuples(numbers, numbers),
    saturation=levels,
)
interests = st.builds(
    InterestChange,
    lanes=st.lists(st.tuples(numbers, forms), max_size=3).map(tuple),
    ended=st.lists(numbers, max_size=3).map(tuple),
    everything=st.booleans(),
    names=st.lists(texts, max_size=3).map(tuple),
    unnamed=st.lists(texts, max_size=3).map(tuple),
)
refusals = st.builds(RefusedForms, st.lists(st.tuples(texts, texts), max_size=3).map(tuple))
pulls = st.builds(Pull, numbers, st.integers(0, 2**64 - 1))


@CHECKS
@given(st.lists(interests | refusals | pulls, max_size=5), st.lists(st.integers(1, 90), min_size=1, max_size=5))
def test_every_message_to_the_ingest_process_is_read_however_it_is_cut(
    sent: list[InterestChange | RefusedForms | Pull], sizes: list[int]
) -> None:
    """Equal messages in the same order, each once, from pieces of any size."""
    data = b"".join(pack_pull(one) if isinstance(one, Pull) else pack_control(one) for one in sent)
    decoder, at = FromWebDecoder(), 0
    read: list[object] = []
    while at < len(data):
        size = sizes[at % len(sizes)]
        read += decoder.feed(data[at : at + size])
        at += size
    assert read == sent


@CHECKS
@given(st.lists(st.binary(max_size=60), max_size=4), st.integers(0, 6), st.integers(0, 50))
def test_any_bytes_on_the_link_are_messages_or_an_error(pieces: list[bytes], kind: int, length: int) -> None:
    """Behind a header that could be one: nothing else is raised, and nothing is read for ever."""
    head = kind.to_bytes(4, "little") + bytes(4) + length.to_bytes(8, "little") + bytes(24)
    decoder = FromWebDecoder()
    with contextlib.suppress(ProtocolError):
        for piece in (head, *pieces):
            assert all(isinstance(one, InterestChange | RefusedForms | Pull) for one in decoder.feed(piece))


@CHECKS
@given(
    like("kind", "channels", "lanes", "ended", "everything", "names", "unnamed", "forms") | anything,
    st.sampled_from(["names", "report", "interest", "refused", None]),
)
def test_any_text_of_the_link_is_a_message_or_an_error(content: Any, kind: str | None) -> None:
    """What another version of the program might say is no message, and that is all that happens."""
    if isinstance(content, dict) and kind is not None:
        content["kind"] = kind
    with contextlib.suppress(ProtocolError):
        assert unpack_control(json.dumps(content).encode()) is not None


@CHECKS
@given(st.lists(st.tuples(numbers, texts), max_size=5).map(tuple))
def test_names_of_channels_come_through_the_link(channels: tuple[tuple[int, str], ...]) -> None:
    """Whatever a source calls its channels."""
    packed = pack_control(ChannelNames(channels))
    assert unpack_control(packed[-int.from_bytes(packed[8:16], "little") :]) == ChannelNames(channels)


# --- what a request says ----------------------------------------------------------------------------------------------

hosts = st.text(max_size=60) | st.text(string.ascii_letters + "0123456789.-_:[]%", max_size=40)


@CHECKS
@given(hosts, hosts)
@example("[::1%25eth0]:80", "http://[::1%25eth0]")
@example("a" * 256, "http://[")
def test_any_host_is_read_or_told(text: str, origin: str) -> None:
    """A host that is read is the same when its name is read again; any origin is one of ours or is not."""
    try:
        host = parse_host(text)
    except HostError as problem:
        assert 0 < len(str(problem)) < 100
    else:
        again = parse_host(f"[{host.name}]" if ":" in host.name else host.name)
        assert (again.name, again.is_address) == (host.name, host.is_address)
        assert same_origin(origin, host) in (True, False)
        assert same_origin(f"http://{origin}", host) in (True, False)


@CHECKS
@given(
    st.text(max_size=80)
    | st.lists(
        st.tuples(
            st.sampled_from(["image", "slice", "colour", "colormap", "min", "max"]),
            st.text(max_size=8) | st.integers().map(str) | st.floats().map(str),
        ),
        max_size=6,
    ).map(lambda pairs: "&".join(f"{key}={value}" for key, value in pairs)),
    st.sampled_from(["npy", "png"]),
)
def test_any_query_is_a_form_or_explained(query: str, name: str) -> None:
    """A form within the bounds of a slice, or a sentence that says what is wrong."""
    try:
        form = parse_query(query, name)
    except QueryError as problem:
        assert 0 < len(str(problem)) < 600
    else:
        assert form.name == name and 0 <= form.slice < 2**24
