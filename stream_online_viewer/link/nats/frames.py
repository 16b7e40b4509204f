"""Frames and rows on the bus: a head of fixed size and the body of ``sov.1`` that viewers are sent. Pure.

What is read here has been checked: nothing in it can harm whoever uses it.
"""

import json
import struct
from dataclasses import dataclass
from enum import IntEnum

from stream_online_viewer.errors import ProtocolError
from stream_online_viewer.protocol.envelope import ENVELOPE_BYTES
from stream_online_viewer.protocol.frame import FIXED_BYTES, Buffer

MAGIC = b"sovB"
VERSION = 1
_MOST_HEAD = 4 * 2**20
_HEAD = struct.Struct("<4sHBBIII4xQqqQ")
HEAD_BYTES = _HEAD.size
_BODY = struct.Struct("<IIQQqq")
_RECEIPT = struct.Struct("<q")
_RECEIPT_AT = 32
"""Where the receipt time is in the body of a frame."""


class Kind(IntEnum):
    """What follows the head."""

    FRAME = 1
    ROWS = 2


@dataclass(frozen=True, slots=True)
class BusHead:
    """The head of frames and rows. ``received`` and ``sent`` are the monotonic clock of the ingest's host, in ns."""

    kind: Kind
    epoch: int
    sequence: int
    received: int
    """When the pulse was received, of rows the first one."""
    sent: int
    number: int
    """How many frames, or rows, were published on this subject before, so that what is lost on the way shows."""
    names: int
    """How many channel names may be meant in the body."""
    rows: int = 0
    refused: bool = False

    def pack(self) -> bytes:
        """Return the ``HEAD_BYTES`` bytes."""
        return _HEAD.pack(
            MAGIC, VERSION, self.kind, self.refused, self.epoch, self.rows, self.names, self.sequence, self.received,
            self.sent, self.number,
        )  # fmt: skip


def unpack(payload: Buffer, kind: Kind) -> tuple[BusHead, memoryview]:
    """Return the head and the body of frames or rows; raise :class:`ProtocolError` unless all of it can be used."""
    view = memoryview(payload)
    if view.nbytes < HEAD_BYTES:
        raise ProtocolError("too short")
    magic, version, found, refused, epoch, rows, names, sequence, received, sent, number = _HEAD.unpack_from(view)
    if magic != MAGIC or found != kind:
        raise ProtocolError("no message of this kind")
    if version != VERSION:
        raise ProtocolError("another version")
    if received > sent:
        raise ProtocolError("times that cannot be")
    head = BusHead(kind, epoch, sequence, received, sent, number, names, rows, bool(refused))
    body = view[HEAD_BYTES:]
    if kind == Kind.FRAME:
        _check_frame(head, body)
    elif body.nbytes < 8 or int.from_bytes(body[:4], "little") != epoch:
        raise ProtocolError("rows that are none")
    return head, body


def _check_frame(head: BusHead, body: memoryview) -> None:
    if body.nbytes < FIXED_BYTES:
        raise ProtocolError("a frame that is cut off")
    epoch, length, sequence, *_ = _BODY.unpack_from(body)
    if (epoch, sequence) != (head.epoch, head.sequence) or not 2 <= length <= min(
        _MOST_HEAD, body.nbytes - FIXED_BYTES
    ):
        raise ProtocolError("a frame whose head does not fit")
    try:
        content = json.loads(bytes(body[FIXED_BYTES : FIXED_BYTES + length]))
        for block in content["blocks"]:
            offset, nbytes = block["offset"], block["bytes"]
            start = offset - ENVELOPE_BYTES
            if not FIXED_BYTES + length <= start <= start + nbytes <= body.nbytes or not isinstance(block["role"], str):
                raise ValueError
        if not all(isinstance(reason, str) for _, reason in content.get("invalid", ())):
            raise ValueError
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise ProtocolError("a frame whose head cannot be read") from None


def set_receipt_time(body: memoryview, nanoseconds: int) -> None:
    """Write the receipt time, ns since 1970, into the body of a frame: on the clock of the host that shows it."""
    _RECEIPT.pack_into(body, _RECEIPT_AT, nanoseconds)


def image_channel(body: memoryview) -> int | None:
    """Return the number of the image channel in the body of a frame; None if it has no image."""
    _, length, *_ = _BODY.unpack_from(body)
    content = json.loads(bytes(body[FIXED_BYTES : FIXED_BYTES + length]))
    return next((block.get("channel") for block in content["blocks"] if block["role"] == "image"), None)
