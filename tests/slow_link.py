"""A slow, long link: a TCP proxy in a process of its own that delays what passes and limits its rate.

    python -m tests.slow_link 8080 --rtt 40 --down 2 --up 2

makes the server of port 8080 reachable on a free port, which is written to stdout as ``port N``, as if 40 ms and
2 Mbit/s lay between. All connections through one link share it, as the tabs and requests of one machine do. In each
direction there is one bottleneck: a queue bounded in bytes, emptied at the rate, then half of the round trip. Nothing
is ever lost: what does not fit into the queue waits in the sender's own buffers, which is where the congestion control
of TCP would leave it. The link therefore shows what bytes and round trips cost, and not what TCP needs to find them
out (slow start, losses).
"""

import argparse
import contextlib
import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from tests.support import wait_until

ROOT = Path(__file__).resolve().parent.parent
SEGMENT_BYTES = 1448
QUEUE_BYTES = 50_000
QUEUE_SECONDS = 0.005
STEP_SECONDS = 0.0005
"""Seconds of each step in which the rate is kept; on slower links a step is one segment."""
PIPE_BYTES = 32 * 2**20
"""Bytes that may be on their way at the same time if the rate is not limited."""


class Direction:
    """One direction of the link: the data on their way, in the order of their arrival."""

    def __init__(self, delay: float, mbit: float, queue: int) -> None:
        self.flight: deque[tuple[float, Pipe, bytes]] = deque()
        """(time of arrival, connection, data); empty data mean the end."""
        self.bytes = 0
        self._free_at = 0.0
        self.change(delay, mbit, queue)

    def change(self, delay: float, mbit: float, queue: int) -> None:
        """Set the delay one way in s, Mbit/s (0: no limit) and the largest queue in bytes (0: default)."""
        self.delay = delay
        self._per_byte = 8e-6 / mbit if mbit > 0 else 0.0
        rate = 1 / self._per_byte if mbit > 0 else 0.0
        self.step = max(SEGMENT_BYTES, min(65536, int(rate * STEP_SECONDS))) if mbit > 0 else 65536
        queue = queue or max(QUEUE_BYTES, int(rate * max(2 * delay, QUEUE_SECONDS)))
        self._queue_seconds = queue * self._per_byte
        # The kernel's buffers add to the queue; two steps are enough to keep the bottleneck busy.
        self.buffer = min(2**20, 2 * self.step) if mbit > 0 else 2**20

    def room_at(self) -> float:
        """Return the monotonic time at which the queue has room again."""
        return self._free_at - self._queue_seconds

    def put(self, pipe: "Pipe", data: bytes, now: float) -> None:
        """Send bytes on their way."""
        self._free_at = max(now, self._free_at) + len(data) * self._per_byte
        due = self._free_at + self.delay
        if self.flight:
            due = max(due, self.flight[-1][0])
        self.flight.append((due, pipe, data))
        self.bytes += len(data)


@dataclass(eq=False)
class Pipe:
    """One direction of one connection."""

    direction: Direction
    source: socket.socket
    sink: socket.socket
    open: bool = True
    """The source may send more."""
    arrived: deque[memoryview] = field(default_factory=deque)
    """Arrived, but not taken by the sink yet."""
    ended: bool = False
    """The end has arrived."""
    finished: bool = False
    """Everything has arrived and was taken."""

    def read(self, now: float) -> None:
        """Read one step from the source. Raise OSError if it has closed."""
        try:
            data = self.source.recv(self.direction.step)
        except BlockingIOError:
            return
        self.open = bool(data)
        self.direction.put(self, data, now)

    def write(self) -> None:
        """Write to the sink what has arrived. Raise OSError if it has closed."""
        while self.arrived:
            try:
                sent = self.sink.send(self.arrived[0])
            except BlockingIOError:
                return
            if sent < len(self.arrived[0]):
                self.arrived[0] = self.arrived[0][sent:]
                return
            self.arrived.popleft()
        if self.ended and not self.finished:
            self.finished = True
            self.sink.shutdown(socket.SHUT_WR)


class Link:
    """The proxy's loop."""

    def __init__(self, target: tuple[str, int], port: int, line: dict[str, Any]) -> None:
        self._target = target
        self._line = dict(line)
        self._down, self._up = (Direction(0, 0, 0) for _ in range(2))
        self._change({})
        self._coming: deque[tuple[float, socket.socket]] = deque()
        self._pipes: dict[Pipe, Pipe] = {}
        """Each pipe with the other direction of its connection."""
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._prepare(self._listener, send=self._down, receive=self._up)
        self._listener.bind(("127.0.0.1", port))
        self._listener.listen(64)
        self.port = int(self._listener.getsockname()[1])

    def run(self, control: IO[bytes] | None) -> None:
        """Work until ``control`` ends; each of its lines is a JSON object that changes the link."""
        while True:
            now = time.monotonic()
            self._open(now)
            for direction in (self._down, self._up):
                self._deliver(direction, now)
            readable = {pipe.source: pipe for pipe in self._pipes if self._reads(pipe, now)}
            writable = {pipe.sink: pipe for pipe in self._pipes if pipe.arrived}
            others: list[Any] = [self._listener] if control is None else [self._listener, control]
            found, free, _ = select.select([*readable, *others], list(writable), [], self._wait(now))
            now = time.monotonic()
            for sink in free:
                self._try(writable[sink], writable[sink].write)
            for source in found:
                if source is self._listener:
                    with contextlib.suppress(OSError):
                        self._coming.append((now + self._down.delay + self._up.delay, self._listener.accept()[0]))
                elif control is not None and source is control:
                    line = os.read(control.fileno(), 65536)
                    if not line:
                        return
                    for change in line.splitlines():
                        self._change(json.loads(change))
                elif readable[source] in self._pipes:
                    pipe = readable[source]
                    self._try(pipe, pipe.read, now)

    def _change(self, change: dict[str, Any]) -> None:
        line = self._line
        line |= change
        for direction, mbit in ((self._down, line["down"]), (self._up, line["up"])):
            direction.change(line["rtt"] / 2e3, mbit, line["queue"])

    def _prepare(self, sock: socket.socket, send: Direction, receive: Direction) -> None:
        """Make the kernel's buffers small, and segments as long as on a network."""
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, SEGMENT_BYTES)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send.buffer)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive.buffer)

    def _open(self, now: float) -> None:
        """Connect clients whose handshake is over after one round trip."""
        while self._coming and self._coming[0][0] <= now:
            client = self._coming.popleft()[1]
            server = socket.socket()
            self._prepare(server, send=self._up, receive=self._down)
            try:
                server.connect(self._target)
            except OSError:
                client.close()
                server.close()
                continue
            client.setblocking(False)
            server.setblocking(False)
            down, up = Pipe(self._down, server, client), Pipe(self._up, client, server)
            self._pipes[down], self._pipes[up] = up, down

    def _deliver(self, direction: Direction, now: float) -> None:
        while direction.flight and direction.flight[0][0] <= now:
            _, pipe, data = direction.flight.popleft()
            direction.bytes -= len(data)
            if pipe in self._pipes:
                if data:
                    pipe.arrived.append(memoryview(data))
                else:
                    pipe.ended = True
                self._try(pipe, pipe.write)

    def _reads(self, pipe: Pipe, now: float) -> bool:
        direction = pipe.direction
        return pipe.open and not pipe.arrived and direction.room_at() <= now and direction.bytes < PIPE_BYTES

    def _wait(self, now: float) -> float | None:
        times = [self._coming[0][0]] if self._coming else []
        for direction in (self._down, self._up):
            times += [direction.flight[0][0]] if direction.flight else []
            times += [direction.room_at()] if direction.room_at() > now else []
        return max(0.0, min(times) - time.monotonic()) if times else None

    def _try(self, pipe: Pipe, step: Callable[..., None], *arguments: float) -> None:
        """Call one method of a pipe. A connection that fails or is finished is closed on both sides."""
        try:
            step(*arguments)
        except OSError:
            self._close(pipe)
            return
        if pipe in self._pipes and pipe.finished and self._pipes[pipe].finished:
            self._close(pipe)

    def _close(self, pipe: Pipe) -> None:
        other = self._pipes.pop(pipe, None)
        if other is not None:
            self._pipes.pop(other, None)
            pipe.source.close()
            pipe.sink.close()


class SlowLink:
    """A running link for a test, with its address; it can be changed during use."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int) -> None:
        self._process = process
        self.pid = process.pid
        self.port = port

    def url(self, path: str = "", scheme: str = "http") -> str:
        """Return a URL of the server behind the link."""
        return f"{scheme}://127.0.0.1:{self.port}/{path}"

    def change(self, **line: float) -> None:
        """Change ``rtt`` (ms), ``down``, ``up`` (Mbit/s) or ``queue`` (bytes) for everything sent from now on."""
        control = self._process.stdin
        assert control is not None
        control.write(json.dumps(line).encode() + b"\n")
        control.flush()


@contextmanager
def slow_link(
    port: int, *, rtt: float = 0.0, down: float = 0.0, up: float | None = None, queue: int = 0
) -> Iterator[SlowLink]:
    """Run a link to a server of this machine; round trip in ms, rates in Mbit/s, 0 for no limit."""
    line = ["--rtt", rtt, "--down", down, "--up", down if up is None else up, "--queue", queue]
    command = [sys.executable, "-m", "tests.slow_link", str(port), *map(str, line), "--control"]
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=output, stderr=subprocess.STDOUT, bufsize=0
        )

        def own_port() -> int:
            said = os.pread(output.fileno(), 65536, 0).decode()
            assert process.poll() is None, f"the link ended: {said}"
            found = re.search(r"^port (\d+)$", said, re.MULTILINE)
            return int(found[1]) if found else 0

        try:
            yield SlowLink(process, wait_until(own_port, 10.0, "the link is there"))
            said = os.pread(output.fileno(), 65536, 0).decode()
            assert process.poll() is None, f"the link ended: {said}"
        finally:
            process.kill()
            process.communicate()


def main() -> int:
    """Run the link that the options describe."""
    options = argparse.ArgumentParser(prog="tests.slow_link", description=(__doc__ or "").partition("\n")[0])
    options.add_argument("target", type=int, metavar="PORT", help="port of the server, on this machine")
    options.add_argument("--port", type=int, default=0, help="to listen on (default: any free one)")
    options.add_argument("--rtt", type=float, default=0.0, metavar="MS", help="round trip (default: 0)")
    options.add_argument("--down", type=float, default=0.0, metavar="MBIT", help="from the server (default: no limit)")
    options.add_argument("--up", type=float, default=0.0, metavar="MBIT", help="to the server (default: no limit)")
    options.add_argument(
        "--queue",
        type=int,
        default=0,
        metavar="BYTES",
        help="before each bottleneck (default: what one round trip carries, at least 50000 bytes and 5 ms)",
    )
    options.add_argument("--control", action="store_true", help="read changes from stdin, end with it")
    given = options.parse_args()
    line = {name: getattr(given, name) for name in ("rtt", "down", "up", "queue")}
    link = Link(("127.0.0.1", given.target), given.port, line)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    print(f"port {link.port}", flush=True)
    link.run(sys.stdin.buffer if given.control else None)
    return 0


if __name__ == "__main__":
    sys.exit(main())
