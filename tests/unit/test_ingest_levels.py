"""Automatic levels: how they rest, follow and come back, and that they stay within what the type can hold."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stream_online_viewer.ingest.levels import AutoLevels, first_levels, limits
from stream_online_viewer.ingest.spread import Spread, spread_of

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "levels" / "steady.json").read_text())
TYPES = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float32", "float64"]


def plain(foot: float, peak: float, maximum: float) -> Spread:
    """The spread of an image whose darkest values are its background."""
    return Spread(foot, foot, foot, peak, maximum)


def number(text: Any, dtype: Any) -> float:
    """The number of a vector: exact, whatever its size."""
    return float(text) if dtype.startswith("float") else int(text)


def test_levels_rest_while_the_beam_jitters_and_follow_what_they_would_cut_off() -> None:
    """By the rule of the page: up at once, down after five frames, between them still."""
    levels = AutoLevels()
    first = levels.update(1, plain(10, 1000, 1010), "uint16")
    assert first == (10, 1080)
    for sequence, peak in enumerate((980, 1040, 1000), 2):
        assert levels.update(sequence, plain(10, peak, peak), "uint16") == first
    higher = levels.update(10, plain(10, 2000, 2000), "uint16")
    assert higher[1] > 2000
    for sequence in range(11, 15):
        assert levels.update(sequence, plain(10, 500, 500), "uint16") == higher
    assert levels.update(15, plain(10, 500, 500), "uint16")[1] < 600


def test_levels_of_one_frame_are_asked_for_twice() -> None:
    """Two renditions of one pulse do not count as two frames."""
    levels = AutoLevels()
    first = levels.update(1, plain(0.0, 100.0, 100.0), "float64")
    for _ in range(20):
        assert levels.update(2, plain(0.0, 10.0, 10.0), "float64") == first


def test_levels_are_never_equal() -> None:
    """A black picture, one of a single value, and one without any number."""
    assert AutoLevels().update(1, plain(0, 0, 0), "uint16") == (0, 1)
    assert AutoLevels().update(1, plain(7, 7, 7), "uint16") == (7, 14)
    assert AutoLevels().update(1, None, "uint16") == (0, 1)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("kind", ["ends", "highest", "lowest", "noise"])
def test_levels_never_exceed_what_the_type_can_hold(dtype: str, kind: str) -> None:
    """Images of the extremes of a type: low < high, both of them numbers of that type."""
    low, high = limits(dtype)
    if kind == "noise":
        bits = np.random.default_rng(3).integers(0, 256, 8 * 10_000, np.uint8)
        values = bits.view(dtype)
    else:
        values = np.full(10_000, low if kind == "lowest" else high, dtype)
        if kind == "ends":
            values[:5000] = low
    first, last = first_levels(spread_of(values), dtype)
    assert low <= first < last <= high


@pytest.mark.parametrize(
    ("dtype", "full"), [("uint8", 255), ("uint16", 65535), ("uint16", 4095), ("uint16", 65520), ("int16", 32767)]
)
def test_a_saturated_image_reaches_the_top_colour(dtype: str, full: int) -> None:
    """Values at full scale, of the type or of a camera of fewer bits, are at the high level, from the next frame on."""
    values = np.full((200, 300), 100, dtype)
    values[80:120, 100:160] = full - 1
    levels = AutoLevels()
    levels.update(1, spread_of(values), dtype)
    values[90:100, 120:140] = full
    assert levels.update(2, spread_of(values), dtype)[1] == full


@pytest.mark.parametrize("dtype", ["int32", "float64", "float32"])
def test_a_negative_image_keeps_its_core(dtype: str) -> None:
    """A beam that points down from -5 to -100002: what is at most a defect lies below the low level."""
    y, x = np.mgrid[:480, :640]
    beam = np.exp(-(((x - 320) / 50) ** 2 + ((y - 240) / 40) ** 2) / 2)
    values = np.round(-5 - 99_997 * beam).astype(dtype)
    assert values.min() == -100_002
    low, high = first_levels(spread_of(values), dtype)
    assert np.count_nonzero(values < low) <= 16
    assert np.count_nonzero(values > high) == 0


@pytest.mark.parametrize("size", [3, 30, 90])
def test_a_shadow_keeps_its_core(size: int) -> None:
    """The same in unsigned values, for shadows small and large: light of 60000 with an absorbing spot."""
    y, x = np.mgrid[:480, :640]
    spot = np.exp(-(((x - 320) / size) ** 2 + ((y - 240) / size) ** 2) / 2)
    values = (60_000 - 59_900 * spot).astype(np.uint16)
    low, high = first_levels(spread_of(values), "uint16")
    # What is cut off is no more than a tenth of what is seen.
    assert low - int(values.min()) <= 0.1 * (high - low) + 1


def test_the_background_of_a_beam_is_still_the_low_level() -> None:
    """The noise of a pedestal is no core: low is its 1st percentile, as before."""
    values = np.random.default_rng(1).normal(100, 5, (480, 640))
    values[200:260, 300:380] += 3000
    low, _ = first_levels(spread_of(values.astype(np.uint16)), "uint16")
    assert low == pytest.approx(np.percentile(values, 1), abs=1)


@pytest.mark.parametrize("dtype", ["uint16", "float32"])
def test_levels_rest_while_only_noise_changes(dtype: str) -> None:
    """Without a beam the darkest pixels are the low level: their jitter from frame to frame moves it not."""
    generator = np.random.default_rng(14)
    levels = AutoLevels()
    found = [
        levels.update(sequence, spread_of(generator.normal(100, 3, (240, 320)).round(3).astype(dtype)), dtype)
        for sequence in range(1, 81)
    ]
    # What the first frame was too narrow or too wide for is mended once.
    assert len(set(found)) <= 2


def extreme(dtype: str, seed: int = 5) -> Any:
    """An image of random bits."""
    return np.random.default_rng(seed).integers(0, 256, 8 * 4096, np.uint8).view(dtype)


@pytest.mark.parametrize("dtype", TYPES)
def test_levels_find_back_after_one_frame_of_random_bits(dtype: str) -> None:
    """One frame of them, then the camera again: after five frames the levels are those of before."""
    calm = np.random.default_rng(4).integers(10, 100, (64, 64)).astype(dtype)
    levels = AutoLevels()
    before = levels.update(1, spread_of(calm), dtype)
    levels.update(2, spread_of(extreme(dtype)), dtype)
    for sequence in range(3, 8):
        after = levels.update(sequence, spread_of(calm), dtype)
    assert after == before


def test_levels_of_the_largest_numbers_follow_what_they_would_cut_off() -> None:
    """From half of the largest double to the largest: the distance of the levels is no finite number."""
    largest = float(np.finfo(np.float64).max)
    levels = AutoLevels()
    assert levels.update(1, plain(-largest / 2, largest / 2, largest / 2), "float64")[1] < 0.6 * largest
    assert levels.update(2, plain(-largest, largest, largest), "float64") == (-largest, largest)


@pytest.mark.parametrize("case", VECTORS["sequences"], ids=lambda case: case["name"])
def test_the_sequences_that_the_page_is_tested_with(case: Any) -> None:
    """Levels from frame to frame are those of the vectors, to the bit."""
    dtype = case["dtype"]
    levels = AutoLevels()
    for sequence, frame in enumerate(case["frames"], 1):
        parts = ("minimum", "dark", "foot", "peak", "maximum")
        spread = None if frame["spread"] is None else Spread(*(number(frame["spread"][part], dtype) for part in parts))
        assert list(levels.update(sequence, spread, dtype)) == frame["levels"]


@pytest.mark.parametrize("case", VECTORS["images"], ids=lambda case: case["name"])
def test_the_images_that_the_page_is_tested_with(case: Any) -> None:
    """Spread and first levels of small images are those of the vectors."""
    dtype = case["dtype"]
    values = np.array([number(text, dtype) for text in case["values"]], dtype)
    spread = spread_of(values)
    if case["spread"] is None:
        assert spread is None
    else:
        assert {part: getattr(spread, part) for part in case["spread"]} == {
            part: number(text, dtype) for part, text in case["spread"].items()
        }
    assert list(first_levels(spread, dtype)) == case["levels"]
