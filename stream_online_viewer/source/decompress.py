"""Decompression that survives any input.

bitshuffle's decoder is given no length of its input: it walks through the data by lengths that it finds there, beyond
the end of the buffer if they say so, and that ends the process. Therefore the chain of lengths is walked here first.
LZ4 has no checksum, so a flipped bit in the data may still come out as wrong pixels.

This is the only module that imports bitshuffle for reading. Its OpenMP threads spin between calls and hang in forked
children: whoever starts a process that uses this module sets ``OMP_NUM_THREADS=1`` in its environment before the first
import.
"""

import math
from collections.abc import Mapping
from struct import Struct
from struct import error as StructError
from types import MappingProxyType
from typing import Any, Literal

import bitshuffle
import lz4.block
import numpy as np
from numpy.typing import NDArray

from stream_online_viewer.source.problems import Invalid

Compression = Literal["none", "lz4", "bitshuffle_lz4"]
COMPRESSIONS: Mapping[str, Compression] = MappingProxyType(
    {"none": "none", "lz4": "lz4", "bitshuffle_lz4": "bitshuffle_lz4"}
)

_BSLZ4_HEAD = Struct(">QI")
_BSLZ4_LENGTH = Struct(">I")
_DEFAULT_BLOCK_BYTES = 8192
_MIN_DEFAULT_BLOCK = 128
_MAX_BLOCK_BYTES = 2**31 - 1
# Blocks of the smallest default size in the largest value; more of them only keep the walk busy.
_MAX_BLOCKS = 2**21
# LZ4 cannot compress better than this.
_LZ4_RATIO = 255
_LZ4_ROOM = 64


def check_bslz4(payload: memoryview, nbytes: int, itemsize: int) -> int:
    """Check a bitshuffle_lz4 payload as far as it can be without decoding; return the block size in elements.

    ``nbytes`` is the size of the decoded value, ``itemsize`` of one element, both in bytes. After this the payload is
    safe to decode and to pass on. Raises :class:`Invalid`.
    """
    if len(payload) < _BSLZ4_HEAD.size:
        raise Invalid("compressed data", f"{len(payload)} bytes are too short for bitshuffle_lz4")
    declared, block_bytes = _BSLZ4_HEAD.unpack_from(payload)
    if declared != nbytes:
        raise Invalid("length", f"{declared} bytes declared, {nbytes} expected from shape and type")
    if block_bytes == 0:
        block = max(_DEFAULT_BLOCK_BYTES // itemsize // 8 * 8, _MIN_DEFAULT_BLOCK)
    else:
        block, rest = divmod(block_bytes, itemsize)
        if rest or block % 8 or block_bytes > _MAX_BLOCK_BYTES:
            raise Invalid("compressed data", f"block size of {block_bytes} bytes for elements of {itemsize}")
    elements = nbytes // itemsize
    blocks, rest = divmod(elements, block)
    blocks += rest >= 8
    end = len(payload) - elements % 8 * itemsize
    if blocks > _MAX_BLOCKS or _BSLZ4_HEAD.size + blocks * _BSLZ4_LENGTH.size > end:
        raise Invalid("compressed data", f"{blocks} blocks cannot be in {len(payload)} bytes")
    length_at = _BSLZ4_LENGTH.unpack_from
    position = _BSLZ4_HEAD.size
    try:
        for _ in range(blocks):
            position += 4 + length_at(payload, position)[0]
    except StructError:
        raise Invalid("compressed data", "a block ends beyond the end of the data") from None
    if position != end:
        raise Invalid("compressed data", f"the blocks end at {position} instead of {end}")
    return block


def decompress(
    payload: memoryview, compression: Compression, dtype: np.dtype[Any], shape: tuple[int, ...]
) -> NDArray[Any]:
    """Return the value as a read-only array of exactly this dtype and shape (slowest dimension first).

    Without compression the array lies in the payload's memory. Booleans are 0 or 1 afterwards, whatever byte was sent
    for true. Raises :class:`Invalid`.
    """
    nbytes = math.prod(shape) * dtype.itemsize
    if compression == "none":
        if len(payload) != nbytes:
            raise Invalid("length", f"{len(payload)} bytes, {nbytes} expected from shape and type")
        flat: NDArray[Any] = np.frombuffer(payload, np.uint8)
    elif compression == "lz4":
        flat = np.frombuffer(_decode_lz4(payload, nbytes), np.uint8)
    else:
        flat = _decode_bslz4(payload, nbytes, dtype.itemsize)
    values = flat != 0 if dtype.kind == "b" else flat.view(dtype)
    values = values.reshape(shape)
    values.setflags(write=False)
    return values


def decompress_bytes(payload: memoryview, compression: Compression, limit: int) -> bytes:
    """Return text: its length is what the payload says, at most ``limit`` bytes. Raises :class:`Invalid`."""
    if compression == "none":
        if len(payload) > limit:
            raise Invalid("too large", f"{len(payload)} bytes of text, more than {limit}")
        return bytes(payload)
    if compression == "lz4":
        sizes = [size for size in _lz4_sizes(payload) if size <= limit]
        if not sizes:
            raise Invalid("too large", f"more than {limit} bytes of text declared")
        # Which of the two byte orders was meant, only the decoded length tells.
        return _decode_lz4(payload, *sizes)
    if len(payload) < _BSLZ4_HEAD.size:
        raise Invalid("compressed data", f"{len(payload)} bytes are too short for bitshuffle_lz4")
    declared: int = _BSLZ4_HEAD.unpack_from(payload)[0]
    if declared > limit:
        raise Invalid("too large", f"{declared} bytes of text declared, more than {limit}")
    return _decode_bslz4(payload, declared, 1).tobytes()


def _lz4_sizes(payload: memoryview) -> tuple[int, int]:
    """Return the length prefix in both byte orders: senders do not agree on it."""
    if len(payload) < 5:
        raise Invalid("compressed data", f"{len(payload)} bytes are too short for lz4")
    prefix = payload[:4]
    return int.from_bytes(prefix, "little"), int.from_bytes(prefix, "big")


def _decode_lz4(payload: memoryview, *sizes: int) -> bytes:
    """Decode to one of these sizes; one of them must be declared, in either byte order."""
    declared = [size for size in _lz4_sizes(payload) if size in sizes]
    if not declared:
        raise Invalid("length", f"{_lz4_sizes(payload)[0]} bytes declared, {sizes[0]} expected from shape and type")
    if min(declared) > _LZ4_RATIO * len(payload) + _LZ4_ROOM:
        raise Invalid("compressed data", f"{len(payload)} bytes cannot be {min(declared)} bytes compressed")
    try:
        decoded: bytes = lz4.block.decompress(payload[4:], uncompressed_size=max(declared))
    except (lz4.block.LZ4BlockError, ValueError, OverflowError, MemoryError):
        raise Invalid("compressed data", "the data cannot be decoded by lz4") from None
    if len(decoded) not in declared:
        raise Invalid("length", f"{len(decoded)} bytes decoded, {declared[0]} declared")
    return decoded


def _decode_bslz4(payload: memoryview, nbytes: int, itemsize: int) -> NDArray[Any]:
    block = check_bslz4(payload, nbytes, itemsize)
    if nbytes < 8 * itemsize:
        # Fewer elements than bitshuffle shuffles, scalars above all, follow the head as they are.
        return np.frombuffer(payload, np.uint8, nbytes, _BSLZ4_HEAD.size) if nbytes else np.zeros(0, np.uint8)
    packed = np.frombuffer(payload[_BSLZ4_HEAD.size :], np.uint8)
    try:
        # bitshuffle knows no byte order: to it an element is a number of bytes.
        decoded = bitshuffle.decompress_lz4(packed, (nbytes // itemsize,), np.dtype(f"u{itemsize}"), block)
    except (RuntimeError, ValueError, MemoryError):
        raise Invalid("compressed data", "the data cannot be decoded by bitshuffle") from None
    flat: NDArray[Any] = decoded.view(np.uint8)
    return flat
