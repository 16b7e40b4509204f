"""Clock and timers of the web process, passed to everything that measures or waits. Pure but for the default clock."""

import time
from collections.abc import Callable
from typing import Any

Clock = Callable[[], float]
"""Returns monotonic seconds, by the same clock in the whole process and in the ingest process."""

Later = Callable[[float, Callable[[], None]], Any]
"""Calls a function after so many seconds; returns an object with ``cancel()``."""


class Timer:
    """At most one pending call. Starting the timer again replaces the pending call."""

    __slots__ = ("_handle",)

    def __init__(self) -> None:
        self._handle: Any = None

    @property
    def running(self) -> bool:
        """Whether a call is pending."""
        return self._handle is not None

    def start(self, later: Later, seconds: float, function: Callable[[], None]) -> None:
        """Call ``function`` once after so many seconds, by ``later``."""
        self.cancel()

        def fire() -> None:
            self._handle = None
            function()

        self._handle = later(seconds, fire)

    def cancel(self) -> None:
        """Drop the pending call, if there is one."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None


MONOTONIC: Clock = time.monotonic
"""The real clock. It is chosen where the web process is put together; tests pass another."""


def nanoseconds(clock: Clock) -> int:
    """Return the time of a clock in ns, the unit in which receipts are stamped."""
    return int(clock() * 1e9)
