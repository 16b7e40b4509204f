"""A proxy between browser and server that damages the JPEG pictures on their way, as long as a test wants it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

# The head of a gray JPEG: marker, length, bits of a sample. Decoders forgive much, but not 99 bits.
JPEG = b"\xff\xc0\x00\x0b\x08"
DAMAGED = b"\xff\xc0\x00\x0b\x63"


class Damager:
    """Passes connections on to ``target``; while ``active`` the head of each picture is broken."""

    def __init__(self, target: int, listener: socket.socket) -> None:
        self.port = int(listener.getsockname()[1])
        self.active = False
        self._target = target
        self._listener = listener

    def accept(self) -> None:
        """Take connections until the listener is closed."""
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        with near, suppress(OSError), socket.create_connection(("127.0.0.1", self._target)) as far:
            back = threading.Thread(target=self._pass_on, args=(far, near, True), daemon=True)
            back.start()
            self._pass_on(near, far, False)
            back.join()

    def _pass_on(self, source: socket.socket, sink: socket.socket, from_server: bool) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 20):
                sink.sendall(data.replace(JPEG, DAMAGED) if from_server and self.active else data)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextmanager
def running_damager(target: int) -> Iterator[Damager]:
    """Run a proxy in front of a port of this machine, which damages nothing at first."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        damager = Damager(target, listener)
        thread = threading.Thread(target=damager.accept, daemon=True)
        thread.start()
        try:
            yield damager
        finally:
            # Closing alone does not wake a thread that waits in accept.
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            thread.join()
