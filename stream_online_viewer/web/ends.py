"""When a process that ended is started again: at once, unless it ends again and again. Pure."""

from collections import deque

FEW_ENDS = 5
ENDS_SECONDS = 60.0
LONG_PAUSE = 5.0
"""Seconds before the next start when ``FEW_ENDS`` processes ended within a minute."""


class Ends:
    """The last ends of one process and of those that replaced it."""

    def __init__(self) -> None:
        self._ends: deque[float] = deque(maxlen=FEW_ENDS)

    def pause(self, now: float) -> tuple[float, str]:
        """Note an end at ``now`` (monotonic seconds); return the seconds until the next start, and words on them."""
        many = len(self._ends) == FEW_ENDS and now - self._ends[0] < ENDS_SECONDS
        self._ends.append(now)
        if not many:
            return 0.0, ""
        return LONG_PAUSE, f" in {LONG_PAUSE:g} s, because it ended more than {FEW_ENDS} times within a minute"
