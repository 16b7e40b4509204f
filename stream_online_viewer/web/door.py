"""Accepts connections one by one, and refuses them with an answer if there is no place or no descriptor."""

import asyncio
import contextlib
import errno
import logging
import os
import socket
from collections import deque
from collections.abc import Awaitable, Callable

from stream_online_viewer.errors import ViewerError
from stream_online_viewer.web.edge import Edge, answer_bytes
from stream_online_viewer.web.peers import group
from stream_online_viewer.web.places import Place

logger = logging.getLogger(__name__)

AT_ONCE = 32
"""Connections accepted before other work gets its turn."""
PAUSE_SECONDS = 0.1
"""Seconds without accepting after descriptors or memory have run out."""
LINGER_SECONDS = 1.0
MOST_REFUSED = 12
"""Refused connections that may read their answer at the same time; each needs a descriptor."""
LOG_SECONDS = 60.0
_NO_DESCRIPTOR = (errno.EMFILE, errno.ENFILE)
_NO_MEMORY = (errno.ENOBUFS, errno.ENOMEM)


TakeIn = Callable[[socket.socket, Place], Awaitable[None]]
"""Takes an accepted connection; raises OSError if it has ended meanwhile, :class:`NobodyServes`."""


class NobodyServes(ViewerError):
    """A connection cannot be served now; it is answered so."""


def into_protocol(make: Callable[[Place], asyncio.Protocol]) -> TakeIn:
    """Return a function that serves connections in this process; ``make`` makes the protocol object of each."""

    async def take_in(sock: socket.socket, place: Place) -> None:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.get_running_loop().connect_accepted_socket(lambda: make(place), sock)

    return take_in


class Door:
    """All listening sockets. It has the two methods that uvicorn calls on a server at the end."""

    def __init__(self, edge: Edge, sockets: list[socket.socket], take_in: TakeIn) -> None:
        """``take_in`` gets each accepted connection that has a place."""
        self._edge = edge
        self._sockets = sockets
        self._take_in = take_in
        self._loop = asyncio.get_running_loop()
        self._spare = _spare()
        self._no_place = answer_bytes(edge.refuse_crowd())
        self._leaving: deque[tuple[float, socket.socket]] = deque()
        self._opening: set[asyncio.Task[None]] = set()
        self._logged = -LOG_SECONDS
        self._since_logged = 0
        self._closed = False
        for sock in sockets:
            sock.setblocking(False)
            self._loop.add_reader(sock, self._take, sock)

    def close(self) -> None:
        """Accept no more connections."""
        if self._closed:
            return
        self._closed = True
        for sock in self._sockets:
            self._loop.remove_reader(sock)
            sock.close()
        for _, sock in self._leaving:
            sock.close()
        self._leaving.clear()
        if self._spare is not None:
            os.close(self._spare)
            self._spare = None

    async def wait_closed(self) -> None:
        """Return when all refused connections have ended."""
        await asyncio.gather(*self._opening, return_exceptions=True)

    def _take(self, listener: socket.socket) -> None:
        self._end_refused()
        for _ in range(AT_ONCE):
            try:
                sock, peer = listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                if error.errno in _NO_DESCRIPTOR:
                    self._refuse_without_descriptor(listener)
                    self._pause(listener)
                elif error.errno in _NO_MEMORY:
                    self._pause(listener)
                # Any other error belongs to one connection that was aborted meanwhile.
                return
            address = str(peer[0]) if isinstance(peer, tuple) else ""
            place = self._place(address)
            if place is None:
                self._refuse(sock)
                continue
            task = self._loop.create_task(self._open(sock, place))
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)

    def _place(self, address: str) -> Place | None:
        places = self._edge.places
        place = places.enter(group(address), self._edge.proxies.holds(address))
        if place is None:
            most, count = places.most()
            self._log(f"{places.taken} of {places.total} places for connections are taken, {count} of them by {most}")
            place = self._edge.passing.enter(group(address))
            if place is not None:
                place.is_passing = True
        return place

    async def _open(self, sock: socket.socket, place: Place) -> None:
        try:
            await self._take_in(sock, place)
        except OSError:
            # The connection was aborted meanwhile.
            place.leave()
            sock.close()
        except NobodyServes:
            place.leave()
            self._refuse(sock)

    def _refuse(self, sock: socket.socket) -> None:
        """Answer that there is no place, without using one for that."""
        self._edge.refused["no_place"] += 1
        with contextlib.suppress(OSError):
            sock.setblocking(False)
            sock.send(self._no_place)
            sock.shutdown(socket.SHUT_WR)
        if len(self._leaving) >= MOST_REFUSED:
            _end(self._leaving.popleft()[1])
        if not self._leaving:
            self._loop.call_later(LINGER_SECONDS, self._end_last_refused)
        self._leaving.append((self._edge.clock(), sock))

    def _end_last_refused(self) -> None:
        self._end_refused()
        if self._leaving:
            self._loop.call_later(LINGER_SECONDS, self._end_last_refused)

    def _end_refused(self) -> None:
        now = self._edge.clock()
        while self._leaving and now - self._leaving[0][0] >= LINGER_SECONDS:
            _end(self._leaving.popleft()[1])

    def _refuse_without_descriptor(self, listener: socket.socket) -> None:
        """Close the spare descriptor, use it to refuse the connection that waits longest, and open it again."""
        self._edge.refused["no_descriptor"] += 1
        self._log("the limit of open files is reached (ulimit -n)")
        if self._spare is not None:
            os.close(self._spare)
            self._spare = None
        with contextlib.suppress(OSError):
            sock, _ = listener.accept()
            with sock:
                sock.setblocking(False)
                sock.send(self._no_place)
                sock.shutdown(socket.SHUT_WR)
                sock.recv(65536)
        self._spare = _spare()

    def _pause(self, listener: socket.socket) -> None:
        """Stop accepting for a moment: nothing changes until something else is closed."""
        self._loop.remove_reader(listener)
        self._loop.call_later(PAUSE_SECONDS, self._resume, listener)

    def _resume(self, listener: socket.socket) -> None:
        if not self._closed:
            self._loop.add_reader(listener, self._take, listener)

    def _log(self, why: str) -> None:
        """Log at most one line a minute, with the number of connections refused since the last."""
        self._since_logged += 1
        now = self._edge.clock()
        if now - self._logged >= LOG_SECONDS:
            logger.warning("connections are refused: %s; %d since the last such line", why, self._since_logged)
            self._logged, self._since_logged = now, 0


def _end(sock: socket.socket) -> None:
    """Close after reading what was received; otherwise a reset would lose the answer."""
    with contextlib.suppress(OSError):
        sock.recv(65536)
    sock.close()


def _spare() -> int | None:
    try:
        return os.open("/dev/null", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
