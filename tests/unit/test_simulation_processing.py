"""The quantities of the facility's processing server, against profiles and images with known ones."""

import math
from typing import Any

import numpy as np
import pytest

from stream_online_viewer.simulation.gauss import Gaussian, fit_gaussian
from stream_online_viewer.simulation.processing import (
    Slice,
    center_of_mass_and_rms,
    coupling,
    full_width,
    good_region,
    slices_along_x,
)

DESCENDING = np.arange(9, -1, -1, dtype=np.float32) * 10


def test_center_of_mass_and_rms_are_without_the_offset_of_the_fit() -> None:
    """Two equal peaks at 80 and 20 µm on a level of 3: centre 50, rms 30; what is beyond 5 sigma does not count."""
    profile = np.array([0, 1, 0, 0, 0, 0, 0, 1, 0, 0]) + 3
    assert center_of_mass_and_rms(profile, DESCENDING, Gaussian(3, 1, 50, 100, True)) == pytest.approx((50, 30))
    # Beside 80 +- 50 µm there is half of the counts; the weights are not normalised again.
    center, _ = center_of_mass_and_rms(profile, DESCENDING, Gaussian(3, 1, 80, 10, True))
    assert center == pytest.approx(40)


def test_profile_without_counts_has_center_and_rms_0() -> None:
    """An empty image gives 0 and 0, as the server does."""
    assert center_of_mass_and_rms(np.zeros(10, np.int64), DESCENDING, Gaussian(0, 0, 0, 1, True)) == (0, 0)


def test_full_width_is_interpolated_at_a_part_of_the_height() -> None:
    """The places on the lines to the first points at or below the level count, whatever the offset of the profile."""
    profile = np.array([0, 0, 1, 4, 8, 10, 6, 5, 2, 0])
    # Level 5: a quarter on the way from 4 to 8, and the sample 5 itself; level 2: a third from 1 to 4, and the 2.
    assert full_width(profile, DESCENDING, 0.5) == pytest.approx(70 - 3.25 * 10)
    assert full_width(profile + 1000, DESCENDING, 0.5) == pytest.approx(70 - 3.25 * 10)
    assert full_width(profile, DESCENDING, 0.2) == pytest.approx((8 - 2 - 1 / 3) * 10)


def test_full_width_goes_on_beyond_the_border() -> None:
    """A side that stays above the level follows its outermost line."""
    # From 9 to 6 on the right: level 4.5 is half a sample beyond the end; on the left it is an eighth after the 4.
    assert full_width(np.array([0, 0, 4, 8, 9, 6]), np.arange(6.0), 0.5) == pytest.approx(5.5 - 2.125)
    # The maximum itself is the last sample: both sides are the same line.
    assert full_width(np.arange(10), DESCENDING, 0.5) == 0


def test_flat_profile_has_no_full_width() -> None:
    """Without a maximum the width is not a number."""
    assert math.isnan(full_width(np.full(10, 5), DESCENDING, 0.5))


def test_good_region_is_widened_around_its_middle() -> None:
    """From where the profile falls below the level on both sides, made longer by the scale, cut to whole pixels."""
    profile = np.zeros(100, np.int64)
    profile[40:60] = 10
    profile[50] = 11
    assert good_region(profile, threshold=0.3, gfscale=1.0) == (39, 60)
    assert good_region(profile, threshold=0.3, gfscale=1.8) == (30, 68)


def test_good_region_stays_inside_the_image() -> None:
    """A wide region ends at the first and last pixel."""
    profile = np.zeros(100, np.int64)
    profile[5:95] = 10
    assert good_region(profile, threshold=0.3, gfscale=3.0) == (0, 99)


def test_flat_profile_has_no_good_region() -> None:
    """The region of an image without beam is empty."""
    start, end = good_region(np.zeros(50, np.int64), threshold=0.3, gfscale=1.8)
    assert start == end


def tilted_beam(
    slope: float, sigma: tuple[float, float] = (40.0, 15.0), size: tuple[int, int] = (320, 160)
) -> tuple[Any, Any, Any]:
    """Return an image of a beam whose middle in y follows slope * x, and its axes in µm, descending."""
    x = ((size[0] - 1) / 2 - np.arange(size[0])) * 2.0
    y = ((size[1] - 1) / 2 - np.arange(size[1])) * 2.0
    grid_y, grid_x = np.meshgrid(y, x, indexing="ij")
    image = 1000 * np.exp(-((grid_x / sigma[0]) ** 2 + ((grid_y - slope * grid_x) / sigma[1]) ** 2) / 2)
    return image, x.astype(np.float32), y.astype(np.float32)


def test_slices_follow_a_tilted_beam() -> None:
    """Five strips across two sigma: their middles lie on the line of the tilt, their width is that of the beam."""
    image, x_axis, y_axis = tilted_beam(slope=0.3)
    x_fit = fit_gaussian(image.sum(axis=0), x_axis)
    strips, length = slices_along_x(image, x_axis, y_axis, x_fit, scale=2.0, number=5)
    assert len(strips) == 5
    assert length == pytest.approx(2 * 40 / 5, abs=4)
    assert length is not None
    assert np.diff([strip.center_x for strip in strips]) == pytest.approx(-length)
    for strip in strips:
        assert strip.center_y == pytest.approx(0.3 * strip.center_x, abs=1)
        assert strip.standard_deviation == pytest.approx(15, rel=0.05)
    assert max(strips, key=lambda strip: strip.intensity) is strips[2]


def test_slices_that_do_not_fit_are_left_out_in_pairs() -> None:
    """In a region of 2.4 slices only the middle one is left; in none there is none, and no length."""
    image, x_axis, y_axis = tilted_beam(slope=0.0)
    fit = Gaussian(0, 1, 0.0, 100.0, True)
    middle = slice(145, 175)
    strips, length = slices_along_x(image[:, middle], x_axis[middle], y_axis, fit, scale=1.25, number=5)
    assert len(strips) == 1
    assert length == pytest.approx(24, abs=4)
    strips, length = slices_along_x(image[:, middle], x_axis[middle], y_axis, fit, scale=10.0, number=5)
    assert (strips, length) == ([], None)


def test_coupling_is_the_slope_times_the_square_of_sigma() -> None:
    """A straight line through the strips gives its slope and offset; two strips are needed."""
    strips = [Slice(x, 3.0 + 0.25 * x, 1.0, 1.0) for x in (-10.0, 0.0, 10.0)]
    fit = Gaussian(0, 1, 0.0, 4.0, True)
    assert coupling(strips, fit) == pytest.approx((4.0, 0.25, 3.0))
    assert coupling(strips[:1], fit) is None
