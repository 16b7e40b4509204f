"""Buffers of blosc (version 1), as areaDetector sends them."""

from stream_online_viewer.coding.errors import CodecError
from stream_online_viewer.coding.native import codecs


def decode(data: memoryview, nbytes: int) -> bytes:
    """Return the ``nbytes`` decoded bytes of a buffer whose head was checked; raise :class:`CodecError`."""
    try:
        # One thread: the processes of a server share few cores.
        decoded: bytes = codecs.blosc_decode(data, numthreads=1, out=nbytes)
    except (RuntimeError, ValueError, OverflowError, MemoryError):
        raise CodecError("the data cannot be decoded by blosc") from None
    return decoded
