"""Make the vectors for the analysis in the browser: Gaussian fits of scipy, moments and regions of numpy.

Needs scipy, which nothing else does; in an environment of its own::

    python -m venv /tmp/vectors && /tmp/vectors/bin/pip install numpy scipy
    /tmp/vectors/bin/python tests/vectors/make_analysis_vectors.py

``analysis/fits.json`` has profiles (float32, base64) over linear axes with what ``scipy.optimize.curve_fit`` makes of
them from the start values of the facility's processing server, and their centre of mass and rms. ``kind`` says what is
in a profile: a ``beam``, ``nothing`` but noise, or ``empty``: no fit is possible. ``analysis/wide-fits.json`` has beams
that are wider than their picture, of which scipy finds the width or only that it is not determined.
``analysis/regions.json`` has images with statistics of regions of them, each computed from a mask of all pixels.
"""

import base64
import json
import math
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import OptimizeWarning, curve_fit

TARGET = Path(__file__).parent / "analysis"
Floats = NDArray[np.float64]
Random = np.random.Generator
DIGITS = 12


@dataclass
class Case:
    """A profile over origin + step * index, and what is in it."""

    name: str
    kind: str
    profile: Floats
    origin: float = 0.0
    step: float = 1.0


def gaussian(x: Floats, offset: float, amplitude: float, mean: float, sigma: float) -> Floats:
    """Return the function that is fitted."""
    return offset + amplitude * np.exp(-((x - mean) ** 2) / (2 * sigma**2))


def bell(size: int, offset: float, amplitude: float, mean: float, sigma: float) -> Floats:
    """Return a beam in a profile of ``size`` pixels, mean and sigma in pixels."""
    return gaussian(np.arange(size, dtype=np.float64), offset, amplitude, mean, sigma)


def beams(random: Random) -> list[Case]:
    """Return profiles with a beam, of all the kinds that there are."""
    cases = []
    for _ in range(40):
        size = int(random.integers(60, 400))
        mean, sigma = random.uniform(0.25, 0.75) * size, random.uniform(0.02, 0.12) * size
        signal = bell(size, random.uniform(0, 200), random.uniform(50, 5000), mean, sigma)
        cases.append(Case("counts", "beam", random.poisson(signal).astype(np.float64)))
    for _ in range(25):
        size = int(random.integers(60, 400))
        mean, sigma = random.uniform(0.1, 0.9) * size, random.uniform(0.02, 0.08) * size
        profile = bell(size, 100, 1, mean, sigma) + random.normal(0, 0.1, size)
        origin, step = random.uniform(-5e3, 5e3), random.uniform(1, 30)
        cases.append(Case("noisy, micrometres", "beam", profile, origin, step))
    for _ in range(20):
        size = int(random.integers(60, 300))
        profile = bell(size, -50, 400, random.uniform(0.3, 0.7) * size, random.uniform(3, 15))
        profile += random.normal(0, 8, size)
        cases.append(Case("descending axis, negative background", "beam", profile, 1200.0, -8.25))
    for _ in range(20):
        size = int(random.integers(80, 250))
        sigma = random.uniform(0.06, 0.15) * size
        mean = random.choice([random.uniform(-0.3, 0.9) * sigma, size - random.uniform(-0.3, 0.9) * sigma])
        profile = bell(size, 20, 1000, float(mean), sigma) + random.normal(0, 5, size)
        cases.append(Case("clipped at a border", "beam", profile))
    for _ in range(20):
        size = int(random.integers(60, 300))
        profile = bell(size, 10, 3000, random.uniform(5, size - 5), random.uniform(0.6, 1.5))
        cases.append(Case("narrow", "beam", np.round(profile + random.normal(0, 4, size))))
    for _ in range(15):
        size = int(random.integers(100, 250))
        profile = bell(size, 300, 2000, random.uniform(0.4, 0.6) * size, random.uniform(0.25, 0.4) * size)
        cases.append(Case("broad", "beam", profile + random.normal(0, 10, size)))
    for _ in range(10):
        size = int(random.integers(80, 200))
        profile = bell(size, 1e9, 3e7, random.uniform(0.3, 0.7) * size, random.uniform(4, 12))
        cases.append(Case("large sums", "beam", profile + random.normal(0, 3e5, size), 0.5, 0.001))
    for _ in range(10):
        size = int(random.integers(100, 200))
        mean = random.uniform(0.3, 0.6) * size
        profile = bell(size, 5, 100, mean, 6) + bell(size, 0, 30, mean + 14, 9) + random.normal(0, 1, size)
        cases.append(Case("with a halo", "beam", profile))
    for _ in range(6):
        size = int(random.integers(40, 120))
        profile = bell(size, 0, 5, random.uniform(0.3, 0.7) * size, random.uniform(2, 9))
        cases.append(Case("without noise", "beam", profile))
    return cases


def others(random: Random) -> list[Case]:
    """Return profiles without a beam that could be fitted."""
    cases = []
    for _ in range(22):
        size = int(random.integers(40, 400))
        cases.append(Case("noise", "nothing", random.normal(100, 3, size)))
    for _ in range(4):
        cases.append(Case("counts of the dark", "nothing", random.poisson(2, 200).astype(np.float64)))
    slope = np.linspace(0, 50, 120)
    cases.append(Case("slope", "nothing", slope + random.normal(0, 1, 120)))
    cases.append(Case("dip", "nothing", 1000 - bell(120, 0, 500, 60, 8) + random.normal(0, 1, 120)))
    pixel = np.full(100, 10.0)
    pixel[37] = 500
    cases.append(Case("one pixel", "nothing", pixel))
    cases.append(Case("one pixel, noisy", "nothing", pixel + random.normal(0, 2, 100)))
    cases.append(Case("flat", "empty", np.full(50, 7.0)))
    cases.append(Case("zeros", "empty", np.zeros(200)))
    cases.append(Case("four points", "empty", np.array([0.0, 2, 5, 1])))
    cases.append(Case("not finite", "empty", np.where(np.arange(60) == 9, np.nan, bell(60, 0, 9, 30, 4))))
    return cases


def wide(random: Random) -> list[Case]:
    """Return profiles of beams that are wider than the picture: sigma is 0.9 to 2 lengths of the profile."""
    cases = [Case("without noise", "wide", bell(320, 20, 1000, 150.0, 400.0))]
    for noise in (0.001, 0.003, 0.01, 0.1):
        for _ in range(8):
            size = int(random.integers(200, 500))
            mean, sigma = random.uniform(0.35, 0.65) * size, random.uniform(0.9, 2.0) * size
            profile = bell(size, 200, 4000, mean, sigma)
            height = float(np.ptp(profile))
            case = Case(f"noise of {noise} heights", "wide", profile + random.normal(0, noise * height, size))
            cases.append(case)
    return cases


def fit_of(profile: Floats, axis: Floats) -> tuple[list[float] | None, list[float] | None]:
    """Return parameters and errors of ``curve_fit``; None where it fails, or does not determine them."""
    offset = profile.min()
    amplitude = profile.max() - offset
    area = np.trapezoid(profile - offset, axis)
    start = [offset, amplitude, axis[profile.argmax()], area / (amplitude * math.sqrt(2 * math.pi))]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OptimizeWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        try:
            # Tighter than its defaults, so that what is compared is the minimum and not where the steps end.
            found, covariance = curve_fit(gaussian, axis, profile, start, ftol=1e-13, xtol=1e-13, gtol=1e-13)
        except RuntimeError:
            return None, None
    errors = np.sqrt(covariance.diagonal())
    found[3] = abs(found[3])
    return rounded(found), rounded(errors) if np.isfinite(errors).all() else None


def rounded(values: Floats | list[float]) -> list[float]:
    """Return numbers short enough for a file."""
    return [float(f"{value:.{DIGITS}g}") for value in values]


def entry_of(case: Case) -> dict[str, object]:
    """Return what is written of a profile."""
    packed = case.profile.astype("<f4")
    profile = packed.astype(np.float64)
    axis: Floats = case.origin + case.step * np.arange(profile.size, dtype=np.float64)
    entry: dict[str, object] = {
        "name": case.name,
        "kind": case.kind,
        "origin": case.origin,
        "step": case.step,
        "profile": base64.b64encode(packed.tobytes()).decode(),
        "fit": None,
        "errors": None,
        "moments": None,
    }
    if case.kind != "empty":
        entry["fit"], entry["errors"] = fit_of(profile, axis)
    if np.isfinite(profile).all() and profile.sum() != 0:
        center = axis @ profile / profile.sum()
        # The definition, about the centre: far from the origin the difference of squares loses its digits.
        entry["moments"] = rounded([center, math.sqrt(abs((axis - center) ** 2 @ profile / profile.sum()))])
    return entry


def masks(rows: int, columns: int) -> list[tuple[dict[str, object], NDArray[np.bool_]]]:
    """Return shapes and their pixels in an image."""
    y, x = np.mgrid[:rows, :columns]
    found: list[tuple[dict[str, object], NDArray[np.bool_]]] = []
    for left, top, width, height in [(3, 2, 9, 7), (0, 0, columns, rows), (-4, 10, 9, 40), (30, 5, 1, 1)]:
        mask = (x >= left) & (x < left + width) & (y >= top) & (y < top + height)
        found.append(({"kind": "rectangle", "x": left, "y": top, "width": width, "height": height}, mask))
    for left, top, width, height in [(5, 3, 20, 13), (8, 4, 11, 11), (-6, -3, 18, 12), (13, 6, 1, 1), (2, 2, 2, 9)]:
        across = (x - (left + (width - 1) / 2)) / (width / 2)
        down = (y - (top + (height - 1) / 2)) / (height / 2)
        mask = across**2 + down**2 <= 1
        found.append(({"kind": "ellipse", "x": left, "y": top, "width": width, "height": height}, mask))
    outlines = [
        [(2.2, 1.1), (30.7, 4.3), (18.4, 20.9)],
        [(3.3, 3.2), (25.1, 15.6), (25.2, 3.4), (3.1, 15.3)],
        [(16.1, 0.3), (22.3, 21.7), (4.2, 8.3), (29.4, 8.1), (9.3, 21.6)],
        [(-8.5, -3.5), (12.5, -3.5), (12.5, 9.5), (-8.5, 9.5)],
    ]
    for points in outlines:
        mask = np.zeros((rows, columns), np.bool_)
        for (x0, y0), (x1, y1) in zip(points, points[1:] + points[:1], strict=True):
            if y0 != y1:
                mask ^= ((y0 <= y) != (y1 <= y)) & (x < x0 + (y - y0) * (x1 - x0) / (y1 - y0))
        found.append(({"kind": "polygon", "points": points}, mask))
    return found


def statistics_of(image: Floats, mask: NDArray[np.bool_], shape: dict[str, object]) -> dict[str, object]:
    """Return the statistics of the finite pixels of a region."""
    y, x = np.nonzero(mask & np.isfinite(image))
    values = image[y, x]
    total = math.fsum(values)
    center = [float(x @ values / total), float(y @ values / total)] if total > 0 else None
    return {
        "shape": shape,
        "pixels": int(mask.sum()),
        "not_finite": int(mask.sum()) - values.size,
        "sum": total,
        "mean": float(values.mean()),
        "sigma": float(values.std()),
        "min": float(values.min()),
        "max": float(values.max()),
        "centroid": center,
    }


def main() -> None:
    """Write both files."""
    random = np.random.default_rng(20_240)
    TARGET.mkdir(exist_ok=True)
    lines = ",\n".join(json.dumps(entry_of(case)) for case in beams(random) + others(random))
    (TARGET / "fits.json").write_text(f"[\n{lines}\n]\n")

    lines = ",\n".join(json.dumps(entry_of(case)) for case in wide(np.random.default_rng(400)))
    (TARGET / "wide-fits.json").write_text(f"[\n{lines}\n]\n")

    rows, columns = 24, 34
    counts = random.poisson(np.outer(bell(rows, 3, 30, 11, 4), bell(columns, 3, 30, 15, 6))).astype(np.float64)
    exposed = (counts + random.normal(-40, 200, counts.shape)).astype(np.float32).astype(np.float64)
    exposed[7, 12], exposed[9, 20], exposed[12, 9] = np.nan, np.inf, -np.inf
    images = []
    pixels: dict[str, Floats] = {"uint16": counts, "float32": exposed}
    for dtype, image in pixels.items():
        found = [statistics_of(image, mask, shape) for shape, mask in masks(rows, columns)]
        packed = base64.b64encode(image.astype(f"<{np.dtype(dtype).str[1:]}").tobytes()).decode()
        images.append({"dtype": dtype, "rows": rows, "columns": columns, "pixels": packed, "regions": found})
    (TARGET / "regions.json").write_text(json.dumps(images, indent=1) + "\n")


if __name__ == "__main__":
    main()
