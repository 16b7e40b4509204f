"""A large frame on its way to one viewer in pieces, over a link that needs long for it. Pure.

Between two pieces everything else can be sent: rows of scalars, the status, and the end of this frame if the viewer
wants another one meanwhile.
"""

from stream_online_viewer.protocol.envelope import given_up, piece_head, viewer_envelope
from stream_online_viewer.protocol.rendition import Rendition
from stream_online_viewer.web.lane import Frame
from stream_online_viewer.web.meter import Meter
from stream_online_viewer.web.outlet import Outlet

PIECE_SECONDS = 0.1
LEAST_PIECE_BYTES = 64 * 1024
MOST_PIECE_BYTES = 256 * 1024
UNSENT_BYTES = 16 * 1024
"""Bytes that may wait in the kernel. What is there cannot be overtaken: a row waits for it and for one piece."""
PROJECT_SECONDS = 1.0
"""After this time the rate of a frame under way tells how long the whole takes."""


class Transfer:
    """One frame that is sent in pieces.

    ``rendition`` is that of its lane. ``envelope`` is the beginning of the message; the body follows it.
    """

    __slots__ = ("_before", "_body", "_envelope", "_piece", "begun", "bytes", "frame", "rendition", "sent")

    def __init__(
        self,
        frame: Frame,
        rendition: Rendition,
        now: float,
        skipped: int,
        seconds_per_byte: float | None,
        taken: int,
    ) -> None:
        self.frame = frame
        self.rendition = rendition
        self.begun = now
        self._envelope = viewer_envelope(frame.kind, frame.bytes, frame.age_us(now), skipped)
        self._body = memoryview(frame.body).cast("B")
        self.bytes = len(self._envelope) + frame.bytes
        self.sent = 0
        """Bytes of the message that were handed to the connection."""
        size = PIECE_SECONDS / seconds_per_byte if seconds_per_byte else 0.0
        self._piece = int(min(MOST_PIECE_BYTES, max(LEAST_PIECE_BYTES, size)))
        self._before = taken

    @property
    def done(self) -> bool:
        """Whether all pieces were handed to the connection."""
        return self.sent == self.bytes

    @property
    def begins(self) -> bool:
        """Whether less than half was handed to the connection."""
        return 2 * self.sent < self.bytes

    def next(self) -> tuple[bytes, memoryview]:
        """Return (head, body) of the next piece, a whole binary message."""
        at, size = self.sent, min(self._piece, self.bytes - self.sent)
        self.sent += size
        head = piece_head(size, self.bytes, at)
        prefix = len(self._envelope)
        if at == 0:
            return head + self._envelope, self._body[: size - prefix]
        return head, self._body[at - prefix : at - prefix + size]

    def projected_seconds(self, now: float, taken: int) -> float | None:
        """Return how long the whole frame will take if it goes on as until now; None if that is not known yet.

        ``taken`` are the bytes that have arrived at the viewer since its connection began.
        """
        arrived, seconds = taken - self._before, now - self.begun
        return seconds * self.bytes / arrived if seconds >= PROJECT_SECONDS and arrived > 0 else None


class PieceSender:
    """Sends the frames of one viewer that go in pieces, one after the other."""

    __slots__ = ("_meter", "_outlet", "_replaced", "transfer")

    def __init__(self, outlet: Outlet, meter: Meter) -> None:
        self._outlet = outlet
        self._meter = meter
        self._replaced = False
        self.transfer: Transfer | None = None
        """The frame that is on its way; None if none is."""

    @property
    def begins(self) -> bool:
        """Whether a frame is on its way of which less than half was sent."""
        return self.transfer is not None and self.transfer.begins

    def begin(
        self, frame: Frame, rendition: Rendition, now: float, skipped: int, seconds_per_byte: float | None
    ) -> None:
        """Begin a frame; nothing of it is sent yet. ``seconds_per_byte`` of the link is None if it is not known."""
        self._outlet.keep_unsent(UNSENT_BYTES)
        self.transfer = Transfer(frame, rendition, now, skipped, seconds_per_byte, self._outlet.taken())

    def send_one(self) -> None:
        """Send the next piece of the frame that is on its way."""
        transfer = self.transfer
        if transfer is None:
            return
        before = transfer.sent
        head, body = transfer.next()
        self._meter.add_bytes(transfer.sent - before)
        if transfer.done:
            self.transfer, self._replaced = None, False
            self._meter.add_image()
        self._outlet.send_binary(head, body)

    def give_up(self) -> Frame | None:
        """End the frame that is on its way and say so; return it."""
        transfer, self.transfer = self.transfer, None
        if transfer is None:
            return None
        self._outlet.send_binary(given_up(transfer.bytes, transfer.sent), b"")
        return transfer.frame

    def may_end_for_newer(self) -> bool:
        """Return whether the frame may end because a newer one has come, which is then assumed to happen.

        It may if it has hardly begun, and not twice in a row: else a link might never carry one whole image.
        """
        if not self.begins or self._replaced:
            return False
        self._replaced = True
        return True
