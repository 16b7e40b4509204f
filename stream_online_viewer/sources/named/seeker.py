"""Runs a lookup in a thread, because the servers that are asked may be slow."""

import socket
import threading
from contextlib import suppress
from queue import Empty, SimpleQueue

from stream_online_viewer.model.problems import problem_of
from stream_online_viewer.sources.named.found import Found, Lookup, LookupFailed


class Seeker:
    """Looks up one name on request. Only the thread that made it may call its methods.

    ``fileno()`` becomes readable when there is a result, or news of what is being done.
    """

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._requests: SimpleQueue[bool] = SimpleQueue()
        self._results: SimpleQueue[Found | LookupFailed] = SimpleQueue()
        self._wake, self._ring = socket.socketpair()
        self._wake.setblocking(False)
        self.busy = False
        self.doing: str | None = None
        """What the lookup under way has said that it is doing, one sentence."""
        # A daemon, so that a server that does not answer cannot delay the end of the process.
        self._thread = threading.Thread(target=self._run, name="source lookup", daemon=True)
        self._thread.start()

    def fileno(self) -> int:
        """Return the descriptor to poll."""
        return self._wake.fileno()

    def start(self) -> None:
        """Start a lookup unless one is under way."""
        if not self.busy:
            self.busy, self.doing = True, None
            self._requests.put(True)

    def result(self) -> Found | LookupFailed | None:
        """Return the result of a lookup that has ended since the last call, None if there is none."""
        with suppress(BlockingIOError):
            self._wake.recv(64)
        try:
            found = self._results.get_nowait()
        except Empty:
            return None
        self.busy = False
        return found

    def close(self) -> None:
        """Let the thread end, at the latest after its lookup."""
        self._requests.put(False)
        self._wake.close()
        self._ring.close()

    def _run(self) -> None:
        while self._requests.get():
            self._results.put(self._find())
            self._signal()

    def _find(self) -> Found | LookupFailed:
        try:
            return self._lookup.find(self._tell)
        except LookupFailed as problem:
            return problem.with_traceback(None)
        except Exception as error:
            # A fault of this program must not end the thread, without which nothing would be looked up any more.
            text = f"The answer of {self._lookup.where} could not be used: {problem_of(error).detail}."
            return LookupFailed("unusable", "unresolvable", text)

    def _tell(self, text: str) -> None:
        self.doing = text
        self._signal()

    def _signal(self) -> None:
        # The other end is closed if the result is no longer needed.
        with suppress(OSError):
            self._ring.send(b"\0")
