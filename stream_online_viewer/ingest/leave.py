"""Leave to read the source: of several ingest processes on several machines only one may, the others stand by.

Who stands by has loaded everything and reports, but does not connect to the source. Who has leave reads until it runs
out, and then ends, even if whoever gives it is frozen or gone.
"""

import os
import select
import time
from dataclasses import dataclass

from stream_online_viewer.link.base import IngestEnd
from stream_online_viewer.link.messages import ReadUntil
from stream_online_viewer.link.report import STANDBY, ConnectionReport, IngestReport

_REPORT_SECONDS = 0.2


@dataclass(slots=True)
class Leave:
    """Leave of one process. ``until`` is a time of the monotonic clock, ns."""

    until: int
    epoch: int
    step: int | None = None
    """Of the pulse ids, None if it is not known."""

    def has_ended(self) -> bool:
        """Whether nothing may be read any more. To be asked after every wait, because this process may be stopped."""
        return time.monotonic_ns() > self.until


def wait_for_leave(link: IngestEnd) -> Leave:
    """Return the leave once it is given, and report meanwhile.

    Raise :class:`.link.base.LinkClosed` if the link ends before.
    """
    link.start()
    poller = select.poll()
    poller.register(link.fileno(), select.POLLIN)
    step: int | None = None
    while True:
        link.send_report(IngestReport(ConnectionReport(STANDBY, "This process stands by."), pid=os.getpid()))
        if not poller.poll(_REPORT_SECONDS * 1000):
            continue
        # Several may have come while this process was loaded: the last reaches furthest, the first tells the step.
        newest: ReadUntil | None = None
        for message in link.receive():
            # Nothing else is said before the first report of a process that has leave.
            if isinstance(message, ReadUntil):
                newest, step = message, step if message.step is None else message.step
        if newest is not None and newest.until > time.monotonic_ns():
            return Leave(newest.until, newest.epoch, step)
