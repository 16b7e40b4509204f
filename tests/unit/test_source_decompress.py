"""Decompression of data that is not what it says."""

import random
import struct

import numpy as np
import pytest

from stream_online_viewer.model.decompress import check_bslz4, decompress, decompress_bytes
from stream_online_viewer.model.problems import Invalid
from tests.raw_source import compress
from tests.unit.source_helpers import short_id

# Images of the sizes that cameras have: one block, a few, many, and one that does not end with a whole block.
SAMPLES = {"40x50 uint16": (2, (40, 50)), "640x480 float64": (8, (480, 640)), "659x494 uint8": (1, (494, 659))}


def _image(itemsize: int, shape: tuple[int, int]) -> np.ndarray:
    noise = np.random.default_rng(1).poisson(50, shape)
    return noise.astype({1: np.uint8, 2: np.uint16, 8: np.float64}[itemsize])


def _packed(name: str) -> tuple[bytes, int, int]:
    itemsize, shape = SAMPLES[name]
    image = _image(itemsize, shape)
    return compress(image.tobytes(), "bitshuffle_lz4", itemsize), image.nbytes, itemsize


def _refuses(payload: bytes, nbytes: int, itemsize: int) -> str:
    with pytest.raises(Invalid) as problem:
        check_bslz4(memoryview(payload), nbytes, itemsize)
    return problem.value.reason


@pytest.mark.parametrize(("itemsize", "block"), [(1, 8192), (2, 4096), (4, 2048), (8, 1024)])
@pytest.mark.parametrize("elements", [1, 7, 8, 9, 1000, 4096, 4100, 40007])
def test_block_size_in_elements(itemsize: int, block: int, elements: int) -> None:
    """The check returns the block size, whether it is written down or left to the default with 0."""
    plain = bytes(range(256)) * (elements * itemsize // 256 + 1)
    payload = compress(plain[: elements * itemsize], "bitshuffle_lz4", itemsize)
    default = payload[:8] + bytes(4) + payload[12:]
    assert check_bslz4(memoryview(payload), elements * itemsize, itemsize) == block
    assert check_bslz4(memoryview(default), elements * itemsize, itemsize) == block
    dtype = np.dtype(f"u{itemsize}")
    for data in (payload, default):
        found = decompress(memoryview(data), "bitshuffle_lz4", dtype, (elements,))
        assert found.tobytes() == plain[: elements * itemsize]


@pytest.mark.parametrize("declared", [0, 1, 3999, 4001, 2**31, 2**62, 2**63, 2**64 - 1])
def test_declared_length_must_be_the_expected_one(declared: int) -> None:
    """The length in the data may not differ from that of shape and type; negative ones are large ones."""
    payload, nbytes, itemsize = _packed("40x50 uint16")
    assert _refuses(struct.pack(">Q", declared) + payload[8:], nbytes, itemsize) == "length"


@pytest.mark.parametrize("block", [1, 2, 7, 15, 17, 8 * 2 + 2, 2**31, 2**32 - 1, 2**32 - 16])
def test_block_size_must_be_possible(block: int) -> None:
    """Whole elements, eight at a time, and positive for those who read it as signed."""
    payload, nbytes, itemsize = _packed("40x50 uint16")
    assert _refuses(payload[:8] + struct.pack(">I", block) + payload[12:], nbytes, itemsize) == "compressed data"


@pytest.mark.parametrize("size", [0, 1, 8, 11, 12, 13, 15, 16, 100, -1])
@pytest.mark.parametrize("name", SAMPLES)
def test_truncated_data_is_refused(name: str, size: int) -> None:
    """Wherever the data end too early, the check says so."""
    payload, nbytes, itemsize = _packed(name)
    assert _refuses(payload[:size], nbytes, itemsize) == "compressed data"


@pytest.mark.parametrize("name", SAMPLES)
def test_more_data_than_blocks_are_refused(name: str) -> None:
    """The chain of blocks must end where the data end."""
    payload, nbytes, itemsize = _packed(name)
    assert _refuses(payload + b"\0", nbytes, itemsize) == "compressed data"


@pytest.mark.parametrize("length", [0, 1, 2**16, 2**31 - 1, 2**31, 2**32 - 1])
@pytest.mark.parametrize("name", SAMPLES)
def test_wrong_length_of_the_first_block_is_refused(name: str, length: int) -> None:
    """A length that leads elsewhere never reaches the decoder."""
    payload, nbytes, itemsize = _packed(name)
    assert _refuses(payload[:12] + struct.pack(">I", length) + payload[16:], nbytes, itemsize) == "compressed data"


def test_walk_through_many_small_blocks_is_bounded() -> None:
    """Millions of blocks of eight elements would keep the walk busy for seconds."""
    nbytes = 8 * (2**21 + 1)
    assert _refuses(struct.pack(">QI", nbytes, 8) + bytes(4 * 2**21 + 4), nbytes, 1) == "compressed data"


def test_huge_shape_over_little_data_reserves_nothing() -> None:
    """The number of blocks is checked against the data before anything is reserved."""
    payload, _, itemsize = _packed("40x50 uint16")
    nbytes = 2**28
    assert _refuses(struct.pack(">Q", nbytes) + payload[8:], nbytes, itemsize) == "compressed data"
    with pytest.raises(Invalid, match="500 bytes cannot be 268435456 bytes compressed"):
        decompress(memoryview(struct.pack("<I", nbytes) + bytes(496)), "lz4", np.dtype("u1"), (nbytes,))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", SAMPLES)
def test_mutated_data_never_reach_the_decoder_in_a_harmful_way(name: str, seed: int) -> None:
    """Flipped bits, cut, lengthened and garbled data: a value or Invalid, never anything else, never a crash."""
    rng = random.Random(seed)
    itemsize, shape = SAMPLES[name]
    payload, _, _ = _packed(name)
    survived = 0
    for _ in range(120):
        data = bytearray(payload)
        kind = rng.randrange(7)
        if kind == 0:
            del data[rng.randrange(len(data)) :]
        elif kind == 1:
            data[rng.randrange(len(data)) :] = rng.randbytes(rng.randrange(1, 3000))
        elif kind == 2:
            for _ in range(rng.randrange(1, 5)):
                data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        elif kind == 3:
            struct.pack_into(">I", data, 12, rng.choice([0, 1, rng.randrange(2**32), len(data), len(data) - 16]))
        elif kind == 4:
            data[12:] = rng.randbytes(len(data) - 12)
        elif kind == 5:
            data[rng.randrange(12)] = rng.randrange(256)
        else:
            at = rng.randrange(12, len(data) - 1)
            data[at:at] = rng.randbytes(rng.randrange(1, 9))
        try:
            found = decompress(memoryview(data), "bitshuffle_lz4", np.dtype(f"u{itemsize}"), shape)
            assert found.shape == shape
        except Invalid:
            survived += 1
    assert survived > 60


@pytest.mark.parametrize("seed", range(3))
def test_mutated_lz4_is_a_value_or_invalid(seed: int) -> None:
    """The same for lz4."""
    rng = random.Random(seed)
    payload = compress(_image(2, (40, 50)).tobytes(), "lz4")
    for _ in range(300):
        data = bytearray(payload[: rng.randrange(len(payload) + 1)] if rng.random() < 0.5 else payload)
        for _ in range(min(len(data), rng.randrange(4))):
            data[rng.randrange(len(data))] = rng.randrange(256)
        try:
            assert decompress(memoryview(data), "lz4", np.dtype("u2"), (40, 50)).shape == (40, 50)
        except Invalid as problem:
            assert problem.reason in ("compressed data", "length")


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "compressed data"),
        (b"\1\2\3\4", "compressed data"),
        (struct.pack("<I", 10) + b"\0", "length"),
        (struct.pack("<I", 5) + b"\xff" * 20, "compressed data"),
        (compress(b"abcd", "lz4"), "length"),
        (struct.pack("<I", 5) + compress(b"abcd", "lz4")[4:], "length"),
        (struct.pack("<I", 5) + compress(b"abcdef", "lz4")[4:], "compressed data"),
    ],
    ids=short_id,
)
def test_lz4_that_is_not_five_bytes(payload: bytes, reason: str) -> None:
    """Declared and decoded length must both be the expected one."""
    with pytest.raises(Invalid) as problem:
        decompress(memoryview(payload), "lz4", np.dtype("u1"), (5,))
    assert problem.value.reason == reason


def test_text_of_either_prefix() -> None:
    """The length of text is known from the data alone, so both orders of the prefix are tried."""
    for text in (b"x", b"x" * 255, b"x" * 256, b"x" * 257, bytes(range(256)) * 10):
        for order in ("<", ">"):
            payload = struct.pack(order + "I", len(text)) + compress(text, "lz4")[4:]
            assert decompress_bytes(memoryview(payload), "lz4", 65536) == text


@pytest.mark.parametrize("compression", ["none", "lz4", "bitshuffle_lz4"])
def test_text_has_a_limit(compression: str) -> None:
    """More than the limit is refused before it is decompressed."""
    payload = memoryview(compress(b"x" * 101, compression))
    with pytest.raises(Invalid) as problem:
        decompress_bytes(payload, compression, 100)  # type: ignore[arg-type]
    assert problem.value.reason == "too large"
    assert decompress_bytes(payload, compression, 101) == b"x" * 101  # type: ignore[arg-type]
