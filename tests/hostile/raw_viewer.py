"""A WebSocket client without rules: writes any bytes and reads how the server ends the connection."""

import contextlib
import json
import os
import socket
import struct
import time
from base64 import b64encode
from types import TracebackType
from typing import Any

from tests.support import deadline

FINAL = 0x80
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


def frame(opcode: int, payload: bytes = b"", final: bool = True) -> bytes:
    """Return a masked frame of a client; the mask is zero, so the payload is readable."""
    size = len(payload)
    head = bytes([opcode | (FINAL if final else 0)])
    if size < 126:
        head += bytes([0x80 | size])
    elif size < 65536:
        head += struct.pack(">BH", 0x80 | 126, size)
    else:
        head += struct.pack(">BQ", 0x80 | 127, size)
    return head + bytes(4) + payload


def want(**keys: Any) -> bytes:
    """Return the frame of a want."""
    return frame(TEXT, json.dumps({"kind": "want", **keys}).encode())


class RawViewer:
    """One connection after its handshake."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), deadline(10))
        key = b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET /live HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: sov.1\r\n\r\n".encode()
        )
        self._data = b""
        while b"\r\n\r\n" not in self._data:
            self._read()
        answer, self._data = self._data.split(b"\r\n\r\n", 1)
        self.status = int(answer.split(b" ", 2)[1])

    def __enter__(self) -> "RawViewer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.socket.close()

    def say(self, data: bytes) -> bool:
        """Send bytes; return False if the server has ended the connection or no longer reads."""
        try:
            self.socket.sendall(data)
        except OSError:
            return False
        return True

    def end(self, seconds: float = 10.0) -> tuple[int, str]:
        """Return code and reason of the server's close frame, whatever comes before it."""
        end = time.monotonic() + deadline(seconds)
        while True:
            for opcode, payload in self.frames():
                if opcode == CLOSE:
                    return struct.unpack(">H", payload[:2])[0], payload[2:].decode()
            if time.monotonic() > end:
                raise AssertionError("the server did not close")
            self._read()

    def frames(self) -> list[tuple[int, bytes]]:
        """Return the complete frames read so far, as opcode and payload, and drop them."""
        found, at = [], 0
        while len(self._data) >= at + 2:
            size, head = self._data[at + 1], 2
            if size == 126:
                head = 4
            elif size == 127:
                head = 10
            if len(self._data) < at + head:
                break
            if head > 2:
                size = int.from_bytes(self._data[at + 2 : at + head], "big")
            if len(self._data) < at + head + size:
                break
            found.append((self._data[at] & 15, self._data[at + head : at + head + size]))
            at += head + size
        self._data = self._data[at:]
        return found

    def drain(self) -> None:
        """Read and drop what is there now."""
        self.socket.setblocking(False)
        with contextlib.suppress(BlockingIOError, OSError):
            while self.socket.recv(1 << 20):
                pass
        self.socket.settimeout(deadline(10))

    def _read(self) -> None:
        data = self.socket.recv(1 << 16)
        if not data:
            raise AssertionError("the server ended the connection without a close frame")
        self._data += data
