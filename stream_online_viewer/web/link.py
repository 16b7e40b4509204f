"""The web process's end of the link: bytes go straight into the buffer that all viewers will share."""

import asyncio
import json
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from stream_online_viewer.errors import ProtocolError
from stream_online_viewer.protocol.link import HEADER_BYTES, Kind, LinkHeader, unpack_header
from stream_online_viewer.web.lane import Buffer

_ZEROED_BYTES = 65536


class LinkEvents(Protocol):
    """Who is told what came."""

    def link_message(self, header: LinkHeader, body: Buffer) -> None:
        """A frame or scalars message, or an answer without a body."""

    def link_control(self, content: dict[str, Any]) -> None:
        """A control message."""

    def link_full(self, full: bool) -> None:
        """The other end does not read what was written to it, or it does again."""


class LinkReader(asyncio.BufferedProtocol):
    """Assembles link messages.

    ``lost`` is called when the other end is gone. A frame of 10 MB is read by the kernel into place, never joined from
    pieces.
    """

    def __init__(self, events: LinkEvents, lost: Callable[[], None]) -> None:
        self._events = events
        self._lost = lost
        self._transport: asyncio.BaseTransport | None = None
        self._head = bytearray(HEADER_BYTES)
        self._header: LinkHeader | None = None
        self._body: Buffer = b""
        self._rest = memoryview(self._head)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The link is up."""
        self._transport = transport

    def get_buffer(self, sizehint: int) -> memoryview:
        """Return where the next bytes go."""
        return self._rest

    def buffer_updated(self, count: int) -> None:
        """Take note that ``count`` bytes are there."""
        self._rest = self._rest[count:]
        if self._rest:
            return
        try:
            self._complete()
        except (ProtocolError, ValueError, KeyError) as error:
            if self._transport is not None:
                self._transport.close()
            raise ProtocolError(f"broken link message: {error}") from error

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
        if header.kind == Kind.CONTROL:
            self._events.link_control(json.loads(bytes(body)))
        else:
            self._events.link_message(header, body)

    def pause_writing(self) -> None:
        """The other end reads too slowly."""
        self._events.link_full(True)

    def resume_writing(self) -> None:
        """The other end has read."""
        self._events.link_full(False)

    def connection_lost(self, exc: Exception | None) -> None:
        """The link is gone."""
        self._lost()


def _buffer(size: int) -> Buffer:
    """Return memory for a message; large memory is not zeroed first, which would cost as much as a copy."""
    return bytearray(size) if size < _ZEROED_BYTES else np.empty(size, np.uint8).data
