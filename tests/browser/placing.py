"""Where the pixels of an image lie on the canvas, computed without the page, for what its canvas shows."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

LIMIT = 255


@dataclass(frozen=True)
class Placing:
    """A view of an image on a canvas: canvas pixel = (image pixel + 0.5) * scale + offset, in device pixels."""

    scale: float
    left: float
    top: float

    @classmethod
    def of(
        cls, canvas: tuple[int, int], image: tuple[int, int], focus: tuple[float, float, float] | None = None
    ) -> "Placing":
        """Return the view for a canvas (rows, columns) and an image (rows, columns).

        ``focus`` is what the URL says: x and y of the pixel in the middle, and the enlargement of what fits; None: all.
        """
        fit = min(canvas[0] / image[0], canvas[1] / image[1])
        if focus is None:
            return cls(fit, (canvas[1] - image[1] * fit) / 2, (canvas[0] - image[0] * fit) / 2)
        x, y, zoom = focus
        scale = fit * zoom
        return cls(scale, canvas[1] / 2 - x * scale, canvas[0] / 2 - y * scale)

    def place(self, row: float, column: float) -> tuple[float, float]:
        """Return x and y on the canvas of the centre of a pixel of the image."""
        return (column + 0.5) * self.scale + self.left, (row + 0.5) * self.scale + self.top

    def pixels(self, canvas: tuple[int, int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the row and the column of the image under the centre of each row and column of the canvas."""
        rows = np.floor((np.arange(canvas[0]) + 0.5 - self.top) / self.scale).astype(int)
        columns = np.floor((np.arange(canvas[1]) + 0.5 - self.left) / self.scale).astype(int)
        return rows, columns


def means(image: NDArray[Any], binning: int) -> NDArray[np.float64]:
    """Return the mean of each ``binning`` x ``binning`` pixels, of fewer at the right and lower edge."""
    starts = [np.arange(0, length, binning) for length in image.shape]
    sums = np.add.reduceat(np.add.reduceat(image.astype(np.float64), starts[0], 0), starts[1], 1)
    counts = [np.diff(np.append(begin, length)) for begin, length in zip(starts, image.shape, strict=True)]
    return sums / np.outer(*counts)


def grays(values: NDArray[Any], low: float, high: float) -> NDArray[np.float64]:
    """Return the gray, 0 to 255 and not rounded, that values have under levels."""
    return np.clip((values.astype(np.float64) - low) * LIMIT / (high - low), 0, LIMIT)


def shades(values: NDArray[Any], low: float, high: float) -> NDArray[np.float64]:
    """Return the step of 256 of exact values under levels, as matplotlib's: floor(256 t), the last one at t = 1."""
    return np.clip(np.floor((values.astype(np.float64) - low) * 256 / (high - low)), 0, LIMIT)
