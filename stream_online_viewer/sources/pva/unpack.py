"""Decompresses images of areaDetector. Sizes are checked before any native decoder is called. Pure."""

import zlib
from struct import Struct
from struct import error as StructError

from stream_online_viewer.coding import blosc, bslz4, jpeg, lz4
from stream_online_viewer.coding.errors import CodecError
from stream_online_viewer.model.problems import Invalid
from stream_online_viewer.sources.pva.header import Header

_BLOSC = Struct("<4BIII")
_LZ4_RATIO, _LZ4_ROOM = 255, 64
_MAX_BLOCK_BYTES = 2**31 - 1
_LENGTH = Struct(">I")
_JPEG_SIZE = Struct(">HBHHB")
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""JPEG markers that are followed by the size of the picture."""


def unpack(packed: memoryview, header: Header) -> memoryview:
    """Return the bytes of the decoded image, or for ``bslz4`` those that our own viewers decode.

    ``header.codec`` is one of the known codecs. Raise :class:`Invalid`.
    """
    try:
        decoded = _unpacked(packed, header)
    except CodecError as problem:
        raise Invalid("compressed data", str(problem)) from None
    view = memoryview(decoded)
    if header.codec != "bslz4" and len(view) != header.nbytes:
        raise Invalid("length", f"{len(view)} bytes decoded, {header.nbytes} expected")
    return view


def bslz4_head(header: Header) -> bytes:
    """Return what bsread has before the blocks of bslz4: decoded bytes, and bytes in a block, 0 for the default."""
    return bslz4.HEAD.pack(header.nbytes, 0)


def _unpacked(packed: memoryview, header: Header) -> bytes | memoryview:
    nbytes, codec = header.nbytes, header.codec
    if codec == "bslz4":
        return bslz4_head(header) + packed
    if codec == "lz4":
        if nbytes > _LZ4_RATIO * len(packed) + _LZ4_ROOM:
            raise Invalid("compressed data", f"{len(packed)} bytes cannot be {nbytes} bytes compressed")
        return lz4.decode(packed, nbytes)
    if codec == "lz4hdf5":
        _check_chain(packed, nbytes)
        return lz4.decode_chain(packed, nbytes)
    if codec == "blosc":
        _check_blosc(packed, nbytes)
        return blosc.decode(packed, nbytes)
    if codec == "zlib":
        return _inflate(packed, nbytes)
    if codec == "jpeg":
        return _picture(packed, header)
    return packed


def _check_chain(packed: memoryview, nbytes: int) -> None:
    """Check the lengths of all blocks: their number follows from the sizes in front, and they fill the data."""
    if len(packed) < bslz4.HEAD.size:
        raise Invalid("compressed data", f"{len(packed)} bytes are too short for lz4hdf5")
    declared, block_bytes = bslz4.HEAD.unpack_from(packed)
    if declared != nbytes:
        raise Invalid("length", f"{declared} bytes declared, {nbytes} expected")
    if not 0 < block_bytes <= _MAX_BLOCK_BYTES:
        raise Invalid("compressed data", f"blocks of {block_bytes} bytes")
    blocks, position = -(-nbytes // block_bytes), bslz4.HEAD.size
    if blocks * _LENGTH.size > len(packed):
        raise Invalid("compressed data", f"{blocks} blocks cannot be in {len(packed)} bytes")
    if nbytes > _LZ4_RATIO * len(packed) + _LZ4_ROOM:
        raise Invalid("compressed data", f"{len(packed)} bytes cannot be {nbytes} bytes compressed")
    try:
        for _ in range(blocks):
            position += _LENGTH.size + _LENGTH.unpack_from(packed, position)[0]
    except StructError:
        raise Invalid("compressed data", "a block ends beyond the end of the data") from None
    if position != len(packed):
        raise Invalid("compressed data", f"the blocks end at {position} instead of {len(packed)}")


def _check_blosc(packed: memoryview, nbytes: int) -> None:
    """Check the sizes in the head of a blosc buffer."""
    if len(packed) < _BLOSC.size:
        raise Invalid("compressed data", f"{len(packed)} bytes are too short for blosc")
    *_, declared, block_bytes, stored = _BLOSC.unpack_from(packed)
    if declared != nbytes:
        raise Invalid("length", f"{declared} bytes declared, {nbytes} expected")
    if stored != len(packed):
        raise Invalid("compressed data", f"a blosc buffer of {stored} bytes in {len(packed)} bytes")
    if not 0 < block_bytes <= max(nbytes, 2**16):
        raise Invalid("compressed data", f"blocks of {block_bytes} bytes in {nbytes} bytes")


def _inflate(packed: memoryview, nbytes: int) -> bytes:
    decoder = zlib.decompressobj()
    try:
        # One more byte than expected shows that there are too many, without decoding them.
        decoded = decoder.decompress(packed, nbytes + 1)
    except zlib.error:
        raise Invalid("compressed data", "the data cannot be decoded by zlib") from None
    if not decoder.eof and len(decoded) <= nbytes:
        raise Invalid("compressed data", "the data of zlib end too early")
    return decoded


def _picture(packed: memoryview, header: Header) -> memoryview:
    """Return the pixels of a JPEG file of the size and the number of colours that the header says."""
    rows, columns, parts = picture_size(packed)
    expected = (rows, columns) if parts == 1 else (rows, columns, parts)
    if header.dtype not in ("uint8", "int8") or header.shape != expected:
        found = f"a JPEG picture of {columns}x{rows} pixels with {parts} values each"
        raise Invalid("compressed data", f"{found} instead of {header.dtype} of shape {list(header.shape)}")
    return jpeg.decode(packed)


def picture_size(packed: memoryview) -> tuple[int, int, int]:
    """Return rows, columns and values of a pixel of a JPEG file of 8 bit, from its head. Raise :class:`Invalid`."""
    position = 2
    try:
        if bytes(packed[:2]) != b"\xff\xd8":
            raise Invalid("compressed data", "no JPEG file")
        while packed[position] == 0xFF:
            marker = packed[position + 1]
            length, bits, rows, columns, parts = _JPEG_SIZE.unpack_from(packed, position + 2)
            if marker in _FRAMES:
                if bits != 8 or parts not in (1, 3):
                    raise Invalid("compressed data", f"a JPEG file of {bits} bit with {parts} colours")
                return rows, columns, parts
            position += 2 + length
    except (StructError, IndexError):
        pass
    raise Invalid("compressed data", "a JPEG file without the size of its picture")
