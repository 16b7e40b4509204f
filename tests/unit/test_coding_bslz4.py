"""bitshuffle + LZ4, made and read here, held against the bitshuffle library itself."""

import struct
from typing import Any

import bitshuffle
import lz4.block
import numpy as np
import pytest
from numpy.typing import NDArray

from stream_online_viewer.coding import bslz4
from stream_online_viewer.coding.errors import CodecError

SIZES = (0, 1, 7, 8, 9, 15, 16, 17, 1000, 4096, 4100, 40007, 300_001)
"""Elements: none, fewer than are shuffled, one block, a short last block, several runs of blocks with a rest."""


def _sample(kind: str, elements: int, itemsize: int) -> NDArray[Any]:
    random = np.random.default_rng(elements + itemsize)
    if kind == "noise":
        # It cannot be compressed: blocks are longer than what they hold.
        plain = random.integers(0, 256, elements * itemsize, dtype=np.uint8)
    elif kind == "zeros":
        plain = np.zeros(elements * itemsize, np.uint8)
    else:
        plain = random.poisson(50, elements * itemsize).astype(np.uint8)
    return plain.view(f"u{itemsize}")


def _by_library(values: NDArray[Any], block: int) -> bytes:
    return struct.pack(">QI", values.nbytes, block * values.itemsize) + bitshuffle.compress_lz4(values, block).tobytes()


@pytest.mark.parametrize("itemsize", [1, 2, 4, 8])
@pytest.mark.parametrize("kind", ["noise", "zeros", "counts"])
def test_values_are_read_and_made_as_by_the_library(kind: str, itemsize: int) -> None:
    """All sizes of elements, incompressible blocks among them, in blocks of the default size and of others."""
    for elements in SIZES:
        values = _sample(kind, elements, itemsize)
        for block in (bslz4.default_block(itemsize), 128, 8 * 513):
            payload = _by_library(values, block)
            assert np.array_equal(
                bslz4.decode(memoryview(payload), elements, itemsize, block).view(values.dtype), values
            )
        made = bslz4.encode(values)
        block = bslz4.default_block(itemsize)
        assert made[:12] == struct.pack(">QI", values.nbytes, block * itemsize)
        if elements:
            packed = np.frombuffer(made[12:], np.uint8)
            assert np.array_equal(bitshuffle.decompress_lz4(packed, values.shape, values.dtype, block), values)


def _of_stored_length(size: int) -> bytes:
    """Return so many bytes of which the LZ4 block is as long as they are: noise with as many zeros as it takes."""
    random = np.random.default_rng(size)
    noise = random.integers(1, 256, size, dtype=np.uint8)
    for zeros in range(4, 400):
        plain = noise.copy()
        plain[:zeros] = 0
        if len(lz4.block.compress(plain.tobytes(), store_size=False)) == size:
            return plain.tobytes()
    raise AssertionError(f"no {size} bytes found whose LZ4 block is as long as they are")


@pytest.mark.parametrize("place", ["first", "middle", "short last", "all"])
def test_block_whose_stored_length_is_its_size_is_lz4(place: str) -> None:
    """To bitshuffle such a block is LZ4 like all others; other readers take it as stored."""
    block, itemsize = 4096, 2
    sizes = [8192, 8192, 8192, 1600]
    chosen = {"first": [0], "middle": [1], "short last": [3], "all": [0, 1, 2, 3]}[place]
    # What LZ4 sees are the shuffled bits, so a value is found by unshuffling.
    pieces = []
    for index, size in enumerate(sizes):
        shuffled = _of_stored_length(size) if index in chosen else bytes(range(200)) * (size // 200 + 1)
        bits = np.frombuffer(shuffled[:size], np.uint16)
        pieces.append(bitshuffle.bitunshuffle(bits, size // itemsize))
    values = np.concatenate(pieces)
    payload = _by_library(values, block)
    lengths, position = [], 12
    while position < len(payload):
        (length,) = struct.unpack_from(">I", payload, position)
        lengths.append(length)
        position += 4 + length
    assert [index for index, size in enumerate(sizes) if lengths[index] == size] == chosen
    assert np.array_equal(bslz4.decode(memoryview(payload), values.size, itemsize, block).view(np.uint16), values)
    packed = np.frombuffer(bslz4.encode(values)[12:], np.uint8)
    assert np.array_equal(bitshuffle.decompress_lz4(packed, values.shape, values.dtype, block), values)


def test_both_byte_orders_keep_their_bytes() -> None:
    """An element is so many bytes, whatever they mean."""
    values = np.arange(5000, dtype=">u4").reshape(50, 100)
    made = bslz4.encode(values)
    assert bslz4.decode(memoryview(made), 5000, 4, 2048).tobytes() == values.tobytes()


def test_broken_chains_are_refused() -> None:
    """Whichever byte of the lengths is changed, and wherever the data end, the answer is an error or other values."""
    values = _sample("counts", 20_000, 2)
    good = bslz4.encode(values)
    random = np.random.default_rng(7)
    refused = 0
    for _ in range(400):
        broken = bytearray(good)
        broken[int(random.integers(12, len(broken)))] ^= 1 << int(random.integers(8))
        cut = broken[: int(random.integers(12, len(broken)))] if random.random() < 0.3 else broken
        try:
            found = bslz4.decode(memoryview(cut), values.size, 2, 4096)
        except CodecError:
            refused += 1
        else:
            assert found.size == values.nbytes
    assert refused > 100


@pytest.mark.parametrize("size", [0, 1, 2**20, 2**31, 2**32 - 1])
def test_length_of_a_block_that_cannot_be(size: int) -> None:
    """A length that reaches beyond the data, or that leaves some over, is refused."""
    good = bslz4.encode(_sample("counts", 20_000, 2))
    with pytest.raises(CodecError):
        bslz4.decode(memoryview(good[:12] + struct.pack(">I", size) + good[16:]), 20_000, 2, 4096)
