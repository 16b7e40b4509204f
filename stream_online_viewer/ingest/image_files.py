"""Whole image files for scripts and e-logs: NPY with the exact values, PNG as a picture."""

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stream_online_viewer.coding import png
from stream_online_viewer.ingest.differences import indices
from stream_online_viewer.ingest.levels import first_levels
from stream_online_viewer.ingest.spread import Number, spread_of
from stream_online_viewer.ingest.steps import step
from stream_online_viewer.protocol.colour_maps import colour_maps

BAD_COLOUR = (255, 0, 255)
POSITIVE_INFINITY_COLOUR = (255, 0, 0)
NEGATIVE_INFINITY_COLOUR = (0, 0, 255)
"""The page's default colours of pixels that are not finite."""


def npy_file(values: NDArray[Any]) -> bytes:
    """Return the array as a NumPy file, with its dtype and byte order."""
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, np.ascontiguousarray(values), allow_pickle=False)
    return buffer.getvalue()


def png_file(
    values: NDArray[Any], colour_map: str = "viridis", low: float | None = None, high: float | None = None
) -> bytes:
    """Return a PNG file of (rows, columns) values in a colour map, or of (rows, columns, 3 or 4) values in colour.

    ``values`` have native byte order. Missing levels are those of the page for a first picture; levels are stored in
    the file as text. Pixels that are not finite have colours of their own. uint8 in colour is kept unchanged unless
    levels are given; the fourth part of other types is left out.
    """
    in_colour = values.ndim == 3
    if in_colour and values.dtype == np.uint8 and low is None and high is None:
        return png.encode(values, done=step)
    numbers = values[:, :, :3] if in_colour else np.atleast_2d(values)
    first, last = _levels(numbers, low, high)
    picture, palette = indices(numbers, float(first), float(last)), None
    step()
    bad = _bad(numbers)
    step()
    if not in_colour and bad is None:
        palette = colour_maps()[colour_map]
    elif not in_colour:
        picture = np.frombuffer(colour_maps()[colour_map], np.uint8).reshape(-1, 3)[picture]
        step()
    if bad is not None:
        picture = _marked(picture, *bad)
        step()
    levels = f"{first:g} to {last:g}" + ("" if in_colour else f", colour map {colour_map}")
    return png.encode(picture, palette, {"Levels": levels}, step)


def _levels(numbers: NDArray[Any], low: float | None, high: float | None) -> tuple[Number, Number]:
    """Return the given levels, and for missing ones those of a first picture of these values."""
    if low is not None and high is not None:
        return low, high
    found = (0, 1) if numbers.dtype == np.bool_ else first_levels(spread_of(numbers), numbers.dtype.name)
    first, last = (found[0] if low is None else low), (found[1] if high is None else high)
    # A given level may be beyond the other one that was found.
    if not first < last:
        step = abs(first if high is None else last) or 1
        first, last = (first, first + step) if high is None else (last - step, last)
    return first, last


def _bad(numbers: NDArray[Any]) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]] | None:
    """Return which pixels are not finite, and which are +infinity and -infinity; None if all are finite."""
    if numbers.dtype.kind != "f":
        return None
    bad = ~np.isfinite(numbers)
    if not bad.any():
        return None
    if numbers.ndim == 3:
        none = np.zeros(numbers.shape[:2], np.bool_)
        return bad.any(axis=2), none, none
    step()
    return bad, numbers == np.inf, numbers == -np.inf


def _marked(
    picture: NDArray[np.uint8], bad: NDArray[np.bool_], above: NDArray[np.bool_], below: NDArray[np.bool_]
) -> NDArray[np.uint8]:
    marked = picture.copy()
    step()
    marked[bad] = BAD_COLOUR
    step()
    marked[above] = POSITIVE_INFINITY_COLOUR
    marked[below] = NEGATIVE_INFINITY_COLOUR
    return marked
