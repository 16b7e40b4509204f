"""Framing of the link between the ingest process and the web process, a socketpair of the same machine.

Every message is a header of fixed size and ``length`` bytes. Frames and scalars carry the body that viewers share,
ready to be sent; everything else is JSON. Both ends belong to one version of one program, so this format has no
compatibility to keep.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from stream_online_viewer.errors import ProtocolError
from stream_online_viewer.protocol.jsontext import to_json

MAX_LENGTH = 2**32 - 1
_HEADER = struct.Struct("<IIQQQQ")
HEADER_BYTES = _HEADER.size
HUNG_CODE = 70
"""Exit code of an ingest process that ended itself because an encoding did not end."""


class Kind(IntEnum):
    """What a link message is."""

    CONTROL = 1
    """JSON object, either direction."""
    FRAME = 2
    """Ingest to web: the body of a frame message; ``lane``, ``sequence``, ``received`` are set.

    ``count`` is 1 if it has no image because the one that there was could not be used.
    """
    SCALARS = 3
    """Ingest to web: the body of a scalars message.

    ``received`` is of its first row, ``sequence`` of its last, ``count`` the rows.
    """
    PULL = 4
    """Web to ingest: the lane may send one frame, newer than its last one and than ``received``. No body."""
    EMPTY = 5
    """Ingest to web, at once after a pull: there is no newer frame yet. The pull stands. No body."""


@dataclass(frozen=True, slots=True)
class LinkHeader:
    """Header of a link message. ``received`` is the monotonic clock in ns at receipt of the bsread message."""

    kind: int
    lane: int = 0
    length: int = 0
    sequence: int = 0
    received: int = 0
    count: int = 0

    def pack(self) -> bytes:
        """Return the ``HEADER_BYTES`` bytes on the wire."""
        return _HEADER.pack(self.kind, self.lane, self.length, self.sequence, self.received, self.count)


def unpack_header(data: bytes | bytearray | memoryview) -> LinkHeader:
    """Return the header in the first ``HEADER_BYTES`` bytes.

    Raise :class:`ProtocolError` if its length is impossible.
    """
    header = LinkHeader(*_HEADER.unpack_from(data))
    if header.length > MAX_LENGTH:
        raise ProtocolError(f"link message of {header.length} bytes")
    return header


def control(content: dict[str, Any]) -> bytes:
    """Return a whole control message."""
    body = to_json(content)
    return LinkHeader(Kind.CONTROL, length=len(body)).pack() + body


def pull(lane: int, after: int = 0) -> bytes:
    """Return a whole pull message; ``after`` in monotonic ns."""
    return LinkHeader(Kind.PULL, lane=lane, received=after).pack()


class LinkDecoder:
    """Turns received bytes into small messages (the web-to-ingest direction: pulls and controls)."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[LinkHeader, bytes]]:
        """Take bytes, yield each message that became complete."""
        self._buffer += data
        while len(self._buffer) >= HEADER_BYTES:
            header = unpack_header(self._buffer)
            end = HEADER_BYTES + header.length
            if len(self._buffer) < end:
                return
            body = bytes(self._buffer[HEADER_BYTES:end])
            del self._buffer[:end]
            yield header, body
