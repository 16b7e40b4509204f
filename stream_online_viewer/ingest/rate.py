"""How often something happens, by the last occurrences."""

from collections import deque


class Rate:
    """Occurrences a second over about the last two seconds, or over the last few occurrences if they are rarer."""

    WINDOW = 2.0
    FEWEST = 4
    MOST = 4096
    SHORTEST = 1.0
    FORGET = 60.0
    HICCUP = 0.5

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=self.MOST)

    def add(self, now: float) -> None:
        """Count one occurrence at ``now``, monotonic seconds."""
        times = self._times
        times.append(now)
        while len(times) > self.FEWEST and now - times[0] > self.WINDOW:
            times.popleft()

    def value(self, now: float) -> float:
        """Return occurrences a second.

        The rate falls after half a second and two periods without one, and is 0 if there were not two in the last
        minute.
        """
        times = self._times
        while times and now - times[0] > self.FORGET:
            times.popleft()
        if len(times) < 2:
            return 0.0
        span = times[-1] - times[0]
        period = span / (len(times) - 1)
        silent = now - times[-1]
        if silent > max(2 * period, self.HICCUP):
            return 1.0 / silent if silent > 0 else 0.0
        return 1.0 / period if period > 0 else 0.0

    def sustained(self) -> float:
        """Return occurrences a second of the last two seconds, for limits on what is sent a second.

        What has piled up somewhere and comes all at once counts as if it had taken one second.
        """
        times = self._times
        return (len(times) - 1) / max(self.SHORTEST, times[-1] - times[0]) if len(times) >= 2 else 0.0

    def period(self) -> float | None:
        """Return the mean seconds between the last occurrences, however long ago; None without two of them."""
        times = self._times
        return (times[-1] - times[0]) / (len(times) - 1) if len(times) >= 2 else None
