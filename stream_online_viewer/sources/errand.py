"""Something slow that is done on request in a thread, so that the receiving loop never waits for it."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

T = TypeVar("T")


class Errand(Generic[T]):
    """Calls ``run`` in a thread, once for each request. Only the thread that made it may call its methods.

    ``run`` must not raise. ``fileno()`` becomes readable when there is a result, and after :meth:`signal`.
    """

    def __init__(self, name: str, run: Callable[[], T]) -> None:
        """``name`` is that of the thread."""
        self._run = run
        self._requests: SimpleQueue[bool] = SimpleQueue()
        self._results: SimpleQueue[T] = SimpleQueue()
        self._wake, self._ring = socket.socketpair()
        self._wake.setblocking(False)
        self.busy = False
        # A daemon, so that a server that does not answer cannot delay the end of the process.
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def fileno(self) -> int:
        """Return the descriptor to poll."""
        return self._wake.fileno()

    def start(self) -> None:
        """Start unless one is under way."""
        if not self.busy:
            self.busy = True
            self._requests.put(True)

    def result(self) -> T | None:
        """Return the result of one that has ended since the last call, None if there is none."""
        with suppress(BlockingIOError):
            self._wake.recv(64)
        try:
            found = self._results.get_nowait()
        except Empty:
            return None
        self.busy = False
        return found

    def signal(self) -> None:
        """Make the descriptor readable; for ``run``, in its thread."""
        # The other end is closed if the result is no longer needed.
        with suppress(OSError):
            self._ring.send(b"\0")

    def close(self) -> None:
        """Let the thread end, at the latest after what is under way."""
        self._requests.put(False)
        self._wake.close()
        self._ring.close()

    def _work(self) -> None:
        while self._requests.get():
            self._results.put(self._run())
            self.signal()
