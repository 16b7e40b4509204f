"""Reads one connection to a NATS server, see https://docs.nats.io/reference/reference-protocols/nats-protocol.

Lines are read into a scratch memory. The payload of a message is received directly into the buffer that is handed on,
and that viewers share in the end; what had come together with its line is copied there. Every length is checked before
memory is taken for it. Anything that does not follow the protocol ends the connection.
"""

import asyncio
import json
from dataclasses import dataclass
from typing import Any, Protocol, cast

import numpy as np

from stream_online_viewer.errors import ProtocolError
from stream_online_viewer.protocol.frame import Buffer

SCRATCH_BYTES = 65536
MOST_PAYLOAD = 64 * 2**20
"""No NATS server can be set to more."""
_ZEROED_BYTES = 65536
_MOST_NAME = 1024


@dataclass(frozen=True, slots=True)
class Message:
    """A message of the bus. ``headers`` are its raw bytes, without the empty line at their end."""

    sid: int
    subject: str
    reply: str
    headers: bytes
    payload: Buffer

    @property
    def status(self) -> int:
        """The status in the headers, as of HTTP: 503 if nobody listens, 404 for a key that is not there; 0: none."""
        words = self.headers.split(b"\r\n", 1)[0].split()
        return int(words[1]) if len(words) > 1 and words[1].isdigit() and len(words[1]) == 3 else 0

    def header(self, name: str) -> str | None:
        """Return the value of a header, None if there is none of this name."""
        for line in self.headers.split(b"\r\n")[1:]:
            key, _, value = line.partition(b":")
            if key.decode("latin-1").strip().lower() == name.lower():
                return value.decode("utf-8", "replace").strip()
        return None


class WireUser(Protocol):
    """Who reads a connection."""

    def wire_info(self, info: dict[str, Any]) -> None:
        """The server says what it is."""

    def wire_limit(self, sid: int) -> int:
        """Return the largest payload of a subscription, in bytes; a larger one is read and forgotten."""

    def wire_message(self, message: Message) -> None:
        """A message has arrived."""

    def wire_too_large(self, sid: int, nbytes: int) -> None:
        """A message was forgotten, because it was larger than its limit."""

    def wire_pong(self) -> None:
        """The server has answered a ping."""

    def wire_error(self, text: str) -> None:
        """The server refuses something; it may end the connection."""

    def wire_writable(self, writable: bool) -> None:
        """The connection takes no more bytes for now, or does again."""

    def wire_lost(self, reason: str) -> None:
        """The connection has ended; called once."""


class NatsWire(asyncio.BufferedProtocol):
    """One connection. Everything is called in the thread of the loop."""

    def __init__(self, user: WireUser) -> None:
        self._user = user
        self._transport: asyncio.WriteTransport | None = None
        self._scratch = bytearray(SCRATCH_BYTES)
        self._view = memoryview(self._scratch)
        self._start = self._end = 0
        """What is in the scratch memory and not read yet."""
        self._head: tuple[int, str, str, int] | None = None
        """Subscription, subject, reply and bytes of the headers of the message whose payload is received."""
        self._body: Buffer = b""
        self._rest = memoryview(b"")
        self._skip = 0
        """Bytes still to be forgotten."""
        self._why = ""
        self.received = 0
        """How often bytes have come: over a slow line the answer to a ping waits behind large messages."""

    def write(self, *parts: Buffer) -> None:
        """Send bytes; nothing if the connection has ended. The parts are not copied."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.writelines(parts)

    def waiting(self) -> int:
        """Return the number of bytes that the kernel has not taken yet."""
        return 0 if self._transport is None else self._transport.get_write_buffer_size()

    @property
    def in_message(self) -> bool:
        """Whether a message has begun to arrive, of which the rest is still to come."""
        return self._head is not None or self._skip > 0

    def end(self, why: str) -> None:
        """End the connection at once."""
        self._why = self._why or why
        if self._transport is not None:
            self._transport.abort()

    # asyncio.BufferedProtocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection is open."""
        self._transport = cast(asyncio.WriteTransport, transport)
        # What waits here is old when it leaves: let the user know of every byte.
        self._transport.set_write_buffer_limits(high=0)

    def get_buffer(self, sizehint: int) -> memoryview:
        """Return the memory for the next received bytes."""
        if self._head is not None:
            return self._rest
        if self._start:
            # What is left is less than a line, or a line of which little has come.
            left = self._end - self._start
            self._scratch[:left] = self._scratch[self._start : self._end]
            self._start, self._end = 0, left
        return self._view[self._end :]

    def buffer_updated(self, count: int) -> None:
        """Note that ``count`` bytes were received."""
        self.received += 1
        try:
            if self._head is not None:
                self._rest = self._rest[count:]
                if not self._rest:
                    self._complete()
                return
            self._end += count
            self._read()
        except ProtocolError as error:
            self.end(str(error))

    def pause_writing(self) -> None:
        """The kernel takes no more bytes."""
        self._user.wire_writable(False)

    def resume_writing(self) -> None:
        """The kernel has taken everything."""
        self._user.wire_writable(True)

    def eof_received(self) -> None:
        """The server has closed the connection."""
        self._why = self._why or "the server has closed the connection"

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection has ended."""
        self._transport = None
        self._user.wire_lost(self._why or str(exc or "the connection has ended"))

    # reading

    def _read(self) -> None:
        """Read everything that is complete in the scratch memory."""
        while self._head is None and self._start < self._end and not self._why:
            if self._skip:
                gone = min(self._skip, self._end - self._start)
                self._skip -= gone
                self._start += gone
                continue
            at = self._scratch.find(b"\r\n", self._start, self._end)
            if at < 0:
                if self._end - self._start >= SCRATCH_BYTES:
                    raise ProtocolError("the server sends a line without an end")
                return
            line = bytes(self._view[self._start : at])
            self._start = at + 2
            self._take_line(line)

    def _take_line(self, line: bytes) -> None:
        word, _, rest = line.partition(b" ")
        word = word.upper()
        if word == b"MSG":
            self._begin(rest.split(), has_headers=False)
        elif word == b"HMSG":
            self._begin(rest.split(), has_headers=True)
        elif word == b"PING":
            self.write(b"PONG\r\n")
        elif word == b"PONG":
            self._user.wire_pong()
        elif word == b"INFO":
            self._user.wire_info(_object(rest))
        elif word == b"-ERR":
            self._user.wire_error(rest.decode("utf-8", "replace").strip().strip("'")[:_MOST_NAME])
        elif word != b"+OK":
            raise ProtocolError(f"the server sends what is no message: {line[:40]!r}")

    def _begin(self, words: list[bytes], has_headers: bool) -> None:
        """Begin with the payload of a message."""
        counts = 2 if has_headers else 1
        if not 2 + counts <= len(words) <= 3 + counts:
            raise ProtocolError("the server sends a message with a broken line")
        sid, *sizes = (_whole(word) for word in (words[1], *words[-counts:]))
        total = sizes[-1]
        header_bytes = sizes[0] if has_headers else 0
        if total > MOST_PAYLOAD or header_bytes > total:
            raise ProtocolError(f"the server announces a message of {total} bytes")
        if total > self._user.wire_limit(sid):
            self._skip = total + 2
            self._user.wire_too_large(sid, total)
            return
        subject = words[0].decode("utf-8", "replace")
        reply = words[2].decode("utf-8", "replace") if len(words) == 3 + counts else ""
        self._head = sid, subject, reply, header_bytes
        # Large memory is not set to zero, which would cost as much as a copy.
        size = total + 2
        self._body = bytearray(size) if size < _ZEROED_BYTES else np.empty(size, np.uint8).data
        here = min(size, self._end - self._start)
        view = memoryview(self._body)
        view[:here] = self._view[self._start : self._start + here]
        self._start += here
        self._rest = view[here:]
        if not self._rest:
            self._complete()

    def _complete(self) -> None:
        """Hand on a message of which everything has come."""
        if self._head is None:
            return
        (sid, subject, reply, header_bytes), body = self._head, memoryview(self._body)
        self._head, self._body, self._rest = None, b"", memoryview(b"")
        if bytes(body[-2:]) != b"\r\n":
            raise ProtocolError("the server sends a message of another length than announced")
        headers = bytes(body[:header_bytes]).rstrip(b"\r\n")
        self._user.wire_message(Message(sid, subject, reply, headers, body[header_bytes:-2]))


def _whole(word: bytes) -> int:
    if not word.isdigit() or len(word) > 18:
        raise ProtocolError("the server sends a message with a broken line")
    return int(word)


def _object(text: bytes) -> dict[str, Any]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise ProtocolError("the server's INFO is no JSON object")
    return content
