"""Exact statistics of a whole image, computed once for all viewers of its previews. Pure; the GIL is free meanwhile."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from stream_online_viewer.ingest.levels import FULL_SCALES
from stream_online_viewer.ingest.spread import Spread, spread_and_finite, spread_of, spread_of_counts
from stream_online_viewer.ingest.steps import step

BINS = 1024
_FEWEST_SATURATED = 3
# cv2 counts in float32, which holds every integer up to this one.
_COUNTED_AT_ONCE = 2**24
# So many values at a time stay in the processor's cache for all steps.
_IN_CACHE = 2**15
_LOW_HALF = np.uint64(0xFFFFFFFF)


@dataclass(frozen=True, slots=True)
class ImageStatistics:
    """Statistics of the finite values of an image of (rows, columns)."""

    minimum: int | float | None
    """None if no value is finite; the same holds for ``maximum`` and ``total``."""
    maximum: int | float | None
    total: int | float | None
    finite: int
    not_finite: int
    saturation: int | float | None
    """Value from which on pixels count as saturated: the one asked for, else a guess, else None."""
    saturated: int
    histogram: NDArray[np.uint32]
    """Counts in at most ``BINS`` bins; bin i begins at ``histogram_low + i * histogram_width``."""
    histogram_low: int | float
    histogram_width: int | float
    profile_x: NDArray[Any]
    """Sum over the rows, shape (columns,): unsigned or signed integers of 32 or 64 bit, else float64."""
    profile_y: NDArray[Any]
    """For automatic levels; None if no value is finite."""
    spread: Spread | None
    """What automatic levels follow; None if no value is finite."""


def image_statistics(values: NDArray[Any], saturation: float | None = None) -> ImageStatistics:
    """Return the statistics of an image (rows, columns) of any numeric type in native byte order.

    ``saturation`` is the value from which on pixels count as saturated. None guesses it: the largest value, if that is
    the full scale of a camera of 8, 10, 12, 14 or 16 bits and more than a few pixels have it.
    """
    if values.dtype == np.bool_:
        values = values.view(np.uint8)
    if values.dtype.kind == "f":
        return _of_floats(values, saturation)
    if values.dtype.itemsize <= 2:
        return _of_counts(values, saturation)
    return _of_integers(values, saturation)


def _of_counts(values: NDArray[Any], saturation: float | None) -> ImageStatistics:
    """Return the statistics of types of at most 16 bits, from the number of times that each value occurs."""
    info = np.iinfo(values.dtype)
    counts = _counts(values)
    present = np.flatnonzero(counts)
    first, last = int(present[0]), int(present[-1])
    counts = counts[first : last + 1]
    levels = np.arange(first, last + 1) + int(info.min)
    low, high = int(levels[0]), int(levels[-1])
    spread = spread_of_counts(counts, levels, values.reshape(-1))
    bound = _bound(saturation, high, int(counts[-1]))
    saturated = 0 if bound is None else int(counts[levels >= bound].sum())
    width = -(-(high - low + 1) // BINS)
    bins = -(-(high - low + 1) // width)
    padded = np.zeros(bins * width, np.int64)
    padded[: counts.size] = counts
    histogram = padded.reshape(bins, width).sum(axis=1).astype(np.uint32)
    total = int(np.dot(counts, levels))
    profiles = _profiles(values, max(abs(low), abs(high)))
    return ImageStatistics(low, high, total, values.size, 0, bound, saturated, histogram, low, width, *profiles, spread)


def _counts(values: NDArray[Any]) -> NDArray[np.int64]:
    """Return how often each value of the type occurs, in rising order."""
    size = 2 ** (8 * values.dtype.itemsize)
    unsigned = values.view(f"u{values.dtype.itemsize}")
    if values.dtype.kind == "i":
        unsigned = unsigned ^ unsigned.dtype.type(size // 2)
    rows = max(1, _COUNTED_AT_ONCE // values.shape[1])
    counts = np.zeros(size, np.int64)
    for start in range(0, len(values), rows):
        part = cv2.calcHist([unsigned[start : start + rows]], [0], None, [size], [0, size])
        counts += part.reshape(-1).astype(np.int64)
        step()
    return counts


def _of_integers(values: NDArray[Any], saturation: float | None) -> ImageStatistics:
    spread = spread_of(values)
    if spread is None:
        raise ValueError("an image without pixels has no statistics")
    low, high = int(spread.minimum), int(spread.maximum)
    step()
    total = _total(values)
    width = -(-(high - low + 1) // BINS)
    bins = -(-(high - low + 1) // width)

    def places(some: NDArray[Any]) -> NDArray[np.intp]:
        # Modulo 2^64, so that the distance from the lowest value is right for both signs.
        distance = some.astype(np.uint64)
        distance -= np.uint64(low % 2**64)
        distance //= np.uint64(width)
        return distance.astype(np.intp)

    histogram = _counted(values.reshape(-1), places, bins)
    bound = _bound(saturation, high, int(np.count_nonzero(values == high)))
    saturated = 0 if bound is None else int(np.count_nonzero(values >= bound))
    step()
    profiles = _profiles(values, max(abs(low), abs(high)))
    return ImageStatistics(low, high, total, values.size, 0, bound, saturated, histogram, low, width, *profiles, spread)


def _total(values: NDArray[Any]) -> int:
    """Return the exact sum of integers."""
    if values.dtype.itemsize < 8:
        total = int(values.sum(dtype=np.int64))
        step()
        return total
    flat, total = values.reshape(-1), 0
    for begin in range(0, flat.size, _IN_CACHE):
        some = flat[begin : begin + _IN_CACHE]
        # In two halves, because the sum of 64-bit integers may need more than 64 bits.
        upper, lower = some >> 32, some.view(np.uint64) & _LOW_HALF
        total += (int(upper.sum()) << 32) + int(lower.sum())
        step()
    return total


def _of_floats(values: NDArray[Any], saturation: float | None) -> ImageStatistics:
    spread, good = spread_and_finite(values)
    step()
    known = values if good is None else np.where(good, values, values.dtype.type(0))
    step()
    flat = values.reshape(-1) if good is None else values[good]
    step()
    with np.errstate(over="ignore", invalid="ignore"):
        profiles = known.sum(axis=0, dtype=np.float64), known.sum(axis=1, dtype=np.float64)
    step()
    if spread is None:
        empty = np.zeros(0, np.uint32)
        return ImageStatistics(None, None, None, 0, values.size, saturation, 0, empty, 0.0, 0.0, *profiles, None)
    low, high = float(spread.minimum), float(spread.maximum)
    histogram, width = _histogram(flat, low, high)
    step()
    with np.errstate(over="ignore", invalid="ignore"):
        total = float(profiles[0].sum())
    saturated = 0 if saturation is None else int(np.count_nonzero(flat >= saturation))
    return ImageStatistics(
        low,
        high,
        total if np.isfinite(total) else None,
        flat.size,
        values.size - flat.size,
        saturation,
        saturated,
        histogram,
        low,
        width,
        *profiles,
        spread,
    )


def _histogram(flat: NDArray[Any], low: float, high: float) -> tuple[NDArray[np.uint32], float]:
    """Return the counts of finite floats and the width of a bin, which is 0 if all are equal or nearly."""
    # Divided first, because the span of the largest floats is infinite.
    width = high / BINS - low / BINS
    if not width > 0:
        return np.array([flat.size], np.uint32), 0.0
    part = 1.0 if np.isfinite(high - low) else 0.25

    def places(some: NDArray[Any]) -> NDArray[np.intp]:
        distance = some.astype(np.float64)
        if part != 1.0:
            distance *= part
        # The distance first: far from zero, the quotient of the value would have no digits left.
        distance -= part * low
        distance /= part * width
        found = distance.astype(np.intp)
        np.minimum(found, BINS - 1, out=found)
        return found

    return _counted(flat, places, BINS), width


def _counted(flat: NDArray[Any], places: Callable[[NDArray[Any]], NDArray[np.intp]], bins: int) -> NDArray[np.uint32]:
    """Return the number of values in each bin; ``places`` returns the bins of some values."""
    counts = np.zeros(bins, np.intp)
    for begin in range(0, flat.size, _IN_CACHE):
        counts += np.bincount(places(flat[begin : begin + _IN_CACHE]), minlength=bins)
        step()
    return counts.astype(np.uint32)


def _profiles(values: NDArray[Any], largest: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the sums over rows and over columns, in the smallest type that holds them exactly."""
    most = largest * max(values.shape)
    if values.dtype.itemsize == 8 and most >= 2**63:
        return values.sum(axis=0, dtype=np.float64), values.sum(axis=1, dtype=np.float64)
    if values.dtype.kind == "u":
        sums: type[np.generic] = np.uint32 if most < 2**32 else np.uint64
    else:
        sums = np.int32 if most < 2**31 else np.int64
    return values.sum(axis=0, dtype=sums), values.sum(axis=1, dtype=sums)


def _bound(saturation: float | None, high: int, at_high: int) -> int | float | None:
    if saturation is not None:
        return saturation
    return high if high in FULL_SCALES and at_high >= _FEWEST_SATURATED else None
