"""Binning, gray and JPEG of previews, against plain NumPy."""

import io
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from stream_online_viewer.ingest.preview import binned, gray, jpeg


def means(values: NDArray[Any], binning: int) -> NDArray[Any]:
    """The means of blocks, of fewer pixels at the right and lower edge, the slow way."""
    rows, columns = values.shape[:2]
    return np.array(
        [
            [
                values[y : y + binning, x : x + binning].astype(np.float64).mean(axis=(0, 1))
                for x in range(0, columns, binning)
            ]
            for y in range(0, rows, binning)
        ]
    )


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int8", "uint16", "int16", "uint32", "int64", "float32", "float64"])
@pytest.mark.parametrize(("shape", "binning"), [((6, 9), 3), ((7, 10), 3), ((5, 4), 8), ((1, 9), 2), ((64, 64), 1)])
def test_binned_pixels_are_means(dtype: str, shape: tuple[int, int], binning: int) -> None:
    """Also where the binning does not divide the size, and where the image is smaller than one bin."""
    values = (np.random.default_rng(2).random(shape) * 100).astype(dtype)
    found = binned(values, binning)
    expected = means(values, binning)
    assert found.shape == expected.shape
    rounding = 0.5001 if np.issubdtype(found.dtype, np.integer) else 1e-4
    assert np.abs(found.astype(np.float64) - expected).max() <= rounding


@pytest.mark.parametrize("binning", [5, 8, 32])
def test_binned_pixels_of_long_rows_are_means(binning: int) -> None:
    """Long rows are averaged in another way, in floats of 32 bits."""
    values = np.random.default_rng(4).integers(0, 65535, (50, 8200), np.uint16, endpoint=True)
    found = binned(values, binning)
    assert found.dtype == np.uint16
    assert np.abs(found.astype(np.float64) - means(values, binning)).max() <= 0.51


@pytest.mark.parametrize("binning", [3, 6, 12])
def test_means_of_doubles_far_from_zero_keep_their_differences(binning: int) -> None:
    """Also where the share of a pixel in a mean is no number of 32 bits."""
    values = 1e9 + np.random.default_rng(5).random((36, 48))
    assert np.abs(binned(values, binning) - means(values, binning)).max() < 1e-5


def test_gray_of_floats_that_are_no_numbers_in_a_larger_image() -> None:
    """NaN is black, infinities are at the ends, also where many pixels are made at once."""
    values = np.full((40, 50), 5.0)
    values[3, 4], values[5, 6], values[7, 8] = np.nan, np.inf, -np.inf
    found = gray(values, 0.0, 10.0)
    assert (found[3, 4], found[5, 6], found[7, 8], found[0, 0]) == (0, 255, 0, 128)


@pytest.mark.parametrize("level", [5e-321, 1e-300, 1e300, 1.7e308])
def test_gray_between_levels_as_near_or_as_far_as_doubles_allow(level: float) -> None:
    """From all black to all white in four steps."""
    values = np.repeat(np.linspace(-1, 1, 5)[:, np.newaxis] * level, 8, axis=1)
    assert np.abs(gray(values, -level, level)[:, 0] - np.array([0, 63.75, 127.5, 191.25, 255])).max() <= 0.6


def test_colour_is_binned_by_channel() -> None:
    """Each channel by itself, with a rest at both edges."""
    values = np.random.default_rng(3).integers(0, 255, (7, 10, 3), np.uint8)
    found = binned(values, 4)
    assert np.abs(found - means(values, 4)).max() <= 0.5001


def test_read_only_pixels_are_no_problem() -> None:
    """Images lie in the memory of the message."""
    values = np.arange(48, dtype=np.uint16).reshape(6, 8)
    values.setflags(write=False)
    assert binned(values, 2).shape == (3, 4)
    assert gray(values, 3, 40).shape == (6, 8)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16", "float32", "float64"])
@pytest.mark.parametrize(("low", "high"), [(0, 100), (20, 80), (20.5, 80.25), (-10, 50), (99, 100)])
def test_gray_is_linear_between_the_levels_and_cut_off_outside(dtype: str, low: float, high: float) -> None:
    """0 at and below the low level, 255 at and above the high one."""
    values = np.arange(0, 120, dtype=dtype).reshape(10, 12)
    expected = np.clip((values.astype(np.float64) - low) / (high - low) * 255, 0, 255)
    assert np.abs(gray(values, low, high) - expected).max() <= 0.501


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16", "float32"])
def test_gray_of_few_pixels(dtype: str) -> None:
    """All sizes from 1 x 1: OpenCV takes an array of four values for a scalar, if it is let."""
    for rows in range(1, 9):
        for columns in range(1, 9):
            values = np.arange(30, 30 + rows * columns).reshape(rows, columns).astype(dtype)
            expected = np.clip((values.astype(np.float64) - 31) / 50 * 255, 0, 255)
            assert np.abs(gray(values, 31, 81) - expected).max() <= 0.501


def test_gray_of_what_is_no_number() -> None:
    """NaN is black, infinities are at the ends."""
    values = np.array([[np.nan, np.inf, -np.inf, 5.0]])
    assert list(gray(values, 0.0, 10.0)[0]) == [0, 255, 0, 128]


def test_a_jpeg_can_be_read_by_others() -> None:
    """Gray and colour, red stays red."""
    smooth = np.add.outer(np.arange(100), np.arange(150)).astype(np.uint8)
    picture: Image.Image = Image.open(io.BytesIO(bytes(jpeg(smooth))))
    assert (picture.mode, picture.size) == ("L", (150, 100))
    assert np.abs(np.asarray(picture).astype(int) - smooth).max() < 12
    red = np.zeros((32, 48, 3), np.uint8)
    red[:, :, 0] = 250
    picture = Image.open(io.BytesIO(bytes(jpeg(red)))).convert("RGB")
    assert np.abs(np.asarray(picture).astype(int) - red).max() < 6
