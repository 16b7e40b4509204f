"""The WebSocket of a viewer: a protocol class for uvicorn, which hands over the connection at the upgrade request.

Handshake, parsing and control frames are those of ``websockets``' sans-I/O server; images go out by ``writelines`` of a
small head and the body that all viewers share, with no copy and no task for each viewer.
"""

import asyncio
import ipaddress
import logging
import socket
import time
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import urlsplit

from websockets.datastructures import Headers
from websockets.frames import Frame, Opcode
from websockets.http11 import Request, Response
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from stream_online_viewer.errors import ProtocolError
from stream_online_viewer.protocol.client import CLIENT_MESSAGE_BYTES, AckReader, parse_ack, parse_want
from stream_online_viewer.protocol.envelope import websocket_header
from stream_online_viewer.protocol.jsontext import to_json
from stream_online_viewer.web.lane import Buffer
from stream_online_viewer.web.pages import SECURITY_HEADERS
from stream_online_viewer.web.station import CLOSE_STOPPING, STOPPING, Station
from stream_online_viewer.web.viewer import Viewer

logger = logging.getLogger(__name__)

PATH = "/live"
SUBPROTOCOL = Subprotocol("sov.1")
CLOSE_SECONDS = 0.5
MAX_BACKLOG_BYTES = 256 * 1024
"""Control messages that may wait for a viewer that takes nothing."""
WORDS_PER_SECOND = 100
"""Text messages that are heard of one viewer; what it says beyond waits in its own connection."""
_RETRY_AFTER_SECONDS = 5
_PING_BYTES = 8


class LiveSocket(asyncio.Protocol):
    """One connection. uvicorn makes it, gives it the bytes of the request, and calls :meth:`shutdown` at the end."""

    def __init__(self, station: Station, connections: set[Any]) -> None:
        self._station = station
        self._connections = connections
        self._protocol = ServerProtocol(max_size=CLIENT_MESSAGE_BYTES, subprotocols=[SUBPROTOCOL])
        self._loop = asyncio.get_running_loop()
        self._viewer: Viewer | None = None
        self._transport: asyncio.Transport | None = None
        self._acks = AckReader()
        self._message = bytearray()
        self._opcode: Opcode | None = None
        self._pings: dict[bytes, tuple[float, bool]] = {}
        self._written = 0
        self._backlog = 0
        self._words, self._words_since = 0, 0.0

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take over the connection."""
        self._connections.add(self)
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._connections.discard(self)
        self._leave()

    def pause_writing(self) -> None:
        """The connection takes no more."""
        if self._viewer is not None:
            self._station.hub.pause(self._viewer)

    def resume_writing(self) -> None:
        """The connection took everything."""
        self._backlog = 0
        if self._viewer is not None:
            self._station.hub.resume(self._viewer)

    def eof_received(self) -> None:
        """The browser said that nothing more comes; the transport closes by itself."""

    def data_received(self, data: bytes) -> None:
        """Take bytes of the handshake or of WebSocket frames."""
        if self._viewer is not None and (acks := self._acks.read(data)) is not None:
            viewer = self._viewer
            for sequence, drawn_us in acks:
                self._station.hub.acknowledge(viewer, sequence, drawn_us)
            return
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            if isinstance(event, Request):
                self._handshake(event)
            elif isinstance(event, Frame):
                self._frame(event)
        self._flush()

    def shutdown(self) -> None:
        """The server stops: say so and close."""
        if self._viewer is None:
            if self._transport is not None:
                self._transport.close()
        else:
            self.close(CLOSE_STOPPING, STOPPING)

    # stream_online_viewer.web.viewer.Outlet

    def write(self, head: bytes, body: Buffer) -> None:
        """Send a prebuilt message."""
        if self._transport is not None:
            self._written += len(head) + len(body)
            self._transport.writelines((head, body))

    def say(self, content: dict[str, Any]) -> None:
        """Send a JSON message."""
        self.tell(to_json(content))

    def tell(self, text: bytes) -> None:
        """Send a JSON message that is encoded already."""
        if self._protocol.state is State.OPEN:
            self._write_frame(Opcode.TEXT, text)

    def unsent(self) -> int:
        """Return the bytes that wait in this process."""
        return 0 if self._transport is None else self._transport.get_write_buffer_size()

    def taken(self) -> int:
        """Return the bytes that the operating system has taken so far."""
        return self._written - self.unsent()

    def ping(self, clean: bool) -> None:
        """Measure the round trip, and find out whether the viewer is still there."""
        if self._protocol.state is State.OPEN and len(self._pings) < 4:
            now = time.monotonic()
            payload = int(now * 1e9).to_bytes(_PING_BYTES, "big")
            self._pings[payload] = (now, clean)
            self._write_frame(Opcode.PING, payload)

    def close(self, code: int, reason: str) -> None:
        """Close; a viewer that does not take the close frame in half a second is cut off."""
        self._leave()
        if self._protocol.state is State.OPEN:
            self._protocol.send_close(code, reason)
        self._flush()
        if self._transport is not None:
            self._loop.call_later(CLOSE_SECONDS, self._transport.abort)

    # what the browser says

    def _handshake(self, request: Request) -> None:
        response = self._refusal(request) or self._protocol.accept(request)
        accepted = response.status_code == HTTPStatus.SWITCHING_PROTOCOLS
        if not accepted:
            response.headers.update(SECURITY_HEADERS)
        self._protocol.send_response(response)
        self._flush()
        if accepted and self._transport is not None:
            # Tell at once when anything is left over, and when nothing is left.
            self._transport.set_write_buffer_limits(high=0)
            local, address = _peer(self._transport)
            self._viewer = self._station.join(self, local, address)

    def _refusal(self, request: Request) -> Response | None:
        headers = request.headers
        if urlsplit(request.path).path != PATH:
            return self._protocol.reject(HTTPStatus.NOT_FOUND, f"The live socket is at {PATH}.\n")
        origin = headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc.lower() != _host(headers).lower():
            return self._protocol.reject(HTTPStatus.FORBIDDEN, "The page that asks is from another host.\n")
        if self._station.full():
            response = self._protocol.reject(HTTPStatus.SERVICE_UNAVAILABLE, "All places for viewers are taken.\n")
            response.headers["Retry-After"] = str(_RETRY_AFTER_SECONDS)
            return response
        return None

    def _frame(self, frame: Frame) -> None:
        if frame.opcode is Opcode.PONG:
            self._pong(bytes(frame.data))
        elif frame.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            if frame.opcode is not Opcode.CONT:
                self._opcode = frame.opcode
                self._message.clear()
            self._message += frame.data
            if frame.fin and self._viewer is not None:
                self._hear(self._viewer, bytes(self._message))

    def _hear(self, viewer: Viewer, message: bytes) -> None:
        try:
            if self._opcode is Opcode.BINARY:
                self._station.hub.acknowledge(viewer, *parse_ack(message))
            else:
                self._count_word()
                want = parse_want(message.decode("utf-8"), viewer.want)
                if want is not None:
                    self._station.want(viewer, want)
        except UnicodeDecodeError:
            self.close(1007, "the text is no UTF-8")
        except ProtocolError as error:
            self.close(1008, str(error)[:120])

    def _count_word(self) -> None:
        """Read no more for the rest of a second in which a viewer said too much: each word costs all viewers time."""
        now = self._loop.time()
        if now - self._words_since >= 1.0:
            self._words, self._words_since = 0, now
        self._words += 1
        if self._words == WORDS_PER_SECOND and self._transport is not None:
            self._transport.pause_reading()
            self._loop.call_later(self._words_since + 1.0 - now, self._listen)

    def _listen(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def _pong(self, payload: bytes) -> None:
        sent, clean = self._pings.pop(payload, (None, False))
        if sent is not None and self._viewer is not None:
            now = time.monotonic()
            self._viewer.heard = now
            self._viewer.window.pong(now - sent, clean)

    def _leave(self) -> None:
        viewer, self._viewer = self._viewer, None
        if viewer is not None:
            self._station.leave(viewer)

    def _write_frame(self, opcode: Opcode, payload: bytes) -> None:
        """Send a whole message or a ping, which go out each second to each viewer, without the general way of both."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        head = websocket_header(len(payload), opcode)
        self._count_backlog(len(head) + len(payload))
        transport.writelines((head, payload))
        self._drop_if_deaf()

    def _count_backlog(self, size: int) -> None:
        self._written += size
        if self._viewer is not None and self._viewer.paused:
            self._backlog += size

    def _drop_if_deaf(self) -> None:
        """Cut off who sends pings, say, and never reads the answers."""
        if self._backlog > MAX_BACKLOG_BYTES and self._transport is not None:
            self._leave()
            self._transport.abort()

    def _flush(self) -> None:
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        for data in self._protocol.data_to_send():
            if data:
                self._count_backlog(len(data))
                transport.write(data)
            else:
                # Not close(): a reset, if the client is still sending, would take the close frame away from it.
                transport.write_eof()
        self._drop_if_deaf()
        if self._protocol.close_expected():
            self._leave()
            self._loop.call_later(CLOSE_SECONDS, transport.abort)


def _host(headers: Headers) -> str:
    return headers.get("Host") or ""


def _peer(transport: asyncio.Transport) -> tuple[bool, str]:
    """Return whether the other end is on this machine's loopback interface, and its address for people."""
    peer = transport.get_extra_info("peername")
    if not isinstance(peer, tuple):
        return True, "local socket"
    try:
        local = ipaddress.ip_address(peer[0]).is_loopback
    except ValueError:
        local = False
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return local, f"{peer[0]}:{peer[1]}"


def protocol_class(station: Station) -> type[asyncio.Protocol]:
    """Return the class that uvicorn instantiates for each WebSocket connection."""

    class Live(LiveSocket):
        def __init__(self, config: Any, server_state: Any, app_state: Any, _loop: Any = None) -> None:
            super().__init__(station, server_state.connections)

    return Live
