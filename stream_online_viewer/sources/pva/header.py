"""What an NTNDArray says of its image, checked before anything is taken from it.

A value is read by its keys alone, so that it may be a ``p4p.Value`` or any mapping of the same structure. Dimensions
come fastest first; here shapes are slowest first.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from stream_online_viewer.model.problems import Refused, shorten

Codec = Literal["", "lz4", "lz4hdf5", "bslz4", "blosc", "zlib", "jpeg"]
CODECS: tuple[Codec, ...] = ("", "lz4", "lz4hdf5", "bslz4", "blosc", "zlib", "jpeg")
SCALAR_TYPES = (
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64",
)  # fmt: skip
"""Types by their number in pvData, which ``codec.parameters`` holds."""
DRIVER_TYPES = (
    "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64",
)  # fmt: skip
"""Types by their number in areaDetector, which an early version of a plugin sent instead."""
MAX_DIMENSIONS = 4
MAX_DIMENSION = 2**24
_MAX_TIME = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Dimension:
    """One dimension: its length, and where it lies on the detector, in pixels of the detector."""

    size: int
    offset: int
    binning: int
    reverse: bool

    @property
    def is_plain(self) -> bool:
        """Whether its pixels are those of the detector, from the first one on."""
        return not self.offset and self.binning == 1 and not self.reverse


@dataclass(frozen=True, slots=True)
class Header:
    """The image of one value. ``dimensions`` are fastest first.

    ``codec`` is a known one, or ``unknown`` names it. ``odd_type``: the type was given as areaDetector numbers it.
    ``nbytes`` is the size of the decoded image.
    """

    dimensions: tuple[Dimension, ...]
    dtype: str
    codec: Codec
    nbytes: int
    odd_type: bool = False
    unknown: str | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """Slowest dimension first."""
        return tuple(dimension.size for dimension in reversed(self.dimensions))


@contextmanager
def structure_expected() -> Iterator[None]:
    """Raise :class:`Refused` where a value lacks members of an NTNDArray, or has others in their place."""
    try:
        yield
    except (KeyError, AttributeError, IndexError, TypeError, ValueError, OverflowError) as error:
        raise Refused("array header", f"its members are not those of an NTNDArray: {type(error).__name__}") from None


def read_header(value: Mapping[str, Any], max_bytes: int) -> tuple[Header, memoryview]:
    """Return the header and the bytes of an image as they came. Raise :class:`Refused`.

    ``max_bytes`` limits the decoded image.
    """
    array = value["value"]
    if array is None:
        raise Refused("array header", "there is no image in it yet")
    if type(array) is not np.ndarray or array.ndim != 1 or array.dtype.name not in SCALAR_TYPES:
        raise Refused("array header", "its value is no array of numbers")
    dimensions = _dimensions(value["dimension"])
    elements = math.prod(dimension.size for dimension in dimensions)
    codec = value["codec"]
    name = codec["name"]
    if type(name) is not str:
        raise Refused("array header", f"the codec is {shorten(name)}")
    if name == "":
        nbytes = elements * array.dtype.itemsize
        _check_size(nbytes, max_bytes)
        if array.size != elements:
            raise Refused("array size", f"{array.size} elements, {elements} expected from the dimensions")
        return Header(dimensions, array.dtype.name, "", nbytes), _bytes(array)
    stored = value["compressedSize"]
    packed = _bytes(array)
    if type(stored) is not int or not 0 < stored <= len(packed):
        raise Refused("array size", f"compressedSize is {shorten(stored)}, and {len(packed)} bytes came")
    nbytes = value["uncompressedSize"]
    if type(nbytes) is not int:
        raise Refused("array header", f"uncompressedSize is {shorten(nbytes)}")
    _check_size(nbytes, max_bytes)
    dtype, odd = _type(codec["parameters"], elements, nbytes, name)
    # Some servers send their whole buffer, of which only the beginning counts.
    known = name if name in CODECS else None
    unknown = None if known is not None else shorten(name)
    return Header(dimensions, dtype, known or "", nbytes, odd, unknown), packed[:stored]


def _dimensions(entries: Any) -> tuple[Dimension, ...]:
    if not isinstance(entries, Sequence) or not 1 <= len(entries) <= MAX_DIMENSIONS:
        count = len(entries) if isinstance(entries, Sequence) else 0
        raise Refused("array header", f"{count} dimensions instead of 1 to {MAX_DIMENSIONS}")
    found: list[Dimension] = []
    for entry in entries:
        size, offset, binning = entry["size"], entry["offset"], entry["binning"]
        if type(size) is not int or not 1 <= size <= MAX_DIMENSION:
            raise Refused("array header", f"{shorten(size)} is no length between 1 and {MAX_DIMENSION}")
        if type(offset) is not int or type(binning) is not int:
            raise Refused("array header", "offset and binning are no whole numbers")
        # Some drivers leave the binning at 0.
        found.append(Dimension(size, offset, max(1, binning), bool(entry["reverse"])))
    return tuple(found)


def _check_size(nbytes: int, max_bytes: int) -> None:
    if not 0 < nbytes <= max_bytes:
        raise Refused("array size", f"{nbytes} bytes; at most {max_bytes} are accepted (--max-message-mb)")


def _type(number: Any, elements: int, nbytes: int, codec: str) -> tuple[str, bool]:
    """Return the type of the elements, and whether it was numbered as areaDetector does it."""
    if number is None and codec == "jpeg":
        number = SCALAR_TYPES.index("uint8")
    if type(number) is not int:
        raise Refused("array header", f"the type of the compressed elements is {shorten(number)}")
    for types in (SCALAR_TYPES, DRIVER_TYPES):
        if 0 <= number < len(types) and np.dtype(types[number]).itemsize * elements == nbytes:
            return types[number], types is DRIVER_TYPES
    raise Refused("array size", f"{nbytes} bytes do not fit {elements} elements of type {number}")


def _bytes(array: NDArray[Any]) -> memoryview:
    if not array.flags.c_contiguous:
        array = np.ascontiguousarray(array)
    return array.data.cast("B")


def read_time(stamp: Mapping[str, Any]) -> tuple[int | None, str | None]:
    """Return a time in ns since 1970, None if there is none, and what is wrong with it, as :class:`Arrival` has it."""
    seconds, nanoseconds = stamp["secondsPastEpoch"], stamp["nanoseconds"]
    if type(seconds) is not int:
        return None, "seconds"
    if type(nanoseconds) is not int or not 0 <= nanoseconds < 1_000_000_000:
        return None, "nanoseconds"
    time = seconds * 1_000_000_000 + nanoseconds
    if not -_MAX_TIME <= time <= _MAX_TIME:
        return None, "range"
    return (time, None) if time else (None, "zero")
