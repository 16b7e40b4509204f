"""Makes the small picture of an image: binned by an integer, 8-bit gray by levels, JPEG.

Pure; the GIL is free meanwhile.
"""

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from stream_online_viewer.coding.jpeg import MOST_SIDE
from stream_online_viewer.coding.jpeg import encode as encode_jpeg
from stream_online_viewer.ingest.bands import bands
from stream_online_viewer.ingest.differences import shades
from stream_online_viewer.ingest.steps import step

QUALITY = 85
GRAYS = 256
MOST_PIXELS = 2**26
"""The largest number of pixels that the page accepts."""
NOT_A_NUMBER, POSITIVE_INFINITY, NEGATIVE_INFINITY = 1, 2, 3
"""Values of ``Small.bad`` other than 0."""

_AREA_TYPES = ("uint8", "uint16", "int16", "float32", "float64")
_JPEG_BLOCK = 8
# cv2 takes an array with no more rows or columns than this for a scalar.
_FEW = 4
_LONG = 2**15
_ALL = 0.9995
"""If the mean of up to 32 x 32 truth values is larger, all of them are true."""
_SUMS = 2.0**12
"""Divided by this, the sum of 32 x 32 numbers is never infinite."""


@dataclass(frozen=True, slots=True)
class Small:
    """A reduced image: ``values`` of (rows, columns) or (rows, columns, 3), all finite."""

    values: NDArray[Any]
    origin: int = 0
    """To be added to the values: 64-bit integers are stored as distances from an integer."""
    bad: NDArray[np.uint8] | None = None
    """(rows, columns): 0 for pixels with a value, else why they have none; None if all have one."""


def smaller(values: NDArray[Any], binning: int) -> Small:
    """Return the means of the finite values in blocks of ``binning`` x ``binning`` pixels.

    ``values`` are (rows, columns) or (rows, columns, 3) in native byte order. A block without a finite value is bad; in
    colour, a block in which one part has none. Of 64-bit integers the distances from the lowest one are to be given.
    """
    means = binned(values, binning)
    step()
    if means.dtype.kind != "f" or np.isfinite(means).all():
        return Small(means)
    return _of_the_finite(values, binning)


class BlockMeans:
    """Makes a reduced image from bands of an image of (rows, columns), given in any order and by several threads.

    ``binning`` divides the number of rows in all bands but the last.
    """

    def __init__(self, binning: int) -> None:
        self._binning = binning
        self._bands: dict[int, Small] = {}

    def take(self, first: int, band: NDArray[Any]) -> None:
        """Take a band, which begins with the row ``first``."""
        self._bands[first] = smaller(band, self._binning)

    def small(self, origin: int = 0) -> Small:
        """Return the reduced image."""
        found = [self._bands[first] for first in sorted(self._bands)]
        values = np.concatenate([one.values for one in found])
        if all(one.bad is None for one in found):
            return Small(values, origin)
        bad = [np.zeros(one.values.shape, np.uint8) if one.bad is None else one.bad for one in found]
        return Small(values, origin, np.concatenate(bad))


def _of_the_finite(values: NDArray[Any], binning: int) -> Small:
    """Return the same if some values are not finite or have an infinite sum."""
    good = np.isfinite(values)
    step()
    part = binned(good.astype(np.float32), binning)
    step()
    known = np.where(good, values, 0).astype(np.float64)
    step()
    known /= _SUMS
    means = binned(known, binning)
    step()
    with np.errstate(invalid="ignore", divide="ignore"):
        means /= part
    means *= _SUMS
    none = part == 0
    largest = np.finfo(values.dtype).max
    np.clip(means, -largest, largest, out=means)
    means[none] = 0.0
    bad = np.where(none.any(axis=2) if none.ndim == 3 else none, np.uint8(NOT_A_NUMBER), np.uint8(0))
    if not bad.any():
        return Small(means)
    if values.ndim == 2:
        for code, infinity in ((POSITIVE_INFINITY, np.inf), (NEGATIVE_INFINITY, -np.inf)):
            equal = values == infinity
            step()
            if equal.any():
                bad[binned(equal.astype(np.float32), binning) > _ALL] = code
    return Small(means, 0, bad)


def binned(values: NDArray[Any], binning: int) -> NDArray[Any]:
    """Return the means of ``binning`` x ``binning`` pixels of (rows, columns) or (rows, columns, 3 or 4) values.

    The result has ceil(rows / binning) rows. If the binning does not divide the size, the last row and column are means
    of fewer pixels. Integers are rounded to the nearest one; types that cannot be rounded here are returned as float64.
    """
    if values.dtype.name not in _AREA_TYPES:
        values = values.view(np.uint8) if values.dtype == np.bool_ else values.astype(np.float64)
        step()
    if binning == 1:
        return values
    rows, columns = values.shape[:2]
    whole_rows, whole_columns = rows // binning * binning, columns // binning * binning
    across = _spans(columns, whole_columns, binning)
    down = _spans(rows, whole_rows, binning)
    if len(across) == len(down) == 1:
        return _mean(values, down[0][2], across[0][2])
    return np.vstack(
        [
            np.hstack([_mean(values[top:bottom, left:right], y, x) for left, right, x in across])
            for top, bottom, y in down
        ]
    )


def _spans(length: int, whole: int, binning: int) -> list[tuple[int, int, int]]:
    """Return (begin, end, pixels per mean) for the part that the binning divides, and for the rest."""
    spans = [(0, whole, binning)] if whole else []
    return spans + ([(whole, length, length - whole)] if whole < length else [])


def _mean(values: NDArray[Any], y: int, x: int) -> NDArray[Any]:
    rows, columns = values.shape[:2]
    size = (columns // x, rows // y)
    if values.dtype == np.uint16 and y * columns >= _LONG:
        # cv2 averages rows four times as fast as blocks; only with long rows are the calls worth it.
        over_rows = np.empty((size[1], columns), np.float32)
        for row in range(size[1]):
            cv2.reduce(values[y * row : y * (row + 1)], 0, cv2.REDUCE_AVG, over_rows[row : row + 1], cv2.CV_32F)
        means: NDArray[Any] = cv2.resize(over_rows, size, interpolation=cv2.INTER_AREA)
        rounded: NDArray[np.uint16] = np.rint(means, out=means).astype(np.uint16)
        return rounded
    result: NDArray[Any] = cv2.resize(values, size, interpolation=cv2.INTER_AREA)
    if values.dtype == np.float64:
        # cv2 multiplies sums by a share in float32, whose error is a visible difference far from zero.
        share = 1 / (x * y)
        result *= share / float(np.float32(share))
    return result


def binning_for_jpeg(rows: int, columns: int, binning: int) -> int:
    """Return the smallest binning of at least ``binning`` with which the page accepts the JPEG."""
    while max(-(-rows // binning), -(-columns // binning)) > MOST_SIDE or (
        -(-rows // binning) * -(-columns // binning) > MOST_PIXELS
    ):
        binning += 1
    return binning


def gray(values: NDArray[Any], low: float, high: float, origin: int = 0) -> NDArray[np.uint8]:
    """Return values as gray: 0 at ``low`` and below, 255 at ``high`` and above, linear in between.

    NaN is 0. ``origin`` was subtracted from the values before.
    """
    low, high = (float(Fraction(level) - origin) for level in (low, high)) if origin else (low, high)
    if not high > low or min(values.shape[:2]) <= _FEW:
        return shades(values, low, high, GRAYS - 1, 0.5)
    if values.dtype in (np.uint8, np.uint16) and low == int(low) >= 0:
        # Saturating arithmetic: values below the level become zero. cv2's annotations lack the scalars that it accepts.
        above = cv2.subtract(values, cast(Any, float(low))) if low else values
        return cast(NDArray[np.uint8], cv2.convertScaleAbs(above, alpha=255.0 / (high - low)))
    # The distance of the largest floats is infinite, and so is what the smallest ones are to be multiplied by.
    if values.dtype.kind == "f" and math.isfinite(high - low) and math.isfinite((GRAYS - 1) / (high - low)):
        return _gray_of_floats(values, low, (GRAYS - 1) / (high - low))
    return shades(values, low, high, GRAYS - 1, 0.5)


def _gray_of_floats(values: NDArray[Any], low: float, slope: float) -> NDArray[np.uint8]:
    """Return values as gray in fewer steps than :func:`shades`, from which it may differ by a gray between two."""
    result = np.empty(values.shape, np.uint8)
    for first, end in bands(0, len(values), values[0].nbytes):
        with np.errstate(over="ignore", invalid="ignore"):
            # The level is subtracted before anything is rounded.
            above = np.subtract(values[first:end], low, dtype=np.float64)
            above *= slope
        np.clip(above, 0.0, GRAYS - 1, out=above)
        # It rounds to the nearest integer, NaN to 0.
        cv2.convertScaleAbs(above, result[first:end])
        step()
    return result


def filled(picture: NDArray[np.uint8], bad: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a picture whose bad pixels have the mean of the good ones around them.

    JPEG spreads an edge over its whole block of 8 x 8 pixels, so black pixels would change the good ones next to them.
    """
    good = (bad == 0).astype(np.float32)
    if picture.ndim == 3:
        good = np.repeat(good[:, :, np.newaxis], picture.shape[2], axis=2)
    part = binned(good, _JPEG_BLOCK)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = np.nan_to_num(binned(picture * good, _JPEG_BLOCK) / part, copy=False)
    rows, columns = picture.shape[:2]
    near = means.repeat(_JPEG_BLOCK, axis=0).repeat(_JPEG_BLOCK, axis=1)[:rows, :columns]
    return np.where(good > 0, picture, (near + 0.5).astype(np.uint8))


def jpeg(picture: NDArray[np.uint8]) -> memoryview:
    """Return a picture of (rows, columns) gray or (rows, columns, 3) RGB as JPEG."""
    if picture.ndim == 3:
        picture = picture[:, :, 2::-1]
    return memoryview(encode_jpeg(picture, QUALITY).reshape(-1).data)
