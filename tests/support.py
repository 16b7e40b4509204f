"""What tests of every kind need: deadlines, waiting for a condition, free ports."""

import os
import socket
import time
from collections.abc import Callable
from typing import TypeVar

CI = os.environ.get("CI") == "true"
PATIENCE = 3.0 if CI else 1.0

T = TypeVar("T")


def deadline(seconds: float) -> float:
    """Return how long to wait for something that takes less than ``seconds`` on an idle machine; more in CI."""
    return seconds * PATIENCE


def wait_until(condition: Callable[[], T], seconds: float, what: str, poll: float = 0.01) -> T:
    """Return the first true value of ``condition``; AssertionError with ``what`` if there is none in time.

    ``seconds`` is stretched in CI, see :func:`deadline`. For what comes with an event to wait for, wait for the event.
    """
    end = time.monotonic() + deadline(seconds)
    while True:
        late = time.monotonic() >= end
        if value := condition():
            return value
        if late:
            raise AssertionError(f"not within {deadline(seconds):g} s: {what}")
        time.sleep(poll)


def find_free_port() -> int:
    """Return a TCP port of the loopback interface that is free now; nothing keeps it free."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
