"""The facility's scene: a beam picture with its sizes, profiles and metadata, new for each message."""

from typing import Any

import numpy as np
import numpy.typing as npt

from stream_online_viewer.data import generate_image, generate_metadata, get_stream_message_data
from stream_online_viewer.simulation.message import Message

NOISE = 0.1
LARGEST_EXACT = 2**53
"""float64 holds every integer up to this one."""


class BeamScene:
    """Channels `image`, `image_size_x`, `image_size_y`, `image_profile_x`, `image_profile_y` and the metadata."""

    def __init__(self, size: tuple[int, int], dtype: str) -> None:
        """`size` is (columns, rows); `dtype` is any numeric type of bsread, see `to_dtype`."""
        self._size = size
        self._dtype = np.dtype(dtype)

    def message(self, pulse_id: int) -> Message:
        image = generate_image(size_x=self._size[0], size_y=self._size[1], noise=NOISE)
        return Message(get_stream_message_data(to_dtype(image, self._dtype), generate_metadata()))


def to_dtype(image: npt.NDArray[np.float64], dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    """Return the beam picture, whose values lie in [0, 1.1], as another type.

    float64 is left as it is and float32 rounded. For integers the picture is scaled so that 1.1 (the peak of the beam
    plus the largest noise) becomes the largest number of the type, but no more than 2^53, and rounded: uint16 spans 0
    to 65535, int8 0 to 127. Nothing saturates and nothing is negative.
    """
    if dtype.kind == "f":
        return image.astype(dtype, copy=False)
    largest = min(int(np.iinfo(dtype).max), LARGEST_EXACT)
    return np.rint(image * (largest / (1.0 + NOISE))).astype(dtype)
