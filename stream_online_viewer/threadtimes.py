"""What the threads of a process did lately, by the kernel's accounting: ran, waited for a processor, or neither.

``/proc/PID/task/TID/schedstat`` holds the nanoseconds for which a thread ran and for which it was ready to run without
a processor. The second number is updated only when the thread gets a processor; until then its state (``R`` in
``/proc/PID/task/TID/stat``) without any running shows the same. Kernels without schedstat have the processor time in
``stat``, in steps of 10 ms.
"""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
_STATE, _USER, _SYSTEM = 0, 11, 12
"""Fields of ``stat`` after the name of the thread."""
_RAN_PART = 0.1
"""A thread that is ready and ran for less than this part of the time was waiting for the rest."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One thread at one time: the seconds that it ran and waited for a processor (None: not known), its state."""

    ran: float
    waited: float | None
    state: str


@dataclass(frozen=True, slots=True)
class Look:
    """What happened since the previous observation, in seconds."""

    seconds: float
    ran: float
    """All threads together."""
    waited: float
    """The thread that waited longest for a processor or the disk; at most ``seconds``."""
    stopped: bool
    """The process is stopped by a signal or a debugger."""


class ThreadTimes:
    """Observes the threads of a process; ``only`` are the kernel's numbers of those that matter.

    ``read`` returns the :class:`Sample` of a thread by process and thread number, None if it has ended.
    """

    def __init__(
        self,
        pid: int,
        only: Iterable[int] | None = None,
        read: Callable[[int, int], Sample | None] | None = None,
    ) -> None:
        self._pid = pid
        self._only = None if only is None else tuple(only)
        self._read = read or sample
        self._before: dict[int, Sample] = {}
        self._at: float | None = None

    def look(self, now: float) -> Look | None:
        """Return what happened since the last observation; None at the first one, and if the kernel tells nothing."""
        threads = self._only if self._only is not None else _threads(self._pid)
        samples = {thread: found for thread in threads if (found := self._read(self._pid, thread)) is not None}
        before, at = self._before, self._at
        self._before, self._at = samples, now
        if at is None or not samples:
            return None
        seconds = now - at
        ran = waited = 0.0
        for thread, found in samples.items():
            last = before.get(thread, Sample(0.0, 0.0, found.state))
            mine = max(0.0, found.ran - last.ran)
            ran += mine
            counted = found.waited is not None
            idle = (found.waited or 0.0) - (last.waited or 0.0)
            if last.state in "RD" and found.state in "RD" and (not counted or mine < _RAN_PART * seconds):
                idle = max(idle, seconds - mine)
            waited = max(waited, min(idle, seconds))
        return Look(seconds, ran, waited, all(found.state in "Tt" for found in samples.values()))


def _threads(pid: int) -> list[int]:
    try:
        return [int(name) for name in os.listdir(f"/proc/{pid}/task")]
    except OSError:
        return []


def sample(pid: int, thread: int) -> Sample | None:
    """Return the present sample of a thread, None if it has ended or the kernel has no account of it."""
    folder = Path(f"/proc/{pid}/task/{thread}")
    try:
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
        ran: float = (int(fields[_USER]) + int(fields[_SYSTEM])) / _TICK
        waited: float | None = None
    except (OSError, IndexError, ValueError):
        return None
    try:
        numbers = (folder / "schedstat").read_text().split()
        ran, waited = int(numbers[0]) * 1e-9, int(numbers[1]) * 1e-9
    except (OSError, IndexError, ValueError):
        # This kernel has no schedstat.
        pass
    return Sample(ran, waited, fields[_STATE])
