"""Limits how much a viewer may send. Pure: sizes and times are arguments.

What a viewer sends costs all viewers time, because one thread reads it: a little for each WebSocket frame, more for the
message in it. So each viewer has an allowance of bytes, of which each frame uses some more than its payload, since
empty fragments and pings are not free. Acknowledgements of frames that were sent and answers to our pings use none,
because the server causes them. A viewer that exceeds its allowance is closed; the page never does.
"""

TEXT_BYTES_PER_SECOND = 32_000
TEXT_BURST_BYTES = 80_000
"""Bytes that may be sent at once after a silence: one of the largest messages and a few small ones."""
FRAME_BYTES = 64
"""Bytes that each WebSocket frame uses in addition to its payload."""
MESSAGES_PER_SECOND = 100
"""Text messages that are read from one viewer in a second; further ones wait in its connection."""
CHANGE_SECONDS = 0.05
"""The shortest time between two changes of what a viewer wants; of several wants in between only the last counts."""
ARRIVALS_PER_SECOND = 50
"""Viewers that may connect from one address, after a burst of as many as there are places, or of this number if that is
more.

Adding a viewer costs about a hundred times as much as sending it one image, so clients that connect and disconnect
without end would take the time of all others. Behind one address may be a control room or a proxy, whose viewers all
connect at once after a restart of the server.
"""
TOO_MUCH = f"more than {TEXT_BYTES_PER_SECOND // 1000} kB/s were said"


class Allowance:
    """How much one viewer may still send."""

    __slots__ = ("_at", "_left")

    def __init__(self, now: float) -> None:
        self._left = float(TEXT_BURST_BYTES)
        self._at = now

    def take(self, size: int, now: float) -> bool:
        """Return whether a frame with ``size`` bytes of payload is allowed at ``now`` (monotonic seconds); count it."""
        self._left = min(TEXT_BURST_BYTES, self._left + (now - self._at) * TEXT_BYTES_PER_SECOND)
        self._at = now
        self._left -= size + FRAME_BYTES
        return self._left >= 0
