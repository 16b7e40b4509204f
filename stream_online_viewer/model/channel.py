"""One channel: its name, type and shape, and how its values are stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from stream_online_viewer.model.decompress import Compression
from stream_online_viewer.model.problems import InvalidReason

ByteOrder = Literal["little", "big"]
PixelFormat = Literal["rgb", "bgr", "gray"]

NUMPY_CODES: Mapping[str, str] = MappingProxyType(
    {
        "bool": "?",
        "int8": "i1",
        "uint8": "u1",
        "int16": "i2",
        "uint16": "u2",
        "int32": "i4",
        "uint32": "u4",
        "int64": "i8",
        "uint64": "u8",
        "float32": "f4",
        "float64": "f8",
        "string": "u1",
    }
)
"""The types of channels, with numpy's code of an element without byte order."""

SIGNS: Mapping[ByteOrder, str] = MappingProxyType({"little": "<", "big": ">"})
"""Byte order as numpy and struct write it."""

WIDENED: Mapping[str, str] = MappingProxyType({"float16": "float32"})
"""Types that are converted on receipt, and the larger type of the channel, which holds the same numbers."""

_DTYPES = {
    (name, order): np.dtype(sign + code)
    for name, code in (*NUMPY_CODES.items(), ("float16", "f2"))
    for order, sign in SIGNS.items()
}


@dataclass(frozen=True, slots=True)
class Channel:
    """The definition of one channel. ``shape`` is slowest dimension first: (rows, columns).

    ``nbytes`` is the size of a decoded value, None for strings. A channel whose definition cannot be used has a
    ``problem``, with a ``detail`` for people; each of its values is invalid for that reason. A channel without a usable
    name is called "". A length of the shape may be 0; such an array never has a value.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    order: ByteOrder = "little"
    compression: Compression = "none"
    modulo: int = 1
    offset: int = 0
    nbytes: int | None = None
    problem: InvalidReason | None = None
    detail: str = ""
    is_picture: bool = False
    """Whether a channel with a ``problem`` is an image, as far as its definition shows."""
    pixel_format: PixelFormat | None = None
    """The format of the pixels according to the source, such as "Mono8" or "RGB8"; None if not given."""
    sent_dtype: str | None = None
    """The type in which elements are sent, if it is one of ``WIDENED``; else None."""

    @property
    def is_scalar(self) -> bool:
        """Whether a value is a single number or a string. An array of shape (1, 1) is an array."""
        return self.dtype == "string" or self.shape == (1,) or self.shape == ()

    @property
    def numpy_dtype(self) -> np.dtype[Any]:
        """The type of an element of a value, in the byte order of the channel; uint8 for a string."""
        return _DTYPES[self.dtype, self.order]

    @property
    def sent_numpy_dtype(self) -> np.dtype[Any]:
        """The type of an element as it was sent, in the byte order of the channel."""
        return _DTYPES[self.sent_dtype or self.dtype, self.order]

    @property
    def passes_through(self) -> bool:
        """Whether a compressed payload holds the elements of the value unchanged, so that it may be passed on."""
        return self.compression == "bitshuffle_lz4" and self.sent_dtype is None
