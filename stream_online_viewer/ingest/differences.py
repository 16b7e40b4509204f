"""Differences from a level, and the colour index of a value, without rounding errors that would change a colour.

Pure; the GIL is free meanwhile.
"""

import math
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stream_online_viewer.ingest.steps import step

COLOURS = 256
_WORD = 2**64
# So many values at a time stay in the processor's cache for all steps.
_AT_ONCE = 2**15


def indices(values: NDArray[Any], low: float, high: float) -> NDArray[np.uint8]:
    """Return the indices of values in a map of 256 colours: floor(256 t) as in matplotlib, 255 for the high level.

    Values beyond the levels get the index of the nearer end; NaN gets 0.
    """
    if values.dtype.kind in "iu" and values.dtype.itemsize <= 2 and values.size > 2 ** (8 * values.dtype.itemsize):
        # For small types a table of all values is cheaper than a division for each pixel.
        info = np.iinfo(values.dtype)
        table = shades(np.arange(info.min, info.max + 1), low, high, COLOURS)
        # The lowest value of a signed type is in the middle of the table if its bits are read as unsigned.
        places: NDArray[np.uint8] = np.roll(table, info.min)[values.view(f"u{values.dtype.itemsize}")]
        return places
    return shades(values, low, high, COLOURS)


def shades(values: NDArray[Any], low: float, high: float, count: int, room: float = 0.0) -> NDArray[np.uint8]:
    """Return floor(count * t + room), limited to 0 ... 255, where t is 0 at ``low`` and 1 at ``high``.

    ``values`` are of any shape and numeric type in native byte order. The level is subtracted before anything is
    rounded to fewer digits than the values have. NaN gives 0, and so does everything if the levels are equal.
    """
    result = np.zeros(values.shape, np.uint8)
    if not high > low:
        return result
    if values.dtype == np.bool_:
        values = values.view(np.uint8)
    flat, out = np.ascontiguousarray(values).reshape(-1), result.reshape(-1)
    wide = flat.dtype.kind in "iu" and flat.dtype.itemsize == 8
    base = _whole_near(low, flat.dtype) if wide else 0
    if base:
        low, high = (float(Fraction(level) - base) for level in (low, high))
    span = high - low
    # The distance of the largest floats is infinite; that of their quarters is not.
    part = 1.0 if math.isfinite(span) else 0.25
    if part != 1.0:
        low, span = part * low, part * high - part * low
    with np.errstate(over="ignore", invalid="ignore"):
        for begin in range(0, flat.size, _AT_ONCE):
            some = flat[begin : begin + _AT_ONCE]
            if wide:
                some = _distances(some, base)
            if part != 1.0:
                some = np.multiply(some, part, dtype=np.float64)
            t: NDArray[np.float64] = np.subtract(some, low, dtype=np.float64)
            t /= span
            t *= count
            if room:
                t += room
            # fmax of a number and NaN is the number.
            np.fmax(t, 0.0, out=t)
            np.fmin(t, 255.0, out=t)
            out[begin : begin + _AT_ONCE] = t
            step()
    return result


def _whole_near(low: float, dtype: np.dtype[Any]) -> int:
    """Return an integer of a 64-bit type near a level."""
    info = np.iinfo(dtype)
    return min(max(math.floor(low), int(info.min)), int(info.max))


def _distances(values: NDArray[Any], base: int) -> NDArray[np.float64]:
    """Return 64-bit integers minus another one, computed without overflow in the unsigned type of that width."""
    words, start = values.view(np.uint64), np.uint64(base % _WORD)
    above = values >= values.dtype.type(base)
    distance = np.where(above, words - start, start - words).astype(np.float64)
    np.negative(distance, out=distance, where=~above)
    return distance
