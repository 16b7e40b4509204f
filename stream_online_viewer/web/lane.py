"""An image lane of the web process: the newest frame of one rendition and the viewers that are sent it."""

from typing import TYPE_CHECKING

from stream_online_viewer.protocol.envelope import KIND_FRAME
from stream_online_viewer.protocol.frame import Buffer
from stream_online_viewer.protocol.rendition import Rendition
from stream_online_viewer.web.clock import Timer
from stream_online_viewer.web.shared_body import SharedBody

if TYPE_CHECKING:
    from stream_online_viewer.web.viewer import Viewer


class Frame(SharedBody):
    """A frame message without its head."""

    __slots__ = ("sequence",)

    def __init__(self, body: Buffer, sequence: int, received: int) -> None:
        super().__init__(KIND_FRAME, body, received)
        self.sequence = sequence


class Lane:
    """The newest frame of one rendition, its viewers, and whether the next frame has been pulled."""

    __slots__ = (
        "empty", "frame", "index", "making", "number", "problem", "published", "pulled", "pulled_at", "rendition",
        "timer", "viewers",
    )  # fmt: skip

    def __init__(self, number: int, rendition: Rendition) -> None:
        self.number = number
        self.rendition = rendition
        self.frame: Frame | None = None
        self.problem: str | None = None
        """Why the newest frame has no image although the pulse has one; None if it has."""
        self.index = 0
        """The number of frames so far."""
        self.pulled = False
        """A newer frame was requested from the ingest process and has not come."""
        self.pulled_at = 0.0
        self.empty = False
        """The answer to the pull was that nothing is newer yet, so the slot's frame is the newest."""
        self.published = 0.0
        """Monotonic clock in s at which the slot's frame came from the ingest process."""
        self.making = 0.0
        """Seconds from a pull to its frame, smoothed, for pulls that did not have to wait for a pulse. 0 before the
        first."""
        self.timer = Timer()
        """Due when the next frame is to be pulled ahead of time."""
        # A dict used as an ordered set: viewers are served in the order in which they entered.
        self.viewers: dict[Viewer, None] = {}

    def set_frame(self, frame: Frame, now: float) -> None:
        """Put a frame from the ingest process into the slot."""
        if self.pulled and not self.empty:
            took = now - self.pulled_at
            self.making = took if self.making == 0.0 else 0.8 * self.making + 0.2 * took
        self.pulled = self.empty = False
        self.index += 1
        self.frame, self.published = frame, now

    def pull(self, now: float) -> None:
        """Note that the next frame was requested from the ingest process."""
        self.timer.cancel()
        self.pulled, self.empty, self.pulled_at = True, False, now

    def answer_empty(self) -> None:
        """Note that the ingest process has nothing newer yet; the pull remains open."""
        self.empty = True

    def set_problem(self, problem: str | None) -> None:
        """Note why the next frame has no image, None if it has one."""
        self.problem = problem

    def clear(self) -> None:
        """Forget the frame and the pull: the ingest process was replaced."""
        self.frame = self.problem = None
        self.pulled = self.empty = False
