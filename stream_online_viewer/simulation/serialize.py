"""The bytes of values in a bsread message, and their definition in the data header.

Where the description of the format says nothing, psi-bsread is followed, against which this is tested.
"""

import struct
import sys
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stream_online_viewer.coding import bslz4, lz4

_PYTHON_TYPES: Mapping[type, str] = {bool: "bool", int: "int64", float: "float64", str: "string", type(None): "float64"}


def describe(value: Any) -> dict[str, Any]:
    """Return `type`, `shape` (fastest dimension first) and `encoding` of a value.

    A value is a number, string or bool of Python or numpy, a numpy array, or None, which counts as float64. Raise
    ValueError for any other type.
    """
    if isinstance(value, np.ndarray | np.generic):
        dtype: np.dtype[Any] = value.dtype
        if dtype.kind not in "biuf" or dtype.itemsize > 8 or dtype.name == "float16":
            raise ValueError(f"bsread has no type for {dtype}")
        order = "big" if isinstance(value, np.ndarray) and dtype.byteorder == ">" else sys.byteorder
        shape = list(value.shape[::-1]) if isinstance(value, np.ndarray) else [1]
        return {"type": dtype.name, "shape": shape, "encoding": order}
    if type(value) not in _PYTHON_TYPES:
        raise ValueError(f"bsread has no type for {type(value).__name__}")
    return {"type": _PYTHON_TYPES[type(value)], "shape": [1], "encoding": sys.byteorder}


def value_bytes(value: Any, compression: str) -> bytes:
    """Return the part of a message with a value; compression is "none", "lz4" or "bitshuffle_lz4"."""
    array = _array(value)
    if compression == "none":
        return array.tobytes()
    if compression == "lz4":
        return struct.pack("<I", array.nbytes) + lz4.encode(array.tobytes())
    return bslz4.encode(np.ascontiguousarray(array))


def _array(value: Any) -> NDArray[Any]:
    if isinstance(value, str):
        return np.frombuffer(value.encode(), np.uint8)
    if isinstance(value, np.ndarray):
        return value
    return np.array([value], describe(value)["type"])
