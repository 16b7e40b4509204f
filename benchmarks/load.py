"""Many viewers in one process, for machines without a C compiler: ``load.py PORT WARM_UP SECONDS (N RATE WANT)...``.

Takes the arguments of ``c/load.c`` and prints the same, at up to twice its cost. Each group of viewers sends its WANT,
reads RATE bytes a second (0: as fast as it can, negative: nothing) and acknowledges each complete frame. Only the head
of a message is copied from the kernel; the rest is discarded there.
"""

import json
import resource
import select
import struct
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.websocket_client import BINARY, DISCARD_BYTES, KEPT_BYTES, TEXT, Client, percentiles

TICK_SECONDS = 0.002
SAVED_SECONDS = 0.01
"""Seconds for which a slow viewer's unused allowance is kept."""
FRAME, SCALARS = 1, 2
NO_STAMP = -(2**63)


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
    """ms from the receipt by the server to the complete frame here; the other ones from the stamp of the source."""
    stamp_latencies: list[float] = field(default_factory=list)

    def clear(self) -> None:
        """Reset the counts."""
        self.bytes = self.skipped = self.repeated = self.rows = self.lost_rows = 0
        self.latencies.clear()
        self.stamp_latencies.clear()

    def tell(self, least: int) -> dict[str, float | int | None]:
        """Return the figures; ``least`` are the frames of the viewer that received the fewest."""
        return {
            "viewers": self.viewers,
            "frames": len(self.latencies),
            "least": least,
            "bytes": self.bytes,
            "skipped": self.skipped,
            "repeated": self.repeated,
            "rows": self.rows,
            "lost_rows": self.lost_rows,
            **percentiles("", self.latencies),
            **percentiles("stamp_", self.stamp_latencies),
        }


class Viewer(Client):
    """A viewer of the live protocol that reads and acknowledges."""

    def __init__(self, port: int, group: Group) -> None:
        super().__init__(port, "/live", "sov.1")
        self.group = group
        self.frames = 0
        self.allowance = 0.0
        self._epoch = 0
        self._sequence = -1
        self.say(TEXT, group.want)
        self.socket.setblocking(False)

    def heard(self, code: int, start: bytes, size: int) -> None:
        """Check a message, count it, and acknowledge a frame."""
        group = self.group
        if code != BINARY:
            return
        length, kind, _, skipped = struct.unpack_from("<IB3xII", start)
        if length != size:
            raise ConnectionError("a message has a wrong length")
        if kind == FRAME and len(start) == KEPT_BYTES:
            now = time.time_ns()
            epoch, sequence, stamp, receipt = struct.unpack_from("<I4xQ8xqq", start, 16)
            if epoch != self._epoch and self._epoch:
                raise ConnectionError("the receiving process was started again")
            if sequence < self._sequence:
                raise ConnectionError(f"image {sequence} came after {self._sequence}")
            group.repeated += sequence == self._sequence
            self._epoch, self._sequence = epoch, sequence
            self.say(BINARY, struct.pack("<B3xIQ", 1, 0, sequence))
            self.frames += 1
            group.bytes += length
            group.skipped += skipped
            group.latencies.append((now - receipt) * 1e-6)
            if stamp != NO_STAMP:
                group.stamp_latencies.append((now - stamp) * 1e-6)
        elif kind == SCALARS:
            (rows,) = struct.unpack_from("<I", start, 24)
            group.rows += rows
            group.lost_rows += skipped


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
