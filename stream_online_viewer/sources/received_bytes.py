"""Counts the bytes received over a TCP connection that a library owns."""

import os
import socket
import struct

_TCP_INFO_BYTES = 136
_BYTES_RECEIVED = struct.Struct("=Q")
_BYTES_RECEIVED_AT = 128
"""Offset of ``tcpi_bytes_received`` in Linux' ``struct tcp_info`` (since 4.1)."""


def duplicate(descriptor: int) -> socket.socket:
    """Return a duplicate of a socket that somebody else owns; raise OSError if it is none, or is closed."""
    copied = os.dup(descriptor)
    try:
        return socket.socket(fileno=copied)
    except OSError:
        os.close(copied)
        raise


class ReceivedBytes:
    """Reads the kernel's count. The owner of ``descriptor`` may close it at any time."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._ends: object = None
        self._ask()

    def total(self) -> int | None:
        """Return the bytes since the start of the connection; None if it has ended or the kernel has no count."""
        return self._ask()

    def _ask(self) -> int | None:
        try:
            # A short-lived duplicate: keeping one would keep the connection open after its owner closes it.
            with duplicate(self._descriptor) as connection:
                ends = connection.getsockname(), connection.getpeername()
                if self._ends is None:
                    self._ends = ends
                elif ends != self._ends:
                    # Closed, and the number now belongs to another file.
                    return None
                info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO_BYTES)
        except (OSError, AttributeError):
            return None
        if len(info) < _TCP_INFO_BYTES:
            return None
        found: int = _BYTES_RECEIVED.unpack_from(info, _BYTES_RECEIVED_AT)[0]
        return found
