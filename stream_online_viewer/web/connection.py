"""An HTTP connection: uvicorn's, with limits on the size and time of a request and checks of its head.

The bytes of a head are counted before the parser gets them, and the next request of a connection is read only after the
answer to the last one. At an upgrade to a WebSocket the connection is passed on with its checked head.
"""

import asyncio
from http import HTTPStatus
from typing import Any, cast

import httptools
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from stream_online_viewer.web.edge import (
    HEAD_BYTES,
    HEAD_SECONDS,
    METHODS,
    OPEN_PATHS,
    PASSING_SECONDS,
    Edge,
    Refusal,
    answer_bytes,
)
from stream_online_viewer.web.head import read_head
from stream_online_viewer.web.live import LiveSocket
from stream_online_viewer.web.places import Place
from stream_online_viewer.web.stall import StallWatch

END_OF_HEAD = b"\r\n\r\n"
LINGER_SECONDS = 1.0
"""Seconds for which a refused client may read its answer; what it still sends is not read."""
PASSING_LINGER_SECONDS = 0.25


class Connection(HttpToolsProtocol):
    """One connection, from its first byte to its end or to the upgrade to a WebSocket."""

    def __init__(
        self, edge: Edge, place: Place, config: uvicorn.Config, state: ServerState, app_state: dict[str, Any]
    ) -> None:
        super().__init__(config, state, app_state)
        self._edge = edge
        self._place = place
        self._head_bytes = 0
        self._tail = b""
        self._head_done = False
        self._body_left = 0
        self._rest = b""
        self._ended = False
        self._deadline: asyncio.TimerHandle | None = None
        self._stall: StallWatch | None = None
        self._held: Any = None

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the connection; the head of its first request must arrive in time."""
        super().connection_made(transport)
        self._place.give_way = transport.abort
        seconds = PASSING_SECONDS if self._place.is_passing else HEAD_SECONDS
        self._deadline = self.loop.call_later(seconds, self._late)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection has ended."""
        self._place.leave()
        self._ended = True
        self._stop_timers()
        self._release()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes of requests."""
        if self._ended:
            return
        if self._answering() and not self._body_left:
            self._keep(data)
        else:
            self._read(data)

    def eof_received(self) -> None:
        """The client sends no more; the transport closes by itself."""

    def pause_writing(self) -> None:
        """The client does not take all that is sent; from now on it must take some bytes within every half minute."""
        super().pause_writing()
        if self._stall is None:
            self._stall = StallWatch(self.transport, self._end_stalled)

    def resume_writing(self) -> None:
        """The client has taken nearly everything."""
        self._stop_stall()
        self._release()
        super().resume_writing()

    # answers

    def hold(self, release: Any) -> None:
        """Call ``release`` when what was written last has been taken or the connection has ended."""
        self._release()
        if not self.flow.write_paused:
            release()
        else:
            self._held = release

    def _end_stalled(self) -> None:
        self._edge.stalled += 1
        self.transport.abort()

    def _release(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            held()

    def on_response_complete(self) -> None:
        """An answer is written; continue with what was received meanwhile."""
        super().on_response_complete()
        if self._ended or self.transport.is_closing():
            return
        if self._rest:
            self._unset_keepalive_if_required()
            self.loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        rest, self._rest = self._rest, b""
        if self._ended or self.transport.is_closing():
            return
        self.transport.resume_reading()
        self._read(rest)

    # requests

    def _answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _keep(self, data: bytes) -> None:
        """Keep the beginning of the next request until this one is answered, and stop reading."""
        if not data:
            return
        if len(data) > HEAD_BYTES:
            # No honest client sends that much ahead: close after the present answer.
            self.cycle.keep_alive = False
            self._ended = True
        else:
            self._rest = data
        self.transport.pause_reading()

    def _read(self, data: bytes) -> None:
        """Parse one request after the other, as long as none is being answered."""
        while data and not self._ended:
            self._unset_keepalive_if_required()
            if self._deadline is None:
                self._deadline = self.loop.call_later(HEAD_SECONDS, self._late)
            if self._body_left:
                piece, data = data[: self._body_left], data[self._body_left :]
                self._body_left -= len(piece)
                self._feed(piece, data)
                if not self._body_left:
                    self._stop_deadline()
            else:
                at = (self._tail + data).find(END_OF_HEAD)
                end = at + len(END_OF_HEAD) - len(self._tail) if at >= 0 else len(data)
                piece, data = data[:end], data[end:]
                self._head_bytes += len(piece)
                if self._head_bytes > HEAD_BYTES:
                    self._refuse(self._edge.refuse_large("more"))
                    return
                self._tail = b"" if at >= 0 else (self._tail + piece)[-len(END_OF_HEAD) + 1 :]
                self._head_done = False
                self._feed(piece, data)
                if self._head_done:
                    self._head_bytes = 0
                    if not self._body_left:
                        self._stop_deadline()
            if self._answering() and not self._body_left and not self._ended:
                self._keep(data)
                return

    def _feed(self, piece: bytes, rest: bytes) -> None:
        try:
            self.parser.feed_data(piece)
        except httptools.HttpParserUpgrade:
            if self._ended:
                return
            if self._should_upgrade():
                self._ended = True
                self._become_live(rest)
            else:
                # An upgrade to any other protocol is ignored and the request answered as usual.
                self._ended = True
        except httptools.HttpParserError:
            if not self._ended:
                self._refuse(Refusal(HTTPStatus.BAD_REQUEST, "This is no HTTP request that can be read.", "malformed"))

    def on_headers_complete(self) -> None:
        """Check a complete head before anything else is done with it."""
        self._head_done = True
        if self._ended:
            return
        if self.parser.get_method() not in METHODS:
            # First, because the target of other methods need not be an address.
            self._refuse(self._edge.refuse_method())
            return
        head = read_head(self.parser, self.url, self.headers)
        if head is None:
            self._refuse(Refusal(HTTPStatus.BAD_REQUEST, "The address cannot be read.", "malformed"))
            return
        live = bool(self.parser.should_upgrade()) and self._should_upgrade()
        passing = self._place.is_passing
        refusal = self._edge.refusal(head, live)
        if passing and (live or head.path not in OPEN_PATHS):
            refusal = self._edge.refuse_crowd()
        if refusal is not None:
            self._refuse(refusal, with_body=head.method != b"HEAD")
            return
        client = self._edge.proxies.client(self._peer(), head.values(b"x-forwarded-for"))
        self.scope["client"] = (client, self.client[1] if self.client and client == self._peer() else 0)
        self.scope["state"]["connection"] = self
        lengths = head.values(b"content-length")
        self._body_left = int(lengths[0]) if lengths else 0
        super().on_headers_complete()
        if passing or (self.parser.should_upgrade() and not live):
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        """Take a part of a body; requests to routes without one never get here."""
        if not self._ended and self.cycle is not None:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is complete."""
        if not self._ended and self.cycle is not None:
            super().on_message_complete()

    def _peer(self) -> str:
        return self.client[0] if self.client else ""

    def _become_live(self, rest: bytes) -> None:
        """Pass the connection on to a :class:`.live.LiveSocket`."""
        self._stop_timers()
        self.connections.discard(cast(Any, self))
        head = read_head(self.parser, self.url, self.headers)
        if head is None:
            self.transport.abort()
            return
        client = cast("tuple[str, int]", self.scope["client"])
        live: LiveSocket = cast(Any, self.ws_protocol_class)(self.config, self.server_state, self.app_state)
        self.transport.set_protocol(live)
        live.take_over(self.transport, head, client, self._place, rest)

    # ends

    def _late(self) -> None:
        self._deadline = None
        if self._ended or self.transport.is_closing():
            return
        if not self._head_bytes and not self._body_left:
            # No byte was received: browsers open connections in advance.
            self._edge.refused["silent"] += 1
            self._ended = True
            self.transport.close()
        elif self._answering():
            self.transport.abort()
        else:
            self._refuse(self._edge.refuse_late())

    def _refuse(self, refusal: Refusal, with_body: bool = True) -> None:
        """Answer and end the connection after giving the client time to read; nothing more is read."""
        self._ended = True
        self._stop_timers()
        self._edge.refused[refusal.reason] += 1
        transport = self.transport
        if transport.is_closing():
            return
        transport.pause_reading()
        transport.write(answer_bytes(refusal, with_body))
        # Not close(): if the client is still sending, that would cause a reset and lose the answer.
        transport.write_eof()
        self.loop.call_later(PASSING_LINGER_SECONDS if self._place.is_passing else LINGER_SECONDS, transport.abort)

    def _stop_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _stop_timers(self) -> None:
        self._stop_deadline()
        self._unset_keepalive_if_required()
        self._stop_stall()

    def _stop_stall(self) -> None:
        if self._stall is not None:
            self._stall.cancel()
            self._stall = None
