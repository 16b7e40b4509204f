"""Make the vectors for the 2-D beam fit: second moments of laserbeamsize, and the same on axes by numpy.

Needs laserbeamsize and scipy, which nothing else does; in an environment of its own::

    python -m venv /tmp/vectors && /tmp/vectors/bin/pip install laserbeamsize==2.5.0 numpy scipy
    /tmp/vectors/bin/python tests/vectors/make_beam_vectors.py

``beam/beams.json`` has recipes of images (``image_of`` makes them, and so does the test of the page) with what they
hold. The page's rule: the background is the library's (the mean of the dark pixels, which the corners tell), and so is
the box of three diameters; but the library stops when nothing moves by a pixel, the page when nothing changes by more
than 1 % of a diameter. After five steps the page goes only half of each, and after ten it is enough that nothing
changes by more than the noise. So the library's ``basic_beam_size`` is run by the page's rule; what its ``beam_size``
says is in ``library``. Where the steps of both axes differ, or pixels are missing, numpy takes its place, by the
definitions of the moments, which are held against the library here for all other images.
``fits`` are those of ``curve_fit`` to ``numpy.histogram`` along the principal axes of the box.
"""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, astuple, dataclass
from pathlib import Path
from typing import Any

import laserbeamsize as lbs
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import curve_fit

TARGET = Path(__file__).parent / "beam"
Floats = NDArray[np.float64]
DIGITS = 14
DIAMETERS, SETTLED, FREE_STEPS, STRICT_STEPS, MOST_STEPS, CLEAR = 3, 0.01, 5, 10, 25, 3
CORNER, MOST_BACKGROUND = 0.035, 750_000


@dataclass
class Recipe:
    """An image: a beam with its middle at (x, y) and rms widths along its axes, in pixels; ``tilt`` in degrees."""

    name: str
    dtype: str
    columns: int
    rows: int
    x: float
    y: float
    major: float
    minor: float
    tilt: float
    amplitude: float
    pedestal: float = 0.0
    noise: float = 0.0
    """Standard deviation of the noise of a pixel."""
    shape: str = "gauss"
    """``gauss``, or ``flat``: an ellipse of equal light with half axes of twice the rms widths."""
    seed: int = 1
    missing: int = 0
    """Each so many-th pixel is not a number; 0: none."""
    step_x: float = 1.0
    step_y: float = 1.0
    """Distance of two pixels on the axes; negative: they descend."""


RECIPES = [
    Recipe("round", "uint16", 90, 80, 44.2, 38.6, 6, 6, 0, 4000),
    Recipe("elliptic", "uint16", 120, 90, 60.3, 44.9, 11, 5, 0, 4000),
    Recipe("upright", "uint16", 90, 120, 44.4, 60.1, 12, 5, 90, 4000),
    Recipe("tilted", "uint16", 120, 110, 60.3, 54.9, 11, 5, 27, 4000),
    Recipe("tilted the other way", "uint16", 120, 110, 57.3, 52.9, 11, 5, -38.5, 4000),
    Recipe("diagonal", "uint16", 128, 128, 63.2, 64.4, 12, 4, 45, 30000),
    Recipe("pedestal", "uint16", 120, 110, 60.3, 54.9, 11, 5, 27, 400, pedestal=20000),
    Recipe("noisy", "uint16", 120, 110, 60.3, 54.9, 9, 5, 27, 500, pedestal=100, noise=10, seed=2),
    Recipe("very noisy", "float32", 120, 110, 60.3, 54.9, 9, 5, -27, 100, noise=2, seed=3),
    Recipe("around zero", "int16", 120, 110, 60.3, 54.9, 9, 5, 70, 500, noise=10, seed=4),
    Recipe("off-centre", "uint16", 200, 150, 48.5, 110.2, 9, 5, 15, 3000, pedestal=64, noise=4, seed=5),
    Recipe("eight bits", "uint8", 120, 110, 58.3, 51.1, 9, 5, 100, 200, pedestal=12, noise=3, seed=6),
    Recipe("signed bytes", "int8", 100, 90, 50.3, 45.1, 7, 4, 10, 100, pedestal=-20, noise=2, seed=7),
    Recipe("large integers", "uint32", 100, 90, 50.3, 45.1, 7, 4, 10, 3e9, pedestal=1e6, noise=1e5, seed=8),
    Recipe("signed large integers", "int32", 100, 90, 50.3, 45.1, 7, 4, -10, 1e9, pedestal=-1e6, noise=1e5, seed=9),
    Recipe("floats", "float32", 100, 90, 50.3, 45.1, 7, 4, 60, 0.25, pedestal=1.5, noise=0.004, seed=10),
    Recipe("doubles", "float64", 100, 90, 50.3, 45.1, 7, 4, -60, 2.5e-9, pedestal=1e-8, noise=4e-11, seed=11),
    Recipe("flat top", "uint16", 140, 120, 70.2, 60.4, 14, 8, 33, 2000, pedestal=50, noise=3, shape="flat", seed=12),
    Recipe("narrow", "uint16", 60, 50, 30.2, 24.7, 1.4, 0.9, 20, 3000),
    Recipe("wide", "uint16", 240, 200, 121, 99, 36, 29, -15, 3000, pedestal=100, noise=8, seed=13),
    Recipe(
        "not-a-number and infinite pixels", "float32", 120, 110, 60.3, 54.9, 9, 5, 27, 500, 7, 2, seed=14, missing=97
    ),
    Recipe("micrometres", "uint16", 120, 110, 60.3, 54.9, 9, 5, 27, 500, 100, 5, seed=15, step_x=8.25, step_y=8.25),
    Recipe("descending", "uint16", 120, 110, 60.3, 54.9, 9, 5, 27, 500, 100, 5, seed=16, step_x=-8.25, step_y=-8.25),
    Recipe("one descends", "uint16", 120, 110, 60.3, 54.9, 9, 5, 27, 500, 100, 5, seed=17, step_x=-8.25, step_y=8.25),
    Recipe("unequal steps", "uint16", 120, 110, 58.3, 50.9, 9, 5, 27, 500, 100, 5, seed=18, step_x=3.5, step_y=12),
    Recipe("unequal and descending", "uint16", 120, 110, 58, 52, 10, 6, -50, 500, 100, 5, seed=19, step_x=-9, step_y=4),
]
LARGE = [
    Recipe("5.5 megapixels", "uint16", 2560, 2160, 1190.4, 1100.7, 160, 70, 31, 9000, pedestal=100, noise=12, seed=20),
    Recipe("5.5 megapixels, wide", "uint16", 2560, 2160, 1290, 1060, 330, 250, -12, 9000, 100, 12, seed=21),
    Recipe("6.6 megapixels of bytes", "uint8", 3000, 2200, 1490.4, 1120, 200, 90, 31, 200, 10, 3, seed=22),
]
# Without numbers, by what was put into them.
STATES = {
    "clipped": [
        Recipe("at the left", "uint16", 120, 110, 6, 54.9, 9, 5, 27, 500, pedestal=100, noise=5, seed=30),
        Recipe("at the right", "uint16", 120, 110, 112, 54.9, 9, 5, 27, 500, pedestal=100, noise=5, seed=31),
        Recipe("at the top", "uint16", 120, 110, 60, 9, 9, 7, 27, 500, pedestal=100, noise=5, seed=32),
        Recipe("at the bottom", "uint16", 120, 110, 60, 103, 9, 5, 27, 500, pedestal=100, noise=5, seed=33),
        Recipe("without noise, two sigma away", "uint16", 120, 110, 18, 54.9, 9, 9, 0, 5000),
        Recipe("half outside", "float32", 120, 110, 119, 54.9, 9, 9, 0, 5000, noise=5, seed=34),
    ],
    "empty": [
        Recipe("zeros", "uint16", 120, 110, 60, 50, 9, 9, 0, 0),
        Recipe("equal pixels", "float32", 120, 110, 60, 50, 9, 9, 0, 0, pedestal=12.5),
        *[Recipe(f"noise {n}", "uint16", 160, 120, 60, 50, 9, 9, 0, 0, 200, 10, seed=40 + n) for n in range(20)],
        *[
            Recipe(f"noise around zero {n}", "float32", 160, 120, 60, 50, 9, 9, 0, 0, 0, 1, seed=70 + n)
            for n in range(20)
        ],
    ],
    "unsettled": [Recipe("one pixel", "uint16", 120, 110, 60, 50, 0.1, 0.1, 0, 5000)],
}


def image_of(recipe: Recipe) -> NDArray[Any]:
    """Return the pixels (rows, columns); the noise is a sum of four bytes of a hash, which any language can make."""
    y, x = np.mgrid[: recipe.rows, : recipe.columns].astype(np.float64)
    turn = math.radians(recipe.tilt)
    across, down = x - recipe.x, y - recipe.y
    along = (across * math.cos(turn) - down * math.sin(turn)) / recipe.major
    beside = (across * math.sin(turn) + down * math.cos(turn)) / recipe.minor
    square = along**2 + beside**2
    light = np.exp(-square / 2) if recipe.shape == "gauss" else (square <= 4).astype(np.float64)
    values = recipe.pedestal + recipe.amplitude * light
    if recipe.noise:
        bits = np.arange(recipe.rows * recipe.columns, dtype=np.uint32) * np.uint32(2654435761)
        bits += np.uint32(recipe.seed * 40503)
        for factor in (0x45D9F3B, 0x45D9F3B):
            bits = (bits ^ (bits >> np.uint32(16))) * np.uint32(factor)
        bits ^= bits >> np.uint32(16)
        total = sum(((bits >> np.uint32(shift)) & np.uint32(255)).astype(np.float64) for shift in (0, 8, 16, 24))
        values += (recipe.noise * (total - 510) / math.sqrt((256**2 - 1) / 3)).reshape(values.shape)
    dtype = np.dtype(recipe.dtype)
    if dtype.kind != "f":
        limits = np.iinfo(dtype)
        values = np.clip(np.floor(values + 0.5), limits.min, limits.max)
    image = values.astype(dtype)
    if recipe.missing:
        places = np.arange(image.size)
        image.flat[places % recipe.missing == 0] = np.nan
        image.flat[places % (3 * recipe.missing) == 1] = np.inf
    return image


@dataclass
class Ellipse:
    """A beam in lengths to the right and downwards; ``angle`` (radians) turns from right to down."""

    x: float
    y: float
    major: float
    minor: float
    angle: float


@dataclass
class Errors:
    """Standard deviations by the noise of the background."""

    x: float
    y: float
    major: float
    minor: float
    tilt: float
    ellipticity: float
    total: float


@dataclass
class Found:
    """The beam of an image, the box that its last moments were taken in, and what is in each pixel."""

    beam: Ellipse
    box: Ellipse
    errors: Errors
    steps: int
    light: Floats
    mask: NDArray[np.bool_]
    along: Floats
    beside: Floats


def is_settled(before: Ellipse, now: Ellipse, noise: Errors | None) -> bool:
    """Whether nothing changes by more than 1 % of a diameter or, if it is given, than by the noise."""
    place, major, minor = (0.0, 0.0, 0.0) if noise is None else (math.hypot(noise.x, noise.y), noise.major, noise.minor)
    return (
        abs(now.major - before.major) <= max(SETTLED * before.major, major)
        and abs(now.minor - before.minor) <= max(SETTLED * before.minor, minor)
        and math.hypot(now.x - before.x, now.y - before.y) <= max(SETTLED * before.minor, place)
    )


def ellipse_of(x: float, y: float, spread: Floats) -> Ellipse:
    """Return the ellipse of a centroid and a matrix of central second moments."""
    (minor, major), vectors = np.linalg.eigh(spread)
    right, down = vectors[:, 1] if vectors[0, 1] >= 0 else -vectors[:, 1]
    return Ellipse(x, y, 4 * math.sqrt(major), 4 * math.sqrt(minor), math.atan2(down, right))


def between(one: Ellipse, other: Ellipse) -> Ellipse:
    """Return the ellipse with the means of the moments of both."""

    def spread(of: Ellipse) -> Floats:
        turn = np.array([[math.cos(of.angle), -math.sin(of.angle)], [math.sin(of.angle), math.cos(of.angle)]])
        return np.asarray(turn @ np.diag([of.major**2, of.minor**2]) @ turn.T / 16)

    return ellipse_of((one.x + other.x) / 2, (one.y + other.y) / 2, (spread(one) + spread(other)) / 2)


def errors_of(beam: Ellipse, x: Floats, y: Floats, light: Floats, noise: float, dark: int) -> Errors:
    """Return what independent noise of the pixels (1-D arrays, those of the box) and an error of their level do."""
    total = light.sum()
    a = (x - beam.x) * math.cos(beam.angle) + (y - beam.y) * math.sin(beam.angle)
    b = (y - beam.y) * math.cos(beam.angle) - (x - beam.x) * math.sin(beam.angle)
    major, minor = beam.major**2 / 16, beam.minor**2 / 16

    def deviation(influence: Floats) -> float:
        return float(noise * math.sqrt((influence**2).sum() + influence.sum() ** 2 / dark) / total)

    return Errors(
        x=deviation(x - beam.x),
        y=deviation(y - beam.y),
        major=deviation(2 * (a**2 - major) / math.sqrt(major)),
        minor=deviation(2 * (b**2 - minor) / math.sqrt(minor)),
        tilt=math.degrees(deviation(a * b / (major - minor))),
        ellipticity=deviation(math.sqrt(minor / major) / 2 * (b**2 / minor - a**2 / major)),
        total=deviation(np.ones_like(x)) * total,
    )


def moments(weights: Floats, x: Floats, y: Floats) -> Ellipse:
    """Return centroid and principal axes by their definitions."""
    total = weights.sum()
    mean_x, mean_y = (weights * x).sum() / total, (weights * y).sum() / total
    xx, yy = (weights * (x - mean_x) ** 2).sum() / total, (weights * (y - mean_y) ** 2).sum() / total
    xy = (weights * (x - mean_x) * (y - mean_y)).sum() / total
    return ellipse_of(mean_x, mean_y, np.array([[xx, xy], [xy, yy]]))


def by_library(light: Floats, x: Floats, y: Floats) -> Ellipse:
    """Return the same of the library, for pixels of length 1."""
    column, row, major, minor, phi = lbs.basic_beam_size(light)
    return Ellipse(column + x[0, 0], row + y[0, 0], major, minor, -phi)


def find_beam(image: NDArray[Any], recipe: Recipe, measure: Callable[[Floats, Floats, Floats], Ellipse]) -> Found:
    """Return the beam by the page's rule, in lengths from the middle of the image; ``measure`` finds an ellipse."""
    y, x = np.mgrid[: recipe.rows, : recipe.columns].astype(np.float64)
    x = (x - (recipe.columns - 1) / 2) * abs(recipe.step_x)
    y = (y - (recipe.rows - 1) / 2) * abs(recipe.step_y)
    known = np.isfinite(image)
    # Of large images each n-th row tells the background and the first estimate.
    looked_at = np.zeros(image.shape, np.bool_)
    looked_at[:: math.ceil(image.size / MOST_BACKGROUND)] = True
    values = np.where(known, image, 0).astype(np.float64)
    is_corner = lbs.corner_mask(image, CORNER) & known
    limit = values[is_corner].mean() + CLEAR * values[is_corner].std()
    dark = values[known & looked_at & (values <= limit)]
    light = np.where(known, values - dark.mean(), 0)
    box = now = measure(np.where(looked_at & (light >= CLEAR * dark.std()), light, 0), x, y)
    for steps in range(1, MOST_STEPS + 1):
        # Noise at the border makes the box go to and fro.
        box = now if steps <= FREE_STEPS else between(box, now)
        along = (x - box.x) * math.cos(box.angle) + (y - box.y) * math.sin(box.angle)
        beside = (y - box.y) * math.cos(box.angle) - (x - box.x) * math.sin(box.angle)
        mask = (np.abs(along) <= DIAMETERS * box.major / 2) & (np.abs(beside) <= DIAMETERS * box.minor / 2)
        now = measure(np.where(mask, light, 0), x, y)
        errors = errors_of(now, x[mask], y[mask], light[mask], float(dark.std()), dark.size)
        if is_settled(box, now, errors if steps > STRICT_STEPS else None):
            return Found(now, box, errors, steps, light, mask, along, beside)
    raise AssertionError(f"{recipe.name}: the moments do not settle")


def wrapped(degrees: float) -> float:
    """Return the angle of an axis, above -90 and up to 90 degrees."""
    degrees %= 180
    return degrees - 180 if degrees > 90 else degrees


def fit_of(place: Floats, found: Found, width: float, diameter: float) -> list[float]:
    """Return amplitude, mean and sigma of ``curve_fit`` to the profile of the box in bins of ``width``."""
    side = int(DIAMETERS * diameter / 2 / width - 0.5)
    edges = (np.arange(2 * side + 2) - side - 0.5) * width
    here = place[found.mask]
    counts = np.histogram(here, edges)[0]
    values = np.histogram(here, edges, weights=found.light[found.mask])[0]
    middles = np.histogram(here, edges, weights=here)[0] / np.maximum(counts, 1)
    used = np.flatnonzero(counts >= counts.max() / 2)
    inside = slice(used[0], used[-1] + 1)
    values, middles = values[inside], middles[inside]
    offset, height = values.min(), np.ptp(values)
    area = np.trapezoid(values - offset, middles)
    start = [offset, height, middles[values.argmax()], area / (height * math.sqrt(2 * math.pi))]

    def gaussian(x: Floats, offset: float, amplitude: float, mean: float, sigma: float) -> Floats:
        return offset + amplitude * np.exp(-((x - mean) ** 2) / (2 * sigma**2))

    best = curve_fit(gaussian, middles, values, start, ftol=1e-13, xtol=1e-13, gtol=1e-13)[0]
    return rounded([best[1], best[2], abs(best[3])])


def rounded(values: Sequence[float]) -> list[float]:
    """Return numbers short enough for a file."""
    return [float(f"{value:.{DIGITS}g}") for value in values]


def entry_of(recipe: Recipe) -> dict[str, object]:
    """Return what is written of an image with a beam: all lengths in the unit of its steps, the middle in pixels."""
    image = image_of(recipe)
    found = find_beam(image, recipe, moments)
    right, down = abs(recipe.step_x), abs(recipe.step_y)
    entry: dict[str, object] = {"recipe": asdict(recipe), "oracle": "numpy", "library": None}
    if right == down == 1 and not recipe.missing:
        own, found = found, find_beam(image, recipe, by_library)
        for one, other in zip(astuple(own.beam)[:4], astuple(found.beam)[:4], strict=True):
            assert abs(one - other) <= 1e-9 * own.beam.major, (recipe.name, own.beam, found.beam)
        if image.size < MOST_BACKGROUND:
            assert (
                np.ptp(found.light - lbs.subtract_iso_background(image, CORNER, CLEAR)) <= 1e-12 * np.abs(image).max()
            )
        entry["oracle"] = "laserbeamsize"
        entry["library"] = rounded([float(value) for value in lbs.beam_size(image)[:4]])
    beam, box = found.beam, found.box
    middle = [beam.x / right + (recipe.columns - 1) / 2, beam.y / down + (recipe.rows - 1) / 2]
    entry["beam"] = rounded([*middle, beam.major, beam.minor, wrapped(-math.degrees(beam.angle))])
    entry["errors"] = rounded(astuple(found.errors)) if recipe.noise else None
    entry["total"] = float(found.light[found.mask].sum())
    entry["steps"] = found.steps
    if image.size < 1_000_000:
        sine, cosine = abs(math.sin(box.angle)), abs(math.cos(box.angle))
        entry["fits"] = [
            fit_of(found.along, found, max(right * cosine, down * sine), box.major),
            fit_of(found.beside, found, max(right * sine, down * cosine), box.minor),
        ]
    return entry


def main() -> None:
    """Write the file."""
    TARGET.mkdir(exist_ok=True)
    beams = ",\n".join(json.dumps(entry_of(recipe)) for recipe in RECIPES + LARGE)
    states = {state: [asdict(recipe) for recipe in recipes] for state, recipes in STATES.items()}
    (TARGET / "beams.json").write_text(f'{{"beams": [\n{beams}\n],\n"states": {json.dumps(states)}}}\n')


if __name__ == "__main__":
    main()
