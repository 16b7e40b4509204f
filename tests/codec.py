"""bitshuffle + LZ4 for tests: by the libraries where installed, else written from the description of the format.

Both are independent of the code under test. The libraries have wheels for Python below 3.13 on x86-64 only.
"""

import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

try:
    import bitshuffle
    import lz4.block
except ImportError:
    bitshuffle = lz4 = None

HAVE_LIBRARIES = bitshuffle is not None


def pack(values: NDArray[Any], block: int) -> bytes:
    """Return the chain of blocks of a 1-D array, with ``block`` elements in each."""
    if HAVE_LIBRARIES:
        packed: bytes = bitshuffle.compress_lz4(values, block).tobytes()
        return packed
    return pack_by_format(values, block)


def unpack(packed: bytes, count: int, dtype: np.dtype[Any], block: int) -> NDArray[Any]:
    """Return the 1-D array of ``count`` elements in a chain of blocks.

    ``dtype`` is unsigned; ``block`` is the number of elements in a block, 0 for the default.
    """
    if HAVE_LIBRARIES:
        found: NDArray[Any] = bitshuffle.decompress_lz4(np.frombuffer(packed, np.uint8), (count,), dtype, block)
        return found
    return unpack_by_format(packed, count, dtype, block)


def lz4_unpack(packed: bytes, size: int) -> bytes:
    """Return the ``size`` bytes that an LZ4 block holds."""
    plain: bytes = lz4.block.decompress(packed, size) if HAVE_LIBRARIES else lz4_plain(packed)
    assert len(plain) == size
    return plain


def lz4_block(plain: bytes) -> bytes:
    """Return bytes as an LZ4 block."""
    if HAVE_LIBRARIES:
        packed: bytes = lz4.block.compress(plain, store_size=False)
        return packed
    return _literals(plain)


def pack_by_format(values: NDArray[Any], block: int) -> bytes:
    """Return the same as :func:`pack` without a library. Nothing is compressed: each block is one run of literals."""
    chain = b""
    shuffled = len(values) // 8 * 8
    for begin in range(0, shuffled, block):
        part = values[begin : min(begin + block, shuffled)]
        bits = np.unpackbits(part.view(np.uint8).reshape(len(part), -1), axis=1, bitorder="little")
        packed = _literals(np.packbits(bits.T, axis=1, bitorder="little").tobytes())
        chain += struct.pack(">I", len(packed)) + packed
    return chain + values[shuffled:].tobytes()


def unpack_by_format(packed: bytes, count: int, dtype: np.dtype[Any], block: int) -> NDArray[Any]:
    """Return the same as :func:`unpack` without a library."""
    itemsize, shuffled = dtype.itemsize, count // 8 * 8
    block = block or max(128, 8192 // itemsize // 8 * 8)
    parts, position = [], 0
    for begin in range(0, shuffled, block):
        elements = min(block, shuffled - begin)
        (length,) = struct.unpack_from(">I", packed, position)
        plain = lz4_plain(packed[position + 4 : position + 4 + length])
        assert len(plain) == elements * itemsize
        bits = np.unpackbits(np.frombuffer(plain, np.uint8).reshape(8 * itemsize, -1), axis=1, bitorder="little")
        parts.append(np.packbits(bits.T, axis=1, bitorder="little").tobytes())
        position += 4 + length
    return np.frombuffer(b"".join([*parts, packed[position:]]), dtype)


def lz4_plain(block: bytes) -> bytes:
    """Return the decoded bytes of an LZ4 block, by the description of the format."""
    out, position = bytearray(), 0
    while True:
        token = block[position]
        position += 1
        length, position = _length(block, position, token >> 4)
        out += block[position : position + length]
        position += length
        if position >= len(block):
            return bytes(out)
        offset = int.from_bytes(block[position : position + 2], "little")
        length, position = _length(block, position + 2, token & 15)
        assert 0 < offset <= len(out), "a repetition of what was before the block"
        # What is repeated may reach into itself.
        begin = len(out) - offset
        repeated = bytes(out[begin : begin + length + 4])
        times, rest = divmod(length + 4, len(repeated))
        out += repeated * times + repeated[:rest]


def _length(block: bytes, position: int, short: int) -> tuple[int, int]:
    length = short
    while short == 15:
        length += block[position]
        position += 1
        if block[position - 1] != 255:
            break
    return length, position


def _literals(plain: bytes) -> bytes:
    size = len(plain)
    if size < 15:
        return bytes([size << 4]) + plain
    more = size - 15
    return b"\xf0" + b"\xff" * (more // 255) + bytes([more % 255]) + plain
