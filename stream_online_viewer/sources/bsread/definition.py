"""Checks the definition of one channel in the data header of a bsread message."""

import math
from typing import Any

import numpy as np

from stream_online_viewer.model.channel import NUMPY_CODES, ByteOrder, Channel, PixelFormat
from stream_online_viewer.model.decompress import COMPRESSIONS, Compression
from stream_online_viewer.model.problems import InvalidReason, shorten

MAX_NAME_CHARACTERS = 256
MAX_DIMENSIONS = 4
MAX_DIMENSION = 2**24

# Names of pixel formats in cameras (GenICam) and displays (caQtDM).
_PIXEL_FORMATS: tuple[tuple[str, PixelFormat], ...] = (
    ("rgb", "rgb"), ("bgr", "bgr"), ("mono", "gray"), ("gray", "gray"), ("grey", "gray"), ("bayer", "gray"),
)  # fmt: skip

_MAX_MODULO = 2**31 - 1


class _Unusable(Exception):
    def __init__(self, reason: InvalidReason, detail: str) -> None:
        super().__init__(detail)
        self.reason: InvalidReason = reason


def parse_channel(definition: Any, max_value_bytes: int) -> Channel:
    """Return the channel that an entry of ``channels`` defines, with a ``problem`` if it cannot be used.

    Absent or null keys have the defaults of bsread: float64, one element, little endian, not compressed.
    """
    name, dtype = "", "float64"
    shape: tuple[int, ...] = (1,)
    try:
        if type(definition) is not dict:
            raise _Unusable("definition", f"{shorten(definition)} instead of an object")
        name = _name(definition.get("name"))
        dtype = _dtype(definition.get("type"))
        shape = _shape(definition.get("shape"))
        order = _order(definition.get("encoding"))
        pixel_format = _pixel_format(definition.get("encoding"))
        compression = _compression(definition.get("compression"))
        nbytes = None
        if dtype != "string":
            nbytes = math.prod(shape) * np.dtype(NUMPY_CODES[dtype]).itemsize
            if nbytes > max_value_bytes:
                raise _Unusable(
                    "too large", f"{nbytes} bytes; at most {max_value_bytes} are accepted (--max-message-mb)"
                )
        modulo = _count(definition.get("modulo"), 1, 1)
        offset = _count(definition.get("offset"), 0, 0)
    except _Unusable as problem:
        shape, is_picture = _outline(definition, name, shape)
        return Channel(name, dtype, shape, problem=problem.reason, detail=str(problem), is_picture=is_picture)
    return Channel(name, dtype, shape, order, compression, modulo, offset, nbytes, pixel_format=pixel_format)


def _outline(definition: Any, name: str, shape: tuple[int, ...]) -> tuple[tuple[int, ...], bool]:
    """Return the shape of a channel that cannot be used, and whether it is an image as far as its definition shows."""
    if type(definition) is not dict:
        return shape, False
    declared = definition.get("shape")
    try:
        shape = _shape(declared)
    except _Unusable:
        # With too many dimensions or too large lengths it is still an image.
        lengths = declared[: 4 * MAX_DIMENSIONS] if type(declared) is list else []
        many = sum(type(length) is int and length > 1 for length in lengths) > 1
        return shape, many or _is_picture_name(name)
    is_text = type(definition.get("type")) is str and definition["type"].lower() == "string"
    return shape, not is_text and (len(shape) > 1 or _is_picture_name(name))


def _is_picture_name(name: str) -> bool:
    return name == "image" or name.endswith(":FPICTURE")


def repeated_channel(channel: Channel) -> Channel:
    """Return the unusable channel for a definition whose name an earlier channel has."""
    detail = "an earlier channel has this name"
    return Channel(
        channel.name,
        channel.dtype,
        channel.shape,
        problem="duplicate name",
        detail=detail,
        is_picture=channel.is_picture,
    )


def _name(name: Any) -> str:
    if type(name) is not str or not 1 <= len(name) <= MAX_NAME_CHARACTERS:
        raise _Unusable("name", f"{shorten(name)} is no name of 1 to {MAX_NAME_CHARACTERS} characters")
    try:
        name.encode()
    except UnicodeEncodeError:
        raise _Unusable("name", "half of a surrogate pair in the name") from None
    return name


def _dtype(dtype: Any) -> str:
    if dtype is None:
        return "float64"
    if type(dtype) is not str or dtype.lower() not in NUMPY_CODES:
        raise _Unusable("type", f"unknown type {shorten(dtype)}")
    return dtype.lower()


def _shape(shape: Any) -> tuple[int, ...]:
    if shape is None:
        return (1,)
    if type(shape) is not list or len(shape) > MAX_DIMENSIONS:
        found = f"{len(shape)} dimensions" if type(shape) is list else shorten(shape)
        raise _Unusable("shape", f"{found} instead of a list of at most {MAX_DIMENSIONS} lengths")
    for length in shape:
        if type(length) is not int or not 0 <= length <= MAX_DIMENSION:
            raise _Unusable("shape", f"{shorten(length)} is no length between 0 and {MAX_DIMENSION}")
    return tuple(shape[::-1])


def _order(encoding: Any) -> ByteOrder:
    # Some sources write the kind of image here ("Mono8"). psi-bsread takes everything but "big" as little endian.
    if encoding is not None and type(encoding) is not str:
        raise _Unusable("encoding", f"{shorten(encoding)} is no byte order")
    return "big" if encoding is not None and encoding.lower() == "big" else "little"


def _pixel_format(encoding: str | None) -> PixelFormat | None:
    text = (encoding or "").lower()
    return next((pixel_format for name, pixel_format in _PIXEL_FORMATS if name in text), None)


def _compression(compression: Any) -> Compression:
    if compression is None:
        return "none"
    known = COMPRESSIONS.get(compression.lower()) if type(compression) is str else None
    if known is None:
        raise _Unusable("compression", f"unknown compression {shorten(compression)}")
    return known


def _count(value: Any, lowest: int, default: int) -> int:
    """Return modulo or offset. They are for information only, so an invalid one does not make the values unusable."""
    return value if type(value) is int and lowest <= value <= _MAX_MODULO else default
