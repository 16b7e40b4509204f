"""The fit of a Gaussian, against profiles with known parameters."""

import math
from typing import Any

import numpy as np
import pytest

from stream_online_viewer.simulation.gauss import Gaussian, fit_gaussian

AXES = {
    "pixels": np.arange(300.0),
    "descending um": ((299 / 2 - np.arange(300)) * 8.5).astype(np.float32),
    "two metres away": np.arange(300) * 8.5 + 2e6,
}


def parameters(fit: Gaussian) -> list[Any]:
    return [fit.offset, fit.amplitude, fit.mean, fit.standard_deviation]


@pytest.mark.parametrize("axis", AXES.values(), ids=AXES)
@pytest.mark.parametrize("sigma", [1.5, 20.0, 120.0])
@pytest.mark.parametrize("middle", [40.3, 149.5])
@pytest.mark.parametrize(("offset", "amplitude"), [(0.0, 1.0), (5e6, 3e5), (-20.0, 0.01)])
def test_exact_profile_gives_its_parameters_back(
    axis: Any, sigma: float, middle: float, offset: float, amplitude: float
) -> None:
    """Without noise the fit finds what the profile was made of, also if the beam is wide or at the border."""
    x = axis.astype(np.float64)
    step = x[1] - x[0]
    known = Gaussian(offset, amplitude, x[0] + middle * step, sigma * abs(step), True)

    fit = fit_gaussian(known(x), axis)

    assert fit.converged
    assert fit.standard_deviation > 0
    assert fit.mean == pytest.approx(known.mean, abs=1e-5 * known.standard_deviation)
    assert fit.standard_deviation == pytest.approx(known.standard_deviation, rel=1e-5)
    assert fit.amplitude == pytest.approx(amplitude, rel=1e-5)
    assert fit.offset == pytest.approx(offset, abs=1e-5 * amplitude)


def test_noisy_profile_is_fitted_within_its_errors() -> None:
    """Over 100 noisy profiles the mean of the results is right within 5 of its own standard errors."""
    random = np.random.default_rng(1)
    x = np.arange(200.0)
    known = Gaussian(100.0, 1000.0, 90.0, 12.0, True)
    results = np.array([parameters(fit_gaussian(known(x) + random.normal(0, 30, 200), x)) for _ in range(100)])
    error = results.std(axis=0) / math.sqrt(len(results))
    assert np.all(np.abs(results.mean(axis=0) - parameters(known)) < 5 * error)
    assert np.all(error < [1, 3, 0.05, 0.05])


def test_result_is_the_least_sum_of_squares() -> None:
    """No small change of a parameter lowers the sum of squares, on a profile that is no Gaussian."""
    random = np.random.default_rng(2)
    x = np.arange(150.0)
    profile = 40 * np.exp(-np.abs(x - 60) / 15) + random.normal(0, 2, 150)
    fit = fit_gaussian(profile, x)
    least = ((fit(x) - profile) ** 2).sum()
    assert fit.converged
    for index in range(4):
        for factor in (-1e-3, 1e-3):
            moved = parameters(fit)
            moved[index] += factor * max(abs(moved[index]), 1)
            assert ((Gaussian(*[*moved, True])(x) - profile) ** 2).sum() > least


def test_integer_profiles_are_fitted_like_any_other() -> None:
    """Profiles of integer images are int64, also far above the precision of float32."""
    x = np.arange(100.0)
    known = Gaussian(1e9, 5e9, 44.0, 9.0, True)
    fit = fit_gaussian(np.rint(known(x)).astype(np.int64), x)
    assert parameters(fit) == pytest.approx(parameters(known), rel=1e-6)


def test_flat_profile_has_no_amplitude_and_sigma_one() -> None:
    """An image without beam gives offset = value, amplitude 0, standard deviation 1, as the facility's server says."""
    fit = fit_gaussian(np.full(50, 7), np.arange(50))
    assert (fit.offset, fit.amplitude, fit.standard_deviation) == (7.0, 0.0, 1.0)
    assert np.array_equal(fit(np.arange(50)), np.full(50, 7.0))


@pytest.mark.parametrize("profile", [[0, 0, 9, 0, 0], [9, 0, 0, 0], [0, 1], [0, 1, 2, 3, 4, 5], [5, 0, 5, 0, 5]])
def test_hopeless_profiles_end_with_finite_numbers(profile: list[int]) -> None:
    """One pixel, a border, a ramp, a zigzag: the fit ends without warnings, and its numbers are finite."""
    fit = fit_gaussian(np.array(profile), np.arange(len(profile)))
    assert np.all(np.isfinite(parameters(fit)))
    assert fit.standard_deviation > 0


@pytest.mark.parametrize("profile", [[2, 9, 4], [6, 7, 0, 7, 4, 4, 5, 2, 8, 0, 2, 3]])
def test_fit_that_does_not_converge_gives_the_start_values(profile: list[int]) -> None:
    """Like the facility's server: minimum, maximum - minimum, axis at the maximum, area / (amplitude sqrt(2 pi)).

    Of three points, and of this noise, scipy's `curve_fit` finds no minimum either.
    """
    y = np.array(profile, np.float64)
    fit = fit_gaussian(y, np.arange(y.size))
    assert not fit.converged
    low, height = y.min(), np.ptp(y)
    area = np.trapezoid(y - low)
    assert parameters(fit) == pytest.approx([low, height, y.argmax(), area / (height * math.sqrt(2 * math.pi))])
