"""How many frames may be on their way to a viewer at the same time. Pure."""

import math
from collections import deque

MAX_WINDOW = 4
DISPLAY_SECONDS = 1 / 60
CLEAN_PONGS = 10
LEAST_CLEAN_PONGS = 3
UNSURE_PONGS = 10
TIMES = 5
_TOLERANCE = 1.25
_TOLERANCE_SECONDS = 0.001


class Window:
    """The window of one viewer: one frame, and more only to hide a long round trip.

    Its size is ``1 + ceil(rtt / max(1 / rate, 1 / 60 s, tx) - slack)``, between 1 and 4. ``slack`` is 0.15, or 0.5
    where ``tx`` is the largest: there the link is full, and a frame that is sent too early only waits in it.

    The round trip ``rtt`` is measured by WebSocket pings, which the browser answers without the page. A ping that is
    sent while frames are on their way waits behind them, so a window that followed it would enlarge itself. So ``rtt``
    is the smallest of the last *clean* answers: those to pings that were sent while nothing was on its way. Other
    answers can only make it smaller. A window above one leaves no opportunity for clean pings. It is kept as long as
    the other answers agree with a link that is not full; after several that do not, it is one until there is a clean
    answer.

    ``tx`` is the time for which a frame occupies the link: from its sending, or from the arrival of the frame before if
    that is later, to its arrival. The median of the last ones is used.
    """

    __slots__ = ("_clean", "_free_at", "_full", "_times", "_unsure", "rtt", "seconds_per_byte", "settled", "size", "tx")

    def __init__(self) -> None:
        self.rtt: float | None = None
        self.tx: float | None = None
        self.seconds_per_byte: float | None = None
        self.size = 1
        self.settled = False
        """Whether there were enough clean answers. Until then every opportunity for one should be used."""
        self._clean: deque[float] = deque(maxlen=CLEAN_PONGS)
        self._times: deque[float] = deque(maxlen=TIMES)
        self._free_at = 0.0
        self._full = False
        self._unsure = 0

    def pong(self, seconds: float, clean: bool) -> None:
        """Note the seconds from a ping to its answer. ``clean``: no frame was on its way when the ping was sent."""
        if clean:
            if self._unsure >= UNSURE_PONGS:
                # The network path may have changed since the earlier answers.
                self._clean.clear()
            self._clean.append(seconds)
            self._unsure = 0
            self.rtt = min(self._clean)
            self.settled = len(self._clean) >= LEAST_CLEAN_PONGS
            return
        if self.rtt is None or seconds < self.rtt:
            self.rtt = seconds
        if self._full or seconds > self.rtt * _TOLERANCE + _TOLERANCE_SECONDS:
            self._unsure += 1
        else:
            self._unsure = 0
        self.settled = len(self._clean) >= LEAST_CLEAN_PONGS and self._unsure < UNSURE_PONGS
        if not self.settled:
            self.size = 1

    def acknowledged(self, sent: float, now: float, drawn: float, size: int, rate: float) -> float:
        """Note the acknowledgement, at ``now``, of ``size`` bytes that were sent at ``sent`` (monotonic seconds).

        ``drawn`` are the seconds from arrival in the browser to the acknowledgement, ``rate`` the images a second that
        are offered. Return the seconds for which link and page were busy with this frame, without its waiting for
        others.
        """
        # By the clock of this machine. A frame arrives when the link has become free for the next.
        arrived = max(sent, now - drawn - (self.rtt or 0.0))
        tx = max(0.0, arrived - max(sent, self._free_at))
        self._free_at = max(self._free_at, arrived)
        self._times.append(tx)
        self.tx = sorted(self._times)[len(self._times) // 2]
        per_byte = tx / max(size, 1)
        before = self.seconds_per_byte
        self.seconds_per_byte = per_byte if before is None else 0.8 * before + 0.2 * per_byte
        if self.rtt is not None and self.settled:
            self._resize(self.rtt, self.tx, rate)
        return min(tx + drawn, now - sent)

    def expected(self, size: int) -> float | None:
        """Return the seconds that ``size`` bytes will probably take, None before the first measurement."""
        return None if self.seconds_per_byte is None else self.seconds_per_byte * size

    def _resize(self, rtt: float, tx: float, rate: float) -> None:
        offered = max(1.0 / rate if rate > 0 else math.inf, DISPLAY_SECONDS)
        self._full = tx > offered
        frames = rtt / tx - 0.5 if self._full else rtt / offered - 0.15
        self.size = max(1, min(MAX_WINDOW, 1 + math.ceil(frames)))
