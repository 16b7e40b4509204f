"""Values of PV Access with anything wrong in them: each is refused with a reason or decoded to its whole size, and no
native decoder is called with sizes that were not checked."""

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stream_online_viewer.model.decompress import check_bslz4
from stream_online_viewer.model.problems import INVALID_REASONS, REFUSED_REASONS, Invalid, Refused
from stream_online_viewer.sources.pva.header import SCALAR_TYPES, Codec, Header, read_header, structure_expected
from stream_online_viewer.sources.pva.pulse import ArrayArrival, Layouts, pulse_id_of
from stream_online_viewer.sources.pva.unpack import unpack
from tests.pva_server import packed, value_of

MAX_BYTES = 2**20
CODECS = ("lz4", "lz4hdf5", "bslz4", "blosc", "zlib", "jpeg")
SHAPE = [24, 32]


def right(codec: str = "", **recipe: Any) -> dict[str, Any]:
    """Return the members of a right value, as the library hands them over."""
    value = value_of({"dtype": "uint8", "shape": SHAPE, "codec": codec, "attributes": {"gain": 2.5}} | recipe)
    return value | {"value": value["value"][1]}


def used(value: dict[str, Any]) -> None:
    """Do with a value what source and viewers do."""
    with structure_expected():
        header, image = read_header(value, MAX_BYTES)
        arrival = ArrayArrival(pulse_id_of(value, None), value, header, image, Layouts())
    pulse = arrival.pulse(1, 2, 3)
    if header.codec == "bslz4":
        # What is passed on in two parts is checked as the whole is.
        whole = pulse.payload(0)
        head, rest = pulse.passed(0)
        assert head + rest == whole
        itemsize = np.dtype(header.dtype).itemsize
        checked = [checked_as(part, header.nbytes, itemsize, front) for part, front in ((whole, b""), (rest, head))]
        assert checked[0] == checked[1]
    for index in range(len(pulse.layout.channels)):
        found = pulse.value(index)
        if index == 0:
            assert isinstance(found, np.ndarray)
            assert found.nbytes == header.nbytes <= MAX_BYTES


def checked_as(payload: memoryview, nbytes: int, itemsize: int, head: bytes) -> Any:
    """Return the result of the check of a chain of blocks, or what it raises."""
    try:
        return check_bslz4(payload, nbytes, itemsize, head)
    except Invalid as problem:
        return problem.reason, problem.detail


ODD = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), st.text(max_size=8), st.binary(max_size=8),
    st.just([]), st.just({}), st.just(np.zeros(3, np.uint16)), st.just(np.zeros((2, 2), np.uint8)),
    st.just(np.zeros(3, "S2")), st.just([{"size": 3}]), st.just([{"name": 3, "value": {}}]),
)  # fmt: skip
MEMBERS = sorted(right())


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(["", *CODECS]), st.sampled_from(MEMBERS), ODD, st.booleans())
def test_a_member_of_another_kind(codec: str, member: str, odd: Any, missing: bool) -> None:
    """Refused or invalid, never anything else."""
    value = right(codec)
    if missing:
        del value[member]
    else:
        value[member] = odd
    try:
        used(value)
    except Refused as problem:
        assert problem.reason in REFUSED_REASONS and len(problem.detail) < 300
    except Invalid as problem:
        assert problem.reason in INVALID_REASONS


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(CODECS),
    st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=4),
    st.integers(0, 2000),
    st.binary(max_size=20),
)
@example("blosc", [(4, 255), (5, 255), (6, 255), (7, 127)], 0, b"")
@example("blosc", [(12, 255), (13, 255)], 0, b"")
@example("lz4hdf5", [(8, 0), (9, 0), (10, 0), (11, 0)], 0, b"")
@example("lz4hdf5", [(12, 255), (13, 255), (14, 255), (15, 255)], 0, b"")
def test_compressed_bytes_that_are_not_right(codec: str, changes: list[tuple[int, int]], cut: int, more: bytes) -> None:
    """Changed, cut and longer data decode to the whole size or are invalid."""
    image = np.arange(SHAPE[0] * SHAPE[1], dtype=np.uint8).reshape(SHAPE)
    data = bytearray(packed(image, codec))
    for at, byte in changes:
        data[at % len(data)] = byte
    damaged = memoryview(bytes(data[: len(data) - cut % len(data)] + more))
    value = right(codec) | {"value": np.frombuffer(damaged, np.uint8), "compressedSize": len(damaged)}
    try:
        used(value)
    except (Refused, Invalid) as problem:
        assert problem.reason in (*REFUSED_REASONS, *INVALID_REASONS)


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("dtype", SCALAR_TYPES)
def test_a_wrong_type_of_compressed_elements(codec: str, dtype: str) -> None:
    """The type has to fit the sizes."""
    value = right(codec) | {"codec": {"name": codec, "parameters": SCALAR_TYPES.index(dtype)}}
    if np.dtype(dtype).itemsize == 1:
        return
    with pytest.raises(Refused):
        used(value)


@pytest.mark.parametrize("codec", CODECS)
def test_a_bomb_is_not_decoded(codec: str) -> None:
    """A few bytes that say that they are a gigabyte: the size is refused before anything is decoded."""
    value = right(codec) | {
        "uncompressedSize": 2**30,
        "dimension": [{"size": 2**15, "offset": 0, "binning": 1, "reverse": False}] * 2,
    }
    with pytest.raises(Refused, match="array size"):
        used(value)


@pytest.mark.parametrize("codec", [codec for codec in CODECS if codec != "bslz4"])
def test_sizes_that_data_and_header_disagree_on(codec: Codec) -> None:
    """The decoded size is the one of the dimensions or the value is invalid."""
    with pytest.raises(Invalid):
        unpack(memoryview(packed(np.zeros(SHAPE, np.uint8), codec)), Header((), "uint8", codec, 10_000))
