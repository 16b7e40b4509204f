"""A clock and a scheduler that tests advance."""

import heapq
import itertools
from collections.abc import Callable


class Timer:
    """The result of ``later``."""

    def __init__(self) -> None:
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class FakeTime:
    """Monotonic seconds that pass only in :meth:`pass_by`."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._timers: list[tuple[float, int, Timer, Callable[[], None]]] = []
        self._order = itertools.count()

    def clock(self) -> float:
        return self.now

    def ns(self) -> int:
        return int(self.now * 1e9)

    def later(self, seconds: float, function: Callable[[], None]) -> Timer:
        timer = Timer()
        heapq.heappush(self._timers, (self.now + seconds, next(self._order), timer, function))
        return timer

    def pass_by(self, seconds: float) -> None:
        """Advance the clock and run what becomes due, in order."""
        end = self.now + seconds
        while self._timers and self._timers[0][0] <= end:
            self.now, _, timer, function = heapq.heappop(self._timers)
            if not timer.cancelled:
                function()
        self.now = end
