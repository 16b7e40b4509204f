"""How many frames may be in flight to a viewer. Pure."""

import math

MAX_WINDOW = 4
DISPLAY_SECONDS = 1 / 60
_DECAY = 1.02


class Window:
    """The credit of one viewer: one frame, more only to hide a long round trip, never to queue.

    ``1 + ceil(rtt / max(1 / rate, 1 / 60 s, tx) - 0.15)``, between 1 and 4. The round trip is the smallest recent one,
    measured by WebSocket pings, which the browser answers without the page. ``tx`` is the time that a frame needs on
    the wire: from sending to its acknowledgement, less the round trip and the time that the page took to draw it, as
    small as it was lately.
    """

    __slots__ = ("rtt", "seconds_per_byte", "size", "tx")

    def __init__(self) -> None:
        self.rtt: float | None = None
        self.tx: float | None = None
        self.seconds_per_byte: float | None = None
        self.size = 1

    def pong(self, seconds: float) -> None:
        """Take the time of one ping and pong."""
        self.rtt = seconds if self.rtt is None else min(seconds, self.rtt * _DECAY)

    def acknowledged(self, seconds: float, drawn: float, size: int, rate: float) -> None:
        """Take one acknowledgement.

        Seconds since sending, of which the page drew ``drawn``; ``rate`` images a second are offered.
        """
        tx = max(0.0, seconds - drawn - (self.rtt or 0.0))
        self.tx = tx if self.tx is None else min(tx, self.tx * _DECAY + 1e-6)
        per_byte = tx / max(size, 1)
        before = self.seconds_per_byte
        self.seconds_per_byte = per_byte if before is None else 0.8 * before + 0.2 * per_byte
        if self.rtt is None:
            return
        period = max(1.0 / rate if rate > 0 else math.inf, DISPLAY_SECONDS, self.tx)
        self.size = max(1, min(MAX_WINDOW, 1 + math.ceil(self.rtt / period - 0.15)))

    def expected(self, size: int) -> float | None:
        """Return the seconds that ``size`` bytes will probably take, None if nothing was measured yet."""
        return None if self.seconds_per_byte is None else self.seconds_per_byte * size
