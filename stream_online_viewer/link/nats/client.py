"""Keeps a connection to the bus: connects again when it is lost, and never sends what was meant for an earlier one.

Nothing is kept for a server that cannot be reached: images that wait there would be old when they arrive.
"""

import asyncio
import json
import logging
import re
import secrets
import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from stream_online_viewer import __version__
from stream_online_viewer.errors import ProtocolError, ViewerError
from stream_online_viewer.link.nats.wire import MOST_PAYLOAD, Message, NatsWire
from stream_online_viewer.protocol.bus_address import BusAddress, BusServer
from stream_online_viewer.protocol.frame import Buffer, body_bytes
from stream_online_viewer.protocol.jsontext import to_json

logger = logging.getLogger(__name__)

OLDEST_SERVER = (2, 11)
"""Older servers let one subscriber that reads nothing delay all others by seconds."""
CONNECT_SECONDS = 2.0
FIRST_PAUSE, LONGEST_PAUSE = 0.02, 1.0
"""Seconds between two tries to connect; each pause is twice the one before."""
PING_SECONDS = 2.0
MOST_PINGS = 2
"""With so many pings unanswered, and not a byte besides, the connection is taken for lost."""
REPLY_BYTES = 2**20
MOST_UNSENT = 8 * 2**20
"""Bytes that may wait for the kernel. Nobody sends images while any wait; with more the connection is given up."""

Handler = Callable[[Message], None]


class NotOnBus(ViewerError):
    """There is no connection to the bus now, or nobody answered in time."""


class TooLarge(ViewerError):
    """A message that the server would refuse; ``most`` is the size that it takes."""

    def __init__(self, nbytes: int, most: int) -> None:
        super().__init__(f"{nbytes} bytes are more than the bus takes at once (max_payload is {most})")
        self.most = most


class _Refused(ViewerError):
    """The server, or what it offers, cannot be used; trying again soon changes nothing."""


@dataclass(slots=True)
class _Subscription:
    subject: str
    handler: Handler
    limit: int


class NatsClient:
    """One client of the bus, in the thread of the running loop. :meth:`run` connects it.

    The functions in the attributes are called when the connection comes, goes, or takes bytes again.
    """

    def __init__(
        self, address: BusAddress, name: str, authority: str | None = None, longest_pause: float = LONGEST_PAUSE
    ) -> None:
        """``name`` is what the server is told; ``authority`` a file with certificates of who may sign the server's.

        Raise OSError, of which ``ssl.SSLError`` is one, if that file cannot be used.
        """
        self.address = address
        self._longest_pause = longest_pause
        self._name = name
        self._tls: ssl.SSLContext | None = None
        if any(server.tls for server in address.servers):
            self._tls = ssl.create_default_context(cafile=authority)
        self._wire: NatsWire | None = None
        self._ready = False
        self._current: _Current | None = None
        self._lost = asyncio.Event()
        self._answered = asyncio.Event()
        self._reason = ""
        self._pings = 0
        self._info: dict[str, Any] = {}
        self._complaint: str | None = None
        self._subscriptions: dict[int, _Subscription] = {}
        self._sid = 0
        self._inbox = f"_INBOX.{secrets.token_hex(11)}"
        self._requests: dict[str, asyncio.Future[Message]] = {}
        self._asked = 0
        self.text = f"The connection to the bus {address} is being made."
        """One sentence about the connection."""
        self.writable = True
        """Whether everything has been taken by the kernel."""
        self.connects = 0
        self.too_large: int = 0
        """Messages that were larger than anything that belongs there, and were forgotten."""
        self.refused_at: float | None = None
        """When all servers last refused a connection, so that no server ran there, monotonic seconds."""
        self.on_connect: Callable[[], None] = lambda: None
        self.on_lost: Callable[[], None] = lambda: None
        self.on_writable: Callable[[], None] = lambda: None

    @property
    def connected(self) -> bool:
        """Whether messages can be sent."""
        return self._ready

    @property
    def unsent(self) -> int:
        """Bytes that the kernel has not taken yet."""
        return 0 if self._wire is None else self._wire.waiting()

    @property
    def arriving(self) -> tuple[bool, int]:
        """Whether a message is arriving, and a number that grows while bytes do."""
        return (False, 0) if self._wire is None else (self._wire.in_message, self._wire.received)

    @property
    def max_payload(self) -> int:
        """Bytes of the largest message that the server takes."""
        return min(int(self._info.get("max_payload", 2**20)), MOST_PAYLOAD)

    @property
    def server_id(self) -> str:
        """The server's name for itself, which is another one after each start of it."""
        return str(self._info.get("server_id", ""))

    @property
    def server_version(self) -> str:
        """The version of the server that was last connected, ``""`` before the first."""
        return str(self._info.get("version", ""))[:40]

    # subjects

    def subscribe(self, subject: str, handler: Handler, limit: int) -> int:
        """Let ``handler`` have the messages of a subject up to ``limit`` bytes; return the number for the end."""
        self._sid += 1
        self._subscriptions[self._sid] = _Subscription(subject, handler, limit)
        self._send(f"SUB {subject} {self._sid}\r\n".encode())
        return self._sid

    def unsubscribe(self, sid: int) -> None:
        """End a subscription; no message of it is handed on any more."""
        if self._subscriptions.pop(sid, None) is not None:
            self._send(f"UNSUB {sid}\r\n".encode())

    def publish(self, subject: str, body: Sequence[Buffer], reply: str = "", headers: str = "") -> bool:
        """Send a message; return False if there is no connection. ``headers`` are lines that end with CR LF.

        Raise :class:`TooLarge`.
        """
        if not self._ready:
            return False
        head = f"NATS/1.0\r\n{headers}\r\n".encode() if headers else b""
        size = len(head) + body_bytes(body)
        if size > self.max_payload:
            raise TooLarge(size, self.max_payload)
        between = f" {reply} " if reply else " "
        word, sizes = ("HPUB", f"{len(head)} {size}") if headers else ("PUB", f"{size}")
        self._send(f"{word} {subject}{between}{sizes}\r\n".encode() + head, *body, b"\r\n")
        return True

    async def request(self, subject: str, payload: bytes, headers: str = "", seconds: float = 1.0) -> Message:
        """Send a message and return the answer; raise :class:`NotOnBus` if none comes in time."""
        if not self._asked:
            # Only who asks needs to be allowed to listen to answers.
            self.subscribe(f"{self._inbox}.*", self._take_reply, REPLY_BYTES)
        self._asked += 1
        token = str(self._asked)
        answer: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._requests[token] = answer
        try:
            if not self.publish(subject, [payload], f"{self._inbox}.{token}", headers):
                raise NotOnBus("there is no connection to the bus")
            return await asyncio.wait_for(answer, seconds)
        except TimeoutError:
            why = f": {self._complaint}" if self._complaint else ""
            raise NotOnBus(f"nobody answers {subject.rpartition('.')[0]}{why}") from None
        finally:
            del self._requests[token]

    # the connection

    async def run(self) -> None:
        """Keep connected until cancelled."""
        pause, turn, refusals = FIRST_PAUSE, 0, 0
        servers = self.address.servers
        try:
            while True:
                server = servers[turn % len(servers)]
                turn += 1
                refused = False
                try:
                    await self._connect(server)
                    pause, refusals = FIRST_PAUSE, 0
                    reason = await self._stay()
                except _Refused as error:
                    reason, pause = str(error), self._longest_pause
                except (OSError, TimeoutError, ssl.SSLError, ProtocolError) as error:
                    reason, refused = _why(error), isinstance(error, ConnectionRefusedError)
                self._drop(reason)
                refusals = refusals + 1 if refused else 0
                if refusals >= len(servers):
                    self.refused_at = asyncio.get_running_loop().time()
                self._tell(f"The bus {server} cannot be used: {reason}.")
                await asyncio.sleep(pause)
                pause = min(2 * pause, self._longest_pause)
        finally:
            self._drop("this program ends")

    async def flush(self, seconds: float) -> None:
        """Return when the server has taken everything that was sent, or after some time."""
        if self._ready:
            self._answered.clear()
            self._send(b"PING\r\n")
            try:
                await asyncio.wait_for(self._answered.wait(), seconds)
            except TimeoutError:
                pass

    async def _connect(self, server: BusServer) -> None:
        """Open a connection and log in."""
        loop = asyncio.get_running_loop()
        self._lost = asyncio.Event()
        self._info, self._complaint, self._pings = {}, None, 0
        self._answered.clear()
        self._current = _Current(self)
        wire = NatsWire(self._current)
        async with asyncio.timeout(CONNECT_SECONDS):
            sock = await _open(server)
            try:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                tls = self._tls if server.tls else None
                await loop.create_connection(
                    lambda: wire, sock=sock, ssl=tls, server_hostname=server.host if tls is not None else None
                )
            except BaseException:
                sock.close()
                raise
        self._wire, self.writable = wire, True
        wait_info = loop.time() + CONNECT_SECONDS
        while not self._info and not self._lost.is_set():
            if loop.time() > wait_info:
                raise _Refused("it sends no greeting of a NATS server")
            await _either(self._lost, self._answered, 0.05)
        self._check_info(server)
        wire.write(b"CONNECT " + to_json(self._login()) + b"\r\nPING\r\n")
        await _either(self._lost, self._answered, CONNECT_SECONDS)
        if self._complaint is not None:
            raise _Refused(f"it says {self._complaint!r}")
        if self._lost.is_set() or not self._answered.is_set():
            raise ProtocolError(self._reason)
        for sid, subscription in self._subscriptions.items():
            wire.write(f"SUB {subscription.subject} {sid}\r\n".encode())
        self._ready = True
        self.connects += 1
        self.text = f"The bus {server} is connected."
        logger.info("the bus %s is connected, nats-server %s", server, self.server_version)
        self.on_connect()

    def _check_info(self, server: BusServer) -> None:
        """Refuse a server that cannot do what is needed."""
        if not self._info:
            raise ProtocolError(self._reason)
        found = re.match(r"(\d{1,6})\.(\d{1,6})", self.server_version)
        if found is None or (int(found[1]), int(found[2])) < OLDEST_SERVER:
            oldest = ".".join(map(str, OLDEST_SERVER))
            raise _Refused(f"it is nats-server {self.server_version or '?'}, and {oldest} or newer is needed")
        most = self._info.get("max_payload")
        if not isinstance(most, int) or not 1024 <= most:
            raise _Refused("it does not say how large a message may be")
        if not self._info.get("headers"):
            raise _Refused("it takes no headers")
        if self._info.get("tls_required") and not server.tls:
            raise _Refused("it wants encryption; its address begins with tls://")

    def _login(self) -> dict[str, Any]:
        login: dict[str, Any] = {
            "verbose": False,
            "pedantic": False,
            "echo": False,
            "headers": True,
            "no_responders": True,
            "lang": "stream-online-viewer",
            "version": __version__,
            "name": self._name,
            "protocol": 1,
        }
        if self.address.password is not None:
            login |= {"user": self.address.user, "pass": self.address.password}
        elif self.address.user is not None:
            login["auth_token"] = self.address.user
        return login

    async def _stay(self) -> str:
        """Return why the connection has ended, once it has; it is looked after meanwhile."""
        received = -1
        while True:
            try:
                await asyncio.wait_for(self._lost.wait(), PING_SECONDS)
                return self._complaint or self._reason
            except TimeoutError:
                if self._wire is not None and self._wire.received != received:
                    self._pings, received = 0, self._wire.received
                if self._pings >= MOST_PINGS:
                    return f"it has not answered for {MOST_PINGS * PING_SECONDS:g} s"
                self._pings += 1
                self._send(b"PING\r\n")

    def _drop(self, reason: str) -> None:
        """End the connection, if there is one."""
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.end(reason)
        if self._ready:
            self._ready = False
            self.on_lost()

    def _tell(self, text: str) -> None:
        """Keep the sentence on the connection, and log it if it is a new one."""
        if text != self.text:
            self.text = text
            logger.warning("%s It is tried again.", text)

    def _send(self, *parts: Buffer) -> None:
        wire = self._wire
        if wire is not None and self._ready:
            wire.write(*parts)
            if wire.waiting() > self.max_payload + MOST_UNSENT:
                wire.end("it takes nothing")

    # what the connection says

    def take_info(self, info: dict[str, Any]) -> None:
        """Keep what the server says of itself."""
        self._info = info

    def limit(self, sid: int) -> int:
        """Return the largest payload of a subscription, 0 if it has ended."""
        subscription = self._subscriptions.get(sid)
        return 0 if subscription is None else subscription.limit

    def count_too_large(self, sid: int) -> None:
        """Count a message that was forgotten, unless its subscription had ended."""
        self.too_large += sid in self._subscriptions

    def take(self, message: Message) -> None:
        """Hand on a message."""
        subscription = self._subscriptions.get(message.sid)
        if subscription is not None:
            subscription.handler(message)

    def take_pong(self) -> None:
        """The server has answered a ping."""
        self._pings = 0
        self._answered.set()

    def complain(self, text: str) -> None:
        """The server refuses something; log that once."""
        if text != self._complaint:
            self._complaint = text
            logger.warning("the bus says: %s", text)

    def set_writable(self, writable: bool) -> None:
        """The connection takes no more bytes for now, or does again."""
        self.writable = writable
        if writable and self._ready:
            self.on_writable()

    def lose(self, reason: str) -> None:
        """The connection has ended."""
        self._reason = reason
        self._lost.set()

    def is_wire(self, user: "_Current") -> bool:
        """Whether a connection is the one in use, and not one that was given up."""
        return self._current is user

    def _take_reply(self, message: Message) -> None:
        answer = self._requests.get(message.subject.rpartition(".")[2])
        if answer is not None and not answer.done():
            answer.set_result(message)


class _Current:
    """Passes on what one connection says, as long as it is the one in use."""

    def __init__(self, client: NatsClient) -> None:
        self._client = client

    def wire_info(self, info: dict[str, Any]) -> None:
        if self._client.is_wire(self):
            self._client.take_info(info)

    def wire_limit(self, sid: int) -> int:
        return self._client.limit(sid)

    def wire_message(self, message: Message) -> None:
        if self._client.is_wire(self):
            self._client.take(message)

    def wire_too_large(self, sid: int, nbytes: int) -> None:
        self._client.count_too_large(sid)

    def wire_pong(self) -> None:
        if self._client.is_wire(self):
            self._client.take_pong()

    def wire_error(self, text: str) -> None:
        if self._client.is_wire(self):
            self._client.complain(text)

    def wire_writable(self, writable: bool) -> None:
        if self._client.is_wire(self):
            self._client.set_writable(writable)

    def wire_lost(self, reason: str) -> None:
        if self._client.is_wire(self):
            self._client.lose(reason)


async def _open(server: BusServer) -> socket.socket:
    """Return a connected socket; raise ConnectionRefusedError only if every address of the host refuses."""
    loop = asyncio.get_running_loop()
    errors: list[OSError] = []
    for family, kind, protocol, _, address in await loop.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM):
        sock = socket.socket(family, kind, protocol)
        sock.setblocking(False)
        try:
            await loop.sock_connect(sock, address)
            return sock
        except OSError as error:
            sock.close()
            errors.append(error)
        except BaseException:
            sock.close()
            raise
    raise next((error for error in errors if not isinstance(error, ConnectionRefusedError)), errors[0])


async def _either(one: asyncio.Event, other: asyncio.Event, seconds: float) -> None:
    """Return when one of two things has happened, or after some time."""
    waits = [asyncio.ensure_future(event.wait()) for event in (one, other)]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()


def _why(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "it does not answer"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not accepted: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"the encryption fails: {error.reason or error}"
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens there"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror[0].lower() + error.strerror[1:]
    return str(error) or type(error).__name__


def read_object(message: Message) -> dict[str, Any]:
    """Return the JSON object in a message; raise :class:`ProtocolError` if there is none."""
    try:
        content = json.loads(bytes(message.payload))
    except (ValueError, RecursionError):
        raise ProtocolError("it is no JSON") from None
    if not isinstance(content, dict):
        raise ProtocolError("it is no JSON object")
    return content
