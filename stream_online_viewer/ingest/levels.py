"""Automatic levels that do not flicker, by the page's own rule, so that no picture jumps when its format changes.

Low is the background, high the brightest pixels with some room. They follow at once what would be cut off, and only
after a few frames what would be drawn too dark: a beam whose intensity jitters is drawn with the levels of its bright
shots.
"""

import math

HEADROOM = 0.08
ABOVE = 0.06
BELOW = 0.1
UNUSED_HIGH = 0.3
UNUSED_LOW = 0.1
FRAMES = 5

Pair = tuple[float, float]


class AutoLevels:
    """The levels of one image channel from frame to frame."""

    def __init__(self) -> None:
        self._current: Pair | None = None
        self._next: Pair = (0.0, 1.0)
        self._waiting = 0
        self._sequence = -1

    def update(self, sequence: int, foot: float, peak: float, maximum: float | None, integer: bool) -> Pair:
        """Return (low, high), never equal, for the frame with this sequence.

        ``foot`` is the 1st percentile of its finite values and ``peak`` the brightest but for defects, ``maximum``
        the brightest of all, None if no value is finite. A frame that was seen before changes nothing.
        """
        if self._current is not None and (sequence == self._sequence or maximum is None):
            return self._current
        if maximum is None:
            return 0.0, 1.0
        self._sequence = sequence
        top, wanted = _aim(foot, peak, maximum, integer)
        if self._current is None:
            return self._use(wanted)
        low, high = self._current
        span = high - low
        if top > high + ABOVE * span or foot < low - BELOW * span:
            return self._use(wanted)
        if wanted[1] < high - UNUSED_HIGH * span or foot > low + UNUSED_LOW * span:
            first = self._waiting == 0
            self._next = wanted if first else (min(self._next[0], wanted[0]), max(self._next[1], wanted[1]))
            self._waiting += 1
            if self._waiting >= FRAMES:
                return self._use(self._next)
        else:
            self._waiting = 0
        return self._current

    def _use(self, levels: Pair) -> Pair:
        self._waiting = 0
        self._current = levels
        return levels


def _aim(foot: float, peak: float, maximum: float, integer: bool) -> tuple[float, Pair]:
    """Return the peak that counts, and the levels that suit this frame."""
    foot = min(foot, peak)
    # All but a few pixels may be equal: those few are then all there is to see.
    top = peak if peak > foot else maximum
    if top <= foot:
        high = foot + (abs(foot) or 1.0)
        return foot, ((foot, high) if math.isfinite(high) else (foot / 2, foot))
    # Written so that even the largest numbers do not make an infinite level.
    high = min(top + (HEADROOM * top - HEADROOM * foot), 1.797e308)
    return top, ((math.floor(foot), math.ceil(high)) if integer else (foot, high))
