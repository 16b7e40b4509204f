"""A WebSocket client that copies only the beginning of each message from the kernel and lets it discard the rest."""

import os
import select
import socket
import sys
import time
from collections.abc import Mapping, Sequence

from benchmarks.report import percentile

DISCARD_BYTES = 1 << 24
KEPT_BYTES = 64
"""Bytes at the beginning of each message, which hold what is needed of a frame."""
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
PATIENCE_SECONDS = 20


class Client:
    """One WebSocket whose messages are parsed as they arrive; what they mean is for a subclass, in :meth:`heard`."""

    def __init__(self, port: int, path: str, subprotocol: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest = 0
        """Bytes of the present message that are not parsed."""
        self._head = bytearray()
        self._need = 2
        self._start = 0
        self._size: int | None = None
        self._shake_hands(port, path, subprotocol)

    def heard(self, code: int, start: bytes, size: int) -> None:
        """Take a text or binary message (``code``) of ``size`` bytes, of which ``start`` are the first."""
        raise NotImplementedError

    def take(self, limit: int, buffer: bytearray) -> int:
        """Read at most ``limit`` bytes and return their number. Raise ConnectionError."""
        total = 0
        while total < limit:
            try:
                if self._rest:
                    asked = min(self._rest, DISCARD_BYTES, limit - total)
                    count = self.socket.recv_into(buffer, asked, socket.MSG_TRUNC)
                    self._skip(count)
                else:
                    asked = self._need - len(self._head)
                    data = self.socket.recv(asked)
                    count = len(data)
                    self._feed(data)
            except BlockingIOError:
                break
            if not count:
                raise ConnectionError("a connection ended")
            total += count
            if count < asked:
                break
        return total

    def say(self, code: int, payload: bytes) -> None:
        """Send a masked message."""
        mask = os.urandom(4)
        size = len(payload)
        length = bytes((0x80 | size,)) if size < 126 else b"\xfe" + size.to_bytes(2, "big")
        masked = bytes(byte ^ mask[at & 3] for at, byte in enumerate(payload))
        self.socket.sendall(bytes((0x80 | code,)) + length + mask + masked)

    def _feed(self, data: bytes) -> None:
        self._head += data
        if len(self._head) == self._need:
            self._advance()

    def _skip(self, count: int) -> None:
        self._rest -= count
        if not self._rest:
            self._complete()

    def _advance(self) -> None:
        """Determine what is needed next: two bytes give the header's length, the header that of the message."""
        head = self._head
        if self._size is None:
            start = {126: 4, 127: 10}.get(head[1], 2)
            self._start = start
            if len(head) < start:
                self._need = start
                return
            self._size = head[1] if start == 2 else int.from_bytes(head[2:start], "big")
            self._need = start + min(self._size, KEPT_BYTES)
            if len(head) < self._need:
                return
        self._rest = self._size - (self._need - self._start)
        if not self._rest:
            self._complete()

    def _complete(self) -> None:
        code, start, size = self._head[0] & 15, bytes(self._head[self._start :]), self._size or 0
        if code == PING:
            self.say(PONG, start)
        elif code == CLOSE:
            raise ConnectionError(f"closed by the server: {start[2:].decode(errors='replace')}")
        else:
            self.heard(code, start, size)
        self._head = bytearray()
        self._need, self._size = 2, None

    def _shake_hands(self, port: int, path: str, subprotocol: str) -> None:
        lines = [
            f"GET {path} HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            f"Sec-WebSocket-Protocol: {subprotocol}",
        ]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        answer = b""
        # One byte at a time, since what follows belongs to the first message.
        while not answer.endswith(b"\r\n\r\n"):
            byte = self.socket.recv(1)
            if not byte:
                raise ConnectionError(f"the server hung up: {answer!r}")
            answer += byte
        if not answer.startswith(b"HTTP/1.1 101"):
            raise ConnectionError(answer.decode(errors="replace"))


def serve(clients: Mapping[int, Client], poll: select.epoll, seconds: float, buffer: bytearray) -> None:
    """Read what comes for so many seconds; ``clients`` are those that ``poll`` knows, by descriptor."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        for fd, _ in poll.poll(left):
            clients[fd].take(sys.maxsize, buffer)


def percentiles(prefix: str, latencies: Sequence[float]) -> dict[str, float | None]:
    """Return the 50th, 95th and 99th percentile as ``p50`` and so on behind the prefix; None without latencies."""
    return {f"{prefix}p{percent}": percentile(latencies, percent) if latencies else None for percent in (50, 95, 99)}
