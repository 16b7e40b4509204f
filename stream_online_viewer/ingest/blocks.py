"""The blocks of a frame that hold an array: their keys and their bytes. Pure."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stream_online_viewer.coding import bslz4
from stream_online_viewer.model.channel import Channel
from stream_online_viewer.protocol.frame import Block, Buffer
from stream_online_viewer.protocol.rendition import Crop
from stream_online_viewer.protocol.shape import ImageShape

_COMPRESSED_BYTES = 2048


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


def cut(values: NDArray[Any], crop: Crop | None, shape: ImageShape) -> NDArray[Any]:
    if crop is None:
        return values
    x, y, width, height = crop
    part = (slice(y, y + height), slice(x, x + width))
    return values[:, *part] if shape.kind == "planar" else values[part]


def colour_last(values: NDArray[Any], shape: ImageShape) -> NDArray[Any]:
    return np.moveaxis(values, 0, -1) if shape.kind == "planar" else values
