"""Exact statistics of a whole image, computed once for all viewers of its previews. Pure; the GIL is free meanwhile.

Integers of at most 16 bits, and wider ones that lie within 2^16 of each other, are counted: how often each value occurs
says everything else, and takes one pass. Others take two: the first finds the extremes, between which the second counts
in bins.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from stream_online_viewer.ingest.bands import Band, Distances, Rows, Walk
from stream_online_viewer.ingest.bins import Bins, FloatBins, IntegerBins, occurrences
from stream_online_viewer.ingest.levels import FULL_SCALES
from stream_online_viewer.ingest.spread import Extremes, Sample, Spread, spread_of_counts
from stream_online_viewer.ingest.steps import step

_FEWEST_SATURATED = 3
_LOW_HALF = np.uint64(0xFFFFFFFF)

Also = Callable[[int, NDArray[Any]], None]
"""Called with the first row and the values of each band, from several threads."""


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
    """Counts in at most 1024 bins; bin i begins at ``histogram_low + i * histogram_width``."""
    histogram_low: int | float
    histogram_width: int | float
    profile_x: NDArray[Any]
    """Sum over the rows, shape (columns,): unsigned or signed integers of 32 or 64 bit, else float64."""
    profile_y: NDArray[Any]
    """For automatic levels; None if no value is finite."""
    spread: Spread | None
    """What automatic levels follow; None if no value is finite."""


def image_statistics(walk: Walk, saturation: float | None = None, also: Also | None = None) -> ImageStatistics:
    """Return the statistics of an image of at least one pixel.

    ``saturation`` is the value from which on pixels count as saturated. None guesses it: the largest value, if that is
    the full scale of a camera of 8, 10, 12, 14 or 16 bits and more than a few pixels have it. ``also`` is called with
    the bands of what :func:`nearer` returns.
    """
    rows = walk.rows
    if _is_short(rows.dtype):
        near, origin = nearer(rows, 0, 0)
        return _counted(replace(walk, rows=near), origin, rows.dtype, saturation, also)
    extremes = Extremes(walk)
    spread = extremes.spread()
    near, origin = (rows, 0) if spread is None else nearer(rows, spread.minimum, spread.maximum)
    if _is_short(near.dtype):
        return _counted(replace(walk, rows=near), origin, rows.dtype, saturation, also)
    return _measured(walk, near, extremes.not_finite, spread, saturation, also)


def nearer(rows: Rows, lowest: int | float, highest: int | float) -> tuple[Rows, int]:
    """Return the values as they are best reduced, given their extremes, and the integer that is to be added to them.

    Integers are unsigned distances from the lowest one, of 16 bits if these are enough: far from zero, differences
    would be lost where means are rounded.
    """
    if _is_short(rows.dtype):
        if rows.dtype.kind == "u":
            return rows, 0
        origin = int(np.iinfo(rows.dtype).min)
        return Distances(rows, origin, np.dtype(f"u{rows.dtype.itemsize}")), origin
    if rows.dtype.kind == "f":
        return rows, 0
    origin = int(lowest)
    size = 2 if int(highest) - origin < 2**16 else rows.dtype.itemsize
    return Distances(rows, origin, np.dtype(f"u{size}")), origin


def _is_short(dtype: np.dtype[Any]) -> bool:
    return dtype.kind != "f" and dtype.itemsize <= 2


def _counted(
    walk: Walk, origin: int, sent: np.dtype[Any], saturation: float | None, also: Also | None
) -> ImageStatistics:
    """Return the statistics from the number of times that each unsigned value of at most 16 bits occurs.

    ``origin`` is to be added to the values; ``sent`` is the type that they had before it was subtracted.
    """
    rows = walk.rows
    height, width = rows.shape
    sample = Sample(rows)
    profile_y = np.empty(height, np.int64)

    def of_part(some: Sequence[Band]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        counts, profile_x = np.zeros(2 ** (8 * rows.dtype.itemsize), np.int64), np.zeros(width, np.int64)
        for first, end in some:
            band = rows.read(first, end)
            step()
            largest = int(band.max())
            counts[: largest + 1] += occurrences(band, largest + 1)
            step()
            profile_x += _sums(band, 0, largest)
            profile_y[first:end] = _sums(band, 1, largest)
            step()
            sample.take(first, band)
            if also is not None:
                also(first, band)
        return counts, profile_x

    parts = walk.each(of_part)
    counts: NDArray[np.int64] = np.sum([part[0] for part in parts], axis=0)
    profile_x: NDArray[np.int64] = np.sum([part[1] for part in parts], axis=0)
    present = np.flatnonzero(counts)
    counts = counts[present[0] : present[-1] + 1]
    lowest = int(present[0])
    low = origin + lowest
    high = low + counts.size - 1
    bound = _bound(saturation, high, int(counts[-1]))
    sums = _sum_type(sent, max(abs(low), abs(high)) * max(rows.shape))
    bins = IntegerBins(low, high)
    padded = np.zeros(bins.count * int(bins.width), np.int64)
    padded[: counts.size] = counts
    return ImageStatistics(
        minimum=low,
        maximum=high,
        total=int(np.dot(counts, np.arange(counts.size))) + low * height * width,
        finite=height * width,
        not_finite=0,
        saturation=bound,
        saturated=0 if bound is None else _number_from(bound, low, counts),
        histogram=padded.reshape(bins.count, -1).sum(axis=1).astype(np.uint32),
        histogram_low=low,
        histogram_width=bins.width,
        profile_x=_moved(profile_x, origin * height, sums),
        profile_y=_moved(profile_y, origin * width, sums),
        spread=spread_of_counts(counts, lowest, sample.values).moved(origin),
    )


def _sums(band: NDArray[Any], axis: int, largest: int) -> NDArray[np.int64]:
    """Return the exact sums of unsigned integers of at most 16 bits over the rows (0) or the columns (1).

    cv2 takes a third of numpy's time, and adds in float32, which holds every integer up to 2^24.
    """
    at_once = 2**24 // max(1, largest)
    sums = np.zeros(band.shape[1 - axis], np.int64)
    for begin in range(0, band.shape[axis], at_once):
        some = band[begin : begin + at_once] if axis == 0 else band[:, begin : begin + at_once]
        sums += cv2.reduce(some, axis, cv2.REDUCE_SUM, dtype=cv2.CV_32F).reshape(-1).astype(np.int64)
    return sums


def _number_from(bound: int | float, low: int, counts: NDArray[np.int64]) -> int:
    """Return how many values are at least ``bound``; ``counts`` begin with those of the value ``low``."""
    if bound > low + counts.size - 1:
        return 0
    return int(counts[math.ceil(bound) - low :].sum()) if bound > low else int(counts.sum())


def _sum_type(dtype: np.dtype[Any], most: int) -> np.dtype[Any]:
    """Return the smallest type for sums of integers of which none is beyond ``most``.

    Of 64-bit integers there may be none that holds them; then it is float64.
    """
    if dtype.itemsize == 8 and most >= 2**63:
        return np.dtype(np.float64)
    if dtype.kind == "u":
        return np.dtype(np.uint32 if most < 2**32 else np.uint64)
    return np.dtype(np.int32 if most < 2**31 else np.int64)


def _moved(sums: NDArray[np.int64], distance: int, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return sums to which ``distance`` is added, in a type that holds the results."""
    return sums.astype(np.float64) + float(distance) if dtype.kind == "f" else (sums + distance).astype(dtype)


@dataclass(slots=True)
class _Part:
    """What is summed and counted of some bands."""

    profile_x: NDArray[Any]
    histogram: NDArray[np.int64]
    total: int = 0
    at_high: int = 0
    saturated: int = 0


def _measured(
    walk: Walk,
    near: Rows,
    not_finite: NDArray[np.int64],
    spread: Spread | None,
    saturation: float | None,
    also: Also | None,
) -> ImageStatistics:
    """Return the statistics of floats and of integers that differ much, which are counted in bins.

    ``not_finite`` is the number of such values in each row; ``near`` is what :func:`nearer` returns.
    """
    rows = walk.rows
    height, width = rows.shape
    floats = rows.dtype.kind == "f"
    low, high = (0, 0) if spread is None else (spread.minimum, spread.maximum)
    bins: Bins = FloatBins(low, high) if floats else IntegerBins(int(low), int(high))
    largest = 0 if floats else int(max(abs(low), abs(high)))
    sums = np.dtype(np.float64) if floats else _sum_type(rows.dtype, largest * max(rows.shape))
    profile_y = np.empty(height, sums)

    def of_part(some: Sequence[Band]) -> _Part:
        part = _Part(np.zeros(width, sums), np.zeros(bins.count, np.int64))
        for first, end in some:
            band = rows.read(first, end)
            flat = band.reshape(-1)
            if not_finite[first:end].any():
                good = np.isfinite(band)
                step()
                flat = band[good]
                band = np.where(good, band, band.dtype.type(0))
                step()
            with np.errstate(over="ignore", invalid="ignore"):
                part.profile_x += band.sum(axis=0, dtype=sums)
                profile_y[first:end] = band.sum(axis=1, dtype=sums)
            step()
            part.histogram += bins.counts(flat)
            step()
            if not floats:
                part.total += _total(flat)
                part.at_high += int(np.count_nonzero(flat == high))
            if saturation is not None:
                # In doubles, because the number may lie between two floats of 32 bits, or beyond all of them.
                part.saturated += int(np.count_nonzero(flat >= np.float64(saturation)))
            if also is not None:
                also(first, near.read(first, end))
        return part

    parts = walk.each(of_part)
    missing = int(not_finite.sum())
    with np.errstate(over="ignore", invalid="ignore"):
        profile_x: NDArray[Any] = np.sum([part.profile_x for part in parts], axis=0)
        histogram: NDArray[np.int64] = np.sum([part.histogram for part in parts], axis=0)
        total = float(profile_x.sum()) if floats else sum(part.total for part in parts)
    at_high, saturated = sum(part.at_high for part in parts), sum(part.saturated for part in parts)
    bound = saturation if floats else _bound(saturation, int(high), at_high)
    return ImageStatistics(
        minimum=None if spread is None else low,
        maximum=None if spread is None else high,
        total=None if spread is None or not math.isfinite(total) else total,
        finite=height * width - missing,
        not_finite=missing,
        saturation=bound,
        saturated=at_high if saturation is None and bound is not None else saturated,
        histogram=histogram.astype(np.uint32) if spread else np.zeros(0, np.uint32),
        histogram_low=low,
        histogram_width=bins.width,
        profile_x=profile_x,
        profile_y=profile_y,
        spread=spread,
    )


def _total(values: NDArray[Any]) -> int:
    """Return the exact sum of integers of 32 or 64 bits."""
    if values.dtype.itemsize < 8:
        return int(values.sum(dtype=np.int64))
    # In two halves, because the sum of 64-bit integers may need more than 64 bits.
    upper, lower = values >> 32, values.view(np.uint64) & _LOW_HALF
    return (int(upper.sum()) << 32) + int(lower.sum())


def _bound(saturation: float | None, high: int, at_high: int) -> int | float | None:
    if saturation is not None:
        return saturation
    return high if high in FULL_SCALES and at_high >= _FEWEST_SATURATED else None
