"""When the next message is sent, and the rate that results."""

import time
from collections.abc import Callable
from typing import Protocol

Clock = Callable[[], float]
Sleep = Callable[[float], None]
CHECK_S = 0.1
"""Longest time for which a sleep does not look whether the program is to end."""


def sleeping(check: Callable[[], None]) -> Sleep:
    """Return a function that sleeps, calling ``check`` ten times a second, and passes on what that raises."""

    def sleep(seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            check()
            time.sleep(min(left, CHECK_S))

    return sleep


class Pacer(Protocol):
    """Decides when the next message is sent."""

    missed: int

    def wait(self) -> None:
        """Return when the next message is to be sent; at once the first time."""


class DelayPacer:
    """Waits a fixed time between two sends, as the facility's generator does: the period is this time plus the work."""

    def __init__(self, delay: float, sleep: Sleep = time.sleep) -> None:
        """`delay` in seconds, 0 or more."""
        self.missed = 0
        self._delay = delay
        self._sleep = sleep
        self._first = True

    def wait(self) -> None:
        if self._first:
            self._first = False
        elif self._delay > 0:
            self._sleep(self._delay)


class RatePacer:
    """Keeps sends on a grid of monotonic deadlines, so that the mean rate is exact however long a send takes.

    A send that is late by less than a period does not change the grid. One that is late by a period or more (no
    receiver, a busy machine) starts a new grid, so that no faster sends follow; `missed` counts the deadlines that are
    skipped.
    """

    def __init__(self, rate: float, clock: Clock = time.monotonic, sleep: Sleep = time.sleep) -> None:
        """`rate` in Hz, above 0."""
        self.missed = 0
        self._period = 1.0 / rate
        self._clock = clock
        self._sleep = sleep
        self._start: float | None = None
        self._number = 0

    def wait(self) -> None:
        now = self._clock()
        if self._start is None:
            self._start = now
            return
        self._number += 1
        # Multiplied rather than summed, so that no rounding error grows with the number of messages.
        late = now - (self._start + self._number * self._period)
        if late < 0:
            self._sleep(-late)
        elif late >= self._period:
            self.missed += int(late / self._period)
            self._start, self._number = now, 0


class RateReport:
    """Counts sends and writes their rate: one line every `interval` seconds, and one at the end."""

    def __init__(
        self, pacer: Pacer, write: Callable[[str], None], interval: float = 5.0, clock: Clock = time.monotonic
    ) -> None:
        self._pacer = pacer
        self._write = write
        self._interval = interval
        self._clock = clock
        self._sent = 0
        self._first = 0.0
        self._last = 0.0
        self._line_sent = 0
        self._line_time = 0.0

    def sent(self) -> None:
        """Count a message that was just passed to the socket."""
        now = self._clock()
        self._sent += 1
        self._last = now
        if self._sent == 1:
            # The time before the first send was spent waiting for a receiver and does not count.
            self._first = self._line_time = now
            self._line_sent = 1
        elif now - self._line_time >= self._interval:
            rate = (self._sent - self._line_sent) / (now - self._line_time)
            self._write(f"{rate:.2f} Hz, {self._sent} messages sent")
            self._line_sent, self._line_time = self._sent, now

    def end(self) -> None:
        """Write the line for the whole run."""
        seconds = self._last - self._first
        text = f"sent {self._sent} messages"
        if seconds > 0:
            text += f" in {seconds:.2f} s: {(self._sent - 1) / seconds:.2f} Hz"
        if self._pacer.missed:
            text += f", {self._pacer.missed} deadlines missed"
        self._write(text)
