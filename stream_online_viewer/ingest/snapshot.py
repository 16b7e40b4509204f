"""Whole image files for scripts and e-logs: NPY with the exact values, PNG as a picture."""

import io
import json
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

LOW_PERCENTILE = 1.0
DEFECTS = 1e-5
MOST_DEFECTS = 16
HEADROOM = 0.08
_SAMPLES = 2**18


@cache
def colour_maps() -> dict[str, bytes]:
    """Return the colour maps by name, 256 x 3 bytes each; the page draws with the same ones.

    The file holds differences along the map, see scripts/make_colormaps.py.
    """
    text = files("stream_online_viewer").joinpath("colormaps.json").read_text()
    steps = {name: np.frombuffer(bytes.fromhex(digits), np.uint8) for name, digits in json.loads(text).items()}
    return {name: np.cumsum(map_.reshape(3, 256), axis=1, dtype=np.uint8).T.tobytes() for name, map_ in steps.items()}


def npy_file(values: NDArray[Any]) -> bytes:
    """Return the array as a NumPy file, with its dtype and byte order."""
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, np.ascontiguousarray(values), allow_pickle=False)
    return buffer.getvalue()


def png_file(
    values: NDArray[Any], colour_map: str = "viridis", low: float | None = None, high: float | None = None
) -> bytes:
    """Return a picture of (rows, columns) values in a colour map, or of (rows, columns, 3 or 4) uint8 as it is.

    Levels that are not given are found as the page finds them; they stand in the file as text. Values that are not a
    number take the lowest colour.
    """
    buffer = io.BytesIO()
    if values.ndim == 3:
        Image.fromarray(np.ascontiguousarray(values)).save(buffer, "PNG", compress_level=1)
        return buffer.getvalue()
    numbers = np.atleast_2d(values).astype(np.float32)
    if low is None or high is None:
        found = _levels(numbers)
        low, high = (found[0] if low is None else low), (found[1] if high is None else high)
    span = high - low if high > low else 1.0
    with np.errstate(invalid="ignore", over="ignore"):
        np.subtract(numbers, np.float32(low), out=numbers)
        np.multiply(numbers, np.float32(255.0 / span), out=numbers)
        np.nan_to_num(numbers, copy=False, nan=0.0)
        np.clip(numbers, 0.0, 255.0, out=numbers)
    picture = Image.fromarray(np.floor(numbers + np.float32(0.5)).astype(np.uint8))
    picture.putpalette(colour_maps()[colour_map])
    text = PngInfo()
    text.add_text("Levels", f"{low:g} to {high:g}, colour map {colour_map}")
    picture.save(buffer, "PNG", compress_level=1, pnginfo=text)
    return buffer.getvalue()


def _levels(numbers: NDArray[np.float32]) -> tuple[float, float]:
    """Return levels as the page chooses them for a first picture.

    Low is the background. High is the brightest pixels, but for a handful that may be defects of the sensor, and
    8 % more.
    """
    flat = numbers.reshape(-1)
    finite = flat[np.isfinite(flat)]
    if finite.size == 0:
        return 0.0, 1.0
    low = float(np.percentile(finite[:: max(1, finite.size // _SAMPLES)], LOW_PERCENTILE))
    rank = min(MOST_DEFECTS, max(1, round(finite.size * DEFECTS)))
    high = float(np.partition(finite, finite.size - rank)[finite.size - rank])
    if high <= low:
        high = float(finite.max())
    if high <= low:
        return low, low + (abs(low) or 1.0)
    return low, high + HEADROOM * (high - low)
