"""The spread of an image's values, for automatic levels; the page has the same in ``analysis/statistics.ts``.

Pure; the GIL is free meanwhile.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stream_online_viewer.ingest.bands import ArrayRows, Band, Rows, Walk
from stream_online_viewer.ingest.steps import step

FOOT = 0.01
DEFECTS = 1e-5
"""Share of an image's pixels that may be defects of the sensor, but no more than ``MOST_DEFECTS`` pixels."""
MOST_DEFECTS = 16
SAMPLES = 4096
GOLDEN = 0.6180339887498949
"""Fractional part of the golden ratio. Its multiples sample a picture evenly, without a pattern of rows or columns."""
Number = int | float


@dataclass(frozen=True, slots=True)
class Spread:
    """Order statistics of the finite values of an image. Integers are exact, whatever their size."""

    minimum: Number
    dark: Number
    """The darkest value except for the few that may be defects."""
    foot: Number
    """The dark end of the background: the 1st percentile of a sample."""
    peak: Number
    """The brightest value except for the few that may be defects."""
    maximum: Number

    def moved(self, distance: int) -> "Spread":
        """Return the spread of values that are larger by an integer."""
        parts = (self.minimum, self.dark, self.foot, self.peak, self.maximum)
        return Spread(*(part + distance for part in parts)) if distance else self


def spread_of(values: NDArray[Any]) -> Spread | None:
    """Return the spread of values of any shape and numeric type, None if none is finite."""
    if values.size == 0:
        return None
    rows = np.atleast_2d(values)
    return Extremes(Walk(ArrayRows(rows.reshape(len(rows), -1)))).spread()


def spread_of_counts(counts: NDArray[np.int64], lowest: int, sample: NDArray[Any]) -> Spread:
    """Return the spread of integers of which ``counts`` says how often each occurs, from ``lowest`` on.

    The first and the last of the counts are not 0. ``sample`` is that of :class:`Sample`.
    """
    below = np.cumsum(counts)
    size = int(below[-1])
    few = defects(size)
    dark = lowest + int(np.searchsorted(below, few - 1, side="right"))
    peak = lowest + int(np.searchsorted(below, size - few, side="right"))
    return Spread(lowest, dark, min(max(_foot(sample), dark), peak), peak, lowest + len(counts) - 1)


@lru_cache(8)
def _places(size: int) -> NDArray[np.intp]:
    """Return the places of the sample in an image of so many pixels, in rising order."""
    if size <= SAMPLES:
        return np.arange(size)
    return np.sort((np.arange(1, SAMPLES + 1) * GOLDEN % 1 * size).astype(np.intp))


class Sample:
    """The values of an image of (rows, columns) at up to ``SAMPLES`` places, the same for all images of its size."""

    def __init__(self, rows: Rows) -> None:
        self._columns = rows.shape[1]
        self._places = _places(rows.shape[0] * rows.shape[1])
        self.values: NDArray[Any] = np.empty(self._places.size, rows.dtype)

    def take(self, first: int, band: NDArray[Any]) -> None:
        """Take those of the values that are in a band, which begins with the row ``first``."""
        begin = first * self._columns
        some = slice(*np.searchsorted(self._places, (begin, begin + band.size)))
        self.values[some] = band.reshape(-1)[self._places[some] - begin]


class Extremes:
    """The lowest and the highest finite value of each row of an image, and how many of its values are not finite.

    Only rows whose own extreme is among the most extreme of all rows can hold one of the most extreme values, so no
    more rows need to be looked through for these.
    """

    def __init__(self, walk: Walk) -> None:
        self._rows = rows = walk.rows
        self._least: NDArray[Any] = np.empty(rows.shape[0], rows.dtype)
        self._most: NDArray[Any] = np.empty(rows.shape[0], rows.dtype)
        self.not_finite: NDArray[np.int64] = np.zeros(rows.shape[0], np.int64)
        """For each row; the extremes of a row without a finite value are the wrong infinities."""
        self._sample = Sample(rows)
        walk.each(self._look)

    def _look(self, some: Sequence[Band]) -> None:
        for first, end in some:
            band = self._rows.read(first, end)
            self._sample.take(first, band)
            least, most = band.min(axis=1), band.max(axis=1)
            # The extremes of a row with NaN are NaN.
            if band.dtype.kind == "f" and not (np.isfinite(least).all() and np.isfinite(most).all()):
                good = np.isfinite(band)
                step()
                self.not_finite[first:end] = band.shape[1] - np.count_nonzero(good, axis=1)
                least = np.where(good, band, np.inf).min(axis=1)
                step()
                most = np.where(good, band, -np.inf).max(axis=1)
            self._least[first:end], self._most[first:end] = least, most
            step()

    def spread(self) -> Spread | None:
        """Return the spread of the finite values, None if there are none."""
        finite = self._rows.shape[0] * self._rows.shape[1] - int(self.not_finite.sum())
        if finite == 0:
            return None
        few = defects(finite)
        rows = min(few, len(self._least))
        low = self._values_of(np.argpartition(self._least, rows - 1)[:rows])
        high = self._values_of(np.argpartition(self._most, -rows)[-rows:])
        dark, peak = np.partition(low, few - 1)[few - 1].item(), np.partition(high, -few)[-few].item()
        sample = self._sample.values
        if self.not_finite.any():
            sample = sample[np.isfinite(sample)]
        foot = dark if sample.size == 0 else _foot(sample)
        return Spread(low.min().item(), dark, min(max(foot, dark), peak), peak, high.max().item())

    def _values_of(self, rows: NDArray[np.intp]) -> NDArray[Any]:
        """Return the finite values of some rows."""
        values = np.concatenate([self._rows.read(row, row + 1)[0] for row in rows.tolist()])
        step()
        return values[np.isfinite(values)] if self.not_finite.any() else values


def defects(size: int) -> int:
    """Return how many of the brightest of ``size`` values may be defects, at least one."""
    return min(MOST_DEFECTS, max(1, int(size * DEFECTS + 0.5)), size)


def _foot(sample: NDArray[Any]) -> Number:
    rank = int(FOOT * (sample.size - 1))
    number: Number = np.partition(sample, rank)[rank].item()
    return number
