"""How far the monotonic clock of another host is from ours, measured by round trips. Pure.

A round trip tells an interval in which the difference lies: the other host's answer was written after our question was
sent, and before the answer came. The narrowest intervals of the last seconds are kept, widened by what clocks may drift
meanwhile. One that contradicts them shows that a clock has stepped: then everything before it is forgotten.
"""

from collections import deque
from dataclasses import dataclass

DRIFT = 500e-6
"""Seconds that two clocks may drift apart in a second; what NTP may do to a monotonic clock at most."""
KEPT = 32
"""Round trips that are remembered."""


@dataclass(frozen=True, slots=True)
class Offset:
    """The other clock minus ours in ns, and how much that may be wrong in either direction."""

    ns: int
    error_ns: int


@dataclass(frozen=True, slots=True)
class _Trip:
    low: int
    high: int
    at: int
    """On our clock, ns."""

    def widened(self, now: int) -> tuple[int, int]:
        """Return the interval in which the difference lies now."""
        drift = int(max(0, now - self.at) * DRIFT)
        return self.low - drift, self.high + drift


class ClockOffset:
    """The difference of one other clock. All times are in ns, ``now`` on our clock."""

    def __init__(self) -> None:
        self._trips: deque[_Trip] = deque(maxlen=KEPT)
        self._known: Offset | None = None
        self._known_at = 0
        self.steps = 0
        """How often a clock has stepped."""

    def add(self, sent: int, there: int, answered: int, now: int) -> bool:
        """Take a round trip: sent and received (``now``) on our clock, received and answered there on the other one.

        Return False if it cannot be used.
        """
        if not (sent <= now and there <= answered and answered - there <= now - sent):
            return False
        trip = _Trip(answered - now, there - sent, now)
        interval = self._interval(now)
        if interval is not None and (trip.low > interval[1] or trip.high < interval[0]):
            self._step()
        self._trips.append(trip)
        self._known = None
        return True

    def at(self, now: int) -> Offset | None:
        """Return the difference, None if it is not known."""
        # It changes with each round trip; between them only its error grows, too slowly to ask for each frame.
        if self._known is None or now - self._known_at > 100_000_000:
            interval = self._interval(now)
            if interval is None:
                return None
            low, high = interval
            self._known, self._known_at = Offset((low + high) // 2, (high - low + 1) // 2), now
        return self._known

    def heard(self, there: int, now: int) -> bool:
        """Note that something written at ``there`` arrived at ``now``.

        Return False if that cannot be, because it would have come from the future: a clock has stepped, and the
        difference is not known any more.
        """
        offset = self.at(now)
        if offset is not None and there - offset.ns - offset.error_ns > now:
            self._step()
            return False
        return True

    def forget(self) -> None:
        """The other clock is another one from now on."""
        self._trips.clear()
        self._known = None

    def _step(self) -> None:
        self.forget()
        self.steps += 1

    def _interval(self, now: int) -> tuple[int, int] | None:
        """Return the interval that is in those of all round trips; of contradicting ones the newest counts."""
        found: tuple[int, int] | None = None
        for trip in reversed(self._trips):
            low, high = trip.widened(now)
            if found is not None:
                if low > found[1] or high < found[0]:
                    break
                low, high = max(low, found[0]), min(high, found[1])
            found = low, high
        return found
