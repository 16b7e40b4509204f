"""The least that a server on uvloop can do, the second floor beside the one in C: ``uvloop_server.py BYTES RATE``.

One protocol object for each viewer; it answers the handshake, takes the first text as a want, and writes the newest
frame once the one before is acknowledged. The bytes are those of ``c/epoll_server.c``. There is no stream behind it,
nothing is checked, measured or told. Writes its port to stdout and runs until killed.
"""

import asyncio
import random
import resource
import struct
import sys
import time
from dataclasses import dataclass
from typing import cast

import uvloop

TEXT, BINARY, CLOSE = 1, 2, 8
ENVELOPE, FRAME_HEAD = 16, 40
# The answer to the one key that the load programs send, which is that of the example in RFC 6455.
ANSWER = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: sov.1\r\n\r\n"
)
NOISES = 2
"""One frame would stay in the processor's cache; the server in C comes to two as well."""
ACKNOWLEDGEMENT = 22
"""Bytes of an acknowledgement on the wire: two of a header, four of a mask, sixteen."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame: its sequence, when it was made in monotonic ns, and the beginning that is its own."""

    sequence: int
    born: int
    head: bytes


class Floor:
    """The newest frame, and all viewers."""

    def __init__(self, message_bytes: int) -> None:
        self.message_bytes = message_bytes
        self.header = bytes((0x80 | BINARY,)) + (
            b"\x7e" + struct.pack(">H", message_bytes)
            if message_bytes < 65536
            else b"\x7f" + struct.pack(">Q", message_bytes)
        )
        source = random.Random(0)
        self.noises = [source.randbytes(message_bytes - ENVELOPE - FRAME_HEAD) for _ in range(NOISES)]
        self.newest: Frame | None = None
        self.viewers: set[Viewer] = set()

    def publish(self) -> None:
        """Make the next frame and write it to every viewer that has acknowledged the one before."""
        sequence = 1 if self.newest is None else self.newest.sequence + 1
        wall = time.time_ns()
        self.newest = Frame(sequence, time.monotonic_ns(), struct.pack("<I4xQQqq", 1, sequence, sequence, wall, wall))
        for viewer in self.viewers:
            viewer.offer(self.newest)


class Viewer(asyncio.Protocol):
    """One connection."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._heard = b""
        self._shaken = self._wants = self._in_flight = False
        self._seen = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        # Those of uvloop only look like asyncio's.
        self._transport = cast(asyncio.Transport, transport)
        self._floor.viewers.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._floor.viewers.discard(self)

    def data_received(self, data: bytes) -> None:
        """Take the handshake, the want, or acknowledgements."""
        self._heard += data
        if not self._shaken:
            _, end, rest = self._heard.partition(b"\r\n\r\n")
            if not end:
                return
            self._heard, self._shaken = rest, True
            self._transport.write(ANSWER)
        while len(heard := self._heard) >= 6:
            size = heard[1] & 127
            start = 6 if size < 126 else 8
            end_at = start + (size if size < 126 else int.from_bytes(heard[2:4], "big"))
            if len(heard) < end_at:
                break
            code = heard[0] & 15
            self._heard = heard[end_at:]
            if code == TEXT:
                self._wants = True
            elif code == BINARY and end_at == ACKNOWLEDGEMENT:
                self._in_flight = False
            elif code == CLOSE:
                self._transport.close()
        if self._floor.newest is not None:
            self.offer(self._floor.newest)

    def offer(self, frame: Frame) -> None:
        """Write the newest frame, if this viewer has acknowledged what it got and has not got this one."""
        if not self._wants or self._in_flight or frame.sequence <= self._seen:
            return
        floor = self._floor
        micros = (time.monotonic_ns() - frame.born) // 1000
        skipped = frame.sequence - self._seen - 1 if self._seen else 0
        envelope = struct.pack("<IIII", floor.message_bytes, 1, micros, skipped)
        self._seen, self._in_flight = frame.sequence, True
        self._transport.writelines((floor.header + envelope + frame.head, floor.noises[frame.sequence % NOISES]))


async def main(message_bytes: int, rate: float) -> None:
    """Serve until killed."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    floor = Floor(message_bytes)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Viewer(floor), "127.0.0.1", 0, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    due = loop.time()
    while True:
        # What was missed is not made up for.
        due = max(due + 1 / rate, loop.time())
        await asyncio.sleep(due - loop.time())
        floor.publish()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), float(sys.argv[2])))
