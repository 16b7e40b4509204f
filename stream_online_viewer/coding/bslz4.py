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

from array import array
from bisect import bisect_left
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


class Blocks:
    """The blocks of a payload, from which any part of the value can be decoded by itself, in several threads too."""

    def __init__(self, payload: memoryview, elements: int, itemsize: int, block: int) -> None:
        """Find the blocks of a value of ``elements`` times ``itemsize`` bytes.

        ``payload`` begins with the head, which is not read; ``block`` is the number of elements in a block, a multiple
        of 8. Raise :class:`CodecError` if the data are not a chain of such blocks. Never reads beyond them.
        """
        self._payload, self._itemsize, self._block = payload, itemsize, block
        self._block_bytes = block * itemsize
        rest = elements % SHUFFLED_ELEMENTS * itemsize
        self._end = len(payload) - rest
        self._size, self._shuffled = elements * itemsize, elements * itemsize - rest
        self._places = array("q")
        self._raw_like: list[int] = []
        position = HEAD.size
        try:
            for number in range(-(-self._shuffled // self._block_bytes)):
                length = LENGTH.unpack_from(payload, position)[0]
                if length == self._block_bytes:
                    self._raw_like.append(number)
                self._places.append(position)
                position += LENGTH.size + length
        except StructError:
            raise CodecError("a block ends beyond the end of the data") from None
        if self._places and length == self._shuffled % self._block_bytes:
            self._raw_like.append(number)
        self._places.append(position)
        if position > self._end:
            raise CodecError("a block ends beyond the end of the data")
        if position != self._end:
            raise CodecError(f"the blocks end at {position} instead of {self._end}")

    def read(self, begin: int, end: int) -> NDArray[np.uint8]:
        """Return the bytes of the value from ``begin`` to ``end``; all blocks that hold some of them are decoded.

        Both are multiples of the element size. Raise :class:`CodecError`.
        """
        first = begin // self._block_bytes * self._block_bytes
        last = min(-(-end // self._block_bytes) * self._block_bytes, self._shuffled)
        out = np.empty(max(last, end) - first, np.uint8)
        scratch = np.empty(min(max(0, last - first), _run_bytes(self._block_bytes)), np.uint8)
        for start, stop in _runs(first, last, self._block_bytes):
            run = scratch[: stop - start]
            self._decode_run(start // self._block_bytes, run)
            target = out[start - first : stop - first].view(f"u{self._itemsize}")
            codecs.bitshuffle_decode(run.view(target.dtype), blocksize=self._block, out=target)
        if end > self._shuffled:
            rest = self._size - self._shuffled
            out[self._shuffled - first :] = np.frombuffer(self._payload, np.uint8, rest, self._end)[
                : end - self._shuffled
            ]
        return out[begin - first : end - first]

    def _decode_run(self, index: int, out: NDArray[np.uint8]) -> None:
        """Decode the LZ4 blocks from this one on until ``out`` is full; their bits remain transposed."""
        places = self._places
        stop = index + -(-out.size // self._block_bytes)
        chain = self._payload[places[index] : places[stop]]
        try:
            decoded = codecs.lz4h5_decode(b"".join((HEAD.pack(out.size, self._block_bytes), chain)), out=out)
        except RuntimeError:
            raise CodecError("a block cannot be decoded by LZ4") from None
        if len(decoded) != out.size:
            raise CodecError("a block is shorter than it should be")
        for number in self._raw_like[bisect_left(self._raw_like, index) : bisect_left(self._raw_like, stop)]:
            stored = self._payload[places[number] + LENGTH.size : places[number + 1]]
            at = (number - index) * self._block_bytes
            out[at : at + len(stored)] = np.frombuffer(_decode_block(stored), np.uint8)


def decode(payload: memoryview, elements: int, itemsize: int, block: int) -> NDArray[np.uint8]:
    """Return all bytes of a value, whose byte order does not matter. The arguments are those of :class:`Blocks`."""
    return Blocks(payload, elements, itemsize, block).read(0, elements * itemsize)


def encode(values: NDArray[Any]) -> bytes:
    """Return a C-contiguous array in this format, with its head. Elements keep their byte order."""
    itemsize = values.dtype.itemsize
    flat = values.reshape(-1).view(np.uint8)
    block = default_block(itemsize)
    block_bytes = block * itemsize
    rest = values.size % SHUFFLED_ELEMENTS * itemsize
    shuffled = flat.size - rest
    pieces: list[Any] = [HEAD.pack(flat.size, block_bytes)]
    for begin, stop in _runs(0, shuffled, block_bytes):
        run = codecs.bitshuffle_encode(flat[begin:stop].view(f"u{itemsize}"), blocksize=block)
        run = np.asarray(run).reshape(-1).view(np.uint8)
        chain = codecs.lz4h5_encode(run, blocksize=block_bytes)
        pieces += _without_stored_blocks(memoryview(chain), run, block_bytes)
    pieces.append(flat[shuffled:].data)
    return b"".join(pieces)


def _run_bytes(block_bytes: int) -> int:
    return max(1, _RUN_BYTES // block_bytes) * block_bytes


def _runs(first: int, last: int, block_bytes: int) -> Iterator[tuple[int, int]]:
    """Yield the begin and end of each run of blocks from ``first`` to ``last``, in decoded bytes."""
    size = _run_bytes(block_bytes)
    for begin in range(first, last, size):
        yield begin, min(begin + size, last)


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
