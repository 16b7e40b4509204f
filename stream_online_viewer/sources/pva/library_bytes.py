"""Counts the bytes that the library of PV Access has received, which it does not tell before an update is complete."""

import os
import socket
import time
from contextlib import suppress

from stream_online_viewer.sources.received_bytes import ReceivedBytes, duplicate

LOOK_SECONDS = 1.0
"""How often connections are looked for that are new."""
_FILES = "/proc/self/fd"


class LibraryBytes:
    """The bytes of all TCP connections of this process: all but a few of them come over those of the library."""

    def __init__(self) -> None:
        self._counts: dict[int, ReceivedBytes] = {}
        self._looked = 0.0

    def total(self) -> tuple[int, bool]:
        """Return the bytes received over the connections there are, and whether these are others than before."""
        before = set(self._counts)
        if time.monotonic() - self._looked >= LOOK_SECONDS:
            self._look()
        totals = {descriptor: count.total() for descriptor, count in self._counts.items()}
        for descriptor, total in totals.items():
            if total is None:
                del self._counts[descriptor]
        return sum(total or 0 for total in totals.values()), set(self._counts) != before

    def _look(self) -> None:
        self._looked = time.monotonic()
        for name in os.listdir(_FILES):
            descriptor = int(name)
            if descriptor not in self._counts and _is_connection(descriptor):
                self._counts[descriptor] = ReceivedBytes(descriptor)


def _is_connection(descriptor: int) -> bool:
    """Return whether this is a TCP socket that is connected."""
    with suppress(OSError), duplicate(descriptor) as found:
        if found.family in (socket.AF_INET, socket.AF_INET6) and found.type == socket.SOCK_STREAM:
            found.getpeername()
            return True
    return False
