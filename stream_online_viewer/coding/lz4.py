"""Plain LZ4 blocks, without a frame and without a length."""

from stream_online_viewer.coding.errors import CodecError
from stream_online_viewer.coding.native import codecs


def decode(block: memoryview, most: int) -> bytes:
    """Return the decoded bytes; raise :class:`CodecError` if the block is broken or holds more than ``most`` bytes."""
    try:
        decoded: bytes = codecs.lz4_decode(block, header=False, out=most)
    except (RuntimeError, ValueError, OverflowError, MemoryError):
        raise CodecError("the data cannot be decoded by LZ4") from None
    return decoded


def encode(data: bytes) -> bytes:
    """Return an LZ4 block of these bytes."""
    encoded: bytes = codecs.lz4_encode(data, header=False)
    return encoded


def decode_chain(data: memoryview, nbytes: int) -> bytes:
    """Return the ``nbytes`` bytes of LZ4 blocks as HDF5 stores them; raise :class:`CodecError`.

    Before the blocks stand the number of decoded bytes (u64 big endian) and those of a block (u32), before each block
    the number of its bytes (u32). The lengths must have been checked.
    """
    try:
        decoded: bytes = codecs.lz4h5_decode(data, out=nbytes)
    except (RuntimeError, ValueError, OverflowError, MemoryError):
        raise CodecError("a block cannot be decoded by LZ4") from None
    return decoded
