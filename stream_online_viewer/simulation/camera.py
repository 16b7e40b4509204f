"""Images of a beam on a screen as a 12-bit camera makes them, and the loop of images in the scene `camera`."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from stream_online_viewer.errors import SettingsError

PEDESTAL = 100.0
"""Counts of a dark pixel."""
READOUT_NOISE = 3.0
"""Standard deviation of a dark pixel in counts."""
COUNTS_PER_ELECTRON = 0.25
PEAK = 2600.0
"""Counts above the pedestal in the middle of the spot."""
LARGEST_COUNT = 4095

BAND_PIXELS = 2**22
MOST_FRAMES, FEWEST_FRAMES, LOOP_PIXELS = 64, 4, 60_000_000
HOLD = 20
"""Messages for which the spot stays between the same two positions; even, see `loop_index`."""
STEP = 0.12
"""Distance between two positions of the drifting spot, in standard deviations of the spot."""
BREATH = 0.1
"""Relative change of the spot's size during its drift."""


class SpotCamera:
    """Makes images of an elliptic, tilted Gaussian spot: pedestal, shot noise, readout noise, 12 bits."""

    def __init__(self, size: tuple[int, int], seed: int = 0) -> None:
        """`size` is (columns, rows). Cameras with the same seed make the same images."""
        self.size = size
        columns, rows = size
        self.sigma = max(columns / 16, 1.0), max(rows / 20, 1.0)
        self._random = np.random.default_rng(seed)

    def image(self, dx: float = 0.0, dy: float = 0.0, scale: float = 1.0, peak: float = PEAK) -> npt.NDArray[np.uint16]:
        """Return an image of shape (rows, columns) in counts from 0 to 4095.

        The spot is moved from the middle by dx and dy standard deviations and made larger by the factor `scale`; its
        middle has `peak` counts above the pedestal, 0 is an image without beam.
        """
        columns, rows = self.size
        x = (np.arange(columns, dtype=np.float32) - (columns - 1) / 2) / self.sigma[0] - dx
        y = (np.arange(rows, dtype=np.float32) - (rows - 1) / 2) / self.sigma[1] - dy
        x, y = x / np.float32(scale), y / np.float32(scale)
        image = np.empty((rows, columns), np.uint16)
        # In bands of rows, because the steps of a whole large image would take gigabytes.
        height = max(1, BAND_PIXELS // columns)
        for first in range(0, rows, height):
            image[first : first + height] = self._band(x, y[first : first + height], peak)
        return image

    def _band(self, x: npt.NDArray[np.float32], y: npt.NDArray[np.float32], peak: float) -> npt.NDArray[np.float32]:
        """Return whole counts at these distances from the middle of the spot, in standard deviations."""
        # The product of x and y tilts the ellipse.
        exponent = np.multiply.outer(y, np.float32(0.5) * x)
        exponent -= np.float32(0.5) * x**2
        exponent -= np.float32(0.5) * (y**2)[:, np.newaxis]
        signal: npt.NDArray[np.float32] = np.exp(exponent, out=exponent)
        signal *= np.float32(peak)
        # Electrons are Poisson distributed: n electrons have the variance n, which is n * gain^2 in counts, at the
        # signal n * gain.
        noise = np.sqrt(signal * np.float32(COUNTS_PER_ELECTRON) + np.float32(READOUT_NOISE**2))
        noise *= self._random.standard_normal(signal.shape, dtype=np.float32)
        signal += noise
        signal += np.float32(PEDESTAL)
        np.rint(signal, out=signal)
        return np.clip(signal, 0, LARGEST_COUNT, out=signal)


def check_dtype(dtype: str) -> None:
    """Raise SettingsError for a type that cannot hold a camera's counts, even divided by 16."""
    if dtype == "int8":
        raise SettingsError("the images of this scene cannot be sent as int8; use --dtype uint8 or --scene beam")


def to_dtype(image: npt.NDArray[np.uint16], dtype: str) -> npt.NDArray[Any]:
    """Return counts as another type: unchanged, or for uint8 divided by 16 and rounded down."""
    if dtype == "uint8":
        return (image >> 4).astype(np.uint8)
    return image.astype(dtype, copy=False)


def loop_length(size: tuple[int, int]) -> int:
    """Return the number of images in a loop: 64, fewer for large ones (11 at 2560x2160), at least 4."""
    return max(FEWEST_FRAMES, min(MOST_FRAMES, LOOP_PIXELS // (size[0] * size[1])))


def loop_images(size: tuple[int, int], seed: int = 0) -> Iterator[npt.NDArray[np.uint16]]:
    """Yield the images of a loop: the spot moves along a small ellipse around the middle and changes its size."""
    camera = SpotCamera(size, seed)
    length = loop_length(size)
    radius = STEP * length / math.tau
    for index in range(length):
        angle = math.tau * index / length
        yield camera.image(radius * math.cos(angle), radius * math.sin(angle), 1 + BREATH * math.sin(angle))


def loop_index(pulse_id: int, length: int) -> int:
    """Return the index in the loop of the image for a pulse.

    The spot alternates between two neighbouring positions and moves on by one every `HOLD` messages: jitter with a slow
    drift. No image is sent twice in a row.
    """
    position = pulse_id // HOLD
    return (position + (pulse_id + position) % 2) % length
