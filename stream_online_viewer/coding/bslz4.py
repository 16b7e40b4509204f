"""bitshuffle + LZ4 as in bsread and in HDF5 filter 32008, encoded and decoded with the codecs of ``imagecodecs``.

The format: u64 big endian decoded bytes, u32 big endian block bytes, then for each block a u32 big endian length and an
LZ4 block. The last block holds the remaining elements, rounded down to a multiple of 8; fewer than 8 elements follow
unchanged. The LZ4 blocks hold the bits of their elements transposed ("bitshuffle").

``imagecodecs`` has both steps: its codec ``lz4h5`` decodes a chain of LZ4 blocks, its ``bitshuffle`` transposes. They
are called for runs of blocks that fit into the processor's cache together. That takes half the time of two passes over
a whole image, and as long as the single pass of the ``bitshuffle`` library for 16-bit images. Both check their bounds
and release the GIL.

There is one difference: to ``lz4h5`` a block whose stored length equals its decoded length is stored uncompressed.
bitshuffle never stores such blocks; to it they are LZ4 like all others. So they are decoded and encoded one by one
here.
"""

from collections.abc import Iterator
from struct import Struct
from struct import error as StructError
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stream_online_viewer.coding.errors import CodecError
from stream_online_viewer.coding.native import codecs

HEAD = Struct(">QI")
"""Decoded bytes of the whole value, and decoded bytes of a block (0 for the default)."""
LENGTH = Struct(">I")
"""Stored before each block: the number of its bytes."""
SHUFFLED_ELEMENTS = 8
"""Elements are transposed in groups of eight; remaining ones follow unchanged."""

_BLOCK_BYTES = 8192
_MIN_BLOCK = 128
_RUN_BYTES = 512 * 1024


def default_block(itemsize: int) -> int:
    """Return the elements in a block if the data do not say; ``itemsize`` is in bytes."""
    return max(_MIN_BLOCK, _BLOCK_BYTES // itemsize // SHUFFLED_ELEMENTS * SHUFFLED_ELEMENTS)


def decode(payload: memoryview, elements: int, itemsize: int, block: int) -> NDArray[np.uint8]:
    """Return the ``elements * itemsize`` bytes of a value, whose byte order does not matter.

    ``payload`` begins with the head, which is not read; ``block`` is the number of elements in a block, a multiple of
    8. Raise :class:`CodecError` if the data are not a chain of such blocks. Never reads beyond them.
    """
    rest = elements % SHUFFLED_ELEMENTS * itemsize
    out = np.empty(elements * itemsize, np.uint8)
    end = len(payload) - rest
    shuffled, block_bytes = out.size - rest, block * itemsize
    scratch = np.empty(min(shuffled, _run_bytes(block_bytes)), np.uint8)
    position = HEAD.size
    for begin, stop in _runs(shuffled, block_bytes):
        first, raw_like = position, []
        try:
            for at in range(begin, stop, block_bytes):
                length = LENGTH.unpack_from(payload, position)[0]
                if length == min(block_bytes, stop - at):
                    raw_like.append((position + LENGTH.size, at - begin, length))
                position += LENGTH.size + length
        except StructError:
            raise CodecError("a block ends beyond the end of the data") from None
        if position > end:
            raise CodecError("a block ends beyond the end of the data")
        run = scratch[: stop - begin]
        _decode_run(payload[first:position], run, block_bytes)
        for source, target, length in raw_like:
            run[target : target + length] = np.frombuffer(_decode_block(payload[source : source + length]), np.uint8)
        codecs.bitshuffle_decode(run.view(f"u{itemsize}"), blocksize=block, out=out[begin:stop].view(f"u{itemsize}"))
    if position != end:
        raise CodecError(f"the blocks end at {position} instead of {end}")
    out[shuffled:] = np.frombuffer(payload, np.uint8, rest, end) if rest else ()
    return out


def encode(values: NDArray[Any]) -> bytes:
    """Return a C-contiguous array in this format, with its head. Elements keep their byte order."""
    itemsize = values.dtype.itemsize
    flat = values.reshape(-1).view(np.uint8)
    block = default_block(itemsize)
    block_bytes = block * itemsize
    rest = values.size % SHUFFLED_ELEMENTS * itemsize
    shuffled = flat.size - rest
    pieces: list[Any] = [HEAD.pack(flat.size, block_bytes)]
    for begin, stop in _runs(shuffled, block_bytes):
        run = codecs.bitshuffle_encode(flat[begin:stop].view(f"u{itemsize}"), blocksize=block)
        run = np.asarray(run).reshape(-1).view(np.uint8)
        chain = codecs.lz4h5_encode(run, blocksize=block_bytes)
        pieces += _without_stored_blocks(memoryview(chain), run, block_bytes)
    pieces.append(flat[shuffled:].data)
    return b"".join(pieces)


def _run_bytes(block_bytes: int) -> int:
    return max(1, _RUN_BYTES // block_bytes) * block_bytes


def _runs(shuffled: int, block_bytes: int) -> Iterator[tuple[int, int]]:
    """Yield the begin and end of each run of blocks, in decoded bytes."""
    size = _run_bytes(block_bytes)
    for begin in range(0, shuffled, size):
        yield begin, min(begin + size, shuffled)


def _decode_run(chain: memoryview, out: NDArray[np.uint8], block_bytes: int) -> None:
    try:
        decoded = codecs.lz4h5_decode(b"".join((HEAD.pack(out.size, block_bytes), chain)), out=out)
    except RuntimeError:
        raise CodecError("a block cannot be decoded by LZ4") from None
    if len(decoded) != out.size:
        raise CodecError("a block is shorter than it should be")


def _decode_block(stored: memoryview) -> bytes:
    """Decode one block whose stored length is its decoded length."""
    try:
        decoded: bytes = codecs.lz4_decode(stored, header=False, out=len(stored))
    except RuntimeError:
        raise CodecError("a block cannot be decoded by LZ4") from None
    if len(decoded) != len(stored):
        raise CodecError("a block is shorter than it should be")
    return decoded


def _without_stored_blocks(chain: memoryview, run: NDArray[np.uint8], block_bytes: int) -> Iterator[memoryview | bytes]:
    """Yield the pieces of a chain, with LZ4 blocks in place of those that ``lz4h5`` would take as stored."""
    position = begin = HEAD.size
    for at in range(0, run.size, block_bytes):
        length = LENGTH.unpack_from(chain, position)[0]
        plain = run[at : at + block_bytes]
        if length == plain.size:
            yield chain[begin:position]
            block: bytes = codecs.lz4_encode(plain, header=False)
            yield LENGTH.pack(len(block))
            yield block
            begin = position + LENGTH.size + length
        position += LENGTH.size + length
    yield chain[begin:]
