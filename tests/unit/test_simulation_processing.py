"""The quantities of the facility's processing server, against profiles and images with known ones."""

import math

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


def test_center_of_mass_and_rms_are_those_of_the_raw_profile():
    """Two equal peaks at 80 and 20 um: centre 50, rms 30; nothing is subtracted."""
    assert center_of_mass_and_rms(np.array([0, 1, 0, 0, 0, 0, 0, 1, 0, 0]), DESCENDING) == (50, 30)
    flat = np.full(10, 3)
    assert center_of_mass_and_rms(flat, DESCENDING) == pytest.approx((45, math.sqrt(825)))


def test_profile_without_counts_has_no_center_and_rms_0():
    """An empty image gives not-a-number and 0."""
    center, rms = center_of_mass_and_rms(np.zeros(10, np.int64), DESCENDING)
    assert math.isnan(center)
    assert rms == 0


def test_full_width_is_the_distance_of_the_points_below_a_part_of_the_height():
    """The first points beside the maximum at or below the level count, whatever the offset of the profile."""
    profile = np.array([0, 0, 1, 4, 8, 10, 6, 5, 2, 0])
    assert full_width(profile, DESCENDING, 0.5) == 40
    assert full_width(profile + 1000, DESCENDING, 0.5) == 40
    assert full_width(profile, DESCENDING, 0.2) == 60


def test_full_width_ends_at_the_border():
    """A side that stays above the level counts to the end of the axis."""
    assert full_width(np.arange(10), DESCENDING, 0.5) == 50
    assert full_width(np.arange(10)[::-1], DESCENDING, 0.5) == 50


def test_flat_profile_has_no_full_width():
    """Without a maximum the width is not a number."""
    assert math.isnan(full_width(np.full(10, 5), DESCENDING, 0.5))


def test_good_region_is_widened_around_its_middle():
    """From where the profile falls below the level on both sides, made longer by the scale, cut to whole pixels."""
    profile = np.zeros(100, np.int64)
    profile[40:60] = 10
    profile[50] = 11
    assert good_region(profile, threshold=0.3, gfscale=1.0) == (39, 60)
    assert good_region(profile, threshold=0.3, gfscale=1.8) == (30, 68)


def test_good_region_stays_inside_the_image():
    """A wide region ends at the first and last pixel."""
    profile = np.zeros(100, np.int64)
    profile[5:95] = 10
    assert good_region(profile, threshold=0.3, gfscale=3.0) == (0, 99)


def test_flat_profile_has_no_good_region():
    """The region of an image without beam is empty."""
    start, end = good_region(np.zeros(50, np.int64), threshold=0.3, gfscale=1.8)
    assert start == end


def tilted_beam(slope, sigma=(40.0, 15.0), size=(320, 160)):
    """Return an image of a beam whose middle in y follows slope * x, and its axes in um, descending."""
    x = ((size[0] - 1) / 2 - np.arange(size[0])) * 2.0
    y = ((size[1] - 1) / 2 - np.arange(size[1])) * 2.0
    grid_y, grid_x = np.meshgrid(y, x, indexing="ij")
    image = 1000 * np.exp(-((grid_x / sigma[0]) ** 2 + ((grid_y - slope * grid_x) / sigma[1]) ** 2) / 2)
    return image, x.astype(np.float32), y.astype(np.float32)


def test_slices_follow_a_tilted_beam():
    """Five strips across two sigma: their middles lie on the line of the tilt, their width is that of the beam."""
    image, x_axis, y_axis = tilted_beam(slope=0.3)
    x_fit = fit_gaussian(image.sum(axis=0), x_axis)
    strips, length = slices_along_x(image, x_axis, y_axis, x_fit, scale=2.0, number=5)
    assert len(strips) == 5
    assert length == pytest.approx(2 * 40 / 5, abs=4)
    assert np.diff([strip.center_x for strip in strips]) == pytest.approx(-length)
    for strip in strips:
        assert strip.center_y == pytest.approx(0.3 * strip.center_x, abs=1)
        assert strip.standard_deviation == pytest.approx(15, rel=0.05)
    assert max(strips, key=lambda strip: strip.intensity) is strips[2]


def test_slices_that_do_not_fit_are_left_out_in_pairs():
    """In a region of 2.4 slices only the middle one is left; in none there is none, and no length."""
    image, x_axis, y_axis = tilted_beam(slope=0.0)
    fit = Gaussian(0, 1, 0.0, 100.0, True)
    middle = slice(145, 175)
    strips, length = slices_along_x(image[:, middle], x_axis[middle], y_axis, fit, scale=1.25, number=5)
    assert len(strips) == 1
    assert length == pytest.approx(24, abs=4)
    strips, length = slices_along_x(image[:, middle], x_axis[middle], y_axis, fit, scale=10.0, number=5)
    assert (strips, length) == ([], None)


def test_coupling_is_the_slope_times_the_square_of_sigma():
    """A straight line through the strips gives its slope and offset; two strips are needed."""
    strips = [Slice(x, 3.0 + 0.25 * x, 1.0, 1.0) for x in (-10.0, 0.0, 10.0)]
    fit = Gaussian(0, 1, 0.0, 4.0, True)
    assert coupling(strips, fit) == pytest.approx((4.0, 0.25, 3.0))
    assert coupling(strips[:1], fit) is None
