"""Image files for scripts and e-logs."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from stream_online_viewer.ingest.differences import indices
from stream_online_viewer.ingest.image_files import (
    BAD_COLOUR,
    NEGATIVE_INFINITY_COLOUR,
    POSITIVE_INFINITY_COLOUR,
    npy_file,
    png_file,
)
from stream_online_viewer.protocol.colour_maps import colour_maps

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "colour" / "linear.json").read_text())["cases"]


def opened(data: bytes) -> Image.Image:
    """Return the picture that a PNG file holds."""
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize("dtype", ["<u2", ">u2", "<f8", ">i4", "?", "u1"])
def test_npy_keeps_every_value_and_the_byte_order(dtype: str) -> None:
    """What numpy loads is what the camera sent."""
    values = (np.arange(12).reshape(3, 4) % 2).astype(dtype)
    loaded = np.load(io.BytesIO(npy_file(values)))
    assert loaded.dtype == np.dtype(dtype)
    assert np.array_equal(loaded, values)


def test_png_colours_follow_the_levels() -> None:
    """Low takes the first colour of the map, high the last, the middle the one between."""
    values = np.array([[0, 10, 20, 30, 40]], dtype=np.uint16)
    picture = opened(png_file(values, "gray", 10.0, 30.0)).convert("RGB")
    assert [picture.getpixel((x, 0)) for x in range(5)] == [(0,) * 3, (0,) * 3, (128,) * 3, (255,) * 3, (255,) * 3]


def test_png_uses_the_colour_map() -> None:
    """The brightest pixel of a picture in viridis is viridis' last colour."""
    picture = opened(png_file(np.array([[0, 1]], np.uint8), "viridis", 0.0, 1.0)).convert("RGB")
    assert picture.getpixel((1, 0)) == tuple(colour_maps()["viridis"][-3:])


def test_png_survives_what_is_no_number() -> None:
    """NaN and infinities are drawn and do not move the levels."""
    values = np.full((10, 10), 5.0)
    values[0] = np.nan
    values[1] = np.inf
    values[2, 0] = 9.0
    picture = opened(png_file(values))
    assert picture.size == (10, 10)
    assert picture.info["Levels"].startswith("5 to 9.32")


@pytest.mark.parametrize("values", [np.zeros((4, 4)), np.full((4, 4), np.nan), np.full((4, 4), -7, np.int32)])
def test_png_of_an_empty_picture(values: np.ndarray) -> None:
    """An image without any contrast is a picture too."""
    assert opened(png_file(values)).size == (4, 4)


def test_png_levels_leave_out_a_defect() -> None:
    """One hot pixel among many does not make the beam dark."""
    values = np.zeros((400, 400), np.uint16)
    values[100:200, 100:200] = 1000
    values[0, 0] = 65535
    assert opened(png_file(values)).info["Levels"].startswith("0 to 1080")


def test_png_of_colour_is_the_colour() -> None:
    """Colour images are not mapped."""
    values = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    assert np.array_equal(np.asarray(opened(png_file(values))), values)


def places(picture: Image.Image) -> np.ndarray:
    """Return the place in the map of each pixel of a picture in the map "gray"."""
    return np.asarray(picture.convert("RGB"))[:, :, 0]


@pytest.mark.parametrize("case", VECTORS, ids=lambda case: f"{case['dtype']} {case['name']}")
def test_the_colours_are_those_of_matplotlib(case: dict[str, Any]) -> None:
    """Under, over and bad take the ends of the map and the first colour here; the other places are matplotlib's."""
    dtype = case["dtype"]
    read = float if dtype.startswith("float") else int
    values = np.array([read(text) for text in case["values"]], dtype)
    expected = [{"under": 0, "over": 255, "bad": 0}.get(index, index) for index in case["index"]]
    assert indices(values, case["low"], case["high"]).tolist() == expected
    # A large image goes another way than a small one.
    many = np.tile(values, 70_000 // values.size + 1)
    assert indices(many, case["low"], case["high"])[-values.size :].tolist() == expected


@pytest.mark.parametrize(
    ("dtype", "first"), [("int32", 2**30), ("uint32", 2**31), ("float64", 10**9), ("float32", 10**6), ("<u2", 65000)]
)
def test_png_of_64_steps_far_from_zero_has_64_colours(dtype: str, first: int) -> None:
    """Also with the levels that are found for it: steps are taken off in the type of the source."""
    values = (np.arange(64).reshape(8, 8) + first).astype(dtype)
    shades = places(opened(png_file(values, "gray")))
    assert len(np.unique(shades)) == 64
    assert np.diff(shades.reshape(-1).astype(int)).min() > 0


@pytest.mark.parametrize(("dtype", "first"), [("int64", -(2**60)), ("int64", 2**60), ("uint64", 2**64 - 4096)])
def test_png_of_64_bit_integers_beyond_doubles(dtype: str, first: int) -> None:
    """Doubles are 128 and more apart there; levels of doubles all the same show each of the 64 steps."""
    values = np.array([first + k for k in range(64)], dtype).reshape(8, 8)
    shades = places(opened(png_file(values, "gray", float(first), float(first + 2048))))
    assert shades.reshape(-1).tolist() == [k // 8 for k in range(64)]


def test_png_says_what_is_no_number() -> None:
    """NaN and the infinities have the colours that the page gives them."""
    values = np.array([[np.nan, np.inf, -np.inf, 0.0, 1.0]])
    picture = opened(png_file(values, "gray", 0.0, 1.0)).convert("RGB")
    found = [picture.getpixel((x, 0)) for x in range(5)]
    assert found == [BAD_COLOUR, POSITIVE_INFINITY_COLOUR, NEGATIVE_INFINITY_COLOUR, (0,) * 3, (255,) * 3]


def test_png_of_the_largest_numbers() -> None:
    """The distance of its levels is no finite number, its colours are right all the same."""
    largest = float(np.finfo(np.float64).max)
    shades = places(opened(png_file(np.array([[-largest, -largest / 2, 0.0, largest / 2, largest]]), "gray")))
    assert shades.tolist() == [[0, 64, 128, 192, 255]]


@pytest.mark.parametrize("dtype", ["uint16", "float32", "float64", "int64"])
def test_png_of_colour_of_other_types_is_in_colour_under_levels(dtype: str) -> None:
    """Each part by itself, by one pair of levels for all three; the fourth part is left out."""
    values = np.zeros((2, 3, 4), dtype)
    values[0, 0, 0], values[0, 1, 1], values[0, 2, 2], values[1, :, :3] = 1000, 500, 1000, 250
    values[:, :, 3] = 7777
    picture = np.asarray(opened(png_file(values, low=0.0, high=1000.0)))
    assert picture.shape == (2, 3, 3)
    assert picture[0].tolist() == [[255, 0, 0], [0, 128, 0], [0, 0, 255]]
    assert picture[1].tolist() == 3 * [[64, 64, 64]]


def test_png_with_one_level_that_lies_beyond_the_picture() -> None:
    """A low level above all values: a picture of the first colour, no fault."""
    assert set(places(opened(png_file(np.arange(16.0).reshape(4, 4), "gray", 100.0))).flat) == {0}
    assert set(places(opened(png_file(np.arange(16.0).reshape(4, 4), "gray", None, -5.0))).flat) == {255}
