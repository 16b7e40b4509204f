"""The newest frame of one lane of a web server, until it is pulled. Pure."""

from dataclasses import dataclass

from stream_online_viewer.link.messages import FrameInfo
from stream_online_viewer.link.nats.messages import BusHead, rendition_key, set_receipt_time
from stream_online_viewer.protocol.rendition import Rendition

LATE_NS = 1_000_000_000
"""A frame older than this is late, and is shown only if nothing else was shown for as long."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What happened to frames: lost on the way, too late, or replaced before anybody pulled."""

    lost: int = 0
    late: int = 0
    unused: int = 0


class FrameSlot:
    """One lane. ``lease`` is until when the ingest sends its frames, in seconds of the loop's clock."""

    def __init__(self, number: int, rendition: Rendition) -> None:
        self.number = number
        self.rendition = rendition
        self.key = rendition_key(rendition)
        self.lease = 0.0
        self.pulled = False
        """A pull is not answered yet."""
        self._was_pulled = False
        self._after = 0
        self._newest: tuple[FrameInfo, memoryview] | None = None
        self._seen = -1
        self._next: int | None = None
        self._shown_at: int | None = None

    def pull(self, after: int, now: float) -> None:
        """Ask for a frame that is newer than the last, and received after ``after`` (ns)."""
        self.pulled = self._was_pulled = True
        self._after = after
        if now > self.lease:
            # Newer ones were not asked for, so this one is old.
            self._newest = None

    def renew(self, until: float) -> bool:
        """Return whether frames are to come until then, because somebody has pulled since the last call."""
        wanted = self.pulled or self._was_pulled
        self._was_pulled = False
        if wanted:
            self.lease = until
        return wanted

    def put(self, head: BusHead, body: memoryview, received: int, now: int, wall: int) -> Counted:
        """Take a frame. Times in ns: ``received`` and ``now`` on the monotonic clock, ``wall`` since 1970."""
        lost = 0
        if self._next is not None and head.number > self._next:
            lost = head.number - self._next
        self._next = head.number + 1
        if head.sequence <= self._seen:
            return Counted(lost)
        late = now - received > LATE_NS
        if late and self._shown_at is not None and now - self._shown_at < LATE_NS:
            return Counted(lost, late=1)
        self._seen = head.sequence
        set_receipt_time(body, wall - (now - received))
        unused = int(self._newest is not None)
        self._newest = FrameInfo(self.number, head.sequence, received, head.refused), body
        self._shown_at = now
        return Counted(lost, unused=unused)

    def take(self, now: float) -> tuple[FrameInfo, memoryview] | None:
        """Return the frame that answers the pull; None if there is no pull, or no frame for it yet."""
        if not self.pulled or self._newest is None or self._newest[0].received <= self._after:
            return None
        found, self._newest = self._newest, None
        self.pulled = False
        return found
