"""Processor time of other processes, and how much the rest of the machine was used meanwhile. Linux only."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.server import ServerProcess

QUIET_CORES = 0.1
"""Cores that others may use; more disturbs a measurement on a small machine."""
_QUIET_SECONDS = 3.0
_TICKS = os.sysconf("SC_CLK_TCK")
_CPUCLOCK_SCHED = 2


def cpu_seconds(pid: int) -> float:
    """Return the processor time of all threads of a process, exact to the nanosecond. Raise OSError if it has ended."""
    # The result of clock_getcpuclockid(), which the standard library has for threads only.
    return time.clock_gettime((~pid << 3) | _CPUCLOCK_SCHED)


def family(pid: int) -> list[int]:
    """Return a process and all that descend from it."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [pid]
    for member in found:
        found += parents.get(member, [])
    return found


def threads_named(pid: int, name: str) -> dict[int, float]:
    """Return the seconds that the threads of this name ran, of a process and its descendants, oldest thread first."""
    found = {}
    for process in family(pid):
        for task in Path(f"/proc/{process}/task").glob("*"):
            try:
                if (task / "comm").read_text().strip() == name:
                    found[int(task.name)] = int((task / "schedstat").read_text().split()[0]) / 1e9
            except OSError:
                continue
    return dict(sorted(found.items()))


def ingest_of(server: ServerProcess) -> int:
    """Return the process that receives the stream, once there is one."""
    status = server.wait_for_status(
        lambda status: status["ingest"]["pid"] is not None and status["source"]["messages"] > 0,
        30.0,
        "the server receives the stream",
    )
    pid: int = status["ingest"]["pid"]
    return pid


@dataclass(frozen=True)
class Usage:
    """Cores used on average: by each group of processes, by everything else, and taken away by the hypervisor."""

    seconds: float
    cores: dict[str, float]
    others: float
    stolen: float

    @property
    def disturbance(self) -> float:
        """Cores that were not available for what is measured."""
        return self.others + self.stolen


class Watch:
    """Measures from its creation to :meth:`end`.

    ``groups`` returns for each name the processes that count for it now; one that ends meanwhile is left out.
    """

    def __init__(self, groups: Mapping[str, Callable[[], Sequence[int]]]) -> None:
        self._groups = {"benchmark": lambda: [os.getpid()], **groups}
        self._before = self._read()
        self._busy, self._stolen = _machine()
        self._since = time.monotonic()

    def end(self) -> Usage:
        """Return what was used since the start."""
        seconds = time.monotonic() - self._since
        after, (busy, stolen) = self._read(), _machine()
        cores = {
            name: sum(used - self._before[name].get(pid, 0.0) for pid, used in processes.items()) / seconds
            for name, processes in after.items()
        }
        others = max(0.0, (busy - self._busy) / seconds - sum(cores.values()))
        return Usage(seconds, cores, others, (stolen - self._stolen) / seconds)

    def _read(self) -> dict[str, dict[int, float]]:
        result: dict[str, dict[int, float]] = {}
        for name, pids in self._groups.items():
            result[name] = {}
            for pid in pids():
                try:
                    result[name][pid] = cpu_seconds(pid)
                except OSError:
                    continue
        return result


def wait_until_quiet(seconds: float) -> bool:
    """Wait until the machine was nearly idle for three seconds; return False if it was not within ``seconds``."""
    end = time.monotonic() + seconds
    while True:
        watch = Watch({})
        time.sleep(_QUIET_SECONDS)
        if watch.end().disturbance <= QUIET_CORES:
            return True
        if time.monotonic() > end:
            return False


def _machine() -> tuple[float, float]:
    """Return the seconds that all processors were busy, and those that the hypervisor took away."""
    user, nice, system, _, _, irq, softirq, steal, *_ = (
        int(field) / _TICKS for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    )
    return user + nice + system + irq + softirq, steal
