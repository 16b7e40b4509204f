"""Automatic levels that do not flicker. The page has the same rule, so the picture does not jump with its format.

Low is the background, high the brightest pixels with some room; both are values that the type can hold. Levels change
at once if values would be cut off, but only after several frames if the picture would be too dark: a beam with
jittering intensity is drawn with the levels of its bright shots. The page's rule is in ``analysis/levels.ts``; both are
tested against ``tests/vectors/levels``.
"""

import math

import numpy as np

from stream_online_viewer.ingest.spread import Number, Spread

HEADROOM = 0.08
ABOVE = 0.06
BELOW = 0.1
BELOW_DARK = 0.18
"""The same if low is the darkest pixel, which jitters like the peak but has no room beyond it."""
UNUSED_HIGH = 0.3
UNUSED_LOW = 0.1
FRAMES = 5
DARK_TAIL = 0.1
"""Values below the background by more than this part of the span are not its noise, as in negative images or shadows.
"""
FULL_SCALES = frozenset(
    [255, 1023, 4095, 16383, 65535]
    # The same cameras with their bits at the upper end of 16.
    + [1023 << 6, 4095 << 4, 16383 << 2]
)
_LARGE = 1e300

Pair = tuple[Number, Number]


class AutoLevels:
    """The levels of one image channel from frame to frame."""

    def __init__(self) -> None:
        self._current: Pair | None = None
        self._next: Pair = (0.0, 1.0)
        self._waiting = 0
        self._sequence = -1

    def update(self, sequence: int, spread: Spread | None, dtype: str) -> Pair:
        """Return (low, high), never equal, for the frame with this sequence.

        ``spread`` is that of its finite values, None if there are none. A frame that was seen before changes nothing.
        """
        if self._current is not None and (sequence == self._sequence or spread is None):
            return self._current
        if spread is None:
            return 0.0, 1.0
        self._sequence = sequence
        bottom, top, ceiling, below, wanted = _aim(spread, dtype)
        if self._current is None:
            return self._use(wanted)
        # The distance of the largest floats is infinite.
        q = 0.25 if max(map(abs, (*self._current, *wanted, bottom, top))) > _LARGE else 1
        low, high = self._current[0] * q, self._current[1] * q
        span = high - low
        saturated = ceiling * q < high and ceiling * q >= high - UNUSED_HIGH * span
        if saturated or top * q > high + ABOVE * span or bottom * q < low - below * span:
            return self._use(wanted)
        if wanted[1] * q < high - UNUSED_HIGH * span or bottom * q > low + UNUSED_LOW * span:
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


def first_levels(spread: Spread | None, dtype: str) -> Pair:
    """Return the levels of a single picture, or of the first one."""
    return (0.0, 1.0) if spread is None else _aim(spread, dtype)[-1]


def limits(dtype: str) -> Pair:
    """Return the lowest and the highest number of a type."""
    if dtype == "bool":
        return 0, 1
    if dtype.startswith("float"):
        largest = float(np.finfo(dtype).max)
        return -largest, largest
    info = np.iinfo(dtype)
    return int(info.min), int(info.max)


def _aim(spread: Spread, dtype: str) -> tuple[Number, Number, Number, float, Pair]:
    """Return the levels that suit one frame, with the values that they derive from.

    The result is the darkest and the brightest value that count, the highest level allowed, the part of the span by
    which the darkest may be below the low level, and the levels (low, high).
    """
    lowest, ceiling = limits(dtype)
    integer = isinstance(ceiling, int)
    peak, maximum = spread.peak, spread.maximum
    if integer and maximum in FULL_SCALES and peak == maximum:
        # The camera's full scale is drawn in the last colour.
        ceiling = maximum
    # A quarter for floats, because the distance of the largest ones is infinite.
    q = 1 if integer else 0.25
    tail = spread.foot * q - spread.dark * q > DARK_TAIL * (peak * q - spread.foot * q)
    below = BELOW_DARK if tail else BELOW
    bottom: Number = spread.dark if tail else spread.foot
    # If all but a few pixels are equal, those few are all that can be seen.
    top = peak if peak > bottom else maximum
    if top <= bottom:
        bottom = spread.minimum
    if top <= bottom:
        step = abs(bottom) or 1
        high = min(bottom + step, ceiling)
        levels = (bottom, high) if high > bottom else (max(bottom - step, lowest), bottom)
        return bottom, bottom, ceiling, below, _as_doubles(*levels, dtype)
    if integer:
        levels = bottom, min(top + math.ceil(HEADROOM * (top - bottom)), ceiling)
    else:
        # In this form even the largest numbers do not give an infinite level.
        levels = bottom, min(top + (HEADROOM * top - HEADROOM * bottom), ceiling)
    return bottom, top, ceiling, below, _as_doubles(*levels, dtype)


def _as_doubles(low: Number, high: Number, dtype: str) -> Pair:
    """Return different levels that a double can hold, outside of these two but within the type."""
    if dtype not in ("int64", "uint64"):
        return low, high
    lowest, highest = limits(dtype)
    first = float(low)
    if first > low:
        first = math.nextafter(first, -math.inf)
    last = float(high)
    if last < high:
        last = math.nextafter(last, math.inf)
    if last > highest:
        last = math.nextafter(last, -math.inf)
    if last <= first:
        last = math.nextafter(first, math.inf)
    if last > highest:
        first, last = math.nextafter(first, -math.inf), first
    return max(first, float(lowest)), last
