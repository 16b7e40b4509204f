"""Values less a level, and the shade of a value: what is equal but for rounding must not become one colour.

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
# So many values at a time stay in the cache of a processor, from the first step to the last.
_AT_ONCE = 2**15


def indices(values: NDArray[Any], low: float, high: float) -> NDArray[np.uint8]:
    """Return the places of values in a map of 256 colours: floor(256 t), as matplotlib's; the top value has the last.

    Outside of the levels they are those of the ends, and 0 for what is not a number.
    """
    if values.dtype.kind in "iu" and values.dtype.itemsize <= 2 and values.size > 2 ** (8 * values.dtype.itemsize):
        # A table of all values costs less than the division for each pixel.
        info = np.iinfo(values.dtype)
        table = shades(np.arange(info.min, info.max + 1), low, high, COLOURS)
        # The lowest of a signed type is the middle one by its bits.
        places: NDArray[np.uint8] = np.roll(table, info.min)[values.view(f"u{values.dtype.itemsize}")]
        return places
    return shades(values, low, high, COLOURS)


def shades(
    values: NDArray[Any], low: float, high: float, count: int, room: float = 0.0, origin: int = 0
) -> NDArray[np.uint8]:
    """Return floor(count * t + room), limited to 0 ... 255, where t is 0 at ``low`` and 1 at ``high``.

    ``values`` are of any shape and numeric type in native byte order. The level is subtracted before anything is
    rounded to fewer digits than the values have. What is not a number is 0. ``origin`` was taken off the values before;
    levels that do not differ give 0.
    """
    result = np.zeros(values.shape, np.uint8)
    if not high > low:
        return result
    if values.dtype == np.bool_:
        values = values.view(np.uint8)
    flat, out = np.ascontiguousarray(values).reshape(-1), result.reshape(-1)
    wide = flat.dtype.kind in "iu" and flat.dtype.itemsize == 8
    base = _whole_near(low, origin, flat.dtype) if wide else 0
    if base + origin:
        low, high = (float(Fraction(level) - base - origin) for level in (low, high))
    span = high - low
    # The distance of the largest numbers is none; that of their quarters is one.
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
            # Of a number and what is none, fmax takes the number.
            np.fmax(t, 0.0, out=t)
            np.fmin(t, 255.0, out=t)
            out[begin : begin + _AT_ONCE] = t
            step()
    return result


def _whole_near(low: float, origin: int, dtype: np.dtype[Any]) -> int:
    """Return a whole number of a 64-bit type, less the origin, near a level."""
    info = np.iinfo(dtype)
    return min(max(math.floor(low) - origin, int(info.min)), int(info.max))


def _distances(values: NDArray[Any], base: int) -> NDArray[np.float64]:
    """Return 64-bit integers less another one, taken in the unsigned type of the same width, where none overflows."""
    words, start = values.view(np.uint64), np.uint64(base % _WORD)
    above = values >= values.dtype.type(base)
    distance = np.where(above, words - start, start - words).astype(np.float64)
    np.negative(distance, out=distance, where=~above)
    return distance
