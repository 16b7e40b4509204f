"""The two ends of a link between the ingest process and one web process. Pure: what carries it is elsewhere.

Whatever carries it keeps the order of messages, loses none but rows and reports, and never makes the ingest process
wait: who sends from there only leaves the message at its end of the link.
"""

from collections.abc import Sequence
from typing import Protocol

from stream_online_viewer.errors import ViewerError
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


class LinkClosed(ViewerError):
    """The other end is gone."""


class IngestEnd(Protocol):
    """The ingest process's end. Sending is for any thread and never blocks; receiving is for the main loop's."""

    def start(self) -> None:
        """Begin to send."""

    def fileno(self) -> int:
        """Return a descriptor that is readable when :meth:`receive` has something to return, or to raise."""

    def receive(self) -> Sequence[FromWeb]:
        """Return what came; to be called when the descriptor is readable. Raise :class:`LinkClosed` at the end."""

    @property
    def lost_rows(self) -> int:
        """How many rows were given up, because the other end did not take them in time."""

    def send_names(self, names: ChannelNames) -> None:
        """Send new channel names; they arrive before anything that is sent later."""

    def send_report(self, report: IngestReport) -> None:
        """Send a report; it may replace one that was not sent yet."""

    def send_rows(self, info: RowsInfo, body: Sequence[Buffer]) -> None:
        """Send rows; the oldest of those that wait are lost when they become too many."""

    def send_frame(self, info: FrameInfo, body: Sequence[Buffer]) -> None:
        """Send a frame that was pulled."""

    def send_nothing_newer(self, lane: int) -> None:
        """Answer a pull for which there is no frame yet. The pull stands."""

    def close(self) -> None:
        """Let go of everything."""


class WebEnd(Protocol):
    """The web process's end; what comes is told to a :class:`WebEvents`. Nothing is sent over a link that is gone."""

    def send_interest(self, change: InterestChange) -> None:
        """Tell what is wanted now."""

    def send_pull(self, pull: Pull) -> None:
        """Ask for the next frame of a lane that was told before."""

    def send_refused(self, renditions: RefusedRenditions) -> None:
        """Tell what must not be encoded."""

    def close(self) -> None:
        """End the link."""


class WebEvents(Protocol):
    """What a web process is told of its link, in its one thread."""

    def link_names(self, names: ChannelNames) -> None:
        """There are new channels."""

    def link_report(self, report: IngestReport) -> None:
        """The ingest process reported."""

    def link_rows(self, info: RowsInfo, body: Buffer) -> None:
        """Rows came; viewers share the body."""

    def link_frame(self, info: FrameInfo, body: Buffer) -> None:
        """A frame came; viewers share the body."""

    def link_nothing_newer(self, lane: int) -> None:
        """There is nothing newer yet for a lane that was pulled."""

    def link_full(self, full: bool) -> None:
        """The ingest process does not read what was sent to it, or it does again."""

    def link_lost(self) -> None:
        """The ingest process is gone."""
