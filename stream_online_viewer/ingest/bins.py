"""Counts values in equal bins between the extremes of an image. Pure; the GIL is free meanwhile."""

from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

BINS = 1024
"""The most bins of a histogram."""
COUNTED_AT_ONCE = 2**24
"""cv2 counts in float32, which holds every integer up to this one."""


def occurrences(places: NDArray[Any], count: int) -> NDArray[np.int64]:
    """Return how often each number below ``count`` occurs in a contiguous array of uint8 or uint16 that are below it.

    The time that it takes grows with ``count``, too: by 8 ns each.
    """
    flat, result = places.reshape(1, -1), np.zeros(count, np.int64)
    for begin in range(0, flat.size, COUNTED_AT_ONCE):
        found = cv2.calcHist([flat[:, begin : begin + COUNTED_AT_ONCE]], [0], None, [count], [0, count])
        result += found.reshape(-1).astype(np.int64)
    return result


class Bins(Protocol):
    """Bins from the lowest to the highest value; bin i begins at the lowest value + i times the width."""

    count: int
    width: int | float

    def counts(self, values: NDArray[Any]) -> NDArray[np.int64]:
        """Return the number of values, shape (n,), in each bin; all lie between the extremes."""


class FloatBins:
    """1024 bins for finite floats; a single one of width 0 if all are equal or nearly."""

    def __init__(self, low: float, high: float) -> None:
        self._low = low
        # Divided first, because the span of the largest floats is infinite.
        self.width: int | float = high / BINS - low / BINS
        self.count = BINS if self.width > 0 else 1
        if self.count == 1:
            self.width = 0.0
        self._part = 1.0 if np.isfinite(high - low) else 0.25

    def counts(self, values: NDArray[Any]) -> NDArray[np.int64]:
        if self.count == 1:
            return np.array([values.size], np.int64)
        if self._part != 1.0:
            values = np.multiply(values, self._part, dtype=np.float64)
        # The distance first: far from zero, the quotient of the value would have no digits left.
        distance = np.subtract(values, self._part * self._low, dtype=np.float64)
        distance /= self._part * self.width
        found = occurrences(distance.astype(np.uint16), BINS + 1)
        # The highest value belongs to the last bin, whose upper end it is.
        found[BINS - 1] += found[BINS]
        return found[:BINS]


class IntegerBins:
    """Up to 1024 bins for integers of any type, of whole width."""

    def __init__(self, low: int, high: int) -> None:
        self._low = low
        self.width: int | float = -(-(high - low + 1) // BINS)
        self.count = -(-(high - low + 1) // int(self.width))

    def counts(self, values: NDArray[Any]) -> NDArray[np.int64]:
        # Modulo 2^64, so that the distance from the lowest value is right for both signs.
        distance = values.astype(np.uint64)
        distance -= np.uint64(self._low % 2**64)
        distance //= np.uint64(self.width)
        return occurrences(distance.astype(np.uint16), self.count)
