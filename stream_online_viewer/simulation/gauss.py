"""Least-squares fit of a Gaussian with an offset to a profile."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

FEWEST_POINTS = 4
"""The number of parameters."""
MOST_STEPS = 200
SMALLEST_STEP = 1e-10
"""Iteration ends after a shorter step, in units of the start values."""
SMALLEST_CHANGE = 1e-13
"""Relative change of the sum of squares below which only rounding is left."""
FIRST_RADIUS = 100.0
"""Largest length of the first step, in lengths of the start values."""
SMALLEST_DEVIATION = 1e-6
"""In units of the start value. A narrower result is not a Gaussian, and its square would overflow."""


@dataclass(frozen=True)
class Gaussian:
    """offset + amplitude * exp(-(axis - mean)^2 / (2 * standard_deviation^2)), in the units of profile and axis."""

    offset: float
    amplitude: float
    mean: float
    standard_deviation: float
    converged: bool

    def __call__(self, axis: npt.NDArray[Any]) -> Floats:
        """Return the function's values on an axis, float64 of the same shape."""
        distance = (np.asarray(axis, np.float64) - self.mean) / self.standard_deviation
        return self.offset + self.amplitude * np.exp(-0.5 * distance**2)


def fit_gaussian(profile: npt.NDArray[Any], axis: npt.NDArray[Any]) -> Gaussian:
    """Fit a Gaussian to `profile` over `axis`, both of shape (n,) with n > 1; the axis may descend.

    As the facility's processing server does (cam_server, `functions.gauss_fit`), the fit starts at offset = minimum,
    amplitude = maximum - minimum, mean = axis at the maximum, standard deviation = area above the offset /
    (amplitude * sqrt(2 pi)); the standard deviation is given without sign, and where the fit does not converge, the
    start values are the result. The server uses scipy's `curve_fit`, which is Levenberg-Marquardt with a bound on the
    length of a step (J. J. Moré, "The Levenberg-Marquardt algorithm: implementation and theory", 1978); so is this,
    because where a profile has spikes, another way of choosing steps ends in another minimum.

    A flat profile has amplitude 0 and, as the server says of an image without beam, the standard deviation 1.
    """
    y = np.asarray(profile, np.float64)
    x = np.asarray(axis, np.float64)
    offset = float(y.min())
    amplitude = float(y.max()) - offset
    mean = float(x[y.argmax()])
    if amplitude == 0:
        return Gaussian(offset, 0.0, mean, 1.0, True)
    area = abs(float(((y[1:] + y[:-1]) / 2 - offset) @ np.diff(x)))
    deviation = area / (amplitude * math.sqrt(2 * math.pi))

    if y.size < FEWEST_POINTS:
        return Gaussian(offset, amplitude, mean, deviation, False)
    # In units of the start values, all parameters are of the order of one.
    found = _minimise((x - mean) / deviation, (y - offset) / amplitude)
    if found is None:
        return Gaussian(offset, amplitude, mean, deviation, False)
    o, a, m, s = found
    return Gaussian(offset + o * amplitude, a * amplitude, mean + m * deviation, abs(s) * deviation, True)


def _minimise(x: Floats, y: Floats) -> tuple[float, float, float, float] | None:
    """Minimise the sum of squares starting at (0, 1, 0, 1); return None if that does not converge."""
    parameters = np.array([0.0, 1.0, 0.0, 1.0])
    residual, jacobian = _model(x, y, parameters)
    cost = float(residual @ residual)
    scale = np.zeros(4)
    radius = damping = 0.0
    first = True
    for _ in range(MOST_STEPS):
        lengths = np.sqrt((jacobian**2).sum(axis=1))
        scale = np.maximum(scale, np.where(lengths > 0, lengths, scale))
        scale[scale == 0] = 1.0
        if first:
            radius = FIRST_RADIUS * float(np.linalg.norm(scale * parameters))
        values, vectors = np.linalg.eigh((jacobian @ jacobian.T) / np.outer(scale, scale))
        values = np.maximum(values, 0.0)
        gradient = vectors.T @ ((jacobian @ residual) / scale)
        damping = _damping(values, gradient, radius)
        scaled = -vectors @ _divided(gradient, values + damping)
        length = float(np.linalg.norm(scaled))
        if first:
            radius, first = min(radius, length), False
        step = scaled / scale
        trial = parameters + step
        straight = jacobian.T @ step
        predicted = float(straight @ straight) + 2 * damping * length**2
        trial_cost = math.inf
        if abs(trial[3]) > SMALLEST_DEVIATION:
            trial_residual, trial_jacobian = _model(x, y, trial)
            trial_cost = float(trial_residual @ trial_residual)
        gained = cost - trial_cost
        ratio = gained / predicted if predicted > 0 and math.isfinite(trial_cost) else -1.0
        if ratio <= 0.25:
            radius = min(radius, 10 * length) * (0.5 if gained >= 0 else 0.1)
        elif damping == 0 or ratio >= 0.75:
            radius = 2 * length
        small = bool(np.abs(step).max() < SMALLEST_STEP * (1 + np.abs(parameters).max()))
        settled = small or max(abs(gained), predicted) <= SMALLEST_CHANGE * cost or cost == 0
        if trial_cost <= cost:
            parameters, residual, jacobian, cost = trial, trial_residual, trial_jacobian, trial_cost
        if settled:
            return tuple(parameters.tolist())
    return None


def _damping(values: Floats, gradient: Floats, radius: float) -> float:
    """Return the damping for a step of length `radius` within a tenth; 0 if the undamped step is not longer.

    values: eigenvalues of the scaled normal matrix; gradient: the scaled gradient in the basis of its eigenvectors.
    """
    if np.linalg.norm(_divided(gradient, values)) <= 1.1 * radius:
        return 0.0
    low, high = 0.0, float(np.linalg.norm(gradient)) / radius
    damping = high
    for _ in range(60):
        length = float(np.linalg.norm(_divided(gradient, values + damping)))
        if abs(length - radius) <= 0.1 * radius:
            break
        low, high = (damping, high) if length > radius else (low, damping)
        damping = math.sqrt(low * high) if low > 0 else high / 10
    return damping


def _divided(gradient: Floats, values: Floats) -> Floats:
    """Return the quotient; 0 for directions without influence."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(values > 1e-15 * values.max(initial=1e-300), gradient / values, 0.0)


def _model(x: Floats, y: Floats, parameters: Floats) -> tuple[Floats, Floats]:
    """Return the residuals, shape (n,), and their derivatives by the parameters, shape (4, n)."""
    offset, amplitude, mean, deviation = parameters
    distance = (x - mean) / deviation
    bell = np.exp(-0.5 * distance**2)
    slope = amplitude / deviation * bell * distance
    return offset + amplitude * bell - y, np.stack([np.ones_like(x), bell, slope, slope * distance])
