"""How much of a viewer is listened to. Pure: sizes and times come in.

What a viewer says costs all viewers time, because one thread hears them all: every frame of the WebSocket a little, a
message what is in it. So each viewer has an allowance of bytes, and each frame counts a few more than it carries: an
empty fragment or a ping is not free. Only the acknowledgements of frames that were sent and the answers to our own
pings count nothing; they are the server's doing. Who says more is closed; no page comes near.
"""

TEXT_BYTES_PER_SECOND = 32_000
TEXT_BURST_BYTES = 80_000
"""What may be said at once after a silence: one of the largest messages and a few small ones."""
FRAME_BYTES = 64
"""What each WebSocket frame counts beside its payload."""
MESSAGES_PER_SECOND = 100
"""Text messages that are read of one viewer; what it says beyond waits in its own connection."""
CHANGE_SECONDS = 0.05
"""A viewer's wants take effect at most so often; of those between only the last one counts."""
ARRIVALS_PER_SECOND = 50
"""Viewers that may come from one address, after as many at once as there are places, or as this where those are fewer.

To let a viewer in costs about a hundred times what one of its images costs, so who comes and goes without end would
take the time of all others. A control room or a proxy is many people behind one address, who all come at once when the
server was restarted.
"""
TOO_MUCH = f"more than {TEXT_BYTES_PER_SECOND // 1000} kB/s were said"


class Allowance:
    """What one viewer may still say."""

    __slots__ = ("_at", "_left")

    def __init__(self, now: float) -> None:
        self._left = float(TEXT_BURST_BYTES)
        self._at = now

    def take(self, size: int, now: float) -> bool:
        """Return whether a frame with ``size`` bytes of payload may still be said at ``now`` (monotonic seconds)."""
        self._left = min(TEXT_BURST_BYTES, self._left + (now - self._at) * TEXT_BYTES_PER_SECOND)
        self._at = now
        self._left -= size + FRAME_BYTES
        return self._left >= 0
