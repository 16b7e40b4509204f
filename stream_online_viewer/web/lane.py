"""An image lane as the web process sees it: one newest frame, shared by all viewers that want the same rendition."""

from typing import TYPE_CHECKING

from stream_online_viewer.protocol.frame import Buffer
from stream_online_viewer.protocol.rendition import Rendition
from stream_online_viewer.web.clock import Timer

if TYPE_CHECKING:
    from stream_online_viewer.web.viewer import Viewer


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
    """The newest frame of one rendition, who wants it, and whether the ingest process owes the next one."""

    __slots__ = (
        "empty", "frame", "index", "making", "number", "problem", "published", "pulled", "pulled_at", "rendition",
        "timer", "viewers",
    )  # fmt: skip

    def __init__(self, number: int, rendition: Rendition) -> None:
        self.number = number
        self.rendition = rendition
        self.frame: Frame | None = None
        self.problem: str | None = None
        """Why its newest frame has no image although there was one."""
        self.index = 0
        """How many frames came so far."""
        self.pulled = False
        """The ingest process owes a frame newer than the slot's."""
        self.pulled_at = 0.0
        self.empty = False
        """It answered that there is nothing newer yet, so the slot's frame is the newest."""
        self.published = 0.0
        """Monotonic clock in s when the slot's frame came from the ingest process."""
        self.making = 0.0
        """Seconds from a pull to its frame when there was a message to make it of, smoothed; 0 before one was made."""
        self.timer = Timer()
        """For the next pull ahead of time."""
        # A dict as an ordered set: viewers are served in the order in which they came.
        self.viewers: dict[Viewer, None] = {}

    def set_frame(self, frame: Frame, now: float) -> None:
        """Take a frame that was pulled into the slot."""
        if self.pulled and not self.empty:
            took = now - self.pulled_at
            self.making = took if self.making == 0.0 else 0.8 * self.making + 0.2 * took
        self.pulled = self.empty = False
        self.index += 1
        self.frame, self.published = frame, now

    def pull(self, now: float) -> None:
        """The ingest process is asked for its next frame."""
        self.timer.cancel()
        self.pulled, self.empty, self.pulled_at = True, False, now

    def answer_empty(self) -> None:
        """The ingest process has nothing newer yet; the pull stands."""
        self.empty = True

    def set_problem(self, problem: str | None) -> None:
        """Note why its next frame has no image, None if it has one."""
        self.problem = problem

    def clear(self) -> None:
        """What was pulled will not come, and what came is of no use any more."""
        self.frame = self.problem = None
        self.pulled = self.empty = False
