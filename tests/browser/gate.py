"""A proxy between browser and server that a test opens, closes, and lets refuse WebSockets as some proxies do."""

import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Literal

Mode = Literal["open", "closed", "no-websockets"]

REFUSAL = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Gate:
    """Passes connections on to ``target``, as its mode says.

    "open": all. "closed": none, and those that are there break. "no-websockets": all but requests for an upgrade.
    """

    def __init__(self, target: int, listener: socket.socket) -> None:
        self.port = int(listener.getsockname()[1])
        self._target = target
        self._listener = listener
        self._mode: Mode = "open"
        self._lock = threading.Lock()
        self._ends: set[socket.socket] = set()
        self.attempts = 0
        """Requests for an upgrade that came, refused ones and those to a closed gate (which are not read) included."""
        self.loaded_bytes = 0
        """What the server sent, headers included, over connections that are no WebSockets."""
        self.held: Sequence[bytes] = ()
        """Requests with one of these in them are not passed on: they have no answer while the browser waits."""

    def set(self, mode: Mode) -> None:
        """Change the mode, for new connections and, when it is closed, for those that are there."""
        with self._lock:
            self._mode = mode
            ends = list(self._ends) if mode == "closed" else []
        for end in ends:
            _shut(end)

    def accept(self) -> None:
        """Take connections until the listener is closed."""
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        with near, suppress(OSError):
            if self._mode == "closed":
                self.attempts += 1
                return
            head = near.recv(65536)
            if self._is_held(head):
                with self._open(near):
                    while near.recv(65536):
                        pass
                return
            live = b"upgrade: websocket" in head.lower()
            if live:
                self.attempts += 1
                if self._mode == "no-websockets":
                    near.sendall(REFUSAL)
                    return
            with socket.create_connection(("127.0.0.1", self._target)) as far, self._open(near, far):
                far.sendall(head)
                back = threading.Thread(target=_pass_on, args=(far, near, None if live else self._count), daemon=True)
                back.start()
                _pass_on(near, far, holds=None if live else self._is_held)
                back.join()

    def _is_held(self, request: bytes) -> bool:
        return any(part in request for part in self.held)

    def _count(self, size: int) -> None:
        with self._lock:
            self.loaded_bytes += size

    @contextmanager
    def _open(self, *ends: socket.socket) -> Iterator[None]:
        with self._lock:
            self._ends.update(ends)
        try:
            yield
        finally:
            with self._lock:
                self._ends.difference_update(ends)


def _pass_on(
    source: socket.socket,
    sink: socket.socket,
    count: Callable[[int], None] | None = None,
    holds: Callable[[bytes], bool] | None = None,
) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            if holds is not None and holds(data):
                continue
            if count is not None:
                count(len(data))
            sink.sendall(data)
    _shut(source)
    _shut(sink)


def _shut(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)


@contextmanager
def running_gate(target: int) -> Iterator[Gate]:
    """Run an open gate in front of a port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        gate = Gate(target, listener)
        thread = threading.Thread(target=gate.accept, daemon=True)
        thread.start()
        try:
            yield gate
        finally:
            gate.set("closed")
            # Closing alone does not wake a thread that waits in accept.
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            thread.join()
