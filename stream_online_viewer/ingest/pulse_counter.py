"""Counts lost pulses by gaps in the pulse ids."""

from collections import deque
from typing import Literal

PulseKind = Literal["first", "next", "lost", "jump", "backwards", "repeated"]

WINDOW = 100
LARGEST_GAP = 1000


class PulseCounter:
    """Follows the pulse ids of a stream.

    ``step`` is the most frequent of the last 100 positive differences, and of equally frequent ones the smallest; None
    before the first. A difference of several steps, under 1000 pulses, is a gap: the pulses in between are ``lost``.
    Any other forward difference counts as one of ``jumps``. ``backwards`` means that the source was restarted or
    changed the order.
    """

    def __init__(self, step: int | None = None) -> None:
        """``step`` is that of the pulses that another process has received before, as if they had come here."""
        self.received = 0
        self.lost = 0
        self.jumps = 0
        self.backwards = 0
        self.repeated = 0
        self.step: int | None = None
        self.last: int | None = None
        self._window: deque[int] = deque()
        self._counts: dict[int, int] = {}
        # Differences by their number of occurrences, so that the most frequent one is found without counting.
        self._of_count: dict[int, set[int]] = {}
        self._highest = 0
        self._restarted = False
        if step is not None:
            for _ in range(WINDOW):
                self._follow(step)

    def restart(self) -> None:
        """Take the next pulse for the first one: what came between was not meant to be received."""
        self._restarted = True

    def feed(self, pulse_id: int) -> PulseKind:
        """Count one pulse; return what its pulse id means."""
        self.received += 1
        last, self.last = self.last, pulse_id
        if last is None or self._restarted:
            self._restarted = False
            return "first"
        difference = pulse_id - last
        if difference == 0:
            self.repeated += 1
            return "repeated"
        if difference < 0:
            self.backwards += 1
            return "backwards"
        step = self._follow(difference)
        if difference == step:
            return "next"
        if difference % step == 0 and difference < LARGEST_GAP:
            self.lost += difference // step - 1
            return "lost"
        self.jumps += 1
        return "jump"

    def _follow(self, difference: int) -> int:
        """Add a difference to the last 100; return the step."""
        window = self._window
        oldest = window.popleft() if len(window) == WINDOW else None
        window.append(difference)
        if oldest != difference or self.step is None:
            if oldest is not None:
                self._count(oldest, -1)
            self._count(difference, 1)
            self.step = min(self._of_count[self._highest])
        return self.step

    def _count(self, difference: int, change: int) -> None:
        before = self._counts.get(difference, 0)
        after = before + change
        if before:
            group = self._of_count[before]
            group.discard(difference)
            if not group:
                del self._of_count[before]
                if before == self._highest and change < 0:
                    self._highest = after
        if after:
            self._counts[difference] = after
            self._of_count.setdefault(after, set()).add(difference)
            self._highest = max(self._highest, after)
        else:
            del self._counts[difference]
