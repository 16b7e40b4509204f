"""The bytes of link messages between two processes of one machine. Pure.

A message is a header of fixed size and ``length`` bytes. The body of frames and rows is what viewers are sent;
everything else is JSON. A large frame lies in the shared memory, and only the header is sent. Both ends belong to one
version of one program, so the format need not be compatible with others.
"""

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from stream_online_viewer.errors import ProtocolError
from stream_online_viewer.link.cameras import CameraAnswer, CameraQuestion
from stream_online_viewer.link.messages import (
    ChannelNames,
    FrameInfo,
    FromWeb,
    InterestChange,
    Pull,
    ReadUntil,
    RefusedRenditions,
    SlotReturned,
)
from stream_online_viewer.link.report import IngestReport
from stream_online_viewer.protocol.jsontext import to_json

MAX_LENGTH = 2**32 - 1
_HEADER = struct.Struct("<IIQQQQIQ")
HEADER_BYTES = _HEADER.size


class Kind(IntEnum):
    """The kind of a message."""

    CONTROL = 1
    """A JSON object, in either direction."""
    FRAME = 2
    """From ingest to web: the body of a frame. ``lane``, ``sequence`` and ``received`` are set; ``count`` is 1 if
    refused."""
    ROWS = 3
    """From ingest to web: the body of a batch of rows. ``sequence``, ``received`` and ``count`` are set."""
    PULL = 4
    """From web to ingest, without a body. The frame must be newer than ``received``."""
    NOTHING_NEWER = 5
    """From ingest to web, without a body."""
    STORED = 6
    """From ingest to web, without a body: a frame of ``stored`` bytes in ``slot``; the rest as in FRAME."""
    RETURNED = 7
    """From web to ingest, without a body: ``slot`` is given back."""


Control = ChannelNames | IngestReport | CameraAnswer | InterestChange | RefusedRenditions | ReadUntil | CameraQuestion
_CONTROLS: dict[str, type[Control]] = {
    "names": ChannelNames,
    "report": IngestReport,
    "interest": InterestChange,
    "refused": RefusedRenditions,
    "read_until": ReadUntil,
    "question": CameraQuestion,
    "cameras": CameraAnswer,
}
_NAMES = {kind: name for name, kind in _CONTROLS.items()}


@dataclass(frozen=True, slots=True)
class LinkHeader:
    """The header of a message. ``received`` is the monotonic clock in ns at the receipt of the pulse."""

    kind: int
    lane: int = 0
    length: int = 0
    sequence: int = 0
    received: int = 0
    count: int = 0
    slot: int = 0
    stored: int = 0

    def pack(self) -> bytes:
        """Return the ``HEADER_BYTES`` bytes of the header."""
        return _HEADER.pack(
            self.kind, self.lane, self.length, self.sequence, self.received, self.count, self.slot, self.stored
        )


def unpack_header(data: bytes | bytearray | memoryview) -> LinkHeader:
    """Return the header in the first ``HEADER_BYTES`` bytes.

    Raise :class:`ProtocolError` if its length is impossible.
    """
    header = LinkHeader(*_HEADER.unpack_from(data))
    if header.length > MAX_LENGTH:
        raise ProtocolError(f"link message of {header.length} bytes")
    return header


def pack_control(message: Control) -> bytes:
    """Return the bytes of a message that is sent as JSON."""
    body = to_json({"kind": _NAMES[type(message)], **message.content()})
    return LinkHeader(Kind.CONTROL, length=len(body)).pack() + body


def unpack_control(body: bytes | bytearray | memoryview) -> Any:
    """Return the message in a JSON text; raise :class:`ProtocolError` if there is none."""
    try:
        content = json.loads(bytes(body))
        return _CONTROLS[content.pop("kind")].of(content)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise ProtocolError(f"broken link message: {type(error).__name__}: {error}") from error


def frame_header(info: FrameInfo, length: int) -> LinkHeader:
    """Return the header of a frame whose body follows."""
    return LinkHeader(Kind.FRAME, info.lane, length, info.sequence, info.received, int(info.refused))


def stored_header(info: FrameInfo, slot: int, nbytes: int) -> LinkHeader:
    """Return the header of a frame of ``nbytes`` bytes in a slot of the shared memory."""
    return LinkHeader(Kind.STORED, info.lane, 0, info.sequence, info.received, int(info.refused), slot, nbytes)


def frame_info(header: LinkHeader) -> FrameInfo:
    """Return what the header of a frame says of it."""
    return FrameInfo(header.lane, header.sequence, header.received, bool(header.count))


def pack_returned(returned: SlotReturned) -> bytes:
    """Return the bytes of a message that gives a slot back."""
    return LinkHeader(Kind.RETURNED, slot=returned.slot).pack()


def pack_pull(pull: Pull) -> bytes:
    """Return the bytes of a pull."""
    return LinkHeader(Kind.PULL, lane=pull.lane, received=pull.after).pack()


class FromWebDecoder:
    """Splits received bytes into the messages of a web process, all of which are small."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[FromWeb]:
        """Take bytes and yield each message that is now complete; raise :class:`ProtocolError`."""
        self._buffer += data
        while len(self._buffer) >= HEADER_BYTES:
            header = unpack_header(self._buffer)
            end = HEADER_BYTES + header.length
            if len(self._buffer) < end:
                return
            body = bytes(self._buffer[HEADER_BYTES:end])
            del self._buffer[:end]
            if header.kind == Kind.PULL:
                yield Pull(header.lane, header.received)
            elif header.kind == Kind.RETURNED:
                yield SlotReturned(header.slot)
            elif header.kind == Kind.CONTROL and isinstance(message := unpack_control(body), FromWeb):
                yield message
            else:
                raise ProtocolError(f"a web process sends no link message of kind {header.kind}")
