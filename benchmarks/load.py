"""Many viewers in one process, for machines without a C compiler: ``load.py PORT WARM_UP SECONDS (N RATE WANT)...``.

Takes the arguments of ``c/load.c`` and prints the same, at up to twice its cost. Each group of viewers sends its WANT,
reads RATE bytes a second (0: as fast as it can, negative: nothing) and acknowledges each complete frame. Only the head
of a message is copied from the kernel; the rest is discarded there.
"""

import json
import os
import resource
import select
import socket
import struct
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.report import percentile

DISCARD_BYTES = 1 << 24
KEPT_BYTES = 64
"""Bytes at the beginning of each message, which hold what is needed of a frame."""
TICK_SECONDS = 0.002
SAVED_SECONDS = 0.01
"""Seconds for which a slow viewer's unused allowance is kept."""
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
FRAME, SCALARS = 1, 2


@dataclass
class Group:
    """Viewers that behave alike, and what they have received together."""

    viewers: int
    rate: float
    want: bytes
    bytes: int = 0
    skipped: int = 0
    repeated: int = 0
    rows: int = 0
    lost_rows: int = 0
    latencies: list[float] = field(default_factory=list)

    def clear(self) -> None:
        """Reset the counts."""
        self.bytes = self.skipped = self.repeated = self.rows = self.lost_rows = 0
        self.latencies.clear()

    def tell(self, least: int) -> dict[str, float | int | None]:
        """Return the figures; ``least`` are the frames of the viewer that received the fewest."""
        of = {
            f"p{percent}": percentile(self.latencies, percent) if self.latencies else None for percent in (50, 95, 99)
        }
        return {
            "viewers": self.viewers,
            "frames": len(self.latencies),
            "least": least,
            "bytes": self.bytes,
            "skipped": self.skipped,
            "repeated": self.repeated,
            "rows": self.rows,
            "lost_rows": self.lost_rows,
            **of,
        }


class Viewer:
    """One WebSocket whose messages are parsed as they arrive."""

    def __init__(self, port: int, group: Group) -> None:
        self.group = group
        self.frames = 0
        self.allowance = 0.0
        self.socket = socket.create_connection(("127.0.0.1", port), 20)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._epoch = 0
        self._sequence = -1
        self._rest = 0
        """Bytes of the present message that are not parsed."""
        self._head = bytearray()
        self._need = 2
        self._start = 0
        self._size: int | None = None
        self._shake_hands(port)
        self._say(TEXT, group.want)
        self.socket.setblocking(False)

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
        head, start, group = self._head, self._start, self.group
        code, kept = head[0] & 15, len(head) - start
        if code == BINARY:
            length, kind, _, skipped = struct.unpack_from("<IB3xII", head, start)
            if length != self._size:
                raise ConnectionError("a message has a wrong length")
            if kind == FRAME and kept == KEPT_BYTES:
                (sequence,) = struct.unpack_from("<Q", head, start + 24)
                (receipt,) = struct.unpack_from("<q", head, start + 48)
                (epoch,) = struct.unpack_from("<I", head, start + 16)
                if epoch != self._epoch and self._epoch:
                    raise ConnectionError("the receiving process was started again")
                if sequence < self._sequence:
                    raise ConnectionError(f"image {sequence} came after {self._sequence}")
                group.repeated += sequence == self._sequence
                self._epoch, self._sequence = epoch, sequence
                self._say(BINARY, struct.pack("<B3xIQ", 1, 0, sequence))
                self.frames += 1
                group.bytes += length
                group.skipped += skipped
                group.latencies.append((time.time_ns() - receipt) * 1e-6)
            elif kind == SCALARS:
                (rows,) = struct.unpack_from("<I", head, start + 24)
                group.rows += rows
                group.lost_rows += skipped
        elif code == PING:
            self._say(PONG, bytes(head[start:]))
        elif code == CLOSE:
            raise ConnectionError(f"closed by the server: {bytes(head[start + 2 :]).decode(errors='replace')}")
        self._head = bytearray()
        self._need, self._size = 2, None

    def _say(self, code: int, payload: bytes) -> None:
        mask = os.urandom(4)
        size = len(payload)
        header = bytes((0x80 | code, 0x80 | size)) if size < 126 else struct.pack(">BBH", 0x80 | code, 0x80 | 126, size)
        masked = bytes(byte ^ mask[at & 3] for at, byte in enumerate(payload))
        self.socket.sendall(header + mask + masked)

    def _shake_hands(self, port: int) -> None:
        lines = [
            "GET /live HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Protocol: sov.1",
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


def serve(viewers: Sequence[Viewer], poll: select.epoll, seconds: float, buffer: bytearray) -> None:
    """Read for so many seconds."""
    by_fd = {viewer.socket.fileno(): viewer for viewer in viewers}
    paced = [viewer for viewer in viewers if viewer.group.rate > 0]
    before = time.monotonic()
    end = before + seconds
    while (left := end - time.monotonic()) > 0:
        for fd, _ in poll.poll(min(left, TICK_SECONDS) if paced else left):
            by_fd[fd].take(sys.maxsize, buffer)
        now = time.monotonic()
        for viewer in paced:
            rate = viewer.group.rate
            viewer.allowance = min(viewer.allowance + rate * (now - before), rate * SAVED_SECONDS)
            if viewer.allowance >= 1:
                viewer.allowance -= viewer.take(int(viewer.allowance), buffer)
        before = now


def main(arguments: Sequence[str]) -> int:
    """Measure and print."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    port, warm_up, seconds = int(arguments[0]), float(arguments[1]), float(arguments[2])
    rest = arguments[3:]
    groups = [
        Group(int(number), float(rate), want.encode())
        for number, rate, want in zip(rest[::3], rest[1::3], rest[2::3], strict=True)
    ]
    viewers = [Viewer(port, group) for group in groups for _ in range(group.viewers)]
    buffer = bytearray(DISCARD_BYTES)
    poll = select.epoll()
    for viewer in viewers:
        if viewer.group.rate == 0:
            poll.register(viewer.socket.fileno(), select.EPOLLIN)
    serve(viewers, poll, warm_up, buffer)
    for group in groups:
        group.clear()
    for viewer in viewers:
        viewer.frames = 0
    print("begin", flush=True)
    since, used = time.monotonic(), time.process_time()
    serve(viewers, poll, seconds, buffer)
    took, used = time.monotonic() - since, time.process_time() - used
    told = [
        group.tell(min((viewer.frames for viewer in viewers if viewer.group is group), default=0)) for group in groups
    ]
    print(json.dumps({"seconds": took, "cpu_seconds": used, "groups": told}), flush=True)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (OSError, ValueError) as error:
        sys.exit(f"load: {error}")
