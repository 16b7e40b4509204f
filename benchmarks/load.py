"""Many viewers in one process that costs as little as possible: ``load.py PORT N FORMAT WARM_UP SECONDS [discard]``.

Frames are read into one buffer that is used again, acknowledged when they are complete, and forgotten. With ``discard``
the kernel throws their bytes away without copying them, as if the viewers were on other machines. Writes ``begin`` when
the measurement begins, and at its end one line of JSON.
"""

import json
import os
import select
import socket
import struct
import sys
import time

from benchmarks.report import percentile

CHUNK_BYTES = 1 << 20
DISCARD_BYTES = 1 << 24
KEPT_BYTES = 64
"""The beginning of each message, which holds what is needed of a frame."""
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
FRAME = 1
NO_TIME = -(2**63)
NO_MASK = bytes(4)


class Client:
    """One viewer: a WebSocket whose messages are taken apart as they come."""

    def __init__(self, port: int, form: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.frames = 0
        self.bytes = 0
        self.latencies: list[float] = []
        self.rest = 0
        """Bytes of this message that are not looked at."""
        self._head = bytearray()
        self._need = 2
        self._start = 0
        self._size: int | None = None
        self._shake_hands(port)
        self._send(TEXT, json.dumps({"kind": "want", "format": form}).encode())

    def feed(self, data: memoryview) -> None:
        """Take bytes as they were read."""
        while data:
            if self.rest:
                taken = min(self.rest, len(data))
                data = data[taken:]
                self.skip(taken)
            else:
                taken = min(self._need - len(self._head), len(data))
                self._head += data[:taken]
                data = data[taken:]
                if len(self._head) == self._need:
                    self._advance()

    def skip(self, count: int) -> None:
        """Take note that so many bytes of the message have passed."""
        self.rest -= count
        if not self.rest:
            self._complete()

    def _advance(self) -> None:
        """Find out how much more is needed: two bytes tell the length of the header, the header that of the message."""
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
        self.rest = self._size - (self._need - self._start)
        if not self.rest:
            self._complete()

    def _complete(self) -> None:
        head, start = self._head, self._start
        code, size = head[0] & 15, len(head) - start
        if code == BINARY and size == KEPT_BYTES and head[start + 4] == FRAME:
            length, _, server_us, _ = struct.unpack_from("<IIII", head, start)
            (sequence,) = struct.unpack_from("<Q", head, start + 24)
            (source_time,) = struct.unpack_from("<q", head, start + 40)
            self._send(BINARY, struct.pack("<B3xIQ", 1, 0, sequence))
            self.frames += 1
            self.bytes += length
            if source_time != NO_TIME:
                self.latencies.append(time.time() * 1e3 - source_time * 1e-6)
        elif code == PING:
            self._send(PONG, bytes(head[start:]))
        elif code == CLOSE:
            raise ConnectionError(f"closed by the server: {bytes(head[start + 2 :]).decode(errors='replace')}")
        self._head = bytearray()
        self._need, self._size = 2, None

    def _send(self, code: int, payload: bytes) -> None:
        self.socket.sendall(bytes((0x80 | code, 0x80 | len(payload))) + NO_MASK + payload)

    def _shake_hands(self, port: int) -> None:
        lines = [
            "GET /live HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
            "Sec-WebSocket-Protocol: sov.1",
        ]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        answer = b""
        while b"\r\n\r\n" not in answer:
            data = self.socket.recv(65536)
            if not data:
                raise ConnectionError(f"the server hung up: {answer!r}")
            answer += data
        header, _, rest = answer.partition(b"\r\n\r\n")
        if not header.startswith(b"HTTP/1.1 101"):
            raise ConnectionError(header.decode(errors="replace"))
        self.feed(memoryview(rest))


def run(clients: list[Client], seconds: float, discard: bool) -> None:
    """Serve all clients for so long."""
    poll = select.epoll()
    by_fd = {client.socket.fileno(): client for client in clients}
    for fd in by_fd:
        poll.register(fd, select.EPOLLIN)
    buffer = bytearray(DISCARD_BYTES if discard else CHUNK_BYTES)
    view = memoryview(buffer)
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        for fd, _ in poll.poll(left):
            client = by_fd[fd]
            if discard and client.rest:
                count = client.socket.recv_into(buffer, min(client.rest, DISCARD_BYTES), socket.MSG_TRUNC)
                client.skip(count)
            else:
                # Not into the part of the next message that is to be discarded.
                count = client.socket.recv_into(buffer, KEPT_BYTES if discard else CHUNK_BYTES)
                client.feed(view[:count])
            if not count:
                raise ConnectionError("the server hung up")
    poll.close()


def main(arguments: list[str]) -> int:
    """Measure and print."""
    port, number, form, warm_up, seconds = arguments[:5]
    discard = arguments[5:] == ["discard"]
    clients = [Client(int(port), form) for _ in range(int(number))]
    run(clients, float(warm_up), discard)
    for client in clients:
        client.frames = client.bytes = 0
        client.latencies.clear()
    print("begin", flush=True)
    since = time.monotonic()
    run(clients, float(seconds), discard)
    took = time.monotonic() - since
    latencies = [latency for client in clients for latency in client.latencies]
    result = {
        "rates": [client.frames / took for client in clients],
        "mbit": sum(client.bytes for client in clients) * 8e-6 / took,
        "frame_bytes": sum(client.bytes for client in clients) / max(1, sum(client.frames for client in clients)),
        "p50": percentile(latencies, 50) if latencies else None,
        "p95": percentile(latencies, 95) if latencies else None,
        "pid": os.getpid(),
    }
    print(json.dumps(result), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
