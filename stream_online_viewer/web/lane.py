"""An image lane as the web process sees it: one newest frame, shared by all viewers that want the same form."""

from typing import TYPE_CHECKING

from stream_online_viewer.protocol.form import Form

if TYPE_CHECKING:
    from stream_online_viewer.web.viewer import Viewer

Buffer = bytes | bytearray | memoryview


class Frame:
    """The body of a frame message. Compared by identity: viewers share it and never copy it."""

    __slots__ = ("body", "bytes", "received", "sequence")

    def __init__(self, body: Buffer, sequence: int, received: int) -> None:
        self.body = body
        self.bytes = len(body)
        self.sequence = sequence
        self.received = received
        """Monotonic clock in ns when the ingest process received the message."""


class Lane:
    """The newest frame of one form, who wants it, and whether the ingest process owes the next one."""

    __slots__ = ("empty", "form", "frame", "index", "number", "pulled", "viewers")

    def __init__(self, number: int, form: Form) -> None:
        self.number = number
        self.form = form
        self.frame: Frame | None = None
        self.index = 0
        """How many frames came so far."""
        self.pulled = False
        """The ingest process owes a frame newer than the slot's."""
        self.empty = False
        """It answered that there is nothing newer yet, so the slot's frame is the newest."""
        # A dict as an ordered set: viewers are served in the order in which they came.
        self.viewers: dict[Viewer, None] = {}
