"""From an image to a small picture of it: area-binned by an integer, 8-bit gray by levels, JPEG.

Pure; the GIL is free meanwhile.
"""

from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

QUALITY = 85
# The processes of a server share few cores; threads of one encoder would only take them from the others.
cv2.setNumThreads(1)

MAX_SIDE = 65500
"""Pixels along a side of a JPEG, by the limit of OpenCV's encoder."""
_SCALAR_VALUES = 16
_AREA_TYPES = ("uint8", "uint16", "int16", "float32", "float64")


def binned(values: NDArray[Any], binning: int) -> NDArray[Any]:
    """Return the means of ``binning`` x ``binning`` pixels of (rows, columns) or (rows, columns, 3 or 4) values.

    The result has ceil(rows / binning) rows; where the binning does not divide the size, the last row and column are
    means of fewer pixels. Integers are rounded to the nearest one; types that cannot be are returned as float64.
    """
    if values.dtype.name not in _AREA_TYPES:
        values = values.view(np.uint8) if values.dtype == np.bool_ else values.astype(np.float64)
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
    """Return (begin, end, pixels that make one) of what the binning divides, and of the rest."""
    spans = [(0, whole, binning)] if whole else []
    return spans + ([(whole, length, length - whole)] if whole < length else [])


def _mean(values: NDArray[Any], y: int, x: int) -> NDArray[Any]:
    rows, columns = values.shape[:2]
    size = (columns // x, rows // y)
    result: NDArray[Any] = cv2.resize(values, size, interpolation=cv2.INTER_AREA)
    return result


def gray(values: NDArray[Any], low: float, high: float) -> NDArray[np.uint8]:
    """Return (rows, columns) values as gray: 0 at ``low`` and below, 255 at ``high`` and above, linear in between.

    What is not a number is 0.
    """
    factor = 255.0 / (high - low) if high - low > 0 else 0.0
    # An array of so few values could be taken for a scalar by cv2, in place of the other one.
    if values.dtype in (np.uint8, np.uint16) and values.size > _SCALAR_VALUES and low == int(low) >= 0:
        # Saturating arithmetic: what is below becomes zero. The types know no scalars, which cv2 takes.
        above = cv2.subtract(values, cast(Any, float(low))) if low else values
        return cast(NDArray[np.uint8], cv2.convertScaleAbs(above, alpha=factor))
    scaled: NDArray[Any] = values.astype(np.float64 if values.dtype == np.float64 else np.float32)
    with np.errstate(invalid="ignore", over="ignore"):
        scaled = (scaled - low) * factor + 0.5
        np.nan_to_num(scaled, copy=False, nan=0.0, posinf=255.0, neginf=0.0)
    np.clip(scaled, 0.0, 255.0, out=scaled)
    return scaled.astype(np.uint8)


def jpeg(picture: NDArray[np.uint8]) -> memoryview:
    """Return a picture of (rows, columns) gray or (rows, columns, 3) RGB as JPEG."""
    if picture.ndim == 3:
        picture = picture[:, :, 2::-1]
    done, data = cv2.imencode(".jpg", np.ascontiguousarray(picture), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if not done:
        raise ValueError(f"no JPEG of a picture of {picture.shape}")
    return memoryview(data.reshape(-1).data)
