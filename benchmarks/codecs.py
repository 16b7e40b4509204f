"""Decoding, encoding and a whole preview with our codecs beside the bitshuffle library, in turns.

Each side takes its turn on the same image; the other one goes first in every other pair.
"""

import os
from functools import partial

# The threads of the library wait busily for each other; the ingest process runs it with one as well.
os.environ["OMP_NUM_THREADS"] = "1"

import struct
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import bitshuffle
import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.report import Section, amount, parser, spread
from stream_online_viewer.coding import bslz4
from stream_online_viewer.simulation.camera import SpotCamera

HEAD = ("image", "what", "library ms", "ours ms", "ours / library")


@dataclass(frozen=True)
class Case:
    """An image: columns, rows, dtype."""

    columns: int
    rows: int
    dtype: str


CASES = {
    "2560x2160 uint16": Case(2560, 2160, "uint16"),
    "1280x1024 uint16": Case(1280, 1024, "uint16"),
    "640x480 float64": Case(640, 480, "float64"),
    "2560x2160 uint8": Case(2560, 2160, "uint8"),
}


def image_of(case: Case) -> NDArray[Any]:
    """Return a spot on noise as a camera takes it; doubles get a fraction, as a processing server makes them."""
    image = SpotCamera((case.columns, case.rows)).image()
    if case.dtype == "uint8":
        return (image >> 4).astype(np.uint8)
    if case.dtype == "float64":
        return image + np.random.default_rng(1).random(image.shape)
    return image


def in_turns(ours: Callable[[], object], library: Callable[[], object], runs: int) -> tuple[list[float], list[float]]:
    """Return the milliseconds of each run of both."""
    found: dict[int, list[float]] = {0: [], 1: []}
    for run in range(runs + 1):
        for side in (0, 1) if run % 2 == 0 else (1, 0):
            begin = time.perf_counter()
            (ours, library)[side]()
            if run:
                found[side].append((time.perf_counter() - begin) * 1e3)
    return found[0], found[1]


def measure(case: Case, runs: int) -> dict[str, tuple[list[float], list[float]]]:
    """Return what decoding, encoding and a preview took, ours and with the library."""
    image = image_of(case)
    itemsize, flat = image.itemsize, image.reshape(-1).view(f"u{image.itemsize}")
    block = bslz4.default_block(itemsize)
    payload = memoryview(struct.pack(">QI", image.nbytes, block * itemsize) + bitshuffle.compress_lz4(flat, block).data)
    packed = np.frombuffer(payload[12:], np.uint8)

    def by_library() -> NDArray[Any]:
        values: NDArray[Any] = bitshuffle.decompress_lz4(packed, flat.shape, flat.dtype, block)
        return values.view(image.dtype).reshape(image.shape)

    def by_us() -> NDArray[Any]:
        return bslz4.decode(payload, flat.size, itemsize, block).view(image.dtype).reshape(image.shape)

    def preview(values: NDArray[Any]) -> object:
        small = cv2.resize(values, (case.columns // 2, case.rows // 2), interpolation=cv2.INTER_AREA)
        low, high = float(small.min()), float(small.max())
        gray = cv2.convertScaleAbs(small, alpha=255 / (high - low), beta=-low * 255 / (high - low))
        return values.sum(axis=0), values.sum(axis=1), cv2.imencode(".jpg", gray)

    return {
        "decode": in_turns(by_us, by_library, runs),
        "encode": in_turns(lambda: bslz4.encode(image), lambda: bitshuffle.compress_lz4(flat, block), runs),
        "decode, sums, JPEG": in_turns(lambda: preview(by_us()), lambda: preview(by_library()), runs),
    }


def main() -> int:
    """Measure what the options say."""
    options = parser(__doc__, runs=30)
    options.add_argument("--case", action="append", choices=CASES, help="only this one; may be repeated")
    given = options.parse_args()
    runs = amount(given.runs, given.quick, 5, 30)
    section = Section("codecs", "bitshuffle + LZ4", given.json, "codecs --case CASE")
    section.notes = [f"{runs} turns each, on one core."]
    rows: list[list[str]] = []
    for name in given.case or CASES:
        found = section.attempt(name, partial(measure, CASES[name], runs))
        for what, (ours, library) in (found or {}).items():
            ratios = [mine / theirs for mine, theirs in zip(ours, library, strict=True)]
            rows.append([name, what, spread(library, 2), spread(ours, 2), spread(ratios, 2)])
        section.put([("", HEAD, rows)], [], cases={name: asdict(CASES[name]) for name in given.case or CASES})
    return section.end()


if __name__ == "__main__":
    sys.exit(main())
