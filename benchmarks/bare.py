"""The bare receive loop as a process, and its turns.

The loop gets the settings of glibc's allocator that the server gives its receiving process. Without them glibc decides
anew in each run, by where a message happens to lie, whether the memory of a message is kept or returned to the kernel;
where it is returned, each of its thousand pages costs a fault with the next message, and the loop two to four times as
much processor time. So the loop would have two values, and the ratios to it as well.
"""

import importlib
import importlib.util
import os
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
    """One turn of the loop: microseconds of processor time and page faults per message, messages a second.

    ``disturbance`` are the cores used by others meanwhile.
    """

    us: float
    faults: float
    rate: float
    disturbance: float


def of_bare_loop(sender: int, port: int, hwm: int, seconds: float) -> BareTurn:
    """Measure the loop on the stream of the process ``sender``. Raise RuntimeError if it receives nothing."""
    with running_bare_loop(port, hwm) as (pid, ask):
        time.sleep(WARM_UP_SECONDS)
        count, used, faults = ask()
        since = time.monotonic()
        watch = Watch({"loop": lambda: [sender, pid]})
        time.sleep(seconds)
        count_after, used_after, faults_after = ask()
        took = time.monotonic() - since
        disturbance = watch.end().disturbance
    received = count_after - count
    if not received:
        raise RuntimeError("the bare loop received nothing")
    us = (used_after - used) / received * 1e6
    return BareTurn(us, (faults_after - faults) / received, received / took, disturbance)


@contextmanager
def running_bare_loop(port: int, hwm: int) -> Iterator[tuple[int, Callable[[], tuple[int, float, int]]]]:
    """Run the loop; yield its process, and a function that returns messages, processor time in s and page faults."""
    command = [sys.executable, "-m", "benchmarks.bare_loop", str(port), str(hwm)]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **_malloc_settings()},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as loop:
        stdin, stdout = loop.stdin, loop.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("the loop has no pipes")

        def ask() -> tuple[int, float, int]:
            stdin.write("?\n")
            stdin.flush()
            count, used, faults = stdout.readline().split()
            return int(count), float(used), int(faults)

        try:
            yield loop.pid, ask
        finally:
            loop.kill()


def _malloc_settings() -> dict[str, str]:
    """Return the settings of glibc with which our receiving process runs.

    Older clones have them in another module; ``before_after --same-programs`` runs this beside such a one.
    """
    place = "web.child" if importlib.util.find_spec("stream_online_viewer.web.child") else "web.supervisor"
    settings: dict[str, str] = importlib.import_module(f"stream_online_viewer.{place}").MALLOC
    return settings
