"""A link within one process, without bytes: both ends of :mod:`stream_online_viewer.link.base` over two queues."""

import os
from collections import deque
from collections.abc import Callable, Sequence

from stream_online_viewer.link.base import LinkClosed, WebEvents
from stream_online_viewer.link.cameras import CameraAnswer, CameraQuestion
from stream_online_viewer.link.messages import (
    ChannelNames,
    FrameInfo,
    FromWeb,
    InterestChange,
    Pull,
    RefusedRenditions,
    RowsInfo,
)
from stream_online_viewer.link.report import IngestReport
from stream_online_viewer.protocol.frame import Buffer


class MemoryIngestEnd:
    """The end of an ingest process that runs in a thread of the test."""

    def __init__(self) -> None:
        self.lost_rows = 0
        self.shares_memory = False
        self._from_web: deque[FromWeb] = deque()
        self._to_web: deque[Callable[[WebEvents], None]] = deque()
        self._readable, self._writable = os.pipe()
        self._is_open = True

    def start(self) -> None:
        """Nothing needs to be started."""

    def fileno(self) -> int:
        return self._readable

    def receive(self) -> Sequence[FromWeb]:
        if not os.read(self._readable, 4096):
            raise LinkClosed("the web process is gone")
        messages = []
        while self._from_web:
            messages.append(self._from_web.popleft())
        return messages

    def send_names(self, names: ChannelNames) -> None:
        self._to_web.append(lambda events: events.link_names(names))

    def send_report(self, report: IngestReport) -> None:
        self._to_web.append(lambda events: events.link_report(report))

    def send_cameras(self, answer: CameraAnswer) -> None:
        self._to_web.append(lambda events: events.link_cameras(answer))

    def send_rows(self, info: RowsInfo, body: Sequence[Buffer]) -> None:
        whole = b"".join(body)
        self._to_web.append(lambda events: events.link_rows(info, whole))

    def send_frame(self, info: FrameInfo, body: Sequence[Buffer]) -> None:
        whole = b"".join(body)
        self._to_web.append(lambda events: events.link_frame(info, whole))

    def send_stored(self, info: FrameInfo, slot: int, nbytes: int) -> None:
        raise AssertionError("this link shares no memory")

    def send_nothing_newer(self, lane: int) -> None:
        self._to_web.append(lambda events: events.link_nothing_newer(lane))

    def close(self) -> None:
        if self._is_open:
            self._is_open = False
            self._to_web.append(lambda events: events.link_lost())
            os.close(self._readable)

    # called by the other end

    def take(self, message: FromWeb) -> None:
        """Take a message from the other end."""
        self._from_web.append(message)
        try:
            os.write(self._writable, b"x")
        except OSError:
            # This end is already closed.
            pass

    def hang_up(self) -> None:
        """The other end was closed."""
        os.close(self._writable)
        self._writable = -1

    def deliver(self, events: WebEvents) -> None:
        """Pass on what was sent, in the calling thread."""
        while self._to_web:
            self._to_web.popleft()(events)


class MemoryWebEnd:
    """The end of a web process, which is the test itself; it calls :meth:`pump` to receive."""

    def __init__(self, ingest: MemoryIngestEnd, events: WebEvents) -> None:
        self._ingest = ingest
        self._events = events
        self._is_open = True
        self.copied_out = 0

    def send_interest(self, change: InterestChange) -> None:
        self._send(change)

    def send_pull(self, pull: Pull) -> None:
        self._send(pull)

    def send_refused(self, renditions: RefusedRenditions) -> None:
        self._send(renditions)

    def send_question(self, question: CameraQuestion) -> None:
        self._send(question)

    def close(self) -> None:
        if self._is_open:
            self._is_open = False
            self._ingest.hang_up()

    def pump(self) -> None:
        """Pass on what was sent since the last call."""
        self._ingest.deliver(self._events)

    def _send(self, message: FromWeb) -> None:
        if self._is_open:
            self._ingest.take(message)
