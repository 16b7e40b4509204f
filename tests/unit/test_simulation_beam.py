"""The facility's picture in other types than float64."""

from typing import Any

import numpy as np
import pytest

from stream_online_viewer.simulation.beam import BeamScene, to_dtype
from stream_online_viewer.simulation.options import TYPES

PICTURE = np.array([[0.0, 0.55], [1.0, 1.1]])


@pytest.mark.parametrize("dtype", TYPES)
def test_image_has_the_type_that_was_asked_for(dtype: Any) -> None:
    """Every type of numbers in bsread can be sent, with profiles that are the sums of the very pixels."""
    values = BeamScene((30, 20), dtype).message(0).values
    image = values["image"]
    assert image.dtype == dtype
    assert image.shape == (20, 30)
    assert np.array_equal(values["image_profile_x"], image.sum(axis=0))
    assert np.array_equal(values["image_profile_y"], image.sum(axis=1))


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "uint16", "int32", "uint32"])
def test_integers_span_their_whole_range(dtype: str) -> None:
    """0 stays 0 and 1.1, beyond which the picture never goes, becomes the largest number."""
    largest = np.iinfo(dtype).max
    assert to_dtype(PICTURE, np.dtype(dtype)).tolist() == [
        [0, round(largest / 2)],
        [round(largest / 1.1), largest],
    ]


@pytest.mark.parametrize("dtype", ["int64", "uint64"])
def test_64_bit_integers_stop_where_float64_is_no_longer_exact(dtype: str) -> None:
    """1.1 becomes 2^53, so that sums of thousands of pixels still fit."""
    assert to_dtype(PICTURE, np.dtype(dtype))[1, 1] == 2**53


def test_float32_is_the_rounded_picture() -> None:
    """Floating point values are not scaled."""
    assert np.array_equal(to_dtype(PICTURE, np.dtype("float32")), PICTURE.astype(np.float32))
