"""Encodes the image of a pulse in a rendition: passed on unchanged, cropped, compressed, or made smaller."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from stream_online_viewer.coding import bslz4
from stream_online_viewer.ingest.bands import ArrayRows, Rows
from stream_online_viewer.ingest.blocks import block_keys, bytes_of, colour_last, cut
from stream_online_viewer.ingest.channels import image_shape
from stream_online_viewer.ingest.image_files import npy_file, png_file
from stream_online_viewer.ingest.image_preview import Previews, preview_binning
from stream_online_viewer.ingest.steps import step
from stream_online_viewer.model.channel import Channel
from stream_online_viewer.model.decompress import check_bslz4
from stream_online_viewer.model.packed import MOST_BLOCK_BYTES, PackedRows
from stream_online_viewer.model.problems import Invalid
from stream_online_viewer.model.pulse import Pulse
from stream_online_viewer.protocol.frame import Block
from stream_online_viewer.protocol.rendition import Crop, Rendition
from stream_online_viewer.protocol.shape import ImageShape

_PASSED_BLOCK_BYTES = 2**24
"""Larger compressed blocks are not passed on, because clients need not accept them."""
_KEPT_BYTES = 2**24
"""Compressed images that are larger than this are not decoded as a whole for their previews. Smaller ones are, because
the values are then there for other renditions of the pulse."""

_Of = tuple[int, int, int, ImageShape]
"""Sequence of the pulse, index of the channel, slice, shape."""


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
        self._of: _Of | None = None
        self._values: NDArray[Any] | None = None
        self._packed: PackedRows | None = None
        self._previews = Previews()

    def forget(self) -> None:
        """Release the memory kept for the last pulse."""
        self._of = self._values = self._packed = None
        self._previews.forget()

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
            (head, payload), itemsize = pulse.passed(index), channel.numpy_dtype.itemsize
            if check_bslz4(payload, channel.nbytes or 0, itemsize, head) * itemsize <= _PASSED_BLOCK_BYTES:
                return [Block(keys, payload, head)]
        of = (pulse.sequence, index, min(rendition.slice, shape.slices - 1) if shape.kind == "slices" else 0, shape)
        if self._of != of:
            self.forget()
            self._of = of
        if rendition.encoding == "preview" and shape.kind == "plane" and channel.nbytes:
            rows = self._rows(pulse, index, shape, crop, rendition)
            return self._previews.of_plane(pulse, rows, channel, keys, crop, rendition)
        values = self._decoded(pulse, index, shape)
        if shape.kind == "slices":
            keys["slice"] = [of[2], shape.slices]
            keys["shape"] = list(values.shape)
        if rendition.encoding == "npy":
            return [Block(keys | {"format": "npy"}, npy_file(values))]
        if rendition.encoding == "png":
            native = values.astype(values.dtype.newbyteorder("="), copy=False)
            step()
            picture = png_file(colour_last(native, shape), rendition.colour_map, rendition.low, rendition.high)
            return [Block(keys | {"format": "png"}, picture)]
        if shape.kind == "curve":
            return [Block(keys | {"format": "raw"}, bytes_of(values))]
        if rendition.encoding == "preview" and values.size:
            if shape.is_colour:
                return self._previews.of_colour(pulse, values, channel, shape, keys, crop, rendition)
            return self._previews.of_plane(pulse, ArrayRows(values), channel, keys, crop, rendition)
        return [_exact(values, channel, shape, keys, crop, rendition)]

    def _rows(self, pulse: Pulse, index: int, shape: ImageShape, crop: Crop | None, rendition: Rendition) -> Rows:
        """Return the rows of an image of two dimensions; of a large one without decoding it as a whole."""
        channel = pulse.layout.channels[index]
        size = (shape.rows, shape.columns)
        # Of wider values the extremes have to be known before they are counted, and a picture of all pixels is large.
        once = channel.passes_through and channel.numpy_dtype.itemsize <= 2
        if not once or (channel.nbytes or 0) <= _KEPT_BYTES or preview_binning(size, crop, rendition) == 1:
            return ArrayRows(self._decoded(pulse, index, shape))
        if self._values is None and self._packed is None:
            packed = pulse.packed_rows(index)
            if packed.block_bytes <= MOST_BLOCK_BYTES:
                self._packed = packed
        return ArrayRows(self._decoded(pulse, index, shape)) if self._packed is None else self._packed

    def _decoded(self, pulse: Pulse, index: int, shape: ImageShape) -> NDArray[Any]:
        """Return the values, those of one slice of a stack; decoded once for all renditions."""
        if self._values is None:
            values = pulse.value(index)
            if not isinstance(values, np.ndarray):
                raise Invalid("shape", "a single value, not an array")
            step()
            chosen = 0 if self._of is None else self._of[2]
            self._values = values[chosen] if shape.kind == "slices" else _red_first(values, shape)
            step()
        return self._values


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


def _within(crop: Crop | None, shape: ImageShape) -> Crop | None:
    """Return the part of the crop inside the image; None for the whole image, also if no part is inside."""
    if crop is None or shape.kind == "curve":
        return None
    x, y = min(crop[0], shape.columns), min(crop[1], shape.rows)
    width, height = min(crop[2], shape.columns - x), min(crop[3], shape.rows - y)
    if width <= 0 or height <= 0 or (width, height) == (shape.columns, shape.rows):
        return None
    return x, y, width, height


def _exact(
    values: NDArray[Any],
    channel: Channel,
    shape: ImageShape,
    keys: dict[str, Any],
    crop: Crop | None,
    rendition: Rendition,
) -> Block:
    if crop is not None:
        values = cut(values, crop, shape)
        keys |= {"crop": list(crop), "of": [shape.rows, shape.columns], "shape": list(values.shape)}
    if rendition.encoding == "float32" and channel.dtype == "float64":
        with np.errstate(over="ignore"):
            values = values.astype("<f4")
        step()
        keys |= {"dtype": "float32", "order": "little", "source_dtype": "float64", "exact": False}
    if rendition.encoding in ("bslz4", "float32"):
        return Block(keys, bslz4.encode(np.ascontiguousarray(values)))
    return Block(keys | {"format": "raw"}, bytes_of(values))
