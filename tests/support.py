"""What tests of every kind need: deadlines, waiting for a condition, free ports."""

import functools
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

CI = os.environ.get("CI") == "true"
PATIENCE = 3.0 if CI else 1.0
CORES = len(os.sched_getaffinity(0))
USUAL_SECONDS = 0.010
"""What the work of :func:`_slowness` takes on the machine that the deadlines were made on."""
LONGEST = 30.0

T = TypeVar("T")


@functools.cache
def _slowness() -> float:
    """Return how many times slower than the usual one this machine computes, at least 1, by its processor time."""
    times = []
    for _ in range(3):
        begun = time.thread_time()
        sum(number * number for number in range(100_000))
        times.append(time.thread_time() - begun)
    return max(1.0, min(times) / USUAL_SECONDS)


def _crowding() -> float:
    """Return how many programs want each core of this machine, now or in the last minute, at least 1."""
    try:
        words = Path("/proc/loadavg").read_text().split()
    except OSError:
        return 1.0
    return max(1.0, float(words[0]) / CORES, int(words[3].split("/")[0]) / CORES)


def deadline(seconds: float) -> float:
    """Return how long to wait for something that takes less than ``seconds`` on an idle machine of the usual speed.

    Longer in CI, on a slow machine and on one that has other work: neither load nor the machine decides a test.
    """
    return seconds * min(LONGEST, PATIENCE * _slowness() * _crowding())


def wait_until(condition: Callable[[], T | None], seconds: float, what: str, poll: float = 0.01) -> T:
    """Return the first true value of ``condition``; AssertionError with ``what`` if there is none in time.

    ``seconds`` is stretched, see :func:`deadline`, also by work that comes meanwhile. For what comes with an event to
    wait for, wait for the event.
    """
    begun = time.monotonic()
    longest = 0.0
    while True:
        late = time.monotonic() >= begun + max(seconds, longest)
        if late:
            longest = max(longest, deadline(seconds))
            late = time.monotonic() >= begun + longest
        if value := condition():
            return value
        if late:
            raise AssertionError(f"not within {longest:g} s: {what}")
        time.sleep(poll)


def find_free_port() -> int:
    """Return a TCP port of the loopback interface that is free now; nothing keeps it free."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
