"""What the threads of a process did lately, by the kernel's own account: ran, waited for a processor, or neither.

``/proc/PID/task/TID/schedstat`` holds the nanoseconds that a thread ran and that it was ready to run without a
processor. The second number is brought up to date only when the thread gets a processor; meanwhile its state (``R``
in ``/proc/PID/task/TID/stat``) without any running tells the same. Kernels without schedstat have the processor time
in ``stat``, in steps of 10 ms.
"""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
_STATE, _USER, _SYSTEM = 0, 11, 12
"""Fields of ``stat`` after the name of the thread."""
_RAN_PART = 0.1
"""A thread that is ready and ran for less than this part of the time has waited for the rest."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One thread at one time: seconds that it ran, that it waited for a processor (None: not known), and its state."""

    ran: float
    waited: float | None
    state: str


@dataclass(frozen=True, slots=True)
class Look:
    """What happened since the look before, in seconds."""

    seconds: float
    ran: float
    """Of all threads together."""
    waited: float
    """Of the thread that waited longest, for a processor or for the disk; at most ``seconds``."""
    stopped: bool
    """A signal or a debugger holds the process."""


class ThreadTimes:
    """Follows the threads of a process; ``only`` names those that matter, by their numbers in the kernel.

    ``read`` returns the :class:`Sample` of a thread by process and thread number, None if it is gone.
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
        """Return what happened since the last look; None at the first, and if the kernel tells nothing."""
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
    """Return how a thread is now, None if it or the kernel's account of it is not there."""
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
        # This kernel keeps no such account.
        pass
    return Sample(ran, waited, fields[_STATE])
