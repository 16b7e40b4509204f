"""LZ4 blocks as they are, without a frame and without a length."""

from stream_online_viewer.coding.errors import CodecError
from stream_online_viewer.coding.native import codecs


def decode(block: memoryview, most: int) -> bytes:
    """Return what a block holds; raise :class:`CodecError` if it is broken or holds more than ``most`` bytes."""
    try:
        decoded: bytes = codecs.lz4_decode(block, header=False, out=most)
    except (RuntimeError, ValueError, OverflowError, MemoryError):
        raise CodecError("the data cannot be decoded by LZ4") from None
    return decoded


def encode(data: bytes) -> bytes:
    """Return a block that holds these bytes."""
    encoded: bytes = codecs.lz4_encode(data, header=False)
    return encoded
