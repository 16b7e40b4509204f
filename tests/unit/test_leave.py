"""What a process that was loaded slowly takes for its leave: several times have come meanwhile."""

import socket
import time
from collections.abc import Iterator

import pytest

from stream_online_viewer.ingest.leave import Leave, wait_for_leave
from stream_online_viewer.link.base import LinkClosed
from stream_online_viewer.link.framing import pack_control
from stream_online_viewer.link.ingest_end import SocketIngestEnd
from stream_online_viewer.link.messages import ReadUntil
from stream_online_viewer.link.web_end import link_sockets

EPOCH = 7
SECOND = 10**9


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, SocketIngestEnd]]:
    """The other end of a link as a socket, and the end of the process."""
    ours, theirs = link_sockets()
    with ours, theirs:
        yield ours, SocketIngestEnd(theirs)


@pytest.mark.parametrize("first", [-1, 1])
def test_the_last_time_counts_and_the_first_step(ends: tuple[socket.socket, SocketIngestEnd], first: int) -> None:
    """Also if the first time has passed already, ``first`` hours from now; only that one tells the step."""
    ours, link = ends
    now = time.monotonic_ns()
    times = [now + first * 3600 * SECOND, now + 3700 * SECOND, now + 3800 * SECOND]
    messages = [ReadUntil(times[0], EPOCH, 2), *(ReadUntil(until, EPOCH) for until in times[1:])]
    ours.send(b"".join(map(pack_control, messages)))
    assert wait_for_leave(link) == Leave(times[-1], EPOCH, 2)


def test_a_time_that_has_passed_is_no_leave(ends: tuple[socket.socket, SocketIngestEnd]) -> None:
    """The process waits on until the link ends."""
    ours, link = ends
    ours.send(pack_control(ReadUntil(time.monotonic_ns() - 1, EPOCH, 2)))
    ours.shutdown(socket.SHUT_WR)
    with pytest.raises(LinkClosed):
        wait_for_leave(link)
