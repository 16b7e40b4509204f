"""JPEG files of 8-bit pictures. The GIL is free meanwhile."""

from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from stream_online_viewer.coding.errors import CodecError
from stream_online_viewer.coding.native import codecs

MOST_SIDE = 65500
"""Largest number of rows or columns in a JPEG."""
# The processes of a server share few cores, so threads of one encoder would only take them from others.
cv2.setNumThreads(1)


def encode(picture: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    """Return the bytes of a JPEG file of (rows, columns) gray or (rows, columns, 3) blue, green, red.

    ``quality`` is 0 to 100. Raise ValueError for a picture that JPEG cannot hold.
    """
    try:
        done, data = cv2.imencode(".jpg", np.ascontiguousarray(picture), [cv2.IMWRITE_JPEG_QUALITY, quality])
    except cv2.error as error:
        raise ValueError(f"JPEG cannot take a picture of {picture.shape}: {error.err}") from None
    if not done:
        raise ValueError(f"JPEG cannot take a picture of {picture.shape}")
    return cast(NDArray[np.uint8], cast(Any, data))


def decode(data: memoryview) -> memoryview:
    """Return the bytes of the pixels of a JPEG file of 8 bit, rows one after the other; colours are red, green, blue.

    The size in its head must have been checked. Raise :class:`.CodecError`.
    """
    try:
        pixels: NDArray[np.uint8] = codecs.jpeg8_decode(data)
    except (RuntimeError, ValueError, OverflowError, MemoryError):
        raise CodecError("the data are no JPEG file that can be decoded") from None
    return np.ascontiguousarray(pixels).data.cast("B")
