"""Images that are known from a pulse id, for a source and for what is expected of the page."""

import numpy as np
from numpy.typing import NDArray

DTYPES = (
    "bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64",
)  # fmt: skip


def image_of(pulse_id: int, dtype: str, shape: tuple[int, int]) -> "NDArray[np.generic]":
    """Return an image of random bits of its own for each pulse id; for floats NaN and infinities are among them."""
    rng = np.random.default_rng(pulse_id)
    if dtype == "bool":
        return rng.integers(0, 2, shape).astype(bool)
    image = np.frombuffer(rng.bytes(shape[0] * shape[1] * np.dtype(dtype).itemsize), dtype).reshape(shape).copy()
    if image.dtype.kind == "f":
        image[0, :3] = np.nan, np.inf, -np.inf
    return image
