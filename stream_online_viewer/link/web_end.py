"""The end of a socketpair in the web process.

Bytes are received directly into the buffer that viewers share, and large frames are used where they lie in the shared
memory.
"""

import asyncio
import socket
from collections.abc import Callable
from typing import cast

import numpy as np

from stream_online_viewer.errors import ProtocolError
from stream_online_viewer.link.base import WebEvents
from stream_online_viewer.link.cameras import CameraAnswer, CameraQuestion
from stream_online_viewer.link.framing import (
    HEADER_BYTES,
    Kind,
    LinkHeader,
    frame_info,
    pack_control,
    pack_pull,
    pack_returned,
    unpack_control,
    unpack_header,
)
from stream_online_viewer.link.messages import (
    ChannelNames,
    InterestChange,
    Pull,
    ReadUntil,
    RefusedRenditions,
    RowsInfo,
    SlotReturned,
)
from stream_online_viewer.link.report import IngestReport
from stream_online_viewer.link.slot_reader import SlotReader
from stream_online_viewer.protocol.frame import Buffer

LINK_BUFFER_BYTES = 2**20
_ZEROED_BYTES = 65536
_LOOK_SECONDS = 0.05
"""How often slots are given back that no other message has taken along, and frames copied out that are held long."""


def link_sockets() -> tuple[socket.socket, socket.socket]:
    """Return the ends of a new link: that of the web process, which is non-blocking, and that of the ingest process."""
    ours, theirs = socket.socketpair()
    for end in (ours, theirs):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, LINK_BUFFER_BYTES)
    ours.setblocking(False)
    return ours, theirs


async def connect(
    connection: socket.socket,
    events: WebEvents,
    memory: SlotReader | None = None,
    opened: "Callable[[SocketWebEnd], None]" = lambda end: None,
) -> "SocketWebEnd":
    """Return the web process's end of a link over a socket of :func:`link_sockets`, in the running loop.

    ``memory`` is shared with the ingest process; the link closes it. ``opened`` is called before the first of
    ``events``, which an ingest process that runs already may cause at once.
    """
    loop = asyncio.get_running_loop()
    _, end = await loop.create_connection(lambda: SocketWebEnd(events, memory, opened), sock=connection)
    return end


class SocketWebEnd(asyncio.BufferedProtocol):
    """Assembles received messages and sends others, see :class:`.base.WebEnd`.

    The kernel writes even a frame of 10 MB directly to its final place; nothing is joined from pieces.
    """

    def __init__(
        self,
        events: WebEvents,
        memory: SlotReader | None = None,
        opened: "Callable[[SocketWebEnd], None]" = lambda end: None,
    ) -> None:
        self._events = events
        self._opened = opened
        self._memory = memory
        self._look_timer: asyncio.TimerHandle | None = None
        self._transport: asyncio.WriteTransport | None = None
        self._head = bytearray(HEADER_BYTES)
        self._header: LinkHeader | None = None
        self._body: Buffer = b""
        self._rest = memoryview(self._head)

    # base.WebEnd

    def send_interest(self, change: InterestChange) -> None:
        """Send a change of what is wanted."""
        self._write(pack_control(change))

    def send_pull(self, pull: Pull) -> None:
        """Request the next frame of a lane."""
        self._write(pack_pull(pull))

    def send_refused(self, renditions: RefusedRenditions) -> None:
        """Send the renditions that must not be encoded."""
        self._write(pack_control(renditions))

    def send_question(self, question: CameraQuestion) -> None:
        """Ask which cameras there are."""
        self._write(pack_control(question))

    def send_read_until(self, leave: ReadUntil) -> None:
        """Send leave to read the source, to a process that needs it."""
        self._write(pack_control(leave))

    @property
    def copied_out(self) -> int:
        """Frames copied out of the shared memory because viewers held them too long."""
        return 0 if self._memory is None else self._memory.copied_out

    def close(self) -> None:
        """End the link at once."""
        if self._transport is not None:
            self._transport.abort()

    def _write(self, message: bytes) -> None:
        """Send a message unless the link has ended.

        A closed transport would raise an exception, which would end the connection of the viewer that caused the
        message.
        """
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(self._returned() + message)

    def _returned(self) -> bytes:
        """Return the messages that give slots back, which travel with others, so that they cost no system call."""
        slots = () if self._memory is None else self._memory.returned()
        return b"".join(pack_returned(SlotReturned(slot)) for slot in slots)

    def _look_at_memory(self) -> None:
        """Give back the slots that are not needed any more, and go on as long as any is held."""
        self._look_timer = None
        if self._memory is None or self._transport is None or self._transport.is_closing():
            return
        self._memory.relieve()
        if returned := self._returned():
            self._transport.write(returned)
        self._look_soon()

    def _look_soon(self) -> None:
        if self._look_timer is None and self._memory is not None and not self._memory.idle:
            self._look_timer = asyncio.get_running_loop().call_later(_LOOK_SECONDS, self._look_at_memory)

    # asyncio.BufferedProtocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The link is open."""
        self._transport = cast(asyncio.WriteTransport, transport)
        self._opened(self)

    def get_buffer(self, sizehint: int) -> memoryview:
        """Return the memory for the next received bytes."""
        return self._rest

    def buffer_updated(self, count: int) -> None:
        """Note that ``count`` bytes were received."""
        self._rest = self._rest[count:]
        if self._rest:
            return
        try:
            self._complete()
        except ProtocolError:
            if self._transport is not None:
                self._transport.close()
            raise

    def _complete(self) -> None:
        if self._header is None:
            header = unpack_header(self._head)
            if header.length:
                self._header = header
                self._body = _buffer(header.length)
                self._rest = memoryview(self._body)
                return
            body: Buffer = b""
        else:
            header, body = self._header, self._body
            self._header, self._body = None, b""
        self._rest = memoryview(self._head)
        if header.kind == Kind.FRAME:
            self._events.link_frame(frame_info(header), body)
        elif header.kind == Kind.STORED:
            if self._memory is None:
                raise ProtocolError("a frame is said to be in a memory that is not shared")
            self._events.link_frame(frame_info(header), self._memory.take(header.slot, header.stored))
            self._look_soon()
        elif header.kind == Kind.ROWS:
            self._events.link_rows(RowsInfo(header.sequence, header.received, header.count), body)
        elif header.kind == Kind.NOTHING_NEWER:
            self._events.link_nothing_newer(header.lane)
        elif header.kind == Kind.CONTROL:
            message = unpack_control(body)
            if isinstance(message, IngestReport):
                self._events.link_report(message)
            elif isinstance(message, ChannelNames):
                self._events.link_names(message)
            elif isinstance(message, CameraAnswer):
                self._events.link_cameras(message)

    def pause_writing(self) -> None:
        """The other end reads too slowly."""
        self._events.link_full(True)

    def resume_writing(self) -> None:
        """The other end has read."""
        self._events.link_full(False)

    def connection_lost(self, exc: Exception | None) -> None:
        """The link has ended."""
        if self._look_timer is not None:
            self._look_timer.cancel()
        if self._memory is not None:
            self._memory.close()
        self._events.link_lost()


def _buffer(size: int) -> Buffer:
    """Return memory for a message. Large memory is not set to zero, which would cost as much as a copy."""
    return bytearray(size) if size < _ZEROED_BYTES else np.empty(size, np.uint8).data
