"""The spread of an image's values, for automatic levels; the page has the same in ``analysis/statistics.ts``.

Pure; the GIL is free meanwhile.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stream_online_viewer.ingest.steps import step

FOOT = 0.01
DEFECTS = 1e-5
"""Share of an image's pixels that may be defects of the sensor, but no more than ``MOST_DEFECTS`` pixels."""
MOST_DEFECTS = 16
SAMPLES = 4096
GOLDEN = 0.6180339887498949
"""Fractional part of the golden ratio. Its multiples sample a picture evenly, without a pattern of rows or columns."""
_RUN = 256

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


def spread_of(values: NDArray[Any]) -> Spread | None:
    """Return the spread of values of any shape and numeric type in native byte order, None if none is finite."""
    return spread_and_finite(values)[0]


def spread_and_finite(values: NDArray[Any]) -> tuple[Spread | None, NDArray[np.bool_] | None]:
    """Return the spread, and in the shape of the values which of them are finite; None if all are."""
    if values.dtype == np.bool_:
        values = values.view(np.uint8)
    flat = values.reshape(-1)
    if flat.size == 0:
        return None, None
    sample, ends, good = _sample(flat), _ends(flat), None
    if ends is None:
        step()
        good = np.isfinite(values)
        step()
        ends = _ends(flat[good.reshape(-1)])
        if ends is None:
            return None, good
        sample = sample[np.isfinite(sample)]
    lowest, highest = ends
    dark, peak = lowest[-1].item(), highest[0].item()
    foot = dark if sample.size == 0 else np.partition(sample, _rank(sample.size))[_rank(sample.size)].item()
    return Spread(lowest[0].item(), dark, min(max(foot, dark), peak), peak, highest[-1].item()), good


def spread_of_counts(counts: NDArray[np.int64], levels: NDArray[np.int64], flat: NDArray[Any]) -> Spread:
    """Return the spread of values given by ``counts`` of the rising ``levels``; ``flat`` are the values themselves."""
    below = np.cumsum(counts)
    few = defects(flat.size)
    dark = int(levels[np.searchsorted(below, few - 1, side="right")])
    peak = int(levels[np.searchsorted(below, flat.size - few, side="right")])
    sample = _sample(flat)
    foot = int(np.partition(sample, _rank(sample.size))[_rank(sample.size)])
    return Spread(int(levels[0]), dark, min(max(foot, dark), peak), peak, int(levels[-1]))


def defects(size: int) -> int:
    """Return how many of the brightest of ``size`` values may be defects, at least one."""
    return min(MOST_DEFECTS, max(1, int(size * DEFECTS + 0.5)), size)


def _rank(size: int) -> int:
    return int(FOOT * (size - 1))


def _sample(flat: NDArray[Any]) -> NDArray[Any]:
    if flat.size <= SAMPLES:
        return flat
    return flat[(_PLACES * flat.size).astype(np.intp)]


_PLACES = np.arange(1, SAMPLES + 1) * GOLDEN % 1


def _ends(flat: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]] | None:
    """Return the lowest and the highest values in rising order, as many as may be defects.

    Return None if not all values are finite. The values are examined in runs: only runs whose own lowest value is among
    the lowest can contain one of them.
    """
    if flat.size == 0:
        return None
    few = defects(flat.size)
    runs = flat.size // _RUN
    if runs <= few:
        order = np.sort(flat)
        # NaN is sorted to the end.
        return (order[:few], order[-few:]) if np.isfinite(order[[0, -1]]).all() else None
    body, rest = flat[: runs * _RUN].reshape(runs, _RUN), flat[runs * _RUN :]
    least = body.min(axis=1)
    step()
    most = body.max(axis=1)
    step()
    # The extremes of a run with a NaN are NaN.
    if flat.dtype.kind == "f" and not all(np.isfinite(some).all() for some in (least, most, rest)):
        return None
    low = np.concatenate([body[np.argpartition(least, few - 1)[:few]].reshape(-1), rest])
    high = np.concatenate([body[np.argpartition(most, runs - few)[runs - few :]].reshape(-1), rest])
    return np.sort(np.partition(low, few - 1)[:few]), np.sort(np.partition(high, high.size - few)[high.size - few :])
