"""What the facility's processing server computes from an image, by its definitions.

The definitions are those of cam_server 5.8 (`pipeline/data_processing`), derived from its outputs; the code is our own.
All axes have one value for each element of their profile, in µm or px, and may descend.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from stream_online_viewer.simulation.gauss import Gaussian, fit_gaussian

Array = npt.NDArray[Any]

WINDOW = 5
"""Values further than this from the mean of the fit are ignored, in standard deviations of the fit."""


def center_of_mass_and_rms(profile: Array, axis: Array, fit: Gaussian) -> tuple[float, float]:
    """Return centre of mass and rms of the profile without the offset of its fit, in the unit of the axis.

    The weights are profile - offset, divided by their sum over the whole axis. Those further than five standard
    deviations of the fit from its mean become zero and are not normalised again, so that the rest adds up to about 1
    only; negative ones stay. Centre = sum(axis weight), rms = sqrt(|sum((axis - centre)^2 weight)|). Without weights
    both are 0.
    """
    x = axis.astype(np.float64)
    weights = profile.astype(np.float64) - fit.offset
    total = float(weights.sum())
    if total == 0:
        return 0.0, 0.0
    weights = np.where(np.abs(x - fit.mean) > WINDOW * fit.standard_deviation, 0.0, weights / total)
    center = float(x @ weights)
    return center, math.sqrt(abs(float((x - center) ** 2 @ weights)))


def full_width(profile: Array, axis: Array, threshold: float) -> float:
    """Return the distance of the places beside the maximum where the profile falls to a part of its height.

    The height is counted from the minimum of the profile. On either side the first sample at or below the level is
    taken, and the place is interpolated between it and its inner neighbour. Where there is none it is the line through
    the outermost two samples that is followed, beyond the axis; the first sample is never tested. NaN for a flat
    profile.
    """
    values = profile.astype(np.float64)
    x = axis.astype(np.float64)
    low, top = float(values.min()), int(values.argmax())
    if values[top] == low or values.size < 2:
        return math.nan
    level = low + (values[top] - low) * threshold
    below = np.flatnonzero(values <= level)
    left = below[(below > 0) & (below < top)]
    right = below[below > top]
    last = values.size - 1
    outer_left = int(left[-1]) if left.size else 0
    outer_right = int(right[0]) if right.size else last
    return abs(
        _crossing(values, x, outer_left, outer_left + 1, level)
        - _crossing(values, x, outer_right, outer_right - 1, level)
    )


def _crossing(values: Array, x: Array, outer: int, inner: int, level: float) -> float:
    """Return where the line through two samples has the level; NaN if it never has it."""
    rise = float(values[inner] - values[outer])
    if rise == 0:
        return math.nan
    return float(x[outer] + (level - values[outer]) / rise * (x[inner] - x[outer]))


def good_region(profile: Array, threshold: float, gfscale: float) -> tuple[int, int]:
    """Return the first index of the good region and the one after its last.

    The region reaches from the maximum to where the profile falls below a part of its height, and is then made longer
    by the factor `gfscale` around its middle, inside the image. It is empty for a flat profile.
    """
    height = profile.astype(np.float64) - float(profile.min())
    top = int(height.argmax())
    below = np.flatnonzero(height < height[top] * threshold)
    left = below[(below > 0) & (below <= top)]
    right = below[below >= top]
    start = int(left[-1]) if left.size else top
    end = int(right[0]) if right.size else top
    margin = (end - start) * (gfscale - 1) / 2
    return int(max(start - margin, 0)), int(min(end + margin, profile.size - 1))


@dataclass(frozen=True)
class Slice:
    """A strip of the good region across the beam: its middle and width in the unit of the axes, its counts."""

    center_x: float
    center_y: float
    standard_deviation: float
    intensity: float


def slices_along_x(
    image: Array, x_axis: Array, y_axis: Array, fit: Gaussian, scale: float, number: int
) -> tuple[list[Slice], float | None]:
    """Cut the good region into strips of equal width along x ("horizontal") and fit each one's profile along y.

    image: the good region, shape (rows, columns), with its axes. fit: of its x profile. The `number` of strips is odd;
    together they span `scale` standard deviations of the fit around its mean, and strips that do not fit into the
    region are left out in pairs. Returns the strips by rising index and the width of one in the unit of the axis, None
    if there is none.
    """
    middle = _index_of(x_axis, fit.mean)
    half = abs(_index_of(x_axis, fit.mean + scale * fit.standard_deviation / number / 2) - middle)
    half = max(half, 1)
    around = min((middle // half - 1) // 2, ((x_axis.size - 1 - middle) // half - 1) // 2, number // 2)
    if around < 0:
        return [], None
    found = []
    for index in range(-around, around + 1):
        start = middle + (2 * index - 1) * half
        strip = image[:, start : start + 2 * half]
        across = fit_gaussian(strip.sum(axis=1), y_axis)
        center = float(x_axis[start + half])
        found.append(Slice(center, across.mean, across.standard_deviation, float(strip.sum())))
    return found, abs(float(x_axis[middle - half]) - float(x_axis[middle + half]))


def slices_along_y(
    image: Array, x_axis: Array, y_axis: Array, fit: Gaussian, scale: float, number: int
) -> tuple[list[Slice], float | None]:
    """Cut the good region into strips along y ("vertical"), as `slices_along_x` does along x; fit: of its y profile."""
    strips, length = slices_along_x(image.T, y_axis, x_axis, fit, scale, number)
    return [Slice(one.center_y, one.center_x, one.standard_deviation, one.intensity) for one in strips], length


def _index_of(axis: Array, value: float) -> int:
    """Return the index of the pixel at or before a value on a rising axis, at or after it on a descending one."""
    if axis[0] <= axis[-1]:
        return max(int(np.searchsorted(axis, value, "right")) - 1, 0)
    return min(int(np.searchsorted(-axis, -value)), axis.size - 1)


def coupling(strips_along_x: list[Slice], x_fit: Gaussian) -> tuple[float, float, float] | None:
    """Return coupling, slope and offset of the line y = slope * x + offset through the middles of the strips along x.

    The server takes the strips along x for it whichever way the slices lie that it sends. The coupling is slope *
    standard deviation in x^2. None for fewer than two strips.
    """
    if len(strips_along_x) < 2:
        return None
    x = np.array([strip.center_x for strip in strips_along_x])
    y = np.array([strip.center_y for strip in strips_along_x])
    slope = float((x - x.mean()) @ (y - y.mean()) / ((x - x.mean()) @ (x - x.mean())))
    return slope * x_fit.standard_deviation**2, slope, float(y.mean() - slope * x.mean())
