"""Runs the probe in a thread, because name servers and unreachable hosts take long."""

import socket
import threading
import time
from contextlib import suppress
from queue import Empty, SimpleQueue

from stream_online_viewer.sources.zeromq.address import Address
from stream_online_viewer.sources.zeromq.probe import Probe, probe

ASK_HTTP_AGAIN = 10.0
"""Seconds between two requests to an HTTP server, each of which leaves a line in a foreign log."""


class Prober:
    """Probes one address on request. Only the thread that made it may call its methods.

    ``fileno()`` becomes readable when there is a result.
    """

    def __init__(self, address: Address, timeout: float = 1.0) -> None:
        self._address = address
        self._timeout = timeout
        self._requests: SimpleQueue[bool] = SimpleQueue()
        self._results: SimpleQueue[Probe] = SimpleQueue()
        self._wake, self._ring = socket.socketpair()
        self._wake.setblocking(False)
        self._http: tuple[float, Probe] | None = None
        self.busy = False
        # A daemon, so that a name server that does not answer cannot delay the end of the process.
        self._thread = threading.Thread(target=self._run, name="source probe", daemon=True)
        self._thread.start()

    def fileno(self) -> int:
        """Return the descriptor to poll."""
        return self._wake.fileno()

    def start(self) -> None:
        """Start a probe unless one is running."""
        if not self.busy:
            self.busy = True
            self._requests.put(True)

    def result(self) -> Probe | None:
        """Return the result of a probe that has ended since the last call, None if there is none."""
        with suppress(BlockingIOError):
            self._wake.recv(16)
        try:
            found = self._results.get_nowait()
        except Empty:
            return None
        self.busy = False
        return found

    def close(self) -> None:
        """Let the thread end, at the latest after its probe."""
        self._requests.put(False)
        self._wake.close()
        self._ring.close()

    def _run(self) -> None:
        while self._requests.get():
            self._results.put(self._probe())
            # The other end is closed if the result is no longer needed.
            with suppress(OSError):
                self._ring.send(b"\0")

    def _probe(self) -> Probe:
        """Probe the address.

        An HTTP server is asked only now and then; meanwhile, no greeting means that it is still there.
        """
        now = time.monotonic()
        known = self._http[1] if self._http is not None and now - self._http[0] < ASK_HTTP_AGAIN else None
        found = probe(self._address.host, self._address.port, self._timeout, ask_http=known is None)
        if known is not None and found.outcome in ("http", "no_answer", "not_zeromq"):
            return known
        self._http = (now, found) if found.outcome == "http" and known is None else self._http
        if found.outcome not in ("http", "no_answer", "not_zeromq"):
            self._http = None
        return found
