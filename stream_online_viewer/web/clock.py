"""The clock of the web process, which everything that waits or measures is given. Pure but for the default."""

import time
from collections.abc import Callable
from typing import Any

Clock = Callable[[], float]
"""Monotonic seconds; the same everywhere, and the clock of the ingest process too."""

Later = Callable[[float, Callable[[], None]], Any]
"""Calls a function after so many seconds; returns something with ``cancel()``."""


class Timer:
    """One call that is due after some seconds, or none: starting it again replaces the call that was due."""

    __slots__ = ("_handle",)

    def __init__(self) -> None:
        self._handle: Any = None

    @property
    def running(self) -> bool:
        """Whether a call is due."""
        return self._handle is not None

    def start(self, later: Later, seconds: float, function: Callable[[], None]) -> None:
        """Call ``function`` once after so many seconds, by ``later``."""
        self.cancel()

        def fire() -> None:
            self._handle = None
            function()

        self._handle = later(seconds, fire)

    def cancel(self) -> None:
        """Call nothing."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None


MONOTONIC: Clock = time.monotonic
"""The real one. It is chosen where the web process is put together; tests have others."""


def nanoseconds(clock: Clock) -> int:
    """Return the time of a clock in ns, as messages of the stream are stamped."""
    return int(clock() * 1e9)
