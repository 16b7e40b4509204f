"""Viewers that watch a server for a while: what they received, and the processor time of all processes.

The viewers are one process (``c/load.c``, or ``load.py`` without a compiler) on the same machine. It reports its own
processor time, which shows whether it was the bottleneck.
"""

import json
import resource
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from benchmarks.compiled import NoCompiler, program
from benchmarks.cpu import Usage, Watch
from benchmarks.report import say

ROOT = Path(__file__).resolve().parents[1]
LIMITS_LIFTED = ("--max-rate", "10000", "--total-mbit", "0", "--max-viewers", "5000")
LIFTED = f"The limits of the server are lifted: `{' '.join(LIMITS_LIFTED)}`."
WARM_UP_SECONDS = 0.7
PATIENCE_SECONDS = 60.0
"""Enough for a thousand viewers to connect, and for the end."""
STOPPED = -1.0
PREVIEW: dict[str, Any] = {"format": "preview", "picture": [1000, 700]}


@dataclass(frozen=True)
class Group:
    """Viewers with the same want; they read as fast as they can (0), so many bytes a second, or nothing (STOPPED)."""

    viewers: int
    want: Mapping[str, Any]
    bytes_per_second: float = 0.0

    def arguments(self) -> list[str]:
        """Return the group's arguments for the load program."""
        return [str(self.viewers), str(self.bytes_per_second), json.dumps({"kind": "want", **self.want})]


@dataclass(frozen=True)
class Got:
    """What a group received: counts of all its viewers, ``least`` of the one with the fewest, times in ms.

    ``skipped`` images were left out because the viewer was not ready; ``repeated`` ones were of a pulse that it already
    had. The times end with the complete receipt of an image by the viewer; ``p50`` and so on begin with its receipt by
    the server, ``stamp_p50`` and so on with the time that the sender wrote into the message when it sent it.
    """

    viewers: int
    frames: int
    least: int
    bytes: int
    skipped: int
    repeated: int
    rows: int
    lost_rows: int
    p50: float | None
    p95: float | None
    p99: float | None
    stamp_p50: float | None
    stamp_p95: float | None
    stamp_p99: float | None


@dataclass(frozen=True)
class Turn:
    """One period of measurement: what each group received, who used how much, the load program's share of a core."""

    seconds: float
    groups: list[Got]
    usage: Usage
    load_cores: float

    @property
    def disturbance(self) -> float:
        """Cores that others used meanwhile."""
        return self.usage.disturbance

    @property
    def frames(self) -> int:
        """Images that reached a viewer."""
        return sum(group.frames for group in self.groups)

    @property
    def rate(self) -> float:
        """Images a second to each viewer, on average."""
        return self.frames / sum(group.viewers for group in self.groups) / self.seconds

    @property
    def frame_bytes(self) -> float:
        """Mean length of a frame."""
        return sum(group.bytes for group in self.groups) / max(1, self.frames)

    @property
    def mbit(self) -> float:
        """Mbit/s to all viewers."""
        return sum(group.bytes for group in self.groups) * 8e-6 / self.seconds

    def us(self, *names: str) -> float:
        """Return the microseconds of processor time of some processes for each image that reached a viewer."""
        if not self.frames:
            raise RuntimeError("no image reached a viewer")
        return sum(self.usage.cores[name] for name in names) * self.usage.seconds / self.frames * 1e6


class Crowd:
    """A running load program, from its start to the end of its measurement."""

    def __init__(self, command: Sequence[str]) -> None:
        self._errors = tempfile.TemporaryFile("w+")
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=self._errors, text=True)

    @property
    def pid(self) -> int:
        """The process of the viewers."""
        return self._process.pid

    def wait_for_begin(self) -> None:
        """Return when the warm-up is over. Raise RuntimeError if the viewers failed before."""
        if self._line() != "begin":
            raise RuntimeError(self._why("the viewers did not begin"))

    def result(self) -> tuple[float, float, list[Got]]:
        """Return seconds, processor seconds of the program, and what each group received. Raise RuntimeError."""
        try:
            content = json.loads(self._line())
        except ValueError:
            raise RuntimeError(self._why("the viewers told nothing")) from None
        return content["seconds"], content["cpu_seconds"], [Got(**group) for group in content["groups"]]

    def check(self) -> None:
        """Raise RuntimeError if the viewers have already ended."""
        if self._process.poll() is not None:
            raise RuntimeError(self._why("the viewers are gone"))

    def kill(self) -> None:
        """Kill it."""
        self._process.kill()

    def end(self) -> None:
        """End it if it is still running."""
        self.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._errors.close()

    def _line(self) -> str:
        output = self._process.stdout
        if output is None:
            raise RuntimeError("the load program has no output")
        return output.readline().strip()

    def _why(self, otherwise: str) -> str:
        self._errors.seek(0)
        return self._errors.read().strip() or otherwise


@contextmanager
def crowd(port: int, groups: Sequence[Group], warm_up: float, seconds: float) -> Iterator[Crowd]:
    """Connect viewers; their measurement begins after the warm-up. They end with the block."""
    arguments = [str(port), str(warm_up), str(seconds)]
    for group in groups:
        arguments += group.arguments()
    with _ended(Crowd([*load_command(), *arguments]), warm_up + seconds + PATIENCE_SECONDS) as running:
        yield running


@contextmanager
def peers_crowd(program: str, port: int, viewers: int, warm_up: float, seconds: float) -> Iterator[Crowd]:
    """The same for viewers of another server, which live in ``mjpeg_load`` or ``foxglove_load``."""
    arguments = [str(port), str(warm_up), str(seconds), str(viewers)]
    command = [sys.executable, "-m", f"benchmarks.{program}", *arguments]
    with _ended(Crowd(command), warm_up + seconds + PATIENCE_SECONDS) as running:
        yield running


@contextmanager
def _ended(running: Crowd, seconds: float) -> Iterator[Crowd]:
    # A hanging load program must not block the benchmark: it is killed, and its missing result is an error.
    timer = threading.Timer(seconds, running.kill)
    timer.start()
    try:
        yield running
    finally:
        timer.cancel()
        running.end()


def watched(running: Crowd, processes: Mapping[str, Sequence[int]], begin: Callable[[], None] | None = None) -> Turn:
    """Return what a crowd receives, and who uses how much meanwhile.

    ``processes`` are those that count for each name; ``begin`` is called when the warm-up is over.
    """
    running.wait_for_begin()
    if begin is not None:
        begin()
    watch = Watch({**{name: partial(list, pids) for name, pids in processes.items()}, "load": lambda: [running.pid]})
    # The result comes at the end of the measurement, so both measure the same period.
    seconds, used, groups = running.result()
    return Turn(seconds, groups, watch.end(), used / seconds)


@cache
def load_command() -> tuple[str, ...]:
    """Return the command of the load program: the one in C if it can be compiled."""
    try:
        return (str(program("load")),)
    except NoCompiler as problem:
        say(f"{problem}; the viewers are a program in Python instead")
        return sys.executable, "-m", "benchmarks.load"


def open_many_files() -> None:
    """Raise the limit of open files, for this process and those that it starts."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
