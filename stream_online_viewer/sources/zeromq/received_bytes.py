"""How many bytes came over a TCP connection that belongs to somebody else: to libzmq."""

import os
import socket
import struct

_TCP_INFO_BYTES = 136
_BYTES_RECEIVED = struct.Struct("=Q")
_BYTES_RECEIVED_AT = 128
"""Offset of ``tcpi_bytes_received`` in Linux' ``struct tcp_info`` (since 4.1)."""


class ReceivedBytes:
    """Counts by the kernel's account; ``descriptor`` is borrowed, and may be closed at any time by its owner."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._ends: object = None
        self._ask()

    def total(self) -> int | None:
        """Return the bytes since the connection was made; None if it is not there any more or the kernel is silent."""
        return self._ask()

    def _ask(self) -> int | None:
        try:
            # A copy for a moment: to keep it would keep the connection open when its owner closes it.
            with socket.socket(fileno=os.dup(self._descriptor)) as connection:
                ends = connection.getsockname(), connection.getpeername()
                if self._ends is None:
                    self._ends = ends
                elif ends != self._ends:
                    # Closed, and the number belongs to another one now.
                    return None
                info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO_BYTES)
        except (OSError, AttributeError):
            return None
        if len(info) < _TCP_INFO_BYTES:
            return None
        found: int = _BYTES_RECEIVED.unpack_from(info, _BYTES_RECEIVED_AT)[0]
        return found
