"""The bare receive loop as a process, and turns of the loop and of the server."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.cpu import Watch

ROOT = Path(__file__).resolve().parents[1]
WARM_UP_SECONDS = 1.5


@dataclass
class BareTurn:
    """One turn of the loop: microseconds of processor time per message, messages a second, cores used by others."""

    us: float
    rate: float
    disturbance: float


def of_bare_loop(sender: int, port: int, hwm: int, seconds: float) -> BareTurn:
    """Measure the loop on the stream of the process ``sender``. Raise RuntimeError if it receives nothing."""
    with running_bare_loop(port, hwm) as (pid, ask):
        time.sleep(WARM_UP_SECONDS)
        count, used = ask()
        since = time.monotonic()
        watch = Watch({"loop": lambda: [sender, pid]})
        time.sleep(seconds)
        count_after, used_after = ask()
        took = time.monotonic() - since
        disturbance = watch.end().disturbance
    received = count_after - count
    if not received:
        raise RuntimeError("the bare loop received nothing")
    return BareTurn((used_after - used) / received * 1e6, received / took, disturbance)


@contextmanager
def running_bare_loop(port: int, hwm: int) -> Iterator[tuple[int, Callable[[], tuple[int, float]]]]:
    """Run the loop; yield its process and a function that returns its messages and seconds of processor time."""
    command = [sys.executable, "-m", "benchmarks.bare_loop", str(port), str(hwm)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as loop:
        stdin, stdout = loop.stdin, loop.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("the loop has no pipes")

        def ask() -> tuple[int, float]:
            stdin.write("?\n")
            stdin.flush()
            count, used = stdout.readline().split()
            return int(count), float(used)

        try:
            yield loop.pid, ask
        finally:
            loop.kill()
