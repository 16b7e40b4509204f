"""The previews of an image: what several of one pulse have in common is made once."""

from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stream_online_viewer.ingest.bands import THREADS, ArrayRows, Rows, Walk, bands
from stream_online_viewer.ingest.blocks import block_keys, bytes_of, colour_last, cut, number_block
from stream_online_viewer.ingest.image_statistics import ImageStatistics, image_statistics, nearer
from stream_online_viewer.ingest.levels import AutoLevels, Pair
from stream_online_viewer.ingest.preview import BlockMeans, Small, binning_for_jpeg, filled, gray, jpeg, smaller
from stream_online_viewer.ingest.spread import Spread, spread_of
from stream_online_viewer.ingest.steps import step
from stream_online_viewer.model.channel import Channel
from stream_online_viewer.model.pulse import Pulse
from stream_online_viewer.protocol.frame import Block, Buffer
from stream_online_viewer.protocol.rendition import Crop, Rendition, fitting_binning
from stream_online_viewer.protocol.shape import ImageShape

DETAIL = 64
"""Rows and columns of the exact detail in a preview."""
_LEVELS_KEPT = 32

Picture = tuple[Buffer, NDArray[np.uint8] | None]
"""A JPEG, and which of its pixels are bad; None if none are."""


class Previews:
    """Makes the blocks of previews; used by one thread. :meth:`forget` before those of another image."""

    def __init__(self) -> None:
        self._statistics: dict[float | None, ImageStatistics] = {}
        self._means: dict[tuple[Any, ...], Small] = {}
        self._pictures: dict[tuple[Any, ...], Picture] = {}
        self._pool = ThreadPoolExecutor(THREADS - 1, "bands") if THREADS > 1 else None
        self._colour_spread: tuple[Spread | None] | None = None
        self._levels: OrderedDict[tuple[str, str, int, str | None], AutoLevels] = OrderedDict()

    def forget(self) -> None:
        """Release the memory kept for the last image."""
        self._statistics.clear()
        self._colour_spread = None
        self._means.clear()
        self._pictures.clear()

    def of_plane(
        self, pulse: Pulse, rows: Rows, channel: Channel, keys: dict[str, Any], crop: Crop | None, rendition: Rendition
    ) -> list[Block]:
        """Return the blocks of a preview of an image without colour; ``keys`` are the beginning of its keys."""
        height, width = rows.shape
        binning = _add_keys(keys, channel, (height, width), crop, rendition)
        size = (crop, binning)
        statistics = self._statistics.get(rendition.saturation)
        if statistics is None:
            means = BlockMeans(binning)
            whole = crop is None and binning > 1 and size not in self._means
            walk = Walk(rows, self._pool, binning if whole else 1)
            statistics = image_statistics(walk, rendition.saturation, means.take if whole else None)
            self._statistics[rendition.saturation] = statistics
            if whole:
                self._means[size] = means.small(_near(rows, statistics)[1])
        if size not in self._means:
            near, origin = _near(rows, statistics)
            finite = statistics.not_finite == 0
            self._means[size] = _small(near, origin, crop or (0, 0, width, height), binning, finite)
        low, high = self._levels_for(pulse, channel, rendition, lambda: statistics.spread)
        keys |= {"levels": [low, high], "numbers": _statistics_keys(statistics)}
        blocks = [*self._picture(keys, size, low, high), *_statistics_blocks(statistics, keys)]

        def part(x: int, y: int, width: int, height: int) -> NDArray[Any]:
            return rows.read(y, y + height)[:, x : x + width].astype(channel.numpy_dtype, copy=False)

        return blocks + _detail(part, channel, ImageShape("plane", height, width), keys, rendition)

    def of_colour(
        self,
        pulse: Pulse,
        values: NDArray[Any],
        channel: Channel,
        shape: ImageShape,
        keys: dict[str, Any],
        crop: Crop | None,
        rendition: Rendition,
    ) -> list[Block]:
        """Return the blocks of a preview of a colour image, whose parts are red, green, blue and maybe another."""
        native = values.astype(values.dtype.newbyteorder("="), copy=False)
        step()
        binning = _add_keys(keys, channel, (shape.rows, shape.columns), crop, rendition)
        keys |= {"colour": "interleaved", "shape": [*keys["shape"], 3]}
        size = (crop, binning)
        if size not in self._means:
            part = np.ascontiguousarray(colour_last(cut(native, crop, shape), shape)[:, :, :3])
            step()
            self._means[size] = _small_colour(part, binning)
        if channel.dtype == "uint8":
            # Colour of 8 bits is shown unchanged.
            low, high = 0.0, 255.0
        else:

            def spread() -> Spread | None:
                if self._colour_spread is None:
                    self._colour_spread = (spread_of(colour_last(native, shape)[:, :, :3]),)
                return self._colour_spread[0]

            low, high = self._levels_for(pulse, channel, rendition, spread)
            keys["levels"] = [low, high]
        blocks = self._picture(keys, size, low, high)
        return blocks + _detail(lambda *crop: cut(values, crop, shape), channel, shape, keys, rendition)

    def _picture(self, keys: dict[str, Any], size: tuple[Any, ...], low: float, high: float) -> list[Block]:
        """Return the block of the picture, and that of its bad pixels if it has any."""
        made = self._pictures.get((*size, low, high))
        if made is None:
            made = self._pictures[(*size, low, high)] = _picture(self._means[size], low, high)
        return [Block(keys, made[0])] + ([] if made[1] is None else [_bad_block(made[1], keys)])

    def _levels_for(
        self, pulse: Pulse, channel: Channel, rendition: Rendition, spread: Callable[[], Spread | None]
    ) -> Pair:
        if rendition.low is not None and rendition.high is not None:
            return rendition.low, rendition.high
        if channel.dtype == "bool":
            return 0.0, 1.0
        key = (channel.name, channel.dtype, rendition.slice, rendition.colour)
        levels = self._levels.setdefault(key, AutoLevels())
        self._levels.move_to_end(key)
        if len(self._levels) > _LEVELS_KEPT:
            self._levels.popitem(last=False)
        return levels.update(pulse.sequence, spread(), channel.dtype)


def preview_binning(size: tuple[int, int], crop: Crop | None, rendition: Rendition) -> int:
    """Return the binning of a preview of an image of (rows, columns)."""
    binning = rendition.binning
    if rendition.fit is not None:
        binning = fitting_binning(rendition.fit, size[1], size[0])
    return binning_for_jpeg(*(size if crop is None else (crop[3], crop[2])), binning)


def _add_keys(
    keys: dict[str, Any], channel: Channel, size: tuple[int, int], crop: Crop | None, rendition: Rendition
) -> int:
    """Add the keys that all previews have, and return the binning."""
    binning = preview_binning(size, crop, rendition)
    rows, columns = size if crop is None else (crop[3], crop[2])
    keys |= {"format": "jpeg", "dtype": "uint8", "order": "little", "exact": False}
    keys |= {"source_dtype": channel.sent_dtype or channel.dtype, "of": list(size)}
    if crop is not None:
        keys["crop"] = list(crop)
    if binning > 1:
        keys["binning"] = binning
    keys["shape"] = [-(-rows // binning), -(-columns // binning)]
    return binning


def _near(rows: Rows, statistics: ImageStatistics) -> tuple[Rows, int]:
    """Return the values as they are best reduced, and the integer that is to be added to them."""
    if statistics.minimum is None or statistics.maximum is None:
        return rows, 0
    return nearer(rows, statistics.minimum, statistics.maximum)


def _small(rows: Rows, origin: int, crop: Crop, binning: int, finite: bool) -> Small:
    """Return a part of an image reduced. ``finite``: all values of the image are."""
    x, y, width, height = crop
    if binning == 1 and finite:
        return Small(rows.read(y, y + height)[:, x : x + width], origin)
    means = BlockMeans(binning)
    for first, end in bands(y, y + height, rows.shape[1] * rows.dtype.itemsize, binning):
        means.take(first, rows.read(first, end)[:, x : x + width])
        step()
    return means.small(origin)


def _small_colour(values: NDArray[Any], binning: int) -> Small:
    """Return a colour image of (rows, columns, 3) reduced."""
    flat = values.reshape(len(values), -1)
    if values.dtype.kind == "f" or values.dtype.itemsize < 8:
        return smaller(values, binning)
    origin = int(flat.min())
    step()
    near = nearer(ArrayRows(flat), origin, int(flat.max()))[0].read(0, len(flat))
    step()
    small = smaller(near.reshape(values.shape), binning)
    return Small(small.values, origin, small.bad)


def _picture(small: Small, low: float, high: float) -> Picture:
    shades = gray(small.values, low, high, small.origin)
    step()
    return jpeg(shades if small.bad is None else filled(shades, small.bad)), small.bad


def _bad_block(bad: NDArray[np.uint8], image: dict[str, Any]) -> Block:
    keys = {"role": "bad", "channel": image["channel"], "dtype": "uint8", "order": "little", "shape": list(bad.shape)}
    return number_block(keys | {"exact": True}, bad, packed=True)


def _detail(
    part: Callable[[int, int, int, int], NDArray[Any]],
    channel: Channel,
    shape: ImageShape,
    keys: dict[str, Any],
    rendition: Rendition,
) -> list[Block]:
    """Return a block with the exact pixels around the cursor; no block if it is outside the image.

    ``part`` returns a part of the image: x, y, width, height.
    """
    if rendition.hover is None or rendition.hover[0] >= shape.columns or rendition.hover[1] >= shape.rows:
        return []
    x = min(max(0, rendition.hover[0] - DETAIL // 2), max(0, shape.columns - DETAIL))
    y = min(max(0, rendition.hover[1] - DETAIL // 2), max(0, shape.rows - DETAIL))
    crop = (x, y, min(DETAIL, shape.columns - x), min(DETAIL, shape.rows - y))
    pixels = part(*crop)
    own = block_keys("detail", keys["channel"], "raw", channel, pixels.shape)
    own |= {"crop": list(crop), "of": [shape.rows, shape.columns]}
    if shape.is_colour:
        own["colour"] = shape.kind
    return [Block(own, bytes_of(pixels))]


def _statistics_keys(statistics: ImageStatistics) -> dict[str, Any]:
    def text(value: float | None) -> str | None:
        return None if value is None else repr(value)

    return {
        "min": text(statistics.minimum),
        "max": text(statistics.maximum),
        "sum": text(statistics.total),
        "finite": statistics.finite,
        "not_finite": statistics.not_finite,
        "saturation": text(statistics.saturation),
        "saturated": statistics.saturated,
    }


def _statistics_blocks(statistics: ImageStatistics, image: dict[str, Any]) -> list[Block]:
    blocks = []
    for axis, sums in (("x", statistics.profile_x), ("y", statistics.profile_y)):
        blocks.append(_sums({"role": "profile", "channel": image["channel"], "axis": axis}, sums))
    place = {"low": float(statistics.histogram_low), "width": float(statistics.histogram_width)}
    blocks.append(_sums({"role": "histogram", "channel": image["channel"], **place}, statistics.histogram))
    return blocks


def _sums(keys: dict[str, Any], values: NDArray[Any]) -> Block:
    keys |= {"dtype": values.dtype.name, "order": "little", "shape": list(values.shape), "exact": True}
    return number_block(keys, values, packed=True)
