"""What the kernel knows of processes."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def is_running(pid: int) -> bool:
    """Return whether a process exists and is not a zombie."""
    return _state(pid) not in ("", "Z", "X")


def children(pid: int) -> list[int]:
    """Return the children of a process that are not zombies."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and _parent(int(entry.name)) == pid and is_running(int(entry.name)):
            found.append(int(entry.name))
    return found


def resident_mb(pid: int) -> float:
    """Return the resident memory of a process in MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise ProcessLookupError(pid)


class ChildWatch:
    """The largest number of children that a process had at the same time, and which."""

    def __init__(self) -> None:
        self.most = 0
        self.seen: set[int] = set()


@contextmanager
def watched_children(pid: int) -> Iterator[ChildWatch]:
    """Observe the children of a process every ten milliseconds while the block runs."""
    watch, done = ChildWatch(), threading.Event()

    def look() -> None:
        while not done.is_set():
            found = children(pid)
            watch.most = max(watch.most, len(found))
            watch.seen.update(found)
            done.wait(0.01)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield watch
    finally:
        done.set()
        thread.join()


def _fields(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat from the state on. The name before it may contain any character."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return []


def _state(pid: int) -> str:
    fields = _fields(pid)
    return fields[0] if fields else ""


def _parent(pid: int) -> int:
    fields = _fields(pid)
    return int(fields[1]) if fields else 0
