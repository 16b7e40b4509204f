"""Encodes the image of a pulse in a rendition: passed on unchanged, cropped, compressed, or made smaller."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stream_online_viewer.coding import bslz4
from stream_online_viewer.ingest.channels import image_shape
from stream_online_viewer.ingest.image_files import npy_file, png_file
from stream_online_viewer.ingest.image_statistics import ImageStatistics, image_statistics
from stream_online_viewer.ingest.levels import AutoLevels, Pair
from stream_online_viewer.ingest.preview import Small, binning_for_jpeg, filled, gray, jpeg, smaller
from stream_online_viewer.ingest.spread import Spread, spread_of
from stream_online_viewer.ingest.steps import beside, result_of, step
from stream_online_viewer.model.channel import Channel
from stream_online_viewer.model.decompress import check_bslz4
from stream_online_viewer.model.problems import Invalid
from stream_online_viewer.model.pulse import Pulse
from stream_online_viewer.protocol.frame import Block, Buffer
from stream_online_viewer.protocol.rendition import Crop, Rendition, fitting_binning
from stream_online_viewer.protocol.shape import ImageShape

DETAIL = 64
"""Rows and columns of the exact detail in a preview."""
_COMPRESSED_BYTES = 2048
_LEVELS_KEPT = 32
_PASSED_BLOCK_BYTES = 2**24
"""Larger compressed blocks are not passed on, because clients need not accept them."""

Picture = tuple[Buffer, NDArray[np.uint8] | None]
"""A JPEG, and which of its pixels are bad; None if none are."""


def is_cheap(pulse: Pulse, index: int | None, rendition: Rendition) -> bool:
    """Return whether the rendition costs next to nothing because the values are passed on unchanged."""
    if index is None:
        return True
    channel = pulse.layout.channels[index]
    if rendition.crop is not None or channel.sent_dtype is not None or channel.compression == "lz4":
        return False
    if channel.compression == "none":
        return rendition.encoding in ("source", "raw")
    if rendition.encoding not in ("source", "bslz4"):
        return False
    if len(channel.shape) == 2:
        return True
    shape = image_shape(channel, rendition.colour)
    return shape is not None and _as_it_came(shape)


class ImageEncoder:
    """Makes the blocks of images; used by one thread.

    What different renditions of the last pulse have in common, such as its decoded values, is made once and kept.
    """

    def __init__(self) -> None:
        self._of: tuple[int, int, int, ImageShape] | None = None
        self._values: NDArray[Any] | None = None
        self._statistics: dict[float | None, ImageStatistics] = {}
        self._means: dict[tuple[Any, ...], Future[Small]] = {}
        self._pictures: dict[tuple[Any, ...], Picture] = {}
        self._beside = ThreadPoolExecutor(1, "binning")
        self._colour_spread: tuple[Spread | None] | None = None
        self._levels: OrderedDict[tuple[str, str, int, str | None], AutoLevels] = OrderedDict()

    def forget(self) -> None:
        """Release the memory kept for the last pulse."""
        self._of = self._values = None
        self._statistics.clear()
        self._colour_spread = None
        self._means.clear()
        self._pictures.clear()

    def blocks(self, pulse: Pulse, index: int, channel_id: int, rendition: Rendition) -> list[Block]:
        """Return the image block and, for a preview, the blocks that belong to it.

        Raise :class:`Invalid` if the value cannot be used.
        """
        channel = pulse.layout.channels[index]
        if channel.problem is not None:
            raise Invalid(channel.problem, channel.detail, of_definition=True)
        shape = image_shape(channel, rendition.colour)
        if shape is None:
            raise Invalid("shape", f"{channel.dtype} of shape {list(channel.shape)} cannot be shown as an image")
        keys = block_keys("image", channel_id, "bslz4", channel, channel.shape)
        if shape.is_colour:
            keys["colour"] = shape.kind
        crop = _within(rendition.crop, shape)
        untouched = channel.passes_through and _as_it_came(shape) and crop is None
        if untouched and rendition.encoding in ("bslz4", "source"):
            payload, itemsize = pulse.payload(index), channel.numpy_dtype.itemsize
            if check_bslz4(payload, channel.nbytes or 0, itemsize) * itemsize <= _PASSED_BLOCK_BYTES:
                return [Block(keys, payload)]
        values = self._decoded(pulse, index, shape, rendition.slice)
        if shape.kind == "slices":
            keys["slice"] = [min(rendition.slice, shape.slices - 1), shape.slices]
            keys["shape"] = list(values.shape)
        if rendition.encoding == "npy":
            return [Block(keys | {"format": "npy"}, npy_file(values))]
        if rendition.encoding == "png":
            native = values.astype(values.dtype.newbyteorder("="), copy=False)
            step()
            picture = png_file(_colour_last(native, shape), rendition.colour_map, rendition.low, rendition.high)
            return [Block(keys | {"format": "png"}, picture)]
        if shape.kind == "curve":
            return [Block(keys | {"format": "raw"}, bytes_of(values))]
        if rendition.encoding == "preview" and values.size:
            return self._preview(pulse, values, channel, shape, keys, crop, rendition)
        return [_exact(values, channel, shape, keys, crop, rendition)]

    def _decoded(self, pulse: Pulse, index: int, shape: ImageShape, slice_: int) -> NDArray[Any]:
        """Return the values, those of one slice of a stack; decoded once for all renditions."""
        chosen = min(slice_, shape.slices - 1) if shape.kind == "slices" else 0
        of = (pulse.sequence, index, chosen, shape)
        if self._values is None or self._of != of:
            self.forget()
            values = pulse.value(index)
            if not isinstance(values, np.ndarray):
                raise Invalid("shape", "a single value, not an array")
            step()
            self._values = values[chosen] if shape.kind == "slices" else _red_first(values, shape)
            step()
            self._of = of
        return self._values

    def _preview(
        self,
        pulse: Pulse,
        values: NDArray[Any],
        channel: Channel,
        shape: ImageShape,
        keys: dict[str, Any],
        crop: Crop | None,
        rendition: Rendition,
    ) -> list[Block]:
        native = values.astype(values.dtype.newbyteorder("="), copy=False)
        step()
        keys |= {"format": "jpeg", "dtype": "uint8", "order": "little", "exact": False}
        keys |= {"source_dtype": channel.sent_dtype or channel.dtype, "of": [shape.rows, shape.columns]}
        if rendition.fit is not None:
            rendition = rendition._replace(binning=fitting_binning(rendition.fit, shape.columns, shape.rows))
        rows, columns = (shape.rows, shape.columns) if crop is None else (crop[3], crop[2])
        rendition = rendition._replace(binning=binning_for_jpeg(rows, columns, rendition.binning))
        if crop is not None:
            keys["crop"] = list(crop)
        if rendition.binning > 1:
            keys["binning"] = rendition.binning
        keys["shape"] = [-(-rows // rendition.binning), -(-columns // rendition.binning)]
        size = (crop, rendition.binning)
        means = self._means.get(size)
        if means is None:
            part = _cut(native, crop, shape)
            if shape.is_colour:
                part = np.ascontiguousarray(_colour_last(part, shape)[:, :, :3])
                step()
            # At the same time as the statistics: both take milliseconds and release the GIL.
            means = self._means[size] = self._beside.submit(beside(smaller), part, rendition.binning)
        if shape.is_colour:
            keys |= {"colour": "interleaved", "shape": [*keys["shape"], 3]}
            low, high = self._colour_levels(pulse, native, channel, shape, rendition)
            if channel.dtype != "uint8":
                keys["levels"] = [low, high]
            blocks: list[Block] = []
        else:
            statistics = self._statistics.get(rendition.saturation)
            if statistics is None:
                statistics = self._statistics[rendition.saturation] = image_statistics(native, rendition.saturation)
            low, high = self._levels_for(pulse, channel, rendition, lambda: statistics.spread)
            keys |= {"levels": [low, high], "numbers": _statistics_keys(statistics)}
            blocks = _statistics_blocks(statistics, keys)
        made = self._pictures.get((*size, low, high))
        if made is None:
            made = self._pictures[(*size, low, high)] = _picture(result_of(means), low, high)
        if made[1] is not None:
            blocks.append(_bad_block(made[1], keys))
        return [Block(keys, made[0]), *blocks, *_detail(values, channel, shape, keys, rendition)]

    def _colour_levels(
        self, pulse: Pulse, native: NDArray[Any], channel: Channel, shape: ImageShape, rendition: Rendition
    ) -> Pair:
        if channel.dtype == "uint8":
            # Colour of 8 bits is shown unchanged.
            return 0.0, 255.0

        def spread() -> Spread | None:
            if self._colour_spread is None:
                self._colour_spread = (spread_of(_colour_last(native, shape)[:, :, :3]),)
            return self._colour_spread[0]

        return self._levels_for(pulse, channel, rendition, spread)

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


def _as_it_came(shape: ImageShape) -> bool:
    """Return whether all values are shown, in the order in which they were received."""
    return shape.kind not in ("slices", "curve") and not shape.blue_first


def _red_first(values: NDArray[Any], shape: ImageShape) -> NDArray[Any]:
    """Return the parts of a colour image in the order red, green, blue and, if there is one, the fourth."""
    if not shape.blue_first:
        return values
    axis = 0 if shape.kind == "planar" else 2
    order = [2, 1, 0, 3][: values.shape[axis]]
    return values.take(order, axis=axis)


def _picture(small: Small, low: float, high: float) -> Picture:
    shades = gray(small.values, low, high, small.origin)
    step()
    return jpeg(shades if small.bad is None else filled(shades, small.bad)), small.bad


def _bad_block(bad: NDArray[np.uint8], image: dict[str, Any]) -> Block:
    keys = {"role": "bad", "channel": image["channel"], "dtype": "uint8", "order": "little", "shape": list(bad.shape)}
    return number_block(keys | {"exact": True}, bad, packed=True)


def _within(crop: Crop | None, shape: ImageShape) -> Crop | None:
    """Return the part of the crop inside the image; None for the whole image, also if no part is inside."""
    if crop is None or shape.kind == "curve":
        return None
    x, y = min(crop[0], shape.columns), min(crop[1], shape.rows)
    width, height = min(crop[2], shape.columns - x), min(crop[3], shape.rows - y)
    if width <= 0 or height <= 0 or (width, height) == (shape.columns, shape.rows):
        return None
    return x, y, width, height


def _cut(values: NDArray[Any], crop: Crop | None, shape: ImageShape) -> NDArray[Any]:
    if crop is None:
        return values
    x, y, width, height = crop
    part = (slice(y, y + height), slice(x, x + width))
    return values[:, *part] if shape.kind == "planar" else values[part]


def _colour_last(values: NDArray[Any], shape: ImageShape) -> NDArray[Any]:
    return np.moveaxis(values, 0, -1) if shape.kind == "planar" else values


def _exact(
    values: NDArray[Any],
    channel: Channel,
    shape: ImageShape,
    keys: dict[str, Any],
    crop: Crop | None,
    rendition: Rendition,
) -> Block:
    if crop is not None:
        values = _cut(values, crop, shape)
        keys |= {"crop": list(crop), "of": [shape.rows, shape.columns], "shape": list(values.shape)}
    if rendition.encoding == "float32" and channel.dtype == "float64":
        with np.errstate(over="ignore"):
            values = values.astype("<f4")
        step()
        keys |= {"dtype": "float32", "order": "little", "source_dtype": "float64", "exact": False}
    if rendition.encoding in ("bslz4", "float32"):
        return Block(keys, bslz4.encode(np.ascontiguousarray(values)))
    return Block(keys | {"format": "raw"}, bytes_of(values))


def _detail(
    values: NDArray[Any], channel: Channel, shape: ImageShape, keys: dict[str, Any], rendition: Rendition
) -> list[Block]:
    """Return a block with the exact pixels around the cursor; no block if it is outside the image."""
    if rendition.hover is None or rendition.hover[0] >= shape.columns or rendition.hover[1] >= shape.rows:
        return []
    x = min(max(0, rendition.hover[0] - DETAIL // 2), max(0, shape.columns - DETAIL))
    y = min(max(0, rendition.hover[1] - DETAIL // 2), max(0, shape.rows - DETAIL))
    crop = (x, y, min(DETAIL, shape.columns - x), min(DETAIL, shape.rows - y))
    part = _cut(values, crop, shape)
    own = block_keys("detail", keys["channel"], "raw", channel, part.shape)
    own |= {"crop": list(crop), "of": [shape.rows, shape.columns]}
    if shape.is_colour:
        own["colour"] = shape.kind
    return [Block(own, bytes_of(part))]


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


def number_block(keys: dict[str, Any], values: NDArray[Any], packed: bool) -> Block:
    """Return a block of numbers; ``packed``: compress large blocks, for slow links."""
    if packed and values.nbytes >= _COMPRESSED_BYTES:
        return Block(keys | {"format": "bslz4"}, bslz4.encode(np.ascontiguousarray(values)))
    return Block(keys | {"format": "raw"}, bytes_of(values))


def block_keys(role: str, channel_id: int, encoding: str, channel: Channel, shape: Sequence[int]) -> dict[str, Any]:
    """Return the keys of a block with values of a channel, of the type that they have here."""
    keys: dict[str, Any] = {
        "role": role,
        "channel": channel_id,
        "format": encoding,
        "dtype": channel.dtype,
        "order": channel.order,
        "shape": list(shape),
        "exact": channel.sent_dtype is None,
    }
    return keys if channel.sent_dtype is None else keys | {"source_dtype": channel.sent_dtype}


def bytes_of(values: NDArray[Any]) -> Buffer:
    """Return the bytes of an array in C order, without a copy if it is in that order."""
    return np.ascontiguousarray(values).reshape(-1).view(np.uint8).data
