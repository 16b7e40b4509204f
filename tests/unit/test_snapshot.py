"""Image files for scripts and e-logs."""

import io

import numpy as np
import pytest
from PIL import Image

from stream_online_viewer.ingest.snapshot import colour_maps, npy_file, png_file


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
    assert picture.text["Levels"].startswith("5 to 9.32")


@pytest.mark.parametrize("values", [np.zeros((4, 4)), np.full((4, 4), np.nan), np.full((4, 4), -7, np.int32)])
def test_png_of_an_empty_picture(values: np.ndarray) -> None:
    """An image without any contrast is a picture too."""
    assert opened(png_file(values)).size == (4, 4)


def test_png_levels_leave_out_a_defect() -> None:
    """One hot pixel among many does not make the beam dark."""
    values = np.zeros((400, 400), np.uint16)
    values[100:200, 100:200] = 1000
    values[0, 0] = 65535
    assert opened(png_file(values)).text["Levels"].startswith("0 to 1080")


def test_png_of_colour_is_the_colour() -> None:
    """Colour images are not mapped."""
    values = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    assert np.array_equal(np.asarray(opened(png_file(values))), values)
