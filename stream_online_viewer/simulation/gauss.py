"""Least-squares fit of a Gaussian with an offset to a profile."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

MOST_STEPS = 100
SMALLEST_STEP = 1e-10
LARGEST_DAMPING = 1e12
SMALLEST_DEVIATION = 1e-6
"""In units of the start value: what is narrower is no Gaussian, and its square would overflow."""


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
    start values are the result. The server uses scipy's `curve_fit`; this is the same method (Levenberg-Marquardt: K.
    Madsen, H. B. Nielsen, O. Tingleff, "Methods for Non-Linear Least Squares Problems", 2004, chapter 3.2).

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

    # In units of the start values all parameters are of the order of one.
    found = _minimise((x - mean) / deviation, (y - offset) / amplitude)
    if found is None:
        return Gaussian(offset, amplitude, mean, deviation, False)
    o, a, m, s = found
    return Gaussian(offset + o * amplitude, a * amplitude, mean + m * deviation, abs(s) * deviation, True)


def _minimise(x: Floats, y: Floats) -> tuple[float, float, float, float] | None:
    """Minimise the sum of squares from (0, 1, 0, 1) on; None if that does not converge."""
    parameters = np.array([0.0, 1.0, 0.0, 1.0])
    residual, jacobian = _model(x, y, parameters)
    cost = float(residual @ residual)
    damping = 1e-3
    for _ in range(MOST_STEPS):
        normal = jacobian @ jacobian.T
        gradient = jacobian @ residual
        try:
            step = np.linalg.solve(normal + damping * np.diag(normal.diagonal()), -gradient)
        except np.linalg.LinAlgError:
            return None
        trial = parameters + step
        if abs(trial[3]) > SMALLEST_DEVIATION:
            trial_residual, trial_jacobian = _model(x, y, trial)
            trial_cost = float(trial_residual @ trial_residual)
            if trial_cost <= cost:
                done = bool(np.abs(step).max() < SMALLEST_STEP * (1 + np.abs(parameters).max()))
                parameters, residual, jacobian, cost = trial, trial_residual, trial_jacobian, trial_cost
                if done:
                    return tuple(parameters.tolist())
                damping = max(damping / 10, 1e-15)
                continue
        damping *= 10
        if damping > LARGEST_DAMPING:
            # No smaller step lowers the sum: this is the minimum, as far as rounding allows.
            return tuple(parameters.tolist())
    return None


def _model(x: Floats, y: Floats, parameters: Floats) -> tuple[Floats, Floats]:
    """Return the residuals, shape (n,), and their derivatives by the parameters, shape (4, n)."""
    offset, amplitude, mean, deviation = parameters
    distance = (x - mean) / deviation
    bell = np.exp(-0.5 * distance**2)
    slope = amplitude / deviation * bell * distance
    return offset + amplitude * bell - y, np.stack([np.ones_like(x), bell, slope, slope * distance])
