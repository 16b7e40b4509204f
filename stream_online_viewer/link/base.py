"""The interfaces of the two ends of a link between the ingest process and one web process. Pure.

A link keeps the order of messages and loses none but rows and reports. It never makes the ingest process wait: sending
there only leaves the message at that end of the link.
"""

from collections.abc import Sequence
from typing import Protocol

from stream_online_viewer.errors import ViewerError
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


class LinkClosed(ViewerError):
    """The other end has ended."""


class IngestEnd(Protocol):
    """The end of the ingest process. Any thread may send, which never blocks; only the main loop receives."""

    def start(self) -> None:
        """Start sending; a second call does nothing."""

    def fileno(self) -> int:
        """Return a descriptor that is readable when :meth:`receive` will return a message or raise."""

    def receive(self) -> Sequence[FromWeb]:
        """Return what was received. To be called when the descriptor is readable.

        Raise :class:`LinkClosed` at the end.
        """

    @property
    def lost_rows(self) -> int:
        """The number of rows dropped because the other end did not read them in time."""

    def send_names(self, names: ChannelNames) -> None:
        """Send new channel names; they arrive before everything that is sent later."""

    def send_report(self, report: IngestReport) -> None:
        """Send a report; it replaces one that is still waiting."""

    def send_cameras(self, answer: CameraAnswer) -> None:
        """Send the answer to a question; it replaces one that is still waiting."""

    def send_rows(self, info: RowsInfo, body: Sequence[Buffer]) -> None:
        """Send a batch of rows; if too many are waiting, the oldest are dropped."""

    def send_frame(self, info: FrameInfo, body: Sequence[Buffer]) -> None:
        """Send a frame that was pulled; its bytes are the buffers of ``body`` one after the other."""

    @property
    def shares_memory(self) -> bool:
        """Whether the other end has the memory of :mod:`.slots` too, so that :meth:`send_stored` may be called."""

    def send_stored(self, info: FrameInfo, slot: int, nbytes: int) -> None:
        """Send a frame that was pulled and lies in a slot; the other end will give that back."""

    def send_nothing_newer(self, lane: int) -> None:
        """Answer a pull for which there is no frame yet. The pull remains open."""

    def close(self) -> None:
        """Close the link; what is waiting is not sent."""


class WebEnd(Protocol):
    """The end of the web process; it calls a :class:`WebEvents`. Sending over a link that has ended does nothing."""

    def send_interest(self, change: InterestChange) -> None:
        """Send a change of what is wanted."""

    def send_pull(self, pull: Pull) -> None:
        """Request the next frame of a lane that was sent before."""

    def send_refused(self, renditions: RefusedRenditions) -> None:
        """Send the renditions that must not be encoded."""

    def send_question(self, question: CameraQuestion) -> None:
        """Ask which cameras there are."""

    @property
    def copied_out(self) -> int:
        """Frames copied out of the shared memory because viewers held them too long."""

    def close(self) -> None:
        """End the link at once."""


class WebEvents(Protocol):
    """Callbacks for decoded link messages, in the thread of the loop."""

    def link_names(self, names: ChannelNames) -> None:
        """New channel names have arrived."""

    def link_report(self, report: IngestReport) -> None:
        """A report has arrived."""

    def link_cameras(self, answer: CameraAnswer) -> None:
        """The answer to a question has arrived."""

    def link_rows(self, info: RowsInfo, body: Buffer) -> None:
        """A batch of rows has arrived; its body is shared by viewers."""

    def link_frame(self, info: FrameInfo, body: Buffer) -> None:
        """A frame has arrived; its body is shared by viewers."""

    def link_nothing_newer(self, lane: int) -> None:
        """There is nothing newer yet for a lane that was pulled."""

    def link_full(self, full: bool) -> None:
        """The other end does not read what was sent (``full``), or does again."""

    def link_lost(self) -> None:
        """The link has ended."""
