"""The envelope: the first bytes of every binary message to a viewer, and the only ones that differ between viewers.

A frame is encoded once for all viewers. What concerns one viewer, the age of the frame and the number of images
skipped, is in the 16 bytes before the shared body, so sending needs one small buffer and no copy of the image.
"""

import struct

KIND_FRAME = 1
KIND_SCALARS = 2
KIND_PIECE = 3
ENVELOPE_BYTES = 16
OPCODE_BINARY = 2

_U32_MAX = 0xFFFFFFFF
_SMALL = struct.Struct(">BB")
_MEDIUM = struct.Struct(">BBH")
_LARGE = struct.Struct(">BBQ")
_ENVELOPE = struct.Struct("<IBBHII")
_GIVEN_UP = 1
_FIN = 0x80


def websocket_header(payload_bytes: int, opcode: int = OPCODE_BINARY) -> bytes:
    """Return the header of an unmasked, unfragmented WebSocket frame (RFC 6455, section 5.2)."""
    first = _FIN | opcode
    if payload_bytes < 126:
        return _SMALL.pack(first, payload_bytes)
    if payload_bytes < 65536:
        return _MEDIUM.pack(first, 126, payload_bytes)
    return _LARGE.pack(first, 127, payload_bytes)


def viewer_envelope(kind: int, body_bytes: int, server_us: int, skipped: int) -> bytes:
    """Return the envelope of a shared body of ``body_bytes`` bytes.

    ``server_us`` are the microseconds since receipt; ``skipped`` is the number of images skipped (frame) or rows lost
    (scalars). Both saturate at 2^32 - 1.
    """
    length = ENVELOPE_BYTES + body_bytes
    return _ENVELOPE.pack(length, kind, 0, 0, max(0, min(server_us, _U32_MAX)), max(0, min(skipped, _U32_MAX)))


def viewer_head(kind: int, body_bytes: int, server_us: int, skipped: int) -> bytes:
    """Return the WebSocket header and the envelope of a shared body, see :func:`viewer_envelope`."""
    return websocket_header(ENVELOPE_BYTES + body_bytes) + viewer_envelope(kind, body_bytes, server_us, skipped)


def piece_head(piece_bytes: int, message_bytes: int, offset: int) -> bytes:
    """Return the WebSocket header and the head of a piece, the next bytes of a message that is sent in pieces.

    ``piece_bytes`` bytes follow, which begin at ``offset`` of a message of ``message_bytes`` bytes.
    """
    length = ENVELOPE_BYTES + piece_bytes
    return websocket_header(length) + _ENVELOPE.pack(length, KIND_PIECE, 0, 0, message_bytes, offset)


def given_up(message_bytes: int, offset: int) -> bytes:
    """Return a whole message: the rest, from ``offset`` on, of a message in pieces is not sent."""
    return websocket_header(ENVELOPE_BYTES) + _ENVELOPE.pack(
        ENVELOPE_BYTES, KIND_PIECE, _GIVEN_UP, 0, message_bytes, offset
    )
