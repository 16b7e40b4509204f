"""An image in bands of rows: all that is made of a band is made while it is in the processor's cache.

So an image that came compressed is never in memory as a whole, and several threads can each take some of the bands.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from stream_online_viewer.ingest.steps import beside, result_of

Result = TypeVar("Result")

Band = tuple[int, int]
"""The first row, and the one after the last."""

BAND_BYTES = 2**21
_MOST_ROWS = 2**12
THREADS = min(4, len(os.sched_getaffinity(0)))
_PIXELS_FOR_A_THREAD = 2**20
"""A thread for fewer pixels costs more than it saves."""


class Rows(Protocol):
    """An image of (rows, columns) whose rows are read as they are needed, from several threads too."""

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the values, in native byte order; uint8 for truth values."""

    def read(self, first: int, end: int) -> NDArray[Any]:
        """Return the rows from ``first`` to ``end``, which may be read only."""


class ArrayRows:
    """The rows of an array of (rows, columns), of any numeric type and byte order."""

    def __init__(self, values: NDArray[Any]) -> None:
        self._values = values.view(np.uint8) if values.dtype == np.bool_ else values
        self.shape: tuple[int, int] = (values.shape[0], values.shape[1])
        self.dtype = self._values.dtype.newbyteorder("=")

    def read(self, first: int, end: int) -> NDArray[Any]:
        return self._values[first:end].astype(self.dtype, copy=False)


class Distances:
    """The distances of integers from the lowest of them, in an unsigned type that holds them all."""

    def __init__(self, rows: Rows, lowest: int, dtype: np.dtype[Any]) -> None:
        self._rows, self.dtype = rows, dtype
        # Modulo the size of the type the difference is right for both signs.
        self._lowest = dtype.type(lowest % 2 ** (8 * dtype.itemsize))
        self.shape = rows.shape

    def read(self, first: int, end: int) -> NDArray[Any]:
        distances: NDArray[Any] = self._rows.read(first, end).astype(self.dtype)
        distances -= self._lowest
        return distances


def bands(first: int, end: int, row_bytes: int, multiple: int = 1) -> list[Band]:
    """Return the bands from row ``first`` to ``end``; all but the last have a multiple of so many rows."""
    most = max(1, min(BAND_BYTES // max(1, row_bytes), _MOST_ROWS) // multiple) * multiple
    return [(begin, min(begin + most, end)) for begin in range(first, end, most)]


@dataclass(frozen=True, slots=True)
class Walk:
    """How the bands of an image are gone through."""

    rows: Rows
    pool: ThreadPoolExecutor | None = None
    """Threads that help; None: the calling thread does all."""
    multiple: int = 1
    """The bands, except for the last, have a multiple of so many rows."""

    def each(self, work: Callable[[Sequence[Band]], Result]) -> list[Result]:
        """Call ``work`` with parts of the bands, in the calling thread and in those of the pool.

        Return the results in the order of the parts. Small images are one part.
        """
        height, width = self.rows.shape
        whole = bands(0, height, width * self.rows.dtype.itemsize, self.multiple)
        parts = 1 if self.pool is None else min(THREADS, len(whole), height * width // _PIXELS_FOR_A_THREAD)
        if self.pool is None or parts <= 1:
            return [work(whole)]
        cuts = [len(whole) * part // parts for part in range(parts + 1)]
        watched = beside(work)
        others = [self.pool.submit(watched, whole[begin:end]) for begin, end in zip(cuts[1:], cuts[2:], strict=False)]
        try:
            return [work(whole[: cuts[1]]), *map(result_of, others)]
        finally:
            # A part that goes on after an exception would be in the way of the next image.
            wait(others)
