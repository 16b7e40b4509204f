"""Reads the opening of a ZeroMQ connection (ZMTP), as far as it shows what the peer is.

Both sides send a greeting of 64 bytes; then, without authentication, a READY command that names the socket type. A peer
sends this before it has received ours, so a client that only listens learns the type without becoming a receiver. See
https://rfc.zeromq.org/spec/37/ (3.1) and https://rfc.zeromq.org/spec/15/ (2.0, libzmq 3).
"""

from struct import Struct

from stream_online_viewer.errors import ViewerError

GREETING = b"\xff" + bytes(8) + b"\x7f" + b"\x03\x01" + b"NULL".ljust(20, b"\0") + b"\0" + bytes(31)
"""What we send: version 3.1, no authentication, client."""

OPENING_BYTES = 11
"""The greeting up to the major version. The rest is sent after the peer's version, because an old peer would misread
it."""

_SIGNATURE_BYTES = 10
_MECHANISM = slice(12, 32)
_COMMAND = 0x04
_LONG = 0x02
_MAX_COMMAND_BYTES = 4096
_LONG_SIZE = Struct(">Q")
_VALUE_SIZE = Struct(">I")
_OLD_SOCKET_TYPES = ("PAIR", "PUB", "SUB", "REQ", "REP", "DEALER", "ROUTER", "PULL", "PUSH", "XPUB", "XSUB")


class NotZmtp(ViewerError):
    """Bytes that no ZeroMQ peer sends in this position."""


class PeerReader:
    """Reads the opening of a peer in pieces of any size.

    ``major`` and ``minor`` are the peer's version, ``mechanism`` its authentication ("NULL" for none), ``socket_type``
    the announced socket type; None until known. ``done`` is True when nothing more can be learnt.
    """

    def __init__(self) -> None:
        self.major: int | None = None
        self.minor: int | None = None
        self.mechanism: str | None = None
        self.socket_type: str | None = None
        self.done = False
        self._data = bytearray()

    @property
    def speaks_zmtp(self) -> bool:
        """Whether the peer sent the signature that opens every ZMTP connection."""
        return len(self._data) >= _SIGNATURE_BYTES

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the peer; raise :class:`NotZmtp`."""
        if self.done:
            return
        self._data += data
        raw = self._data
        if raw and raw[0] != 0xFF or len(raw) >= _SIGNATURE_BYTES and raw[9] != 0x7F:
            raise NotZmtp("no ZMTP signature")
        if len(raw) <= _SIGNATURE_BYTES:
            return
        self.major = raw[10]
        if self.major < 3:
            self._read_old(raw)
        elif len(raw) >= len(GREETING):
            self.minor = raw[11]
            self.mechanism = bytes(raw[_MECHANISM]).rstrip(b"\0").decode("latin-1")
            self._read_command(bytes(raw[len(GREETING) :]))

    def _read_old(self, raw: bytearray) -> None:
        """Read ZMTP 1 or 2, which have no minor version; version 2 sends a number for the socket type."""
        if self.major == 0:
            self.done = True
        elif len(raw) > OPENING_BYTES:
            self.minor = 0
            number = raw[OPENING_BYTES]
            if number >= len(_OLD_SOCKET_TYPES):
                raise NotZmtp(f"socket type {number}")
            self.socket_type = _OLD_SOCKET_TYPES[number]
            self.done = True

    def _read_command(self, raw: bytes) -> None:
        """Read the first command. A peer whose first command is not READY does not announce its type."""
        if not raw:
            return
        if raw[0] not in (_COMMAND, _COMMAND | _LONG):
            raise NotZmtp(f"frame flags {raw[0]:#x} instead of a command")
        head = 9 if raw[0] & _LONG else 2
        if len(raw) < head:
            return
        size = _LONG_SIZE.unpack_from(raw, 1)[0] if raw[0] & _LONG else raw[1]
        if size > _MAX_COMMAND_BYTES:
            raise NotZmtp(f"command of {size} bytes")
        body = raw[head : head + size]
        if len(body) < size:
            return
        self.done = True
        if body[:6] == b"\x05READY":
            self.socket_type = _properties(body[6:]).get("socket-type")


def _properties(raw: bytes) -> dict[str, str]:
    """Return the metadata of a READY command. Names are returned in lower case, because case does not matter."""
    found: dict[str, str] = {}
    position = 0
    while position < len(raw):
        name_end = position + 1 + raw[position]
        value_at = name_end + _VALUE_SIZE.size
        if value_at > len(raw):
            raise NotZmtp("metadata end in the middle of a property")
        end = value_at + _VALUE_SIZE.unpack_from(raw, name_end)[0]
        if end > len(raw):
            raise NotZmtp("metadata end in the middle of a value")
        name, value = raw[position + 1 : name_end], raw[value_at:end]
        found[name.decode("latin-1").lower()] = value.decode("latin-1")
        position = end
    return found
