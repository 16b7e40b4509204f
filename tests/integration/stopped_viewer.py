"""A viewer that has stopped reading."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from tests.server import ServerProcess

HANDSHAKE = (
    "GET /live HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: sov.1\r\n\r\n"
)
WANT_ALL = b"\x81\x8f\0\0\0\0" + b'{"kind":"want"}'
"""A masked text frame whose mask is zero."""


@contextmanager
def stopped_viewer(server: ServerProcess) -> Iterator[socket.socket]:
    """Connect a viewer that asks for everything and then reads nothing."""
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", server.port))
        connection.sendall(HANDSHAKE.encode())
        assert connection.recv(12) == b"HTTP/1.1 101"
        connection.sendall(WANT_ALL)
        yield connection
