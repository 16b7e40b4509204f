"""Previews of any image, band by band and in several threads, against plain NumPy on the whole image."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from stream_online_viewer.ingest import bands, image
from stream_online_viewer.ingest.bands import ArrayRows, Rows, Walk
from stream_online_viewer.ingest.image import ImageEncoder
from stream_online_viewer.ingest.image_statistics import ImageStatistics, image_statistics, nearer
from stream_online_viewer.ingest.preview import BlockMeans, Small
from stream_online_viewer.ingest.spread import SAMPLES, Spread, defects
from stream_online_viewer.model.packed import PackedRows
from stream_online_viewer.model.problems import Invalid
from stream_online_viewer.protocol.rendition import Rendition
from tests import codec
from tests.raw_source import channel, compress, message
from tests.unit.source_helpers import received
from tests.unit.test_ingest_image import array_of
from tests.unit.test_ingest_image import block_means as padded_means

INTEGERS = ["bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"]
FLOATS = ["float32", "float64"]
FILLS = ["whole range", "narrow", "just short", "just wide", "one value", "camera"]
HOLES = ["none", "some", "a row", "a corner", "nearly all", "all"]
CHECKS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

# A busy machine makes hundreds of examples slow.
pytestmark = pytest.mark.timeout(600)


def integers(dtype: str, shape: tuple[int, int], fill: str, seed: int) -> NDArray[Any]:
    """Whole numbers: of the whole type, or within a span, at a random place of the type."""
    generator = np.random.default_rng(seed)
    if dtype == "bool":
        return generator.random(shape) < 0.3
    info = np.iinfo(dtype)
    low, high = int(info.min), int(info.max)
    if fill != "whole range":
        # Just short: the largest distance is the largest of 16 bits; just wide: one more.
        spans = {"narrow": 60, "just short": 2**16 - 1, "just wide": 2**16, "one value": 0, "camera": 4095}
        span = min(spans[fill], high - low)
        low += int(generator.integers(0, high - low - span, dtype=np.uint64, endpoint=True))
        high = low + span
    if fill == "camera":
        found = np.clip(generator.normal(100, 5, shape), 0, high - low).astype(np.uint64)
        return (np.array([low]).astype(dtype) + found.astype(dtype)).astype(dtype)
    values = generator.integers(low, high, shape, dtype, endpoint=True)
    values[0, 0], values[-1, -1] = low, high
    return values


def floats(dtype: str, shape: tuple[int, int], holes: str, seed: int) -> NDArray[Any]:
    """Numbers around one, and pixels that are not finite."""
    generator = np.random.default_rng(seed)
    values = generator.normal(1000, 100, shape).astype(dtype)
    bad = np.array([np.nan, np.inf, -np.inf], dtype)[generator.integers(0, 3, shape)]
    row, column = generator.integers(0, shape[0]), generator.integers(0, shape[1])
    where = np.zeros(shape, bool)
    if holes in ("some", "nearly all", "all"):
        where = generator.random(shape) < {"some": 0.2, "nearly all": 0.995, "all": 1.0}[holes]
    elif holes == "a row":
        where[row] = True
    elif holes == "a corner":
        where[row:, column:] = True
    return np.where(where, bad, values)


@st.composite
def images(draw: st.DrawFn) -> NDArray[Any]:
    """Return an image of any type."""
    shape = draw(st.tuples(st.integers(1, 90), st.integers(1, 130)))
    seed = draw(st.integers(0, 2**31))
    if draw(st.booleans()):
        return floats(draw(st.sampled_from(FLOATS)), shape, draw(st.sampled_from(HOLES)), seed)
    return integers(draw(st.sampled_from(INTEGERS)), shape, draw(st.sampled_from(FILLS)), seed)


@pytest.fixture(autouse=True, params=[1, 3], ids=["one thread", "three threads"])
def pool(request: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[ThreadPoolExecutor | None]:
    """Bands of a few rows, also for small images, and all that is compressed is read in bands."""
    monkeypatch.setattr(bands, "BAND_BYTES", 2000)
    monkeypatch.setattr(bands, "_PIXELS_FOR_A_THREAD", 100)
    monkeypatch.setattr(bands, "THREADS", request.param)
    monkeypatch.setattr(image, "_KEPT_BYTES", 0)
    if request.param == 1:
        yield None
    else:
        with ThreadPoolExecutor(request.param - 1) as threads:
            yield threads


def block_means(values: NDArray[Any], binning: int) -> NDArray[np.float64]:
    """The means of the finite pixels of blocks in doubles, NaN where there is none."""
    if values.dtype.kind != "f":
        # Exact differences, also of the largest integers.
        values = (values.astype(object) - int(values.min())).astype(np.float64)
    means: NDArray[np.float64] = padded_means(values, binning)
    return means


def check_means(small: Small, values: NDArray[Any], binning: int) -> None:
    """A pixel is the mean of its block, rounded at most to a whole number, and bad only without one."""
    expected = block_means(values, binning)
    none = np.isnan(expected)
    assert small.values.shape == expected.shape
    assert (small.bad is None) == (not none.any())
    if small.bad is not None:
        np.testing.assert_array_equal(small.bad > 0, none)
    lowest = 0 if values.dtype.kind == "f" else int(values.min())
    found = small.values.astype(np.float64) + float(small.origin - lowest)
    if small.values.dtype.kind == "f":
        np.testing.assert_allclose(found[~none], expected[~none], rtol=1e-6, atol=1e-9)
    else:
        assert np.abs(found - expected).max() <= 0.5 + 1e-9


def spread_by_sorting(values: NDArray[Any]) -> Spread | None:
    """The order statistics by their definition."""
    flat = values.reshape(-1)
    places: Sequence[int] = range(flat.size)
    if flat.size > SAMPLES:
        places = [int(k * 0.6180339887498949 % 1 * flat.size) for k in range(1, SAMPLES + 1)]
    sample = sorted(flat[place].item() for place in places if np.isfinite(flat[place]))
    order = sorted(value.item() for value in flat[np.isfinite(flat)])
    if not order:
        return None
    few = defects(len(order))
    dark, peak = order[few - 1], order[-few]
    foot = sample[int(0.01 * (len(sample) - 1))] if sample else dark
    return Spread(order[0], dark, min(max(foot, dark), peak), peak, order[-1])


def check_statistics(found: ImageStatistics, values: NDArray[Any]) -> None:
    """Everything is what NumPy and Python's whole numbers say."""
    values = values.view(np.uint8) if values.dtype == np.bool_ else values
    good = values[np.isfinite(values)]
    assert (found.finite, found.not_finite) == (good.size, values.size - good.size)
    assert found.spread == spread_by_sorting(values)
    if not good.size:
        assert (found.minimum, found.maximum, found.total, found.histogram.size) == (None, None, None, 0)
        return
    assert (found.minimum, found.maximum) == (good.min(), good.max())
    assert found.histogram.sum() == good.size and 1 <= found.histogram.size <= 1024
    low, width = found.histogram_low, found.histogram_width
    if values.dtype.kind == "f":
        known = np.where(np.isfinite(values), values, 0).astype(np.float64)
        assert found.total == pytest.approx(known.sum(), rel=1e-9)
        np.testing.assert_allclose(found.profile_x, known.sum(axis=0), rtol=1e-12)
        np.testing.assert_allclose(found.profile_y, known.sum(axis=1), rtol=1e-12)
        if width:
            places = np.minimum((good.astype(np.float64) - low) / width, 1023).astype(int)
            np.testing.assert_array_equal(found.histogram, np.bincount(places, minlength=1024))
        return
    exact = values.astype(object)
    assert found.total == exact.sum()
    for profile, sums in ((found.profile_x, exact.sum(axis=0)), (found.profile_y, exact.sum(axis=1))):
        if profile.dtype.kind == "f":
            np.testing.assert_allclose(profile, sums.astype(np.float64), rtol=1e-12)
        else:
            assert profile.tolist() == list(sums)
    counts = [0] * found.histogram.size
    for value in exact.reshape(-1):
        counts[(value - low) // width] += 1
    assert found.histogram.tolist() == counts


def rows_of(values: NDArray[Any], packed: bool, big: bool) -> Rows:
    """The rows of an array, or of its compressed bytes."""
    values = values.astype(values.dtype.newbyteorder(">" if big else "<"))
    if not packed:
        return ArrayRows(values)
    payload = compress(values.tobytes(), "bitshuffle_lz4", values.dtype.itemsize)
    return PackedRows(memoryview(payload), values.dtype, (values.shape[0], values.shape[1]))


@given(values=images(), binning=st.integers(1, 40), packed=st.booleans(), big=st.booleans())
@CHECKS
def test_statistics_and_means_of_bands_are_those_of_the_whole_image(
    pool: ThreadPoolExecutor | None, values: NDArray[Any], binning: int, packed: bool, big: bool
) -> None:
    """Of all types and shapes, wherever the bands end, whatever is not finite, from one pass and from several."""
    rows = rows_of(values, packed, big)
    means = BlockMeans(binning)
    found = image_statistics(Walk(rows, pool, binning), None, means.take)
    check_statistics(found, values)
    origin = 0
    if found.minimum is not None and found.maximum is not None:
        origin = nearer(rows, found.minimum, found.maximum)[1]
    check_means(means.small(origin), values, binning)


@given(
    values=images(),
    bound=st.floats(allow_nan=False) | st.integers(-300, 70_000),
    packed=st.booleans(),
)
@CHECKS
def test_what_is_saturated_is_counted(
    pool: ThreadPoolExecutor | None, values: NDArray[Any], bound: float, packed: bool
) -> None:
    """All finite values from a number on, wherever it is."""
    found = image_statistics(Walk(rows_of(values, packed, False), pool), bound)
    good = values[np.isfinite(values)]
    if values.dtype.itemsize < 8:
        assert found.saturated == sum(value >= bound for value in good.reshape(-1).tolist())
    assert found.saturation == bound


@st.composite
def parts(draw: st.DrawFn) -> tuple[NDArray[Any], tuple[int, int, int, int] | None]:
    """Return an image and a part of it, or None for all."""
    values = draw(images())
    height, width = values.shape
    x, y = draw(st.integers(0, width - 1)), draw(st.integers(0, height - 1))
    part = x, y, draw(st.integers(1, width - x)), draw(st.integers(1, height - y))
    return values, draw(st.sampled_from([None, part]))


@given(
    case=parts(),
    binnings=st.lists(st.integers(1, 40), min_size=1, max_size=3),
    compression=st.sampled_from(["none", "bitshuffle_lz4"]),
    levels=st.booleans(),
)
@CHECKS
def test_every_way_through_the_encoder_gives_the_same_means(
    case: tuple[NDArray[Any], tuple[int, int, int, int] | None],
    binnings: list[int],
    compression: str,
    levels: bool,
) -> None:
    """The whole image and a part, several previews of one pulse, and exact values between them."""
    values, part = case
    pulse = received(message(1, [channel("image", values, compression=compression)]))
    encoder = ImageEncoder()
    taken: list[Small] = []

    def picture(small: Small, low: float, high: float) -> Any:
        taken.append(small)
        return b"", small.bad

    low, high = (0.0, 1.0) if levels else (None, None)
    with mock.patch("stream_online_viewer.ingest.image_preview._picture", picture):
        for binning in binnings:
            for crop in (part, None):
                keys = encoder.blocks(pulse, 0, 1, Rendition(None, 0, "preview", crop, binning, None, low, high))[
                    0
                ].keys
                x, y, width, height = crop or (0, 0, values.shape[1], values.shape[0])
                seen = values[y : y + height, x : x + width]
                if taken:
                    check_means(taken.pop(), seen, keys.get("binning", 1))
            block = encoder.blocks(pulse, 0, 1, Rendition(None, 0, "raw", part))[0]
            x, y, width, height = part or (0, 0, values.shape[1], values.shape[0])
            np.testing.assert_array_equal(
                array_of(block.keys, bytes(block.payload)), values[y : y + height, x : x + width]
            )


@given(values=images(), hover=st.tuples(st.integers(0, 129), st.integers(0, 89)), big=st.booleans())
@CHECKS
def test_the_detail_of_a_preview_is_exact(values: NDArray[Any], hover: tuple[int, int], big: bool) -> None:
    """In the byte order and type of the source, also of an image that is never decoded as a whole."""
    order: Any = "big" if big else "little"
    pulse = received(message(1, [channel("image", values, compression="bitshuffle_lz4", order=order)]))
    blocks = ImageEncoder().blocks(pulse, 0, 1, Rendition(None, 0, "preview", binning=2, hover=hover))
    found = [block for block in blocks if block.keys["role"] == "detail"]
    if hover[0] >= values.shape[1] or hover[1] >= values.shape[0]:
        assert not found
        return
    x, y, width, height = found[0].keys["crop"]
    assert x <= hover[0] < x + width and y <= hover[1] < y + height
    detail = array_of(found[0].keys, bytes(found[0].payload))
    np.testing.assert_array_equal(detail, values[y : y + height, x : x + width])


@pytest.mark.parametrize("damage", ["length", "block"])
def test_a_damaged_image_is_refused_by_bands_too(damage: str) -> None:
    """A wrong length, and a block that LZ4 cannot decode, in whichever thread it is."""
    values = integers("uint16", (80, 512), "camera", 3)
    part = channel("image", values, compression="bitshuffle_lz4")
    payload = bytearray(part.payload)
    if damage == "length":
        payload[12:16] = b"\0\1\0\0"
    else:
        # The last block but one: a literal run whose length has no end in it.
        places, position = [], 12
        while position < len(payload):
            places.append(position)
            position += 4 + int.from_bytes(payload[position : position + 4], "big")
        payload[places[-2] + 4 : places[-1]] = b"\xff" * (places[-1] - places[-2] - 4)
    part.payload = bytes(payload)
    encoder = ImageEncoder()
    with pytest.raises(Invalid, match="compressed data"):
        encoder.blocks(received(message(1, [part])), 0, 1, Rendition(None, 0, "preview", binning=2))
    # The next image is intact, and so is its preview.
    encoder.forget()
    intact = received(message(2, [channel("image", values, compression="bitshuffle_lz4")]), sequence=2)
    keys = encoder.blocks(intact, 0, 1, Rendition(None, 0, "preview", binning=2))[0].keys
    assert keys["numbers"]["sum"] == str(int(values.sum()))


def test_blocks_of_a_whole_image_are_not_read_in_bands(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each band would decode all of it."""
    monkeypatch.setattr(PackedRows, "read", None)
    values = integers("uint16", (300, 256), "camera", 5)
    part = channel("image", values, compression="bitshuffle_lz4")
    head = values.nbytes.to_bytes(8, "big") + values.nbytes.to_bytes(4, "big")
    part.payload = head + codec.pack(values.reshape(-1), values.size)
    blocks = ImageEncoder().blocks(received(message(1, [part])), 0, 1, Rendition(None, 0, "preview", binning=2))
    assert blocks[0].keys["numbers"]["sum"] == str(int(values.sum()))
