"""The part of a message that all viewers share, and the head before it. Pure."""

from stream_online_viewer.protocol.envelope import viewer_head
from stream_online_viewer.protocol.frame import Buffer


class SharedBody:
    """The body of a binary message, sent to many viewers without a copy. Bodies are compared by identity."""

    __slots__ = ("_head", "_head_now", "_head_skipped", "body", "bytes", "kind", "received")

    def __init__(self, kind: int, body: Buffer, received: int) -> None:
        self.body = body
        self.bytes = len(body)
        self.received = received
        """Monotonic clock in ns at which the ingest process received the (first) pulse."""
        self.kind = kind
        self._head = b""
        self._head_now = -1.0
        self._head_skipped = 0

    def head(self, now: float, skipped: int) -> bytes:
        """Return the head for a viewer to which ``skipped`` images (rows) before this body were not sent.

        ``now`` are monotonic seconds. The last head is kept, because most viewers of a body are sent it in the same
        turn and have missed nothing.
        """
        if now != self._head_now or skipped != self._head_skipped:
            self._head = viewer_head(self.kind, self.bytes, self.age_us(now), skipped)
            self._head_now, self._head_skipped = now, skipped
        return self._head

    def age_us(self, now: float) -> int:
        """Return the microseconds since receipt."""
        return int(now * 1e6) - self.received // 1000
