"""Statistics of whole images and automatic levels, against NumPy's plain answers."""

from typing import Any

import numpy as np
import pytest

from stream_online_viewer.ingest.bands import ArrayRows, Walk
from stream_online_viewer.ingest.bins import BINS
from stream_online_viewer.ingest.image_statistics import ImageStatistics, image_statistics

SHAPES = [(1, 1), (3, 5), (48, 64), (101, 67)]
INTEGERS = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64"]


def statistics_of(values: Any, saturation: float | None = None) -> ImageStatistics:
    """Statistics of an array."""
    return image_statistics(Walk(ArrayRows(values)), saturation)


def generator(seed: Any = 1) -> Any:
    """A generator of random numbers, the same in each run."""
    return np.random.default_rng(seed)


def integers(dtype: Any, shape: Any, spread: Any) -> Any:
    """Random whole numbers: of the whole type, of few values around its middle, or one value."""
    info = np.iinfo(dtype)
    low, high = info.min, info.max
    if spread == "narrow":
        low = high - 50
    elif spread == "one":
        low = high
    return generator().integers(low, high, shape, dtype, endpoint=True)


@pytest.mark.parametrize("dtype", INTEGERS)
@pytest.mark.parametrize("spread", ["whole", "narrow", "one"])
@pytest.mark.parametrize("shape", SHAPES)
def test_integers_are_counted_and_summed_exactly(dtype: Any, spread: str, shape: Any) -> None:
    """Extremes, sum, profiles and histogram agree with Python's whole numbers, also at the ends of 64 bits."""
    values = integers(dtype, shape, spread)
    exact = values.astype(object)
    statistics = statistics_of(values)
    assert (statistics.minimum, statistics.maximum) == (exact.min(), exact.max())
    assert statistics.total == exact.sum()
    assert (statistics.finite, statistics.not_finite) == (values.size, 0)
    for profile, sums in ((statistics.profile_x, exact.sum(axis=0)), (statistics.profile_y, exact.sum(axis=1))):
        if profile.dtype.kind == "f":
            np.testing.assert_allclose(profile, sums.astype(np.float64), rtol=1e-12)
        else:
            assert list(profile) == list(sums)
    low, width, counts = statistics.histogram_low, statistics.histogram_width, statistics.histogram
    assert low == exact.min()
    assert 1 <= len(counts) <= BINS
    expected = [0] * len(counts)
    for value in exact.reshape(-1):
        expected[(value - low) // width] += 1
    assert list(counts) == expected


@pytest.mark.parametrize("dtype", ["uint16", "int16", "int32"])
@pytest.mark.parametrize("shape", [(9, 5000), (5000, 9)])
def test_sums_that_floats_of_32_bits_do_not_hold_are_exact(dtype: str, shape: tuple[int, int]) -> None:
    """Thousands of values near the highest of 16 bits in a row, or in a column."""
    high = np.iinfo(np.int16).max if dtype == "int16" else 2**16 - 1
    values = generator().integers(high - 100, high, shape, endpoint=True).astype(dtype)
    values[0, 0] = 0
    statistics = statistics_of(values)
    assert statistics.profile_x.tolist() == values.sum(axis=0, dtype=np.int64).tolist()
    assert statistics.profile_y.tolist() == values.sum(axis=1, dtype=np.int64).tolist()


@pytest.mark.parametrize("dtype", ["uint16", "int32", "float64"])
def test_foot_and_peak_are_the_background_and_the_brightest_but_for_defects(dtype: str) -> None:
    """In a picture of a million pixels: the 1st percentile, and the tenth brightest."""
    values = generator().normal(1000, 10, (1000, 1000)).round().astype(dtype)
    values[3, 5] = 30000
    statistics = statistics_of(values)
    flat = np.sort(values.reshape(-1))
    assert statistics.spread.foot == pytest.approx(np.percentile(flat, 1, method="lower"), abs=1)
    assert statistics.spread.peak == flat[-10]
    assert statistics.maximum == 30000


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_floats_without_a_number_are_left_out_and_counted(dtype: str) -> None:
    """NaN and infinities are in no sum, no extreme and no bin."""
    values = generator().normal(0, 1, (40, 30)).astype(dtype)
    values[3, 4], values[7, 8], values[9, 1] = np.nan, np.inf, -np.inf
    statistics = statistics_of(values)
    good = values[np.isfinite(values)].astype(np.float64)
    assert (statistics.finite, statistics.not_finite) == (good.size, 3)
    assert (statistics.minimum, statistics.maximum) == (good.min(), good.max())
    assert statistics.total == pytest.approx(good.sum())
    known = np.where(np.isfinite(values), values, 0).astype(np.float64)
    np.testing.assert_allclose(statistics.profile_x, known.sum(axis=0), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(statistics.profile_y, known.sum(axis=1), rtol=1e-12, atol=1e-12)
    assert statistics.histogram.sum() == good.size
    edges = statistics.histogram_low + statistics.histogram_width * np.arange(BINS + 1)
    expected = np.histogram(good, edges)[0]
    # A value on an edge may be rounded to either side.
    assert np.abs(np.cumsum(statistics.histogram.astype(int)) - np.cumsum(expected)).max() <= 1


def test_an_image_without_any_number_has_none() -> None:
    """All NaN: no extremes, empty histogram, profiles of zeros."""
    statistics = statistics_of(np.full((4, 6), np.nan))
    assert (statistics.minimum, statistics.maximum, statistics.total) == (None, None, None)
    assert (statistics.finite, statistics.not_finite) == (0, 24)
    assert len(statistics.histogram) == 0
    assert list(statistics.profile_x) == [0] * 6


def test_the_largest_floats_do_not_overflow() -> None:
    """From the lowest to the highest double: the span is no finite number, the bins are right all the same."""
    largest = np.finfo(np.float64).max
    statistics = statistics_of(np.array([[-largest, 0.0, largest]]))
    assert statistics.histogram[0] == statistics.histogram[BINS // 2] == statistics.histogram[-1] == 1
    assert np.isfinite(statistics.histogram_width)


@pytest.mark.parametrize(("full", "seen"), [(4095, 4095), (65520, 65520), (4094, None)])
def test_saturation_is_guessed_from_full_scales(full: int, seen: int | None) -> None:
    """The largest value is that of a 12-bit camera, in the low or the high bits: its pixels count as saturated."""
    values = generator().integers(0, 4000, (50, 60)).astype(np.uint16)
    values[:2, :3] = full
    statistics = statistics_of(values)
    assert statistics.saturation == seen
    assert statistics.saturated == (0 if seen is None else 6)


@pytest.mark.parametrize("dtype", ["uint16", "int32", "float32"])
def test_saturation_that_was_asked_for_is_used(dtype: str) -> None:
    """Values at or above the number count, whatever the type."""
    values = np.arange(100).reshape(10, 10).astype(dtype)
    statistics = statistics_of(values, 89.5)
    assert (statistics.saturation, statistics.saturated) == (89.5, 10)


def test_truth_values_are_numbers_zero_and_one() -> None:
    """A mask: as many ones as it has true pixels."""
    values = generator().random((20, 30)) > 0.7
    statistics = statistics_of(values)
    assert (statistics.minimum, statistics.maximum, statistics.total) == (0, 1, int(values.sum()))
    assert list(statistics.histogram) == [values.size - values.sum(), values.sum()]
