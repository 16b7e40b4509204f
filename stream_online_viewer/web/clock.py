"""The clock of the web process, which everything that waits or measures is given. Pure but for the default."""

import time
from collections.abc import Callable
from typing import Any

Clock = Callable[[], float]
"""Monotonic seconds; the same everywhere, and the clock of the ingest process too."""

Later = Callable[[float, Callable[[], None]], Any]
"""Calls a function after so many seconds; returns something with ``cancel()``."""

MONOTONIC: Clock = time.monotonic
"""The real one. It is chosen where the web process is put together; tests have others."""


def nanoseconds(clock: Clock) -> int:
    """Return the time of a clock in ns, as messages of the stream are stamped."""
    return int(clock() * 1e9)
