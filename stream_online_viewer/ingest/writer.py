"""The ingest's end of the link, writing: one thread, so that nobody else ever waits for the web process."""

import socket
import threading
from collections import deque
from collections.abc import Sequence

from stream_online_viewer.link.report import IngestReport
from stream_online_viewer.protocol.frame import Buffer, body_bytes
from stream_online_viewer.protocol.link import Kind, LinkHeader, control

MAX_SCALAR_BYTES = 4 * 2**20
_JOIN_BYTES = 65536


class LinkWriter(threading.Thread):
    """Sends what it was given, in the order: channel names, report, scalars, frames.

    Names go first because everything else may use them. Of the reports only the newest waits; scalars are bounded in
    bytes, the oldest are lost and counted; frames are bounded by the credit that the web process gives.
    """

    def __init__(self, link: socket.socket) -> None:
        super().__init__(name="link writer", daemon=True)
        self._link = link
        self._wake = threading.Condition()
        self._names: deque[bytes] = deque()
        self._report: IngestReport | None = None
        self._scalars: deque[tuple[LinkHeader, Sequence[Buffer]]] = deque()
        self._scalar_bytes = 0
        self._frames: deque[tuple[LinkHeader, Sequence[Buffer]]] = deque()
        self.lost_rows = 0

    def names(self, pairs: Sequence[tuple[int, str]]) -> None:
        """Queue new channel names."""
        message = control({"kind": "channels", "channels": list(pairs)})
        with self._wake:
            self._names.append(message)
            self._wake.notify()

    def report(self, report: IngestReport) -> None:
        """Queue a report; it replaces one that was not sent yet."""
        with self._wake:
            self._report = report
            self._wake.notify()

    def scalars(self, sequence: int, received: int, rows: int, body: Sequence[Buffer]) -> None:
        """Queue a scalars message of ``rows`` rows that ends with ``sequence``."""
        header = LinkHeader(Kind.SCALARS, 0, body_bytes(body), sequence, received, rows)
        with self._wake:
            self._scalars.append((header, body))
            self._scalar_bytes += header.length
            while self._scalar_bytes > MAX_SCALAR_BYTES and len(self._scalars) > 1:
                lost, _ = self._scalars.popleft()
                self._scalar_bytes -= lost.length
                self.lost_rows += lost.count
            self._wake.notify()

    def frame(self, lane: int, sequence: int, received: int, body: Sequence[Buffer], refused: bool = False) -> None:
        """Queue a frame of a lane; ``refused`` if its image could not be used."""
        header = LinkHeader(Kind.FRAME, lane, body_bytes(body), sequence, received, int(refused))
        with self._wake:
            self._frames.append((header, body))
            self._wake.notify()

    def empty(self, lane: int) -> None:
        """Answer a pull for which there is no frame yet."""
        with self._wake:
            self._frames.append((LinkHeader(Kind.EMPTY, lane), ()))
            self._wake.notify()

    def run(self) -> None:
        """Send until the web process is gone."""
        try:
            while True:
                for part in self._next():
                    self._link.sendall(part)
        except OSError:
            # The main loop reads the end of the link too and ends the process; this thread has nobody to write to.
            return

    def _next(self) -> list[Buffer]:
        with self._wake:
            while True:
                if self._names:
                    return [self._names.popleft()]
                if self._report is not None:
                    report, self._report = self._report, None
                    return [control({"kind": "report", "report": report.content()})]
                if self._scalars:
                    header, body = self._scalars.popleft()
                    self._scalar_bytes -= header.length
                    return _joined(header, body)
                if self._frames:
                    return _joined(*self._frames.popleft())
                self._wake.wait()


def _joined(header: LinkHeader, body: Sequence[Buffer]) -> list[Buffer]:
    """Return few buffers: small ones joined, since each send costs a system call, large ones as they are."""
    result: list[Buffer] = []
    small = bytearray(header.pack())
    for part in body:
        if memoryview(part).nbytes < _JOIN_BYTES:
            small += memoryview(part).cast("B")
        else:
            if small:
                result.append(small)
                small = bytearray()
            result.append(part)
    if small:
        result.append(small)
    return result
