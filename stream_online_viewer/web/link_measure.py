"""What is known of the link to one viewer, from the acknowledgements of its frames and the answers to pings. Pure."""

import math

from stream_online_viewer.web.quality import GOOD_RATE, LARGE_BYTES, QualityController
from stream_online_viewer.web.window import Window

MEASURE_SECONDS = 0.1
CALM_SECONDS = 1.0
"""The same where nothing is to be decided: exact images come often enough, and the round trip is known."""
FAST_SECONDS = 0.04
"""A link on which a large image and its acknowledgement take at most this long is measured by samples."""
RECONSIDER_SECONDS = 0.5
"""A viewer's rendition is reconsidered at most this often, except during a trial of the exact image."""
SLOW_SECONDS = 0.5
"""An image that takes longer than this is slow: it may go in pieces, and is announced."""
UNKNOWN_BYTES = 2**17
"""Images of so many bytes count as slow on a link to another machine of which nothing is known yet."""


class LinkMeasure:
    """The link to one viewer. ``local``: the viewer runs on this machine. All times are monotonic seconds."""

    __slots__ = ("_evaluated", "_reconsider_at", "cycle", "ping_due", "quality", "slow_bytes", "window")

    def __init__(self, local: bool) -> None:
        self.window = Window()
        self.quality = QualityController(local)
        self.slow_bytes: float = math.inf if local else UNKNOWN_BYTES
        """Images of at least so many bytes are slow, or nobody knows yet."""
        self.cycle: float | None = None
        """Seconds from sending an image to its acknowledgement, smoothed."""
        self.ping_due = False
        """Measure the round trip as soon as no frame is on its way."""
        self._evaluated = -math.inf
        self._reconsider_at = 0.0

    def note_cycle(self, seconds: float) -> None:
        """Note the seconds from sending an image to its acknowledgement."""
        self.cycle = seconds if self.cycle is None else 0.5 * (self.cycle + seconds)

    def needs(self, now: float, seconds: float, size: int) -> bool:
        """Return whether the acknowledgement of ``size`` bytes, sent ``seconds`` ago, is to be evaluated.

        Of small images, and on a fast link, a sample is enough: evaluating each acknowledgement is expensive with a
        thousand viewers. With a window above one every acknowledgement counts, because frames wait for each other on
        the way.
        """
        if self.window.size != 1 or (size >= LARGE_BYTES and seconds >= FAST_SECONDS):
            return True
        since = now - self._evaluated
        return since >= CALM_SECONDS or (since >= MEASURE_SECONDS and not self._calm(seconds))

    def _calm(self, seconds: float) -> bool:
        """Return whether nothing is to be decided as long as images take no more than so many seconds."""
        quality = self.quality
        return seconds < 1.0 / GOOD_RATE and self.window.settled and quality.exact and not quality.trying

    def acknowledged(self, sent: float, now: float, drawn: float, size: int, rate: float) -> bool:
        """Evaluate an acknowledgement; return whether the viewer's rendition should be reconsidered.

        The arguments are those of :meth:`.window.Window.acknowledged`.
        """
        self._evaluated = now
        busy = self.window.acknowledged(sent, now, drawn, size, rate)
        self.slow_bytes = SLOW_SECONDS / max(self.window.seconds_per_byte or 0.0, 1e-12)
        rtt = self.window.rtt or 0.0
        self.quality.acknowledged(now, rtt + busy, size, rtt)
        if not self.quality.trying and now < self._reconsider_at:
            return False
        self._reconsider_at = now + RECONSIDER_SECONDS
        return True

    def projected(self, now: float, seconds: float, size: int) -> None:
        """Note that ``size`` bytes under way will take about so many seconds."""
        self.quality.acknowledged(now, seconds, size, self.window.rtt or 0.0)

    def next_after(self, now: float) -> float:
        """Return when the next image will probably be acknowledged, if one was sent just now."""
        return now + (self.cycle or 0.0) / self.window.size
