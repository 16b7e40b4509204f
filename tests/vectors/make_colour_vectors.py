"""Write tests/vectors/colour/linear.json: which of 256 colours matplotlib gives a value under linear levels.

Both sides of this project are tested against it. matplotlib is no dependency; to make the file again:

    python -m venv mpl && mpl/bin/pip install matplotlib==3.11.2 && mpl/bin/python tests/vectors/make_colour_vectors.py

matplotlib makes floats of what it is given (32-bit ones of small integers) before it takes the levels off. So that its
answer is the one for the exact value, it is given the exact difference from the low level, and levels from 0 on.
"""

import json
import math
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.colors import ListedColormap, Normalize

PLACE = Path(__file__).with_name("colour") / "linear.json"
UNDER, OVER, BAD = "under", "over", "bad"


def colours() -> Any:
    """Return a map whose colours tell their index: red and green are its bytes; under, over and bad are others."""
    shades = [(index / 255, 0.0, 0.0, 1.0) for index in range(256)]
    marked = ListedColormap(shades)
    marked.set_under((0, 1, 0))
    marked.set_over((0, 0, 1))
    marked.set_bad((0, 1, 1))
    return marked


def index_of(value: Fraction | float, low: Fraction, high: Fraction, colour_map: Any) -> int | str:
    """Return what matplotlib makes of an exact value (Fraction, or a float that is not a number)."""
    if isinstance(value, float):
        difference = value
    else:
        difference = float(value - low)
    norm = Normalize(0.0, float(high - low))
    red, green, blue, _ = colour_map(norm(np.float64(difference)), bytes=True)
    if green and blue:
        return BAD
    return UNDER if green else OVER if blue else int(red)


def case(name: str, dtype: str, low: float, high: float, values: Sequence[float]) -> dict[str, Any]:
    """Return a case; levels and values as text that loses nothing, floats as their shortest one."""
    colour_map = colours()
    found = []
    for value in values:
        exact = value if isinstance(value, float) and not math.isfinite(value) else Fraction(value)
        found.append(index_of(exact, Fraction(low), Fraction(high), colour_map))
    return {
        "name": name,
        "dtype": dtype,
        "low": low,
        "high": high,
        "values": [repr(value) if isinstance(value, float) else str(value) for value in values],
        "index": found,
    }


def spread(dtype: str, low: float, high: float, count: int, seed: int) -> list[float] | list[int]:
    """Return values of the type between somewhat below and somewhat above two levels, as Python numbers."""
    generator = np.random.default_rng(seed)
    if np.dtype(dtype).kind == "f":
        room = 0.05 * (high - low)
        return [float(v) for v in generator.uniform(low - room, high + room, count).astype(dtype)]
    info = np.iinfo(dtype)
    room = max(2, int(0.05 * (high - low)))
    first, last = max(info.min, math.floor(low) - room), min(info.max, math.ceil(high) + room)
    return sorted({int(v) for v in generator.integers(first, last, count, dtype, endpoint=True)})


def main() -> None:
    """Write the file."""
    far = 2**30
    huge = 2**60
    nan = math.nan
    cases = [
        case("all of a type", "uint8", 0.0, 255.0, list(range(256))),
        case("the levels themselves", "uint8", 10.0, 20.0, list(range(8, 23))),
        case("a part of a type", "uint16", 100.0, 4095.0, [0, 99, 100, 101, 115, 116, 4094, 4095, 4096, 65535]),
        case("broken levels", "uint16", 20.5, 80.25, list(range(19, 83))),
        case("signed", "int8", -100.0, 27.0, list(range(-128, 128, 3))),
        case("below zero only", "int16", -30000.0, -10.0, spread("int16", -30000, -10, 60, 1)),
        case("64 shades far from zero", "int32", float(far), float(far + 63), list(range(far - 1, far + 65))),
        case("all of the type", "int32", -(2.0**31), 2.0**31 - 1, spread("int32", -(2**31), 2**31 - 1, 60, 2)),
        case("all of the type", "uint32", 0.0, 2.0**32 - 1, spread("uint32", 0, 2**32 - 1, 60, 3)),
        case("far from zero", "int64", float(huge), float(huge + 256), list(range(huge - 3, huge + 260, 2))),
        case("time in ns", "uint64", 1.7e18, 1.7e18 + 2560, list(range(1700000000000000000, 1700000000000002600, 37))),
        case("all of the type", "int64", -(2.0**63), 9223372036854774784.0, [-(2**63), -1, 0, 1, 2**62, 2**63 - 2048]),
        case("all of the type", "uint64", 0.0, 18446744073709549568.0, [0, 1, 2**56, 2**63, 2**64 - 1]),
        case("64 shades far from zero", "float64", 1e9, 1e9 + 63, [1e9 + k for k in range(-1, 65)] + [nan]),
        case("between", "float64", -1.5, 2.25, [*spread("float64", -1.5, 2.25, 60, 4), -1.5, 2.25, nan]),
        case("between", "float32", -1.5, 2.25, [*spread("float32", -1.5, 2.25, 60, 5), -1.5, 2.25, nan]),
        case("64 shades far from zero", "float32", 1e6, 1e6 + 63, [1e6 + k for k in range(-1, 65)]),
        case("very small", "float64", 1e-310, 3e-310, [0.0, 1e-310, 1.5e-310, 2e-310, 3e-310, 4e-310]),
        case("a small difference", "float64", 1.0, 1.0 + 2.0**-45, [1.0 + k * 2.0**-52 for k in range(-1, 130)]),
    ]
    lines = ",\n".join(" " + json.dumps(one) for one in cases)
    PLACE.parent.mkdir(exist_ok=True)
    PLACE.write_text(f'{{"made_with": "matplotlib {mpl.__version__}", "cases": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
