"""What the facility's processing server computes from an image, by its definitions.

The definitions are those of cam_server, `pipeline/data_processing/functions.py`; the code is not. All axes have one
value for each element of their profile, in um, and may descend.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from stream_online_viewer.simulation.gauss import Gaussian, fit_gaussian

Array = npt.NDArray[Any]


def center_of_mass_and_rms(profile: Array, axis: Array) -> tuple[float, float]:
    """Return sum(axis p) / sum(p) and sqrt(|sum(axis^2 p) / sum(p) - center^2|) of the raw profile, in um.

    A profile without counts has no centre (NaN) and, as the server says, the rms 0.
    """
    total = float(profile.sum())
    if total == 0:
        return math.nan, 0.0
    x = axis.astype(np.float64)
    center = float(x @ profile) / total
    return center, math.sqrt(abs(float(x**2 @ profile) / total - center**2))


def full_width(profile: Array, axis: Array, threshold: float) -> float:
    """Return the distance in um of the points beside the maximum where the profile falls to a part of its height.

    The height is counted from the minimum of the profile; the points are those of the axis, nothing is interpolated. A
    side on which the profile stays above ends at the border of the image. NaN for a flat profile.
    """
    height = profile.astype(np.float64) - float(profile.min())
    if height.max() == 0:
        return math.nan
    top = int(height.argmax())
    below = np.flatnonzero(height <= height[top] * threshold)
    left = below[(below > 0) & (below < top)]
    right = below[below > top]
    first = int(left[-1]) if left.size else 0
    last = int(right[0]) if right.size else profile.size - 1
    return abs(float(axis[first]) - float(axis[last]))


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
    """A strip of the good region across the beam: its middle and width in um, its counts."""

    center_x: float
    center_y: float
    standard_deviation: float
    intensity: float


def slices_along_x(
    image: Array, x_axis: Array, y_axis: Array, fit: Gaussian, scale: float, number: int
) -> tuple[list[Slice], float | None]:
    """Cut the good region into strips of equal width along x and fit each one's profile along y.

    image: the good region, shape (rows, columns), with its axes. fit: of its x profile. The `number` of strips is odd;
    together they span `scale` standard deviations of the fit around its mean, and strips that do not fit into the
    region are left out in pairs. Returns the strips by rising index and the width of one in um, None if there is none.
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


def _index_of(axis: Array, value: float) -> int:
    """Return the index of the pixel at or before a value on a rising axis, at or after it on a descending one."""
    if axis[0] <= axis[-1]:
        return max(int(np.searchsorted(axis, value, "right")) - 1, 0)
    return min(int(np.searchsorted(-axis, -value)), axis.size - 1)


def coupling(slices: list[Slice], x_fit: Gaussian) -> tuple[float, float, float] | None:
    """Return coupling, slope and offset (um) of the straight line through the middles of the strips along x.

    The coupling is slope * standard deviation in x^2, in um^2. None for fewer than two strips.
    """
    if len(slices) < 2:
        return None
    x = np.array([strip.center_x for strip in slices])
    y = np.array([strip.center_y for strip in slices])
    slope = float((x - x.mean()) @ (y - y.mean()) / ((x - x.mean()) @ (x - x.mean())))
    return slope * x_fit.standard_deviation**2, slope, float(y.mean() - slope * x.mean())
