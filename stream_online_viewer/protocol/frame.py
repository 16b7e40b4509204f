"""The frame message: one pulse with its image, its arrays and its scalars (``docs/protocol.md``, kind 1).

The body is shared by all viewers; the envelope of :mod:`.envelope` is sent before it.
"""

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from stream_online_viewer.protocol.envelope import ENVELOPE_BYTES
from stream_online_viewer.protocol.jsontext import to_json
from stream_online_viewer.protocol.table import NO_TIME

_FIXED = struct.Struct("<IIQQqq")
FIXED_BYTES = _FIXED.size

Buffer = bytes | bytearray | memoryview


@dataclass(slots=True)
class Block:
    """One payload of a frame. ``keys`` are the JSON keys of the protocol except ``offset`` and ``bytes``.

    ``front`` is the beginning of the payload if that lies elsewhere.
    """

    keys: dict[str, Any]
    payload: Buffer
    front: bytes = b""

    @property
    def nbytes(self) -> int:
        """The length of the payload in bytes."""
        return len(self.front) + memoryview(self.payload).nbytes


@dataclass(slots=True)
class FrameHead:
    """Identity and times (ns) of a frame, and what is said of channels that are not in it."""

    epoch: int
    sequence: int
    pulse_id: int
    source_time: int | None
    receipt_time: int
    omitted: Sequence[tuple[int, str, Sequence[int], str]] = field(default=())
    invalid: Sequence[tuple[int, str]] = field(default=())
    null: Sequence[int] = field(default=())


def encode_frame(head: FrameHead, blocks: Sequence[Block]) -> list[Buffer]:
    """Return the body as a list of buffers whose concatenation follows the envelope.

    The payloads are not copied. Each begins at a multiple of 8 from the start of the message. A NaN or an infinity in
    the head raises ValueError.
    """
    # The head contains the offsets, which depend on its length: leave room for their digits and pad it.
    entries = [dict(block.keys, offset=0, bytes=block.nbytes) for block in blocks]
    content: dict[str, Any] = {"blocks": entries}
    for key, value in (("omitted", head.omitted), ("invalid", head.invalid), ("null", head.null)):
        if value:
            content[key] = list(value)
    room = len(to_json(content)) + 12 * len(entries)
    start = ENVELOPE_BYTES + FIXED_BYTES + room
    room += -start % 8
    offset = ENVELOPE_BYTES + FIXED_BYTES + room
    for entry in entries:
        entry["offset"] = offset
        offset += entry["bytes"] + -entry["bytes"] % 8
    text = to_json(content).ljust(room)
    source_time = NO_TIME if head.source_time is None else head.source_time
    parts: list[Buffer] = [
        _FIXED.pack(head.epoch, room, head.sequence, head.pulse_id, source_time, head.receipt_time),
        text,
    ]
    for block, entry in zip(blocks, entries, strict=True):
        if block.front:
            parts.append(block.front)
        parts.append(block.payload)
        if entry["bytes"] % 8:
            parts.append(bytes(-entry["bytes"] % 8))
    return parts


def encode_scalars(epoch: int, table: bytes) -> list[Buffer]:
    """Return the body of a scalars message."""
    return [struct.pack("<II", epoch, 0), table]


def body_bytes(parts: Sequence[Buffer]) -> int:
    """Return the length of a body in bytes."""
    return sum(memoryview(part).nbytes for part in parts)


def image_block(body: Buffer) -> tuple[dict[str, Any], memoryview] | str:
    """Return (keys, payload) of the image block of a body, or the reason why there is none."""
    view = memoryview(body).cast("B")
    _, length, *_ = _FIXED.unpack_from(view)
    content = json.loads(bytes(view[FIXED_BYTES : FIXED_BYTES + length]))
    for block in content["blocks"]:
        if block["role"] == "image":
            start = block["offset"] - ENVELOPE_BYTES
            return block, view[start : start + block["bytes"]]
    return "; ".join(reason for _, reason in content.get("invalid", [])) or "the message has no image"


def frame_identity(body: Buffer) -> FrameHead:
    """Return identity and times of a body, without what its head says of channels."""
    epoch, _, sequence, pulse_id, source_time, receipt_time = _FIXED.unpack_from(body)
    return FrameHead(epoch, sequence, pulse_id, None if source_time == NO_TIME else source_time, receipt_time)
