"""Write tests/vectors/levels/steady.json: automatic levels by the rule `steady`, which server and page share.

The rule is our own, so the vectors are no oracle of it but what keeps both sides equal: they are made by the server's
side and pinned. What the rule promises is tested by itself.

    python tests/vectors/make_levels_vectors.py
"""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stream_online_viewer.ingest.levels import AutoLevels, first_levels
from stream_online_viewer.ingest.spread import Spread, spread_of

PLACE = Path(__file__).with_name("levels") / "steady.json"
PARTS = ("minimum", "dark", "foot", "peak", "maximum")
LARGEST = float(np.finfo(np.float64).max)

Parts = tuple[float, float, float, float, float]


def texts(spread: Spread | None) -> dict[str, str] | None:
    """The spread with numbers as text that loses nothing."""
    return None if spread is None else {part: repr(getattr(spread, part)) for part in PARTS}


def sequence(name: str, dtype: str, spreads: Sequence[Parts | None]) -> dict[str, Any]:
    """Frames with their spreads, and the levels that the rule gives each of them."""
    levels = AutoLevels()
    frames = []
    for count, parts in enumerate(spreads, 1):
        spread = None if parts is None else Spread(*parts)
        frames.append({"spread": texts(spread), "levels": list(levels.update(count, spread, dtype))})
    return {"name": name, "dtype": dtype, "frames": frames}


def plain(foot: float, peak: float) -> Parts:
    """The spread of an image without anything below its background, or defects."""
    return foot, foot, foot, peak, peak


def image(name: str, values: NDArray[Any]) -> dict[str, Any]:
    """A small image, its spread, and the levels for it as the first frame."""
    spread = spread_of(values)
    return {
        "name": name,
        "dtype": values.dtype.name,
        "values": [repr(value) for value in values.tolist()],
        "spread": texts(spread),
        "levels": list(first_levels(spread, values.dtype.name)),
    }


def main() -> None:
    """Write the file."""
    generator = np.random.default_rng(8)
    jitter = [plain(10, int(peak)) for peak in generator.integers(400, 1100, 40)]
    drift = [plain(float(k), 100.0 + 3 * k) for k in range(40)]
    down: Parts = (-100002, -99990, -68590, -5, -5)
    extremes = plain(-LARGEST * 0.9, LARGEST * 0.9)
    sequences = [
        sequence("a beam that jitters", "uint16", jitter),
        sequence("a drift", "float64", drift),
        sequence("down after five frames", "uint16", [plain(10, 2000)] + 7 * [plain(10, 500)]),
        sequence("up at once", "uint16", [plain(10, 500), plain(10, 2000), plain(10, 1900)]),
        sequence("a saturated camera", "uint16", [plain(100, 4094), plain(100, 4095), plain(100, 4000)]),
        sequence("a full scale by chance", "uint16", [plain(10, 4000), plain(10, 1023), plain(10, 4000)]),
        sequence("8 bit", "uint8", [plain(3, 200), plain(3, 254), plain(3, 255)]),
        sequence("all saturated", "uint16", [plain(65535, 65535), plain(0, 100)]),
        sequence("a beam that points down", "int32", 2 * [down] + 6 * [plain(-100, -5)]),
        sequence("noise without a beam", "int16", [(70, 72, 88, 130, 131), (71, 73, 88, 131, 140)]),
        # The low level is 70, the span 65: 15 % below it is noise, 20 % below it is not.
        sequence(
            "a darkest pixel that jitters",
            "int16",
            [(70, 70, 88, 130, 131), (60, 60, 88, 130, 131), (57, 57, 88, 130, 131)],
        ),
        sequence("a background that sinks", "int16", [plain(70, 130), plain(62, 130)]),
        sequence("the largest doubles", "float64", [extremes] + 6 * [plain(10.0, 100.0)]),
        sequence("from small to the largest", "float64", [plain(10.0, 100.0), extremes, plain(-LARGEST, LARGEST)]),
        sequence("the largest 32-bit floats", "float32", [plain(0.0, 3.4028234663852886e38), plain(0.0, 1.0)]),
        sequence("frames without a number", "float64", [None, plain(1.0, 3.0), None, plain(1.0, 3.0)]),
        sequence("64 bit far from zero", "int64", [plain(2**60, 2**60 + 63), plain(2**60 + 5, 2**60 + 5)]),
        sequence("the ends of 64 bit", "uint64", [plain(0, 2**64 - 1), plain(2**64 - 1, 2**64 - 1), plain(0, 9)]),
    ]
    camera = np.round(generator.normal(100, 5, 4096))
    camera[1000:1200] += np.linspace(0, 2000, 200).round()
    images = [
        image("a camera", camera.astype(np.uint16)),
        image("the same in floats", camera.astype(np.float32)),
        image("the same, negative", -camera.astype(np.int16)),
        image("a few numbers", np.array([math.nan, 3.0, math.inf, 1.0, -math.inf, 2.0])),
        image("no number", np.array([math.nan, math.inf])),
        image("one value", np.full(50, 7, np.uint8)),
        image("one value, the largest", np.full(50, 255, np.uint8)),
        image("one value, the lowest", np.full(50, -128, np.int8)),
        image("the largest 64-bit integers", np.array([2**63 - 3, 2**63 - 1, 2**63 - 2])),
        image("64 bit far from zero", np.arange(2**60, 2**60 + 64)),
        image("the ends of the doubles", np.array([-LARGEST, LARGEST, 0.0])),
    ]
    lines = [",\n".join(" " + json.dumps(case) for case in cases) for cases in (sequences, images)]
    PLACE.parent.mkdir(exist_ok=True)
    PLACE.write_text(f'{{"sequences": [\n{lines[0]}\n],\n"images": [\n{lines[1]}\n]}}\n')


if __name__ == "__main__":
    main()
