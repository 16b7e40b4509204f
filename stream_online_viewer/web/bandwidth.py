"""Limits of rate and bandwidth. Pure: times are arguments and results."""

from collections.abc import Hashable

BURST_SECONDS = 0.1


class Pace:
    """When the next image may be sent to one viewer, by a largest rate and a bandwidth of its own.

    ``rate`` is in images a second, ``mbit`` in Mbit/s; 0 means no limit.
    """

    __slots__ = ("_by_bytes", "_by_rate", "due", "mbit", "rate")

    def __init__(self, rate: float, mbit: float) -> None:
        self.rate = rate
        self.mbit = mbit
        self.due = 0.0
        """Earliest time of the next image, monotonic seconds."""
        self._by_rate = 0.0
        self._by_bytes = 0.0

    def sent(self, now: float, size: int) -> None:
        """Note that ``size`` bytes were sent at ``now`` (monotonic seconds)."""
        if self.rate > 0:
            interval = 1.0 / self.rate
            # A late image does not delay those after it, so that the mean rate reaches the limit, and does not allow a
            # burst.
            late = now - interval
            self.due = self._by_rate = (self._by_rate if self._by_rate > late else late) + interval
        if self.mbit > 0:
            self._by_bytes = max(self._by_bytes, now) + size * 8e-6 / self.mbit
            self.due = max(self._by_rate, self._by_bytes)

    @property
    def limit(self) -> str:
        """The limit that decides ``due``: ``rate`` or ``bandwidth``."""
        return "bandwidth" if self._by_bytes > self._by_rate else "rate"


class SharedBandwidth:
    """One bandwidth shared fairly by all viewers: the viewer that was sent the fewest bytes goes first.

    Start-time fair queueing (Goyal, Vin and Cheng, 1996) with equal weights. A viewer that sent nothing for a while
    starts at the present virtual time, so that it cannot claim bandwidth that it did not use.
    """

    def __init__(self, mbit: float) -> None:
        self.mbit = mbit
        self._free_at = 0.0
        self._virtual = 0.0
        self._finish: dict[Hashable, float] = {}
        self._waiting: dict[Hashable, float] = {}

    def free_at(self) -> float:
        """Return when the next image may be sent, monotonic seconds."""
        return self._free_at - BURST_SECONDS

    def ask(self, viewer: Hashable, size: int, now: float) -> bool:
        """Return whether ``size`` bytes may be sent to this viewer now, and count them.

        If not, it waits for its turn.
        """
        if self.mbit <= 0:
            return True
        start = self._finish.get(viewer, 0.0)
        if start < self._virtual:
            start = self._virtual
        if self._waiting or now < self._free_at - BURST_SECONDS:
            behind = any(other < start for who, other in self._waiting.items() if who is not viewer)
            if behind or now < self.free_at():
                self._waiting.setdefault(viewer, start)
                return False
            self._waiting.pop(viewer, None)
        self._virtual = start
        self._finish[viewer] = start + size
        self._free_at = (now if now > self._free_at else self._free_at) + size * 8e-6 / self.mbit
        return True

    def turn(self) -> Hashable | None:
        """Return the waiting viewer whose turn is next, None if none waits."""
        return min(self._waiting, key=self._waiting.__getitem__, default=None)

    def leave(self, viewer: Hashable) -> None:
        """Remove a viewer from those that wait."""
        self._waiting.pop(viewer, None)

    def forget(self, viewer: Hashable) -> None:
        """Forget everything about a viewer that has gone."""
        self._waiting.pop(viewer, None)
        self._finish.pop(viewer, None)
