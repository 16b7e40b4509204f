"""A TCP proxy between a program and the bus, which passes everything on, swallows it, or is slow."""

import selectors
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

CHUNK = 65536


class BusProxy:
    """Listens on ``port`` while the block runs. ``swallow``: both sides stay connected, and nothing arrives."""

    def __init__(self, target_port: int) -> None:
        self.swallow = False
        self.bytes_per_second: float | None = None
        """From the bus to the program; None for no limit."""
        self.connections = 0
        self._target_port = target_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._done = threading.Event()
        self._threads: list[threading.Thread] = []
        self._sockets: list[socket.socket] = []

    @property
    def url(self) -> str:
        """The address for ``--bus``."""
        return f"nats://127.0.0.1:{self.port}"

    def __enter__(self) -> "BusProxy":
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._listener.close()
        for thread in list(self._threads):
            thread.join()
        for sock in self._sockets:
            sock.close()

    def cut(self) -> None:
        """End all connections that there are now."""
        for sock in list(self._sockets):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def _start(self, target: Callable[..., None], *arguments: Any) -> None:
        thread = threading.Thread(target=target, args=arguments)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        self._listener.settimeout(0.05)
        while not self._done.is_set():
            try:
                near, _ = self._listener.accept()
            except OSError:
                continue
            try:
                # Small, so that what is slow waits with the sender and not here.
                far = socket.socket()
                far.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, CHUNK)
                near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, CHUNK)
                far.connect(("127.0.0.1", self._target_port))
            except OSError:
                near.close()
                far.close()
                continue
            self.connections += 1
            self._sockets += [near, far]
            self._start(self._pass_on, near, far, False)
            self._start(self._pass_on, far, near, True)

    def _pass_on(self, source: socket.socket, target: socket.socket, limited: bool) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(source, selectors.EVENT_READ)
            while not self._done.is_set():
                if self.swallow or not selector.select(0.05):
                    # Unread bytes wait with the sender, as behind a cable that is cut.
                    self._done.wait(0.01 if self.swallow else 0)
                    continue
                limit = self.bytes_per_second if limited else None
                try:
                    data = source.recv(CHUNK if limit is None else max(1024, int(limit / 50)))
                    if not data:
                        break
                    target.sendall(data)
                except OSError:
                    break
                if limit is not None:
                    time.sleep(len(data) / limit)
        for sock in (source, target):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
