"""The end of a socketpair in the ingest process. One thread writes, so that no other waits for the web process."""

import socket
import threading
from collections import deque
from collections.abc import Sequence

from stream_online_viewer.link.base import LinkClosed
from stream_online_viewer.link.cameras import CameraAnswer
from stream_online_viewer.link.framing import (
    FromWebDecoder,
    Kind,
    LinkHeader,
    frame_header,
    pack_control,
    stored_header,
)
from stream_online_viewer.link.messages import ChannelNames, FrameInfo, FromWeb, RowsInfo
from stream_online_viewer.link.report import IngestReport
from stream_online_viewer.protocol.frame import Buffer, body_bytes

MAX_ROWS_BYTES = 4 * 2**20
_READ_BYTES = 65536
_JOIN_BYTES = 65536


class SocketIngestEnd:
    """Sends what is waiting in this order: channel names, report, answer about cameras, rows, frames.

    See :class:`.base.IngestEnd`. Names go first because everything else may refer to them. Only the newest report and
    the newest answer wait. Rows are limited in bytes; the oldest are dropped and counted. Frames are limited by the
    pulls of the web process.
    """

    def __init__(self, connection: socket.socket, shares_memory: bool = False) -> None:
        """``shares_memory``: the web process has the memory of :mod:`.slots`, too."""
        self.shares_memory = shares_memory
        self._connection = connection
        self._decoder = FromWebDecoder()
        self._writer = threading.Thread(target=self._write, name="link writer", daemon=True)
        self._wake = threading.Condition()
        self._names: deque[bytes] = deque()
        self._report: IngestReport | None = None
        self._cameras: CameraAnswer | None = None
        self._rows: deque[tuple[LinkHeader, Sequence[Buffer]]] = deque()
        self._rows_bytes = 0
        self._frames: deque[tuple[LinkHeader, Sequence[Buffer]]] = deque()
        self._lost_rows = 0
        self._closed = False

    def start(self) -> None:
        """Start the thread that writes, if it does not run yet."""
        if self._writer.ident is None:
            self._writer.start()

    def fileno(self) -> int:
        """Return the descriptor of the socket."""
        return self._connection.fileno()

    def receive(self) -> Sequence[FromWeb]:
        """Return what was received.

        Raise :class:`LinkClosed`, or :class:`.errors.ProtocolError` for an invalid message.
        """
        try:
            data = self._connection.recv(_READ_BYTES)
        except OSError:
            data = b""
        if not data:
            raise LinkClosed("the web process is gone")
        return list(self._decoder.feed(data))

    @property
    def lost_rows(self) -> int:
        """The number of rows dropped."""
        return self._lost_rows

    def send_names(self, names: ChannelNames) -> None:
        """Queue new channel names."""
        message = pack_control(names)
        with self._wake:
            self._names.append(message)
            self._wake.notify()

    def send_report(self, report: IngestReport) -> None:
        """Queue a report; it replaces one that is still waiting."""
        with self._wake:
            self._report = report
            self._wake.notify()

    def send_cameras(self, answer: CameraAnswer) -> None:
        """Queue the answer to a question; it replaces one that is still waiting."""
        with self._wake:
            self._cameras = answer
            self._wake.notify()

    def send_rows(self, info: RowsInfo, body: Sequence[Buffer]) -> None:
        """Queue a batch of rows."""
        header = LinkHeader(Kind.ROWS, 0, body_bytes(body), info.sequence, info.received, info.rows)
        with self._wake:
            self._rows.append((header, body))
            self._rows_bytes += header.length
            while self._rows_bytes > MAX_ROWS_BYTES and len(self._rows) > 1:
                lost, _ = self._rows.popleft()
                self._rows_bytes -= lost.length
                self._lost_rows += lost.count
            self._wake.notify()

    def send_frame(self, info: FrameInfo, body: Sequence[Buffer]) -> None:
        """Queue a frame."""
        self._queue_frame(frame_header(info, body_bytes(body)), body)

    def send_stored(self, info: FrameInfo, slot: int, nbytes: int) -> None:
        """Queue the place of a frame in the shared memory."""
        self._queue_frame(stored_header(info, slot, nbytes))

    def send_nothing_newer(self, lane: int) -> None:
        """Queue the answer to a pull for which there is no frame yet."""
        self._queue_frame(LinkHeader(Kind.NOTHING_NEWER, lane))

    def _queue_frame(self, header: LinkHeader, body: Sequence[Buffer] = ()) -> None:
        with self._wake:
            self._frames.append((header, body))
            self._wake.notify()

    def close(self) -> None:
        """Close the connection; what is waiting is not sent."""
        with self._wake:
            self._closed = True
            self._wake.notify()
        try:
            # This also ends a write under way, which close() alone would not.
            self._connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        if self._writer.is_alive():
            self._writer.join()
        self._connection.close()

    def _write(self) -> None:
        """Send until the link is closed at either end."""
        try:
            while parts := self._next():
                for part in parts:
                    self._connection.sendall(part)
        except OSError:
            # The main loop will see the end of the link as well.
            return

    def _next(self) -> list[Buffer]:
        """Wait for the next message; return its bytes in few buffers, or no buffer if the link is closed."""
        with self._wake:
            while not self._closed:
                if self._names:
                    return [self._names.popleft()]
                if self._report is not None:
                    report, self._report = self._report, None
                    return [pack_control(report)]
                if self._cameras is not None:
                    answer, self._cameras = self._cameras, None
                    return [pack_control(answer)]
                if self._rows:
                    header, body = self._rows.popleft()
                    self._rows_bytes -= header.length
                    return _joined(header, body)
                if self._frames:
                    return _joined(*self._frames.popleft())
                self._wake.wait()
            return []


def _joined(header: LinkHeader, body: Sequence[Buffer]) -> list[Buffer]:
    """Return few buffers: each send is a system call, so small ones are joined; large ones are not copied."""
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
