"""Viewers of flask_mjpeg.py in one process: ``mjpeg_load.py PORT WARM_UP SECONDS VIEWERS``.

Prints the same as load.py. A picture is complete when its bytes have arrived; they are discarded.
"""

import json
import re
import resource
import select
import socket
import sys
import time
from collections.abc import Sequence

from benchmarks.websocket_client import percentiles

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

    def clear(self) -> None:
        """Reset the counts."""
        self.frames = self.bytes = 0
        self.latencies.clear()
        self.stamp_latencies.clear()

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


def main(arguments: Sequence[str]) -> int:
    """Measure and print."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    port, warm_up, seconds, number = int(arguments[0]), float(arguments[1]), float(arguments[2]), int(arguments[3])
    poll = select.epoll()
    viewers: dict[int, Viewer] = {}
    for _ in range(number):
        viewer = Viewer(port)
        viewers[viewer.socket.fileno()] = viewer
        poll.register(viewer.socket.fileno(), select.EPOLLIN)
    buffer = bytearray(CHUNK_BYTES)
    serve(viewers, poll, warm_up, buffer)
    for viewer in viewers.values():
        viewer.clear()
    print("begin", flush=True)
    since, used = time.monotonic(), time.process_time()
    serve(viewers, poll, seconds, buffer)
    took, used = time.monotonic() - since, time.process_time() - used
    latencies = [latency for viewer in viewers.values() for latency in viewer.latencies]
    stamp_latencies = [latency for viewer in viewers.values() for latency in viewer.stamp_latencies]
    group = {
        "viewers": number,
        "frames": sum(viewer.frames for viewer in viewers.values()),
        "least": min(viewer.frames for viewer in viewers.values()),
        "bytes": sum(viewer.bytes for viewer in viewers.values()),
        "skipped": 0,
        "repeated": 0,
        "rows": 0,
        "lost_rows": 0,
        **percentiles("", latencies),
        **percentiles("stamp_", stamp_latencies),
    }
    print(json.dumps({"seconds": took, "cpu_seconds": used, "groups": [group]}), flush=True)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (OSError, ValueError) as error:
        sys.exit(f"load: {error}")
