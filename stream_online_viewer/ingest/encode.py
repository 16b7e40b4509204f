"""Makes the head and the blocks of a frame from a pulse. Pure: bytes in, buffers out."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stream_online_viewer.ingest.blocks import block_keys, number_block
from stream_online_viewer.ingest.image import ImageEncoder
from stream_online_viewer.model.problems import Invalid, problem_of
from stream_online_viewer.model.pulse import Pulse
from stream_online_viewer.protocol.frame import Block, FrameHead
from stream_online_viewer.protocol.rendition import FILES, Rendition
from stream_online_viewer.protocol.table import Row, encode_table

MAX_ARRAY_BYTES = 65536
MAX_ARRAYS_BYTES = 524288

Encoded = tuple[FrameHead, list[Block]]


def encode_pulse(
    pulse: Pulse,
    epoch: int,
    channel_ids: Sequence[int | None],
    row: Row,
    problems: Sequence[tuple[int, str]],
    image: int | None,
    rendition: Rendition,
    images: ImageEncoder,
    count_invalid: Callable[[Invalid], None],
) -> Encoded:
    """Return the head and the blocks of the frame of one pulse.

    ``image`` is the index of the image channel; ``problems`` are the invalid scalars, which are already counted. An
    image or array that cannot be decoded or encoded, for whatever reason, is listed in the head as invalid, and the
    frame is made without it.
    """
    head = FrameHead(epoch, pulse.sequence, pulse.pulse_id, pulse.source_time, pulse.received_time)
    invalid = list(problems)
    nulls = list(row.nulls)
    omitted: list[tuple[int, str, Sequence[int], str]] = []
    blocks: list[Block] = []
    if image is not None and (channel_id := channel_ids[image]) is not None:
        try:
            blocks += images.blocks(pulse, image, channel_id, rendition)
        except Exception as error:
            # Nothing that was left by an interrupted encoding is used again.
            images.forget()
            problem = problem_of(error)
            count_invalid(problem.of(pulse.layout.channels[image].name, picture=True))
            invalid.append((channel_id, str(problem)))
    if rendition.encoding not in FILES:
        # On a link that gets previews, the curves uncompressed would take more than the picture.
        packed = rendition.encoding == "preview"
        blocks += _arrays(pulse, channel_ids, image, packed, omitted, invalid, nulls, count_invalid)
        table: dict[str, Any] = {"role": "values", "format": "table"}
        blocks.append(Block(table, encode_table([row])))
    head.omitted, head.invalid, head.null = omitted, invalid, nulls
    return head, blocks


def _arrays(
    pulse: Pulse,
    channel_ids: Sequence[int | None],
    image: int | None,
    packed: bool,
    omitted: list[tuple[int, str, Sequence[int], str]],
    invalid: list[tuple[int, str]],
    nulls: list[int],
    count_invalid: Callable[[Invalid], None],
) -> list[Block]:
    """Return a block for each curve that is small enough, and note why the other arrays are left out."""
    blocks: list[Block] = []
    left = MAX_ARRAYS_BYTES
    for index, channel in enumerate(pulse.layout.channels):
        channel_id = channel_ids[index]
        if channel.is_scalar or channel.dtype == "string" or channel_id is None or index == image:
            continue
        if pulse.is_null(index):
            nulls.append(channel_id)
        elif channel.problem is None and len(channel.shape) != 1:
            omitted.append((channel_id, channel.dtype, channel.shape, "not the image shown"))
        elif (channel.nbytes or 0) > min(MAX_ARRAY_BYTES, left):
            omitted.append((channel_id, channel.dtype, channel.shape, "too large for the table"))
        else:
            try:
                values = _array(pulse, index)
            except Exception as error:
                problem = problem_of(error)
                count_invalid(problem.of(channel.name, picture=False))
                invalid.append((channel_id, str(problem)))
                continue
            left -= values.nbytes
            blocks.append(number_block(block_keys("array", channel_id, "raw", channel, values.shape), values, packed))
    return blocks


def _array(pulse: Pulse, index: int) -> NDArray[Any]:
    values = pulse.value(index)
    if not isinstance(values, np.ndarray):
        raise Invalid("shape", "a single value, not an array")
    return values
