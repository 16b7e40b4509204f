"""From a bsread message to the blocks of a frame. Pure: bytes in, buffers out; releases the GIL wherever it is slow."""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import bitshuffle
import numpy as np
from numpy.typing import NDArray

from stream_online_viewer.ingest.channels import ImageShape, image_shape
from stream_online_viewer.ingest.snapshot import npy_file, png_file
from stream_online_viewer.protocol.frame import Block, Buffer, FrameHead
from stream_online_viewer.protocol.table import Row, encode_table
from stream_online_viewer.source.decompress import check_bslz4
from stream_online_viewer.source.headers import Channel
from stream_online_viewer.source.message import Message
from stream_online_viewer.source.problems import Invalid

MAX_ARRAY_BYTES = 65536
MAX_ARRAYS_BYTES = 524288
_BSLZ4_HEAD = struct.Struct(">QI")
_BLOCK_BYTES = 8192
_MIN_BLOCK = 128

FILES = ("npy", "png")


@dataclass(frozen=True, slots=True)
class Form:
    """How an image is wanted.

    ``name`` is ``raw``, ``bslz4``, ``source`` (what costs the server least: as it came if it came as bitshuffle_lz4,
    else raw), or one of ``FILES``, a whole file without the rest of the pulse. The other fields belong to ``png``.
    """

    name: str
    slice: int = 0
    colour_map: str = "viridis"
    low: float | None = None
    high: float | None = None


Encoded = tuple[FrameHead, list[Block]]


def encode_pulse(
    message: Message,
    epoch: int,
    numbers: Sequence[int | None],
    row: Row,
    problems: Sequence[tuple[int, str]],
    image: int | None,
    form: Form,
    count_invalid: Callable[[Invalid], None],
) -> Encoded:
    """Return head and blocks of the frame of one message.

    ``image`` is the index of the channel shown as image; ``problems`` are the invalid scalars, which were counted
    already. An image or array that cannot be decoded is named in the head as invalid; the frame is made without it.
    """
    head = FrameHead(epoch, message.sequence, message.main.pulse_id, message.main.source_time, message.received_time)
    invalid = list(problems)
    nulls = list(row.nulls)
    omitted: list[tuple[int, str, Sequence[int], str]] = []
    blocks: list[Block] = []
    if image is not None and (number := numbers[image]) is not None:
        try:
            blocks.append(_image_block(message, image, number, form))
        except Invalid as problem:
            count_invalid(problem)
            invalid.append((number, str(problem)))
    if form.name not in FILES:
        blocks += _arrays(message, numbers, image, omitted, invalid, nulls, count_invalid)
        table: dict[str, Any] = {"role": "values", "format": "table"}
        blocks.append(Block(table, encode_table([row])))
    head.omitted, head.invalid, head.null = omitted, invalid, nulls
    return head, blocks


def _arrays(
    message: Message,
    numbers: Sequence[int | None],
    image: int | None,
    omitted: list[tuple[int, str, Sequence[int], str]],
    invalid: list[tuple[int, str]],
    nulls: list[int],
    count_invalid: Callable[[Invalid], None],
) -> list[Block]:
    """Return a block for each curve that is small enough, and note why the other arrays are not there."""
    blocks: list[Block] = []
    left = MAX_ARRAYS_BYTES
    for index, channel in enumerate(message.header.channels):
        number = numbers[index]
        if channel.is_scalar or channel.dtype == "string" or number is None or index == image:
            continue
        if message.is_null(index):
            nulls.append(number)
        elif channel.problem is None and len(channel.shape) != 1:
            omitted.append((number, channel.dtype, channel.shape, "not the image shown"))
        elif (channel.nbytes or 0) > min(MAX_ARRAY_BYTES, left):
            omitted.append((number, channel.dtype, channel.shape, "too large for the table"))
        else:
            try:
                values = _array(message, index)
            except Invalid as problem:
                count_invalid(problem)
                invalid.append((number, str(problem)))
                continue
            left -= values.nbytes
            blocks.append(Block(_keys("array", number, "raw", channel, values.shape), _bytes_of(values)))
    return blocks


def _keys(role: str, number: int, form: str, channel: Channel, shape: Sequence[int]) -> dict[str, Any]:
    return {
        "role": role,
        "channel": number,
        "format": form,
        "dtype": channel.dtype,
        "order": channel.order,
        "shape": list(shape),
        "exact": True,
    }


def _array(message: Message, index: int) -> NDArray[Any]:
    values = message.value(index)
    if not isinstance(values, np.ndarray):
        raise Invalid("shape", "a single value, not an array")
    return values


def _bytes_of(values: NDArray[Any]) -> Buffer:
    """Return the bytes of an array in C order, without a copy if it has that order."""
    return np.ascontiguousarray(values).reshape(-1).view(np.uint8).data


def _image_block(message: Message, index: int, number: int, form: Form) -> Block:
    channel = message.header.channels[index]
    if channel.problem is not None:
        raise Invalid(channel.problem, channel.detail)
    shape = image_shape(channel)
    if shape is None:
        raise Invalid("shape", f"{channel.dtype} of shape {list(channel.shape)} cannot be shown as an image")
    untouched = (
        channel.compression == "bitshuffle_lz4"
        and shape.kind not in ("slices", "curve")
        and form.name in ("bslz4", "source")
    )
    keys = _keys("image", number, "bslz4", channel, channel.shape)
    if shape.kind in ("interleaved", "planar"):
        keys["colour"] = shape.kind
    if untouched:
        payload = message.payload(index)
        check_bslz4(payload, channel.nbytes or 0, channel.numpy_dtype.itemsize)
        return Block(keys, payload)
    values = _array(message, index)
    if shape.kind == "slices":
        chosen = min(form.slice, shape.slices - 1)
        values = values[chosen]
        keys["slice"] = [chosen, shape.slices]
        keys["shape"] = list(values.shape)
    if form.name == "npy":
        return Block(keys | {"format": "npy"}, npy_file(values))
    if form.name == "png":
        picture = png_file(_colour_last(values, shape), form.colour_map, form.low, form.high)
        return Block(keys | {"format": "png"}, picture)
    if form.name == "bslz4" and shape.kind != "curve":
        return Block(keys, compress(values))
    keys["format"] = "raw"
    return Block(keys, _bytes_of(values))


def _colour_last(values: NDArray[Any], shape: ImageShape) -> NDArray[Any]:
    return np.moveaxis(values, 0, -1) if shape.kind == "planar" else values


def compress(values: NDArray[Any]) -> bytes:
    """Return an array as bitshuffle + LZ4 with the 12-byte head that bsread and HDF5 use.

    Elements stay in their byte order.
    """
    flat = np.ascontiguousarray(values).reshape(-1)
    itemsize = flat.dtype.itemsize
    block = max(_MIN_BLOCK, _BLOCK_BYTES // itemsize // 8 * 8)
    # bitshuffle refuses byte-swapped types; to it, elements are bytes of a size.
    packed = bitshuffle.compress_lz4(flat.view(f"u{itemsize}"), block)
    return b"".join((_BSLZ4_HEAD.pack(flat.nbytes, block * itemsize), packed.data))
