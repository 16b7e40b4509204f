"""Clients that behave like no browser, and one that checks how a normal one fares meanwhile."""

import contextlib
import socket
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.server import ServerProcess
from tests.support import deadline, wait_until

HANDSHAKE = (
    b"GET /live HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    b"Sec-WebSocket-Protocol: sov.1\r\n"
)
"""The head of a request for a viewer's WebSocket, without its last empty line."""


def connect(server: ServerProcess, source: str = "127.0.0.1", receive_bytes: int = 0) -> socket.socket:
    """Return a connection from an address of the loopback interface; ``receive_bytes`` sets its receive buffer."""
    sock = socket.socket()
    sock.settimeout(deadline(5))
    if receive_bytes:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    sock.bind((source, 0))
    sock.connect(("127.0.0.1", server.port))
    return sock


def read_to_end(sock: socket.socket, seconds: float = 5.0) -> bytes:
    """Return all bytes until the server ends the connection; AssertionError if it does not."""
    end = time.monotonic() + deadline(seconds)
    data = bytearray()
    while True:
        left = end - time.monotonic()
        assert left > 0, f"the server does not end the connection; until now came {bytes(data[:500])!r}"
        sock.settimeout(left)
        try:
            piece = sock.recv(65536)
        except ConnectionResetError:
            return bytes(data)
        except TimeoutError:
            continue
        if not piece:
            return bytes(data)
        data += piece


def ask(server: ServerProcess, request: bytes, source: str = "127.0.0.1", seconds: float = 5.0) -> tuple[int, bytes]:
    """Send bytes; return the status (0 without an answer) and all bytes until the server ended the connection."""
    with connect(server, source) as sock:
        # A client that is refused early cannot send everything.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            sock.sendall(request)
        data = read_to_end(sock, seconds)
    return status_of(data), data


def status_of(answer: bytes) -> int:
    """Return the status in the bytes of an answer; 0 if there is none."""
    return int(answer[9:12]) if answer.startswith(b"HTTP/1.1 ") else 0


def head(path: str = "/", *lines: str, host: str = "localhost", method: str = "GET", version: str = "1.1") -> bytes:
    """Return the head of a request that asks for the end of the connection after its answer."""
    return "\r\n".join(
        (f"{method} {path} HTTP/{version}", f"Host: {host}", "Connection: close", *lines, "", "")
    ).encode("latin-1")


def ended(sock: socket.socket) -> bool:
    """Return whether the server has ended a connection; bytes received before are dropped."""
    sock.setblocking(False)
    try:
        while sock.recv(65536):
            pass
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def wait_until_ended(socks: list[socket.socket], seconds: float) -> None:
    """Wait until the server has ended all of these connections."""
    left = list(socks)

    def none_left() -> bool:
        left[:] = [sock for sock in left if not ended(sock)]
        return not left

    wait_until(none_left, seconds, f"the server ends {len(socks)} connections", poll=0.1)


@dataclass
class Watch:
    """How long each answer of a small page took, in seconds."""

    seconds: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


@contextlib.contextmanager
def healthy_meanwhile(
    server: ServerProcess, path: str = "healthz", limit: float = 1.5, source: str = "127.0.0.200"
) -> Iterator[Watch]:
    """Ask for a path again and again during the block; AssertionError if one answer is wrong or takes too long."""
    watch, stop = Watch(), threading.Event()

    def ask_on() -> None:
        while not stop.is_set():
            start = time.monotonic()
            try:
                with connect(server, source) as sock:
                    sock.sendall(head(f"/{path}"))
                    answer = read_to_end(sock, limit * 10)
                if status_of(answer) != 200:
                    watch.failures.append(repr(answer[:200]))
            except (OSError, AssertionError) as error:
                watch.failures.append(repr(error))
            watch.seconds.append(time.monotonic() - start)
            stop.wait(0.05)

    thread = threading.Thread(target=ask_on)
    thread.start()
    try:
        yield watch
    finally:
        stop.set()
        thread.join()
    assert not watch.failures, watch.failures[:3]
    assert watch.seconds
    assert max(watch.seconds) < deadline(limit), f"an answer of {path} took {max(watch.seconds):.2f} s"


def metric(server: ServerProcess, name: str) -> float:
    """Return the value of a metric without labels, or the sum over its labels."""
    with urllib.request.urlopen(server.url("metrics"), timeout=deadline(5)) as answer:
        lines = answer.read().decode().splitlines()
    found = [float(line.rsplit(" ", 1)[1]) for line in lines if line.split("{")[0].split(" ")[0] == name]
    assert found, f"no metric {name}"
    return sum(found)
