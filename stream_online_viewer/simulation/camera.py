"""Images as a 12-bit camera takes them of a beam on a screen, and the loop of them that the scene `camera` sends."""

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
"""Counts of the middle of the spot above the pedestal."""
LARGEST_COUNT = 4095

MOST_FRAMES, FEWEST_FRAMES, LOOP_PIXELS = 64, 4, 60_000_000
HOLD = 20
"""Messages for which the spot stays between the same two positions; even, see `loop_index`."""
STEP = 0.12
"""Distance of two positions of the drifting spot, in standard deviations of the spot."""
BREATH = 0.1
"""How much the spot grows and shrinks while it drifts."""


class SpotCamera:
    """Takes images of an elliptic, tilted Gaussian spot: pedestal, shot noise, readout noise, 12 bits."""

    def __init__(self, size: tuple[int, int], seed: int = 0) -> None:
        """`size` is (columns, rows). Cameras with the same seed take the same images."""
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
        # The product of x and y tilts the ellipse.
        exponent = np.multiply.outer(y, np.float32(0.5) * x)
        exponent -= np.float32(0.5) * x**2
        exponent -= np.float32(0.5) * (y**2)[:, np.newaxis]
        signal: npt.NDArray[np.float32] = np.exp(exponent, out=exponent)
        signal *= np.float32(peak)
        # Electrons are Poisson distributed: a variance of n electrons is n * gain^2 in counts, and n * gain the signal.
        noise = np.sqrt(signal * np.float32(COUNTS_PER_ELECTRON) + np.float32(READOUT_NOISE**2))
        noise *= self._random.standard_normal((rows, columns), dtype=np.float32)
        signal += noise
        signal += np.float32(PEDESTAL)
        np.rint(signal, out=signal)
        np.clip(signal, 0, LARGEST_COUNT, out=signal)
        return signal.astype(np.uint16)


def check_dtype(dtype: str) -> None:
    """Raise SettingsError for a type that has no room for the counts of a camera, also if they are divided by 16."""
    if dtype == "int8":
        raise SettingsError("the images of this scene cannot be sent as int8; use --dtype uint8 or --scene beam")


def to_dtype(image: npt.NDArray[np.uint16], dtype: str) -> npt.NDArray[Any]:
    """Return counts as another type: as they are, or divided by 16 and rounded down for uint8."""
    if dtype == "uint8":
        return (image >> 4).astype(np.uint8)
    return image.astype(dtype, copy=False)


def loop_length(size: tuple[int, int]) -> int:
    """Return how many images a loop has: 64, fewer if they are large (11 at 2560x2160), at least 4."""
    return max(FEWEST_FRAMES, min(MOST_FRAMES, LOOP_PIXELS // (size[0] * size[1])))


def loop_images(size: tuple[int, int], seed: int = 0) -> Iterator[npt.NDArray[np.uint16]]:
    """Take the images of a loop: the spot moves along a small ellipse around the middle and changes its size."""
    camera = SpotCamera(size, seed)
    length = loop_length(size)
    radius = STEP * length / math.tau
    for index in range(length):
        angle = math.tau * index / length
        yield camera.image(radius * math.cos(angle), radius * math.sin(angle), 1 + BREATH * math.sin(angle))


def loop_index(pulse_id: int, length: int) -> int:
    """Return which image of the loop belongs to a pulse.

    The spot jumps to and fro between two neighbouring positions and moves on by one every `HOLD` messages: a jitter
    with a slow drift. No image is sent twice in a row.
    """
    position = pulse_id // HOLD
    return (position + (pulse_id + position) % 2) % length
