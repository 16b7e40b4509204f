"""Images of all types in all renditions: pixels without a value, far from zero, colour, truth values."""

import io
import json
import warnings
from typing import Any, Literal

import numpy as np
import pytest
from PIL import Image

from stream_online_viewer.coding.jpeg import MOST_SIDE
from stream_online_viewer.ingest.image import ImageEncoder, is_cheap
from stream_online_viewer.ingest.preview import binned, smaller
from stream_online_viewer.model.decompress import decompress
from stream_online_viewer.protocol.rendition import Rendition
from tests import codec
from tests.raw_source import channel, message
from tests.unit.source_helpers import received

TYPES = ["bool", "uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float32", "float64"]
NOISE = np.random.default_rng(11)


def encoded(values: Any, rendition: Any, sequence: Any = 1, encoder: Any = None, **more: Any) -> Any:
    """The blocks of a rendition of an image that came in a message; each as (keys, payload). JSON can hold the keys."""
    image = received(message(sequence, [channel("image", values, **more)]), sequence=sequence)
    blocks = (encoder or ImageEncoder()).blocks(image, 0, 7, rendition)
    json.dumps([block.keys for block in blocks], allow_nan=False)
    return [(block.keys, bytes(block.payload)) for block in blocks]


def preview(values: Any, binning: Any = 1, **more: Any) -> Any:
    """A preview: keys of its image, gray pixels or colours, codes of bad pixels or None."""
    rendition = {key: more.pop(key) for key in ("low", "high", "colour") if key in more}
    blocks = encoded(values, Rendition(None, encoding="preview", binning=binning, **rendition), **more)
    keys, payload = blocks[0]
    codes = [array_of(*block) for block in blocks if block[0]["role"] == "bad"]
    return keys, np.asarray(Image.open(io.BytesIO(payload))), codes[0] if codes else None


def array_of(keys: Any, payload: Any) -> Any:
    """The array that a block of numbers holds."""
    dtype = np.dtype(keys["dtype"]).newbyteorder("<" if keys["order"] == "little" else ">")
    compression: Literal["bitshuffle_lz4", "none"] = "bitshuffle_lz4" if keys["format"] == "bslz4" else "none"
    return decompress(memoryview(payload), compression, dtype, tuple(keys["shape"]))


def block_means(values: Any, binning: Any) -> Any:
    """NumPy's means of the finite pixels of blocks, NaN where there is none."""
    rows, columns = (-(-length // binning) * binning for length in values.shape)
    padded = np.full((rows, columns), np.nan)
    padded[: values.shape[0], : values.shape[1]] = np.where(np.isfinite(values), values, np.nan)
    blocks = padded.reshape(rows // binning, binning, columns // binning, binning)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.nanmean(blocks, axis=(1, 3))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("binning", [1, 2, 3, 6, 32])
@pytest.mark.parametrize("share", [0.1, 0.9, 1.0])
def test_a_pixel_of_a_preview_is_the_mean_of_the_finite_ones_below_it(dtype: str, binning: int, share: float) -> None:
    """As NumPy's nanmean of the blocks has it, and bad only where no pixel is finite."""
    values = NOISE.normal(1000, 100, (100, 131)).astype(dtype)
    values[NOISE.random(values.shape) < share] = np.nan
    values[40:80, 32:96] = np.nan
    small = smaller(values, binning)
    expected = block_means(values, binning)
    none = np.isnan(expected)
    assert (small.bad is None) == (not none.any())
    np.testing.assert_array_equal(np.zeros(none.shape) if small.bad is None else small.bad, none)
    np.testing.assert_allclose(small.values[~none], expected[~none], rtol=1e-6)


def test_a_tenth_of_not_a_number_leaves_a_preview_whole() -> None:
    """At random places, binned by 3: of 100 blocks none is bad, and all look as without; before, 61 of them were."""
    y, x = np.mgrid[:300, :300]
    values = (1000 + 800 * np.sin(x / 40) * np.cos(y / 50)).astype(np.float32)
    holes = values.copy()
    holes[NOISE.random(values.shape) < 0.1] = np.nan
    _, whole, none = preview(values, 3, low=0.0, high=2000.0)
    keys, seen, bad = preview(holes, 3, low=0.0, high=2000.0)
    assert none is None and bad is None
    assert np.abs(seen.astype(int) - whole).max() < 12
    assert keys["numbers"]["not_finite"] == np.count_nonzero(np.isnan(holes))


def test_a_preview_says_where_and_what_its_bad_pixels_are() -> None:
    """1: not a number, or of several kinds; 2 and 3: the infinities; at full size and binned."""
    values = np.full((8, 12), 5.0)
    values[:2, :2], values[2:4, :2], values[4:6, :2] = np.nan, np.inf, -np.inf
    values[6:8, :2] = [[np.nan, np.inf], [np.inf, np.inf]]
    values[0, 5] = np.inf
    for binning, codes in ((1, [1, 1, 2, 2, 3, 3, 1, 2]), (2, [1, 2, 3, 1])):
        keys, _, bad = preview(values, binning, low=0.0, high=10.0)
        assert list(bad.shape) == keys["shape"]
        assert list(bad[:, 0]) == codes
    assert np.count_nonzero(bad) == 4


def test_bad_pixels_do_not_darken_the_good_ones_beside_them() -> None:
    """JPEG spreads an edge over 8 x 8 pixels; half of the pixels are bad, the others are as bright as without."""
    values = np.full((64, 64), 200.0)
    values[NOISE.random(values.shape) < 0.5] = np.nan
    _, picture, bad = preview(values, low=0.0, high=255.0)
    assert np.abs(picture[bad == 0].astype(int) - 200).max() <= 2


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("binning", [1, 4, 32])
def test_means_of_the_largest_numbers_are_finite(dtype: str, binning: int) -> None:
    """Their sum is not."""
    largest = float(np.finfo(dtype).max)
    values = np.full((64, 64), largest, dtype)
    values[0, 0] = np.nan
    values[32:, :] = -largest
    small = smaller(values, binning)
    assert np.isfinite(small.values).all()
    assert small.values[-1, -1] == -small.values[0, -1] == pytest.approx(-largest)
    _, picture, _ = preview(values, binning, low=-largest, high=largest)
    assert picture[0, -1] > 250 and picture[-1, -1] < 5


FAR = {
    "int32": 2**30, "uint32": 2**31, "int64": 2**60, "uint64": 2**63, "float64": 10**9, "float32": 10**6,
}  # fmt: skip


@pytest.mark.parametrize("dtype", FAR)
@pytest.mark.parametrize("binning", [1, 2])
def test_small_differences_far_from_zero_are_seen_in_previews(dtype: Any, binning: int) -> None:
    """64 steps above a large number: as many shades, in equal steps."""
    steps = np.repeat(np.repeat(np.arange(64), 8), 8).reshape(64, 64).repeat(8, axis=0)
    values = steps.astype(dtype) + np.dtype(dtype).type(FAR[dtype])
    low, high = float(FAR[dtype]), float(FAR[dtype] + (512 if dtype == "uint64" else 63 if dtype != "int64" else 256))
    if dtype == "uint64":
        high = float(FAR[dtype] + 2048)
        values += steps.astype(dtype) * np.uint64(31)
    _, picture, _ = preview(values, binning, low=low, high=high)
    wanted = binned(((values - values.min()).astype(float) / (high - low) * 255), binning)
    assert np.abs(picture - wanted).max() <= 3


def test_every_type_of_every_extreme_has_a_preview_that_json_can_hold() -> None:
    """Random bits, the ends of the type, one value, nothing finite: keys without NaN or infinities."""
    for dtype in TYPES:
        bits = NOISE.integers(0, 256, 8 * 600, np.uint8).view("u1" if dtype == "bool" else dtype)[:600].reshape(20, 30)
        for values in (bits, bits[:1], bits[:, :1], np.full((3, 4), bits[0, 0])):
            preview((values & 1).astype(bool) if dtype == "bool" else values, 2)
    for value in (np.nan, np.inf, -np.inf, np.finfo(float).max, -np.finfo(float).max, 5e-324):
        for dtype in ("float32", "float64"):
            with np.errstate(over="ignore"):
                values = np.full((9, 9), value).astype(dtype)
            preview(values, 2)
            values[4, 4] = 0
            preview(values, 4)


def test_the_smallest_picture_of_a_large_part_of_few_columns() -> None:
    """A preview of one column and a few rows, with a low level: cv2 takes such an array for a scalar elsewhere."""
    for shape in ((80, 1), (4, 1), (1, 4), (3, 3), (1, 1), (4, 2)):
        values = NOISE.integers(100, 4000, shape).astype(np.uint16)
        for binning in (1, 32):
            _, picture, _ = preview(values, binning, low=90.0, high=4000.0)
            assert picture.shape == tuple(-(-length // binning) for length in shape)
            wanted = (binned(values, binning).astype(float) - 90) / 3910 * 255
            assert np.abs(picture - wanted).max() < 40


def test_a_preview_longer_than_jpeg_can_be_is_binned_more() -> None:
    """One row of 200000 pixels: a preview all the same, which says its binning."""
    values = np.arange(200_000, dtype=np.uint32).reshape(1, -1)
    keys, picture, _ = preview(values)
    assert keys["binning"] == 4
    assert picture.shape == (1, 50_000) == tuple(keys["shape"])
    assert picture.shape[1] <= MOST_SIDE


def colour_image(dtype: Any, kind: Any) -> Any:
    """A colour image of a type, (20, 30) pixels, whose red rises along the columns and whose blue is none."""
    y, x = np.mgrid[:20, :30]
    parts = [x / 29, y / 19, np.zeros_like(x)]
    top = 1 if dtype == "bool" else 100
    values = np.dstack(parts) * top
    values = (values > 0.5) if dtype == "bool" else values.astype(dtype)
    return values if kind == "interleaved" else np.moveaxis(values, -1, 0).copy()


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("kind", ["interleaved", "planar"])
def test_colour_of_every_type_is_colour_for_who_wants_it(dtype: Any, kind: str) -> None:
    """Exact and as preview, whose levels say what its shades stand for; a stack of slices for who wants that."""
    values = colour_image(dtype, kind)
    [(keys, payload)] = encoded(values, Rendition(None, encoding="bslz4", colour="auto"))
    assert (keys["colour"], keys["exact"], keys["shape"]) == (kind, True, list(values.shape))
    np.testing.assert_array_equal(array_of(keys, payload), values)
    keys, picture, _ = preview(values, 1, colour="auto")
    assert (keys["colour"], keys["shape"], keys["of"]) == ("interleaved", [20, 30, 3], [20, 30])
    assert ("levels" in keys) == (dtype != "uint8")
    low, high = keys.get("levels", [0, 255])
    last = values if kind == "interleaved" else np.moveaxis(values, 0, -1)
    wanted = np.clip((last.astype(float) - low) / (high - low) * 255, 0, 255)
    assert np.abs(picture - wanted).mean() < (25 if dtype == "bool" else 5)
    [(keys, payload)] = encoded(values, Rendition(None, 1, "bslz4", colour="slices"))
    assert keys["slice"] == [1, len(values)] and "colour" not in keys
    np.testing.assert_array_equal(array_of(keys, payload), values[1])


@pytest.mark.parametrize("dtype", TYPES)
def test_who_knows_no_other_colour_gets_what_was_always_sent(dtype: Any) -> None:
    """Without the wish, uint8 is colour and everything else a stack."""
    [(keys, _)] = encoded(colour_image(dtype, "planar"), Rendition(None, encoding="bslz4"))
    assert ("colour" in keys) == (dtype == "uint8")


@pytest.mark.parametrize(
    ("encoding", "wish", "colour"),
    [
        ("RGB8", "auto", True), ("Mono8", "auto", False), ("little", "auto", True), ("Mono8", "colour", True),
        ("RGB8", "slices", False), ("BGR8", "auto", True), ("BayerRG8", "auto", False),
    ],
)  # fmt: skip
def test_what_the_stream_says_of_its_pixels_comes_before_the_shape(encoding: str, wish: str, colour: bool) -> None:
    """A camera that calls its pixels Mono8 sends a stack of three frames, one that says BGR sends blue first."""
    values = colour_image("uint16", "interleaved")
    blocks = encoded(values, Rendition(None, 0, "source", colour=wish), encoding=encoding, compression="bitshuffle_lz4")
    keys, payload = blocks[0]
    assert ("colour" in keys) == colour
    if colour:
        wanted = values[:, :, ::-1] if encoding == "BGR8" else values
        np.testing.assert_array_equal(array_of(keys, payload), wanted)


def test_colour_with_pixels_without_a_value() -> None:
    """Bad where one of the three parts has none."""
    values = colour_image("float32", "interleaved")
    values[0, 0, 1] = np.nan
    _, _, bad = preview(values, 1, colour="auto")
    assert np.argwhere(bad).tolist() == [[0, 0]]


@pytest.mark.parametrize("compression", ["none", "lz4", "bitshuffle_lz4"])
@pytest.mark.parametrize("name", ["raw", "source", "bslz4", "npy"])
def test_true_is_any_byte_but_zero(compression: str, name: str) -> None:
    """However it came and in whatever rendition it is sent, true is any byte but 0."""
    sent = np.array([[0, 255, 1, 0], [2, 128, 0, 0], [0, 0, 255, 7]], np.uint8)
    [(keys, payload)] = encoded(sent, Rendition(None, encoding=name), compression=compression, type="bool")
    if name == "npy":
        seen = np.load(io.BytesIO(payload))
        assert seen.dtype == np.bool_
    else:
        seen = array_of(keys, payload)
    np.testing.assert_array_equal(seen, sent != 0)


def test_blocks_that_clients_need_not_take_are_not_passed_on() -> None:
    """bitshuffle with blocks of more than 16 MiB can be decoded here; clients get the usual ones."""
    values = np.zeros((4200, 4096), np.uint8)
    packed = codec.pack(values.reshape(-1), values.size)
    payload = np.uint64(values.size).byteswap().tobytes() + np.uint32(values.size).byteswap().tobytes() + bytes(packed)
    part = channel("image", values, compression="bitshuffle_lz4")
    part.payload = payload
    image = received(message(1, [part]))
    assert is_cheap(image, 0, Rendition(None))
    [block] = ImageEncoder().blocks(image, 0, 7, Rendition(None))
    assert int.from_bytes(bytes(block.payload)[8:12], "big") <= 2**24
    np.testing.assert_array_equal(array_of(block.keys, bytes(block.payload)), values)
