"""An image lane as the web process sees it: one newest frame, shared by all viewers that want the same thing."""

from typing import TYPE_CHECKING, Any, NamedTuple

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


class LaneKey(NamedTuple):
    """What the viewers of a lane have in common."""

    channel: str | None
    """Name of the image channel; None for the default one."""
    slice: int
    form: str
    """``raw``, ``bslz4``, ``source``, ``npy`` or ``png``, see :class:`stream_online_viewer.ingest.encode.Form`."""
    colour_map: str = "viridis"
    low: float | None = None
    high: float | None = None

    def interest(self, number: int) -> dict[str, Any]:
        """Return what the ingest process is told about this lane."""
        return {"lane": number, **self._asdict()}


class Lane:
    """The newest frame of one key, who wants it, and whether the ingest process owes the next one."""

    __slots__ = ("empty", "frame", "index", "key", "number", "pulled", "viewers")

    def __init__(self, number: int, key: LaneKey) -> None:
        self.number = number
        self.key = key
        self.frame: Frame | None = None
        self.index = 0
        """How many frames came so far."""
        self.pulled = False
        """The ingest process owes a frame newer than the slot's."""
        self.empty = False
        """It answered that there is nothing newer yet, so the slot's frame is the newest."""
        # A dict as an ordered set: viewers are served in the order in which they came.
        self.viewers: dict[Viewer, None] = {}
