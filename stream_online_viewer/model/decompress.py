"""Decompression that is safe for any input.

Decoders of bitshuffle + LZ4, also those of other clients, follow lengths in the data, and the common library reads
beyond the end of the buffer if these are wrong. So the chain of lengths is checked here before data are passed on. LZ4
has no checksum, so a flipped bit may still give wrong pixels.
"""

import math
from collections.abc import Mapping
from struct import error as StructError
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from stream_online_viewer.coding import bslz4, lz4
from stream_online_viewer.coding.errors import CodecError
from stream_online_viewer.model.problems import Invalid

Compression = Literal["none", "lz4", "bitshuffle_lz4"]
COMPRESSIONS: Mapping[str, Compression] = MappingProxyType(
    {"none": "none", "lz4": "lz4", "bitshuffle_lz4": "bitshuffle_lz4"}
)

_MAX_BLOCK_BYTES = 2**31 - 1
# The blocks of smallest default size in the largest value; more would only waste time.
_MAX_BLOCKS = 2**21
# LZ4 cannot compress more than this.
_LZ4_RATIO = 255
_LZ4_ROOM = 64


def check_bslz4(payload: memoryview, nbytes: int, itemsize: int, head: bytes = b"") -> int:
    """Check a bitshuffle_lz4 payload as far as possible without decoding; return the block size in elements.

    ``nbytes`` is the size of the decoded value and ``itemsize`` that of one element, both in bytes. ``head`` is the
    beginning of the payload if that lies elsewhere. After this the payload is safe to decode and to pass on. Raise
    :class:`Invalid`.
    """
    block, blocks, end = _layout(head or payload, len(head) + len(payload), nbytes, itemsize)
    length_at = bslz4.LENGTH.unpack_from
    position, end = bslz4.HEAD.size - len(head), end - len(head)
    try:
        for _ in range(blocks):
            position += 4 + length_at(payload, position)[0]
    except StructError:
        raise Invalid("compressed data", "a block ends beyond the end of the data") from None
    if position != end:
        ends = f"{position + len(head)} instead of {end + len(head)}"
        raise Invalid("compressed data", f"the blocks end at {ends}")
    return block


def _layout(head: bytes | memoryview, size: int, nbytes: int, itemsize: int) -> tuple[int, int, int]:
    """Return the elements in a block, the number of blocks and their end in the payload, from head and sizes.

    ``head`` begins with the head, and ``size`` is the length of all.
    """
    if size < bslz4.HEAD.size:
        raise Invalid("compressed data", f"{size} bytes are too short for bitshuffle_lz4")
    declared, block_bytes = bslz4.HEAD.unpack_from(head)
    if declared != nbytes:
        raise Invalid("length", f"{declared} bytes declared, {nbytes} expected from shape and type")
    if block_bytes == 0:
        block = bslz4.default_block(itemsize)
    else:
        block, rest = divmod(block_bytes, itemsize)
        if rest or block % 8 or block_bytes > _MAX_BLOCK_BYTES:
            raise Invalid("compressed data", f"block size of {block_bytes} bytes for elements of {itemsize}")
    elements = nbytes // itemsize
    blocks, rest = divmod(elements, block)
    blocks += rest >= 8
    end = size - elements % 8 * itemsize
    if blocks > _MAX_BLOCKS or bslz4.HEAD.size + blocks * bslz4.LENGTH.size > end:
        raise Invalid("compressed data", f"{blocks} blocks cannot be in {size} bytes")
    return block, blocks, end


def bslz4_block(payload: memoryview, nbytes: int, itemsize: int) -> int:
    """Return the elements in a block of a bitshuffle_lz4 payload, whose lengths are not looked at yet.

    The arguments are those of :func:`check_bslz4`. Raise :class:`Invalid`.
    """
    return _layout(payload, len(payload), nbytes, itemsize)[0]


def decompress(
    payload: memoryview, compression: Compression, dtype: np.dtype[Any], shape: tuple[int, ...]
) -> NDArray[Any]:
    """Return the value as a read-only array of exactly this dtype and shape (slowest dimension first).

    Without compression the array uses the payload's memory. Booleans are 0 or 1, whatever byte was sent for true. Raise
    :class:`Invalid`.
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
    """Return the bytes of a text. Their number is in the payload, at most ``limit``. Raise :class:`Invalid`."""
    if compression == "none":
        if len(payload) > limit:
            raise Invalid("too large", f"{len(payload)} bytes of text, more than {limit}")
        return bytes(payload)
    if compression == "lz4":
        sizes = [size for size in _lz4_sizes(payload) if size <= limit]
        if not sizes:
            raise Invalid("too large", f"more than {limit} bytes of text declared")
        # Only the decoded length shows which of the two byte orders was meant.
        return _decode_lz4(payload, *sizes)
    if len(payload) < bslz4.HEAD.size:
        raise Invalid("compressed data", f"{len(payload)} bytes are too short for bitshuffle_lz4")
    declared: int = bslz4.HEAD.unpack_from(payload)[0]
    if declared > limit:
        raise Invalid("too large", f"{declared} bytes of text declared, more than {limit}")
    return _decode_bslz4(payload, declared, 1).tobytes()


def _lz4_sizes(payload: memoryview) -> tuple[int, int]:
    """Return the length prefix in both byte orders, because senders differ."""
    if len(payload) < 5:
        raise Invalid("compressed data", f"{len(payload)} bytes are too short for lz4")
    prefix = payload[:4]
    return int.from_bytes(prefix, "little"), int.from_bytes(prefix, "big")


def _decode_lz4(payload: memoryview, *sizes: int) -> bytes:
    """Decode to one of these sizes, one of which must be the announced one in either byte order."""
    declared = [size for size in _lz4_sizes(payload) if size in sizes]
    if not declared:
        raise Invalid("length", f"{_lz4_sizes(payload)[0]} bytes declared, {sizes[0]} expected from shape and type")
    if min(declared) > _LZ4_RATIO * len(payload) + _LZ4_ROOM:
        raise Invalid("compressed data", f"{len(payload)} bytes cannot be {min(declared)} bytes compressed")
    try:
        decoded = lz4.decode(payload[4:], max(declared))
    except CodecError as problem:
        raise Invalid("compressed data", str(problem)) from None
    if len(decoded) not in declared:
        raise Invalid("length", f"{len(decoded)} bytes decoded, {declared[0]} declared")
    return decoded


def _decode_bslz4(payload: memoryview, nbytes: int, itemsize: int) -> NDArray[Any]:
    block = bslz4_block(payload, nbytes, itemsize)
    try:
        return bslz4.decode(payload, nbytes // itemsize, itemsize, block)
    except CodecError as problem:
        raise Invalid("compressed data", str(problem)) from None
