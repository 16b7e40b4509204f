"""What the parent, the web processes and the ingest process tell each other about themselves.

The way is a Unix socket that keeps messages apart (``SOCK_SEQPACKET``). A message is a JSON object, and descriptors may
travel with it: accepted connections, ends of links, memory. asyncio's transports pass none, so the socket is read and
written here. Nothing waits but :meth:`ControlEnd.ask`, and that not for long.
"""

import asyncio
import json
import os
import select
import socket
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from stream_online_viewer.errors import ProtocolError
from stream_online_viewer.link.base import LinkClosed
from stream_online_viewer.protocol.jsontext import to_json

MESSAGE_BYTES = 2**17
"""Bytes of the largest message; the kernel takes no larger one in its usual settings."""
MOST_DESCRIPTORS = 4
MOST_WAITING = 4096
"""Messages that may wait for an end that does not read. With one more it is given up."""
AT_ONCE = 64
"""Messages received before other work gets its turn."""

Message = dict[str, Any]
OnMessage = Callable[[Message, list[int]], None]


def control_sockets() -> tuple[socket.socket, socket.socket]:
    """Return the two ends of a new socket for messages, both non-blocking."""
    ends = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    for end in ends:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * MESSAGE_BYTES)
        end.setblocking(False)
    return ends


def send_message(connection: socket.socket, message: Message, descriptors: Sequence[int] = ()) -> None:
    """Send a message; the descriptors remain open here.

    Raise :class:`BlockingIOError` if it cannot be taken now, another :class:`OSError` if the other end is gone.
    """
    socket.send_fds(connection, [to_json(message)], descriptors)


def receive_message(connection: socket.socket) -> tuple[Message, list[int]]:
    """Return a message and its descriptors, which the caller must close.

    Raise :class:`BlockingIOError` if there is none, :class:`LinkClosed` at the end, :class:`ProtocolError` for a
    message that cannot be used: it is no JSON object, or there was no room for its descriptors.
    """
    try:
        data, descriptors, flags, _ = socket.recv_fds(
            connection, MESSAGE_BYTES, MOST_DESCRIPTORS, socket.MSG_CMSG_CLOEXEC
        )
    except (BlockingIOError, InterruptedError):
        raise BlockingIOError from None
    except OSError:
        data, descriptors, flags = b"", [], 0
    if not data:
        raise LinkClosed("the other process is gone")
    try:
        if flags & (socket.MSG_CTRUNC | socket.MSG_TRUNC):
            raise ValueError("it was cut off")
        message = json.loads(data)
        if not isinstance(message, dict):
            raise ValueError("it is no object")
    except ValueError as error:
        close_all(descriptors)
        raise ProtocolError(f"broken control message: {error}") from error
    return message, descriptors


def close_all(descriptors: Sequence[int]) -> None:
    """Close descriptors that were received."""
    for descriptor in descriptors:
        os.close(descriptor)


def pack_memory(content: bytes) -> int:
    """Return the descriptor of memory with this content, for what is too large for a message."""
    descriptor = os.memfd_create("message", os.MFD_CLOEXEC)
    with open(descriptor, "wb", closefd=False) as file:
        file.write(content)
    return descriptor


def read_memory(descriptor: int) -> bytes:
    """Return the content of memory that was received, and close it."""
    with open(descriptor, "rb") as file:
        # Whoever wrote it and we have one position in it.
        file.seek(0)
        return file.read()


class ControlEnd:
    """One end, in the thread of the running loop.

    ``on_message`` is called with each message and its descriptors, which it then owns; ``on_end`` once, when the other
    end is gone or was given up.
    """

    def __init__(self, connection: socket.socket, on_message: OnMessage, on_end: Callable[[], None]) -> None:
        self._connection = connection
        self._on_message = on_message
        self._on_end = on_end
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[tuple[Message, tuple[int, ...]]] = deque()
        self._held: deque[tuple[Message, list[int]]] = deque()
        """What came while an answer was waited for."""
        self._asked = 0
        self._closed = False
        self._loop.add_reader(connection, self._readable)

    @property
    def closed(self) -> bool:
        """Whether nothing can be sent any more."""
        return self._closed

    def send(self, message: Message, descriptors: Sequence[int] = ()) -> None:
        """Send a message now or as soon as it can be taken. The descriptors belong to this end and are closed."""
        if self._closed:
            close_all(descriptors)
            return
        self._waiting.append((message, tuple(descriptors)))
        self._flush()
        if len(self._waiting) > MOST_WAITING:
            self._end()

    def offer(self, message: Message, descriptors: Sequence[int] = ()) -> bool:
        """Send a message if it can be taken now; return whether it was. The descriptors are closed only then."""
        if self._closed or self._waiting:
            return False
        try:
            send_message(self._connection, message, descriptors)
        except OSError:
            # If the other end is gone, the reader will find out.
            return False
        close_all(descriptors)
        return True

    def answer(self, question: Message, value: Any) -> None:
        """Answer a message that was sent by :meth:`ask`."""
        self.send({"kind": "answer", "asked": question["asked"], "value": value})

    def ask(self, message: Message, seconds: float) -> Any:
        """Send a message and wait for its answer, which is returned; None if there is none within ``seconds``.

        The whole process waits meanwhile. What was sent before is sent before; what comes meanwhile is delivered
        later, in its order.
        """
        self._asked += 1
        until = time.monotonic() + seconds
        self.send({**message, "asked": self._asked})
        while not self._closed and (left := until - time.monotonic()) > 0:
            poller = select.poll()
            poller.register(self._connection, select.POLLIN | (select.POLLOUT if self._waiting else 0))
            if not poller.poll(left * 1000):
                break
            self._flush()
            try:
                found, descriptors = receive_message(self._connection)
            except BlockingIOError:
                continue
            except (LinkClosed, ProtocolError):
                self._loop.call_soon(self._end)
                return None
            if found["kind"] != "answer":
                self._held.append((found, descriptors))
                if len(self._held) == 1:
                    self._loop.call_soon(self._deliver_held)
            elif found["asked"] == self._asked:
                return found["value"]
        return None

    def close(self) -> None:
        """Close this end; what waits is not sent, and ``on_end`` is not called."""
        if self._closed:
            return
        self._closed = True
        self._loop.remove_reader(self._connection)
        self._loop.remove_writer(self._connection)
        for _, descriptors in (*self._waiting, *self._held):
            close_all(descriptors)
        self._waiting.clear()
        self._held.clear()
        self._connection.close()

    def _end(self) -> None:
        if not self._closed:
            self.close()
            self._on_end()

    def _flush(self) -> None:
        """Send what can be taken now; the loop goes on with the rest."""
        while self._waiting:
            message, descriptors = self._waiting[0]
            try:
                send_message(self._connection, message, descriptors)
            except (BlockingIOError, InterruptedError):
                self._loop.add_writer(self._connection, self._flush)
                return
            except OSError:
                self._loop.call_soon(self._end)
                return
            self._waiting.popleft()
            close_all(descriptors)
        self._loop.remove_writer(self._connection)

    def _readable(self) -> None:
        self._deliver_held()
        for _ in range(AT_ONCE):
            if self._closed:
                return
            try:
                message, descriptors = receive_message(self._connection)
            except BlockingIOError:
                return
            except (LinkClosed, ProtocolError):
                self._end()
                return
            if message["kind"] == "answer":
                # Too late: whoever asked has gone on without it.
                continue
            self._on_message(message, descriptors)

    def _deliver_held(self) -> None:
        while self._held and not self._closed:
            self._on_message(*self._held.popleft())
