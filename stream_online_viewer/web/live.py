"""The WebSocket of a viewer: an asyncio protocol that takes over an HTTP connection at the upgrade request.

Handshake, parsing and control frames are those of ``websockets``' sans-I/O server. An image is sent by ``writelines``
of a small head and of the body that all viewers share, without a copy and without a task for each viewer.
"""

import asyncio
import contextlib
import logging
import socket
from http import HTTPStatus
from typing import Any

from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from stream_online_viewer.errors import ProtocolError
from stream_online_viewer.protocol.client import (
    ACK_BYTES,
    CLIENT_MESSAGE_BYTES,
    AckReader,
    Want,
    parse_ack,
)
from stream_online_viewer.protocol.envelope import websocket_header
from stream_online_viewer.protocol.frame import Buffer
from stream_online_viewer.protocol.jsontext import to_json
from stream_online_viewer.web import peers
from stream_online_viewer.web.allowance import MESSAGES_PER_SECOND, TOO_MUCH, Allowance
from stream_online_viewer.web.edge import Edge
from stream_online_viewer.web.handshake import later, refusal, request_of
from stream_online_viewer.web.head import Head
from stream_online_viewer.web.pages import SECURITY_HEADERS
from stream_online_viewer.web.places import Place
from stream_online_viewer.web.session import CLOSE_STOPPING, STOPPING, StreamSession
from stream_online_viewer.web.stall import untaken
from stream_online_viewer.web.viewer import Viewer
from stream_online_viewer.web.words import REASON_CHARACTERS, Words

logger = logging.getLogger(__name__)

SUBPROTOCOL = Subprotocol("sov.1")
CLOSE_SECONDS = 0.5
CLOSE_CROWDED = 1013
"""WebSocket close code "try again later"."""
MAX_BACKLOG_BYTES = 256 * 1024
"""Bytes of control messages that may wait for a client that reads nothing. Above, its connection is aborted."""
PIECE_BYTES = 4096
"""Bytes that are parsed before the limits are checked: a megabyte of empty frames would block the loop."""
_PING_BYTES = 8
_BARE_REQUEST = b"GET / HTTP/1.1\r\n\r\n"
"""A request without headers for the library's parser, whose limits differ from ours. The real one is already parsed."""


class LiveSocket(asyncio.Protocol):
    """One WebSocket connection.

    :meth:`take_over` takes it over from HTTP; uvicorn calls :meth:`shutdown` at the end.
    """

    def __init__(self, session: StreamSession, edge: Edge, connections: set[Any]) -> None:
        self._session = session
        self._edge = edge
        self._connections = connections
        self._protocol = ServerProtocol(max_size=CLIENT_MESSAGE_BYTES, subprotocols=[SUBPROTOCOL])
        self._loop = asyncio.get_running_loop()
        self._viewer: Viewer | None = None
        self._transport: asyncio.Transport | None = None
        self._place: Place | None = None
        self._viewer_place: Place | None = None
        self._acks = AckReader()
        self._message = bytearray()
        self._opcode: Opcode | None = None
        self._pings: dict[bytes, tuple[float, bool]] = {}
        self._written = 0
        self._backlog = 0
        self._texts, self._texts_since = 0, 0.0
        self._allowance = Allowance(self._loop.time())
        self._words = Words(session.turns, session.clock, self._loop.call_later, self._apply_want, self._refuse)
        self._ignoring = False

    def take_over(
        self, transport: asyncio.Transport, head: Head, client: tuple[str, int], place: Place, rest: bytes
    ) -> None:
        """Take over a connection at its upgrade request and answer that.

        ``client`` are the address and the port of the other end; ``rest`` are the bytes received after the request.
        """
        self._connections.add(self)
        self._transport = transport
        self._place = place
        self._protocol.receive_data(_BARE_REQUEST)
        self._protocol.events_received()
        if self._handshake(head, client) and rest:
            self.data_received(rest)

    # asyncio.Protocol

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection has ended."""
        self._connections.discard(self)
        self._leave()
        if self._place is not None:
            self._place.leave()

    def pause_writing(self) -> None:
        """The connection takes no more bytes for now."""
        if self._viewer is not None:
            self._session.hub.block(self._viewer)

    def resume_writing(self) -> None:
        """The connection has taken everything."""
        self._backlog = 0
        if self._viewer is not None:
            self._session.hub.unblock(self._viewer)

    def eof_received(self) -> None:
        """The client sends no more; the transport closes by itself."""

    def data_received(self, data: bytes) -> None:
        """Take received bytes: whole acknowledgements are read directly, everything else by the library's parser."""
        if self._viewer is not None and (acks := self._acks.read(data)) is not None:
            for sequence, drawn_us in acks:
                self._acknowledge(sequence, drawn_us)
            return
        for at in range(0, len(data), PIECE_BYTES):
            if self._ignoring:
                # Received after the end: read and dropped, because a reset would keep the close reason from the client.
                return
            self._protocol.receive_data(data[at : at + PIECE_BYTES])
            for event in self._protocol.events_received():
                if isinstance(event, Frame):
                    self._take_frame(event)
            self._flush()

    def shutdown(self) -> None:
        """The server is stopping: close the connection with that reason."""
        if self._viewer is None:
            if self._transport is not None:
                self._transport.close()
        else:
            self.close(CLOSE_STOPPING, STOPPING)

    # stream_online_viewer.web.outlet.Outlet

    def send_binary(self, head: bytes, body: Buffer) -> None:
        """Send a binary message of a head and a body; the body is not copied."""
        if self._transport is not None:
            self._written += len(head) + len(body)
            self._transport.writelines((head, body))

    def send_json(self, content: dict[str, Any]) -> None:
        """Send a JSON message."""
        self.send_encoded_json(to_json(content))

    def send_encoded_json(self, text: bytes) -> None:
        """Send a JSON message that is already encoded as UTF-8."""
        if self._protocol.state is State.OPEN:
            self._write_frame(Opcode.TEXT, text)

    def unsent(self) -> int:
        """Return the number of bytes that wait in this process."""
        return 0 if self._transport is None else self._transport.get_write_buffer_size()

    def keep_unsent(self, size: int) -> None:
        """Let about ``size`` bytes at most wait in the kernel from now on, where the system can do that."""
        if self._transport is not None and (option := getattr(socket, "TCP_NOTSENT_LOWAT", None)) is not None:
            with contextlib.suppress(OSError):
                self._transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, option, size)

    def taken(self) -> int:
        """Return the number of bytes that have arrived at the client so far."""
        return self._written - (0 if self._transport is None else untaken(self._transport))

    def ping(self, clean: bool) -> None:
        """Send a ping, which measures the round trip and shows that the viewer is still there."""
        if self._protocol.state is State.OPEN and len(self._pings) < 4:
            now = self._session.clock()
            payload = int(now * 1e9).to_bytes(_PING_BYTES, "big")
            self._pings[payload] = (now, clean)
            self._write_frame(Opcode.PING, payload)

    def close(self, code: int, reason: str) -> None:
        """Close; the connection is aborted if the client has not taken the close frame after half a second."""
        self._leave()
        if self._protocol.state is State.OPEN:
            self._protocol.send_close(code, reason)
        self._flush()
        if self._transport is not None:
            self._loop.call_later(CLOSE_SECONDS, self._transport.abort)

    # what the browser sends

    def _handshake(self, head: Head, client: tuple[str, int]) -> bool:
        """Answer the upgrade request; return whether a viewer was added."""
        response = refusal(self._protocol, head) or self._protocol.accept(request_of(head))
        if response.status_code == HTTPStatus.SWITCHING_PROTOCOLS:
            address, exempt = peers.group(client[0]), self._edge.proxies.holds(client[0])
            self._viewer_place = self._edge.limits.viewers.enter(address, exempt)
            if self._viewer_place is None:
                response = later(self._protocol, "All places for viewers are taken.\n")
            elif not exempt and self._edge.limits.arrivals.wait(address, self._loop.time()) > 0.0:
                self._viewer_place.leave()
                response = later(self._protocol, "Viewers come too often from this address.\n")
        accepted = response.status_code == HTTPStatus.SWITCHING_PROTOCOLS
        if not accepted:
            response.headers.update(SECURITY_HEADERS)
        self._protocol.send_response(response)
        self._flush()
        if not accepted or self._transport is None:
            return False
        # Pause when any byte is left over; resume when none is.
        self._transport.set_write_buffer_limits(high=0)
        for place in (self._place, self._viewer_place):
            if place is not None:
                place.become_viewer(self._give_place)
        self._viewer = self._session.add_viewer(self, peers.is_loopback(client[0]), _shown_address(*client))
        return True

    def _give_place(self) -> None:
        """Close this connection because its place is needed for another address."""
        self.close(CLOSE_CROWDED, "the server needs the place for another address")

    def _take_frame(self, frame: Frame) -> None:
        if self._ignoring or (frame.opcode is Opcode.PONG and self._pong(bytes(frame.data))):
            return
        is_ack = frame.opcode is Opcode.BINARY and frame.fin
        if not is_ack and not self._allowance.take(len(frame.data), self._loop.time()):
            self._refuse(1008, TOO_MUCH)
        elif frame.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            if frame.opcode is not Opcode.CONT:
                self._opcode = frame.opcode
                self._message.clear()
            self._message += frame.data
            if frame.fin and self._viewer is not None:
                self._take_message(bytes(self._message))

    def _take_message(self, message: bytes) -> None:
        if self._opcode is not Opcode.BINARY:
            self._count_text()
            self._words.add(message)
            return
        try:
            self._acknowledge(*parse_ack(message))
        except ProtocolError as error:
            self._refuse(1008, str(error)[:REASON_CHARACTERS])

    def _apply_want(self, want: Want) -> None:
        if self._viewer is not None:
            self._session.set_want(self._viewer, want)

    def _acknowledge(self, sequence: int, drawn_us: int) -> None:
        """Take an acknowledgement. One of a frame that is not on its way uses up the viewer's allowance."""
        viewer = self._viewer
        if viewer is None or self._session.hub.acknowledge(viewer, sequence, drawn_us):
            return
        if not self._allowance.take(ACK_BYTES, self._loop.time()):
            self._refuse(1008, TOO_MUCH)

    def _refuse(self, code: int, reason: str) -> None:
        """Close because a rule of the protocol was broken, and ignore everything received afterwards."""
        self._session.hub.closed_refused += 1
        self._ignoring = True
        self.close(code, reason)

    def _count_text(self) -> None:
        """Stop reading for the rest of a second in which too many texts came: each one takes time from all viewers."""
        now = self._loop.time()
        if now - self._texts_since >= 1.0:
            self._texts, self._texts_since = 0, now
        self._texts += 1
        if self._texts == MESSAGES_PER_SECOND and self._transport is not None:
            self._transport.pause_reading()
            self._loop.call_later(self._texts_since + 1.0 - now, self._read_on)

    def _read_on(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def _pong(self, payload: bytes) -> bool:
        """Take a pong; return False if it does not answer one of our pings."""
        sent, clean = self._pings.pop(payload, (None, False))
        if sent is not None and self._viewer is not None:
            now = self._session.clock()
            self._viewer.pong(now - sent, clean, now)
        return sent is not None

    def _leave(self) -> None:
        viewer, self._viewer = self._viewer, None
        self._words.close()
        if viewer is not None:
            self._session.remove_viewer(viewer)
        # The place is free as soon as the viewer is removed, not only when its connection has ended.
        if self._viewer_place is not None:
            self._viewer_place.leave()

    def _write_frame(self, opcode: Opcode, payload: bytes) -> None:
        """Send a text message or a ping. Both go to each viewer once a second, so this avoids the slower library."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        head = websocket_header(len(payload), opcode)
        self._count_backlog(len(head) + len(payload))
        transport.writelines((head, payload))
        self._abort_if_unread()

    def _count_backlog(self, size: int) -> None:
        self._written += size
        if self._viewer is not None and self._viewer.blocked:
            self._backlog += size

    def _abort_if_unread(self) -> None:
        """Abort the connection of a client that sends pings, for example, and never reads the answers."""
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
                # Not close(): if the client is still sending, that would cause a reset and lose the close frame.
                transport.write_eof()
        self._abort_if_unread()
        if self._protocol.close_expected():
            self._leave()
            self._loop.call_later(CLOSE_SECONDS, transport.abort)


def _shown_address(address: str, port: int) -> str:
    shown = f"[{address}]" if ":" in address else address
    return f"{shown}:{port}" if port else shown or "local socket"


def protocol_class(session: StreamSession, edge: Edge) -> type[asyncio.Protocol]:
    """Return the class that uvicorn instantiates for each WebSocket connection."""

    class Live(LiveSocket):
        def __init__(self, config: Any, server_state: Any, app_state: Any, _loop: Any = None) -> None:
            super().__init__(session, edge, server_state.connections)

    return Live
