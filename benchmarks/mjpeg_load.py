"""Viewers of flask_mjpeg.py in one process: ``mjpeg_load.py PORT WARM_UP SECONDS VIEWERS``.

Prints the same as load.py. A picture is complete when its bytes have arrived; they are discarded.
"""

import re
import select
import socket
import time

from benchmarks.peer_load import run

CHUNK_BYTES = 1 << 20
PART = re.compile(rb"X-Stamp: (\d+)\r\nX-Time: (\d+)\r\nContent-Length: (\d+)\r\n\r\n")
LONGEST_HEAD = 256
ENTER_SECONDS = 20.0


class Viewer:
    """One connection."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), ENTER_SECONDS)
        self.socket.sendall(b"GET /stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        self.socket.setblocking(False)
        self.frames = self.bytes = 0
        self.latencies: list[float] = []
        self.stamp_latencies: list[float] = []
        self._rest = 0
        self._stamp = self._received = 0
        self._left = b""

    def take(self, buffer: bytearray) -> None:
        """Read what is there. Raise ConnectionError at the end."""
        count = self.socket.recv_into(buffer)
        if not count:
            raise ConnectionError("a connection ended")
        at = 0
        if self._rest:
            at = min(self._rest, count)
            self._skip(at)
        while at < count and not self._rest:
            self._left += bytes(buffer[at:count])
            part = PART.search(self._left)
            if part is None:
                self._left = self._left[-LONGEST_HEAD:]
                return
            # What follows the head is the beginning of the picture, and perhaps more.
            behind = len(self._left) - part.end()
            self._left = b""
            self._stamp, self._received, self._rest = (int(number) for number in part.groups())
            self.bytes += self._rest
            at = count - behind
            taken = min(self._rest, behind)
            self._skip(taken)
            at += taken

    def _skip(self, count: int) -> None:
        self._rest -= count
        if not self._rest:
            self.frames += 1
            now = time.time_ns()
            self.latencies.append((now - self._received) * 1e-6)
            self.stamp_latencies.append((now - self._stamp) * 1e-6)


def serve(viewers: dict[int, Viewer], poll: select.epoll, seconds: float, buffer: bytearray) -> None:
    """Read for so many seconds."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        for fd, _ in poll.poll(left):
            viewers[fd].take(buffer)


if __name__ == "__main__":
    run(Viewer, serve, CHUNK_BYTES)
