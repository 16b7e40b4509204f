"""The socket that receives the stream, and what becomes of it when the source goes, comes back or changes."""

import select
import time
from typing import cast

import zmq
from zmq.utils.monitor import recv_monitor_message

from stream_online_viewer.model.layout import MAX_CHANNELS
from stream_online_viewer.model.problems import Refused
from stream_online_viewer.sources.base import Mode, SocketName, SourceState, State
from stream_online_viewer.sources.zeromq.address import Address, parse_address
from stream_online_viewer.sources.zeromq.connection import away_state, receiver_for, wrong_type_text
from stream_online_viewer.sources.zeromq.probe import Probe
from stream_online_viewer.sources.zeromq.prober import Prober
from stream_online_viewer.sources.zeromq.queue_limit import QueueLimit
from stream_online_viewer.sources.zeromq.received_bytes import ReceivedBytes

MAX_PARTS = 2 + 2 * MAX_CHANNELS
PROBE_PAUSE = 0.25
"""Seconds from the end of one probe to the next while the source is away."""
HEARTBEAT_MS = (500, 1500)
"""A question to the peer every so often; it has so long for an answer."""
LIBZMQ_PATIENCE_MS = 600_000
"""libzmq does not count the parts of an answer; it would break a connection over which a large message comes."""
LONGEST_LOOK = 0.25
"""Seconds from one look to the next that count at most: longer, this process itself got no processor."""

KERNEL_BYTES = 16 * 1024 * 1024
"""What may be under way of the next message besides, in the buffers of the connection."""

_CONNECT_PATIENCE = 1.0
_FRUITLESS = 3
_EVENTS = (
    zmq.EVENT_CONNECTED
    | zmq.EVENT_HANDSHAKE_SUCCEEDED
    | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL
    | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL
    | zmq.EVENT_HANDSHAKE_FAILED_AUTH
    | zmq.EVENT_DISCONNECTED
)


class Receiver:
    """Receives the messages of one stream; used by one thread, which calls :meth:`tick` at least every 100 ms.

    The kind of socket follows the kind of the source: while the source is away it is probed, and the socket is made or
    replaced by what was found. The old socket is closed before the next is made, so that there are never two receivers.
    While connected nothing is probed.

    A source that answers no heartbeat is lost within two seconds, also if its host is gone or its process is frozen. A
    large message may take longer than that to arrive, and its peer cannot answer meanwhile: the kernel says how many
    bytes came over the connection, and any of them is an answer.

    ``max_message_bytes`` bounds each part of a message: libzmq ends the connection of a larger one before it takes it
    in. ``max_pulse_bytes`` bounds all parts together, None is twice as much. libzmq hands a message over when all of it
    is in memory, so the connection is looked at meanwhile: when more bytes came since the last message than any good
    one has, it is closed, which lets go of what was taken in, and made anew. Looked at is at each :meth:`tick`, so what
    comes in a tenth of a second may be in memory besides.

    ``heartbeat_ms`` is how often the source is asked and how long it may take to answer, ``probe_seconds`` how long it
    may take to say what it is. Raises :class:`~stream_online_viewer.sources.base.AddressError`.
    """

    def __init__(
        self,
        address: str,
        mode: Mode = "auto",
        max_message_bytes: int = 256 * 1024 * 1024,
        heartbeat_ms: tuple[int, int] = HEARTBEAT_MS,
        probe_seconds: float = 1.0,
        max_pulse_bytes: int | None = None,
    ) -> None:
        self._address: Address = parse_address(address)
        # A name may have addresses of both kinds; the one where the source was found.
        self._target = self._address
        self._mode: Mode = mode
        self._max_message_bytes = max_message_bytes
        self._max_pulse_bytes = 2 * max_message_bytes if max_pulse_bytes is None else max_pulse_bytes
        self._heartbeat_ms = heartbeat_ms
        self._context = zmq.Context()
        self._prober = Prober(self._address, probe_seconds)
        self._descriptors = select.epoll()
        self._descriptors.register(self._prober.fileno(), select.EPOLLIN)
        self._socket: zmq.Socket[bytes] | None = None
        self._socket_descriptor = -1
        self._monitor: zmq.Socket[bytes] | None = None
        self._kind: SocketName | None = None
        self._heartbeats = True
        self._opened = 0.0
        self._connected: float | None = None
        self._was_connected = False
        self._peer: Probe | None = None
        self._next_probe = 0.0
        self._messages = 0
        self._fruitless = 0
        self._bytes: ReceivedBytes | None = None
        self._bytes_seen: int | None = None
        self._unanswered = 0.0
        self._looked_at = 0.0
        self._bytes_before = 0
        self._messages_before = 0
        self.message_bytes = 0
        """Size of the message that was received last, all its parts."""
        self.cut_off: Refused | None = None
        """Set when a message without end was cut off; whoever counts it sets it back."""
        self._limit = QueueLimit()
        text = f"Looking for the source at {self._address}."
        self._state = SourceState("resolving", text, None, False, False, time.monotonic())
        if mode != "auto":
            self._open("PULL" if mode == "pull" else "SUB")
            self._set_state("resolving", text)

    @property
    def state(self) -> SourceState:
        """What is known of the connection now."""
        return self._state

    def fileno(self) -> int:
        """Return a descriptor that becomes readable when there is something to :meth:`poll`.

        It tells what is new: a message that was there at the last poll, and was not received, makes it readable or not.
        """
        return self._descriptors.fileno()

    def poll(self, timeout: float) -> bool:
        """Wait for at most ``timeout`` seconds; return whether a message waits.

        Ends early, without one, when something about the connection has changed.
        """
        wait = timeout > 0 and not self.message_waits()
        ready = self._descriptors.poll(timeout if wait else 0)
        if any(descriptor != self._socket_descriptor for descriptor, _ in ready):
            self.tick()
        return self.message_waits()

    def message_waits(self) -> bool:
        """Return at once whether a message waits."""
        # To ask makes libzmq take note of what came, without which its descriptor would tell nothing new.
        return self._socket is not None and bool(cast(int, self._socket.getsockopt(zmq.EVENTS)) & zmq.POLLIN)

    def receive(self) -> list[zmq.Frame] | None:
        """Return the parts of the next message, None if none waits. Never blocks and copies nothing.

        Raises :class:`Refused` for a message of more parts, or more bytes, than any good one has; what goes beyond was
        read and thrown away.
        """
        socket = self._socket
        if socket is None:
            return None
        try:
            part = socket.recv(zmq.NOBLOCK, copy=False)
        except zmq.Again:
            return None
        parts = [part]
        count, size, most = 1, len(part), self._max_pulse_bytes
        while part.more:
            part = socket.recv(zmq.NOBLOCK, copy=False)
            count += 1
            size += len(part)
            if count <= MAX_PARTS and size <= most:
                parts.append(part)
        self.message_bytes = size
        self._messages += 1
        limit = self._limit.message_read()
        if limit is not None:
            socket.rcvhwm = limit
        if count > MAX_PARTS:
            raise Refused("part count", f"{count} parts")
        if size > most:
            raise Refused("message size", f"{size / 1e6:.0f} MB in {count} parts, {self._limit_text}")
        return parts

    @property
    def _limit_text(self) -> str:
        return f"more than the {self._max_pulse_bytes / 1e6:g} MB of --max-pulse-mb"

    def note_message_size(self, nbytes: int) -> None:
        """Take the size of a message, from which the length of the receive queue is made: 128 MB, 4 to 512 messages.

        ``ZMQ_RCVHWM`` takes effect at run time; in which steps it may be changed, see :mod:`.queue_limit`.
        """
        self._limit.note_size(nbytes)

    def tick(self) -> None:
        """Follow what happened to the connection; probe the source if it is time to."""
        self._follow_monitor()
        self._watch_bytes()
        found = self._prober.result()
        if found is not None:
            self._next_probe = time.monotonic() + PROBE_PAUSE
            if self._connected is None:
                self._use(found)
        if self._connected is None and time.monotonic() >= self._next_probe:
            self._prober.start()

    def close(self) -> None:
        """Close the socket; returns when the connection is gone."""
        self._prober.close()
        self._close_socket()
        self._descriptors.close()
        self._context.term()

    def _follow_monitor(self) -> None:
        while self._monitor is not None and self._monitor.poll(0):
            told = recv_monitor_message(self._monitor, zmq.NOBLOCK)
            event = told["event"]
            if event == zmq.EVENT_CONNECTED:
                self._bytes, self._bytes_before, self._bytes_seen = ReceivedBytes(int(told["value"])), 0, None
            elif event == zmq.EVENT_HANDSHAKE_SUCCEEDED:
                self._handle_connected()
            elif self._connected is not None:
                self._handle_lost()

    def _watch_bytes(self) -> None:
        """Close the connection over which nothing comes, not even an answer, or a message larger than any good one."""
        now = time.monotonic()
        looked, self._looked_at = min(now - self._looked_at, LONGEST_LOOK), now
        if self._connected is None or self._bytes is None or self._kind is None:
            return
        total = self._bytes.total()
        if total is None:
            return
        if total != self._bytes_seen:
            self._bytes_seen, self._unanswered = total, 0.0
        else:
            self._unanswered += looked
        if self._heartbeats and self._unanswered * 1000 >= sum(self._heartbeat_ms):
            kind = self._kind
            self._handle_lost()
            self._open(kind)
            return
        self._cut_off_endless(total, self._kind)

    def _cut_off_endless(self, total: int, kind: SocketName) -> None:
        if self._messages != self._messages_before:
            # Of the next message this leaves out what came of it already, which is little.
            self._messages_before, self._bytes_before = self._messages, total
        under_way = total - self._bytes_before
        if under_way > self._max_pulse_bytes + KERNEL_BYTES:
            self.cut_off = Refused("message size", f"cut off after {under_way / 1e6:.0f} MB, {self._limit_text}")
            self._fruitless = 0 if self._messages else self._fruitless + 1
            self._open(kind)
            text = f"A message of {self._address} was cut off, because it was {self._limit_text}."
            self._set_state("lost", text)

    def _handle_connected(self) -> None:
        self._connected = time.monotonic()
        self._was_connected = True
        self._messages = self._messages_before = 0
        peer = str(self._address) if self._peer is None else self._peer.text[:-1]
        # What was found out about a connection that breaks again and again says more than that it stands for now.
        text = f"Connected: {peer}." if self._fruitless < _FRUITLESS else self._breaking_text()
        self._set_state("waiting", text)

    def _handle_lost(self) -> None:
        self._connected = None
        self._next_probe = time.monotonic()
        self._fruitless = 0 if self._messages else self._fruitless + 1
        text = f"The connection to {self._address} was lost."
        if self._fruitless >= _FRUITLESS:
            text = self._breaking_text()
        self._set_state("lost", text)

    def _breaking_text(self) -> str:
        return (
            f"The connection to {self._address} breaks again and again before a message is complete; "
            f"perhaps messages are larger than the limit of {self._max_message_bytes / 1e6:g} MB."
        )

    def _use(self, found: Probe) -> None:
        """Draw the conclusions from a probe of a source that is away."""
        kind = receiver_for(found, self._mode)
        if found.outcome == "zmtp" and kind is not None:
            self._peer = found
            heartbeats = found.minor is None or found.minor >= 1
            target = self._address if found.target is None else Address.numeric(found.target, self._address.port)
            fits = self._kind == kind and self._heartbeats == heartbeats and self._target.ipv6 == target.ipv6
            # ZeroMQ gives up for good after some failures of the handshake, so a socket gets only so long.
            if not fits or time.monotonic() - self._opened > _CONNECT_PATIENCE:
                self._heartbeats, self._target = heartbeats, target
                self._open(kind)
            state: State = "lost" if self._was_connected else "resolving"
            # What was found out about a connection that breaks again and again says more than that it is tried again.
            if state == "resolving" or self._fruitless < _FRUITLESS:
                self._set_state(state, f"{found.text[:-1]}; connecting.")
        elif found.outcome == "zmtp":
            self._close_socket()
            self._set_state("wrong_type", wrong_type_text(found, self._mode, self._address))
        else:
            if found.outcome in ("http", "not_zeromq"):
                self._close_socket()
            self._set_state(*away_state(found, self._was_connected))

    def _open(self, kind: SocketName) -> None:
        """Make the socket, after closing the one that was there."""
        self._close_socket()
        socket: zmq.Socket[bytes] = self._context.socket(zmq.PULL if kind == "PULL" else zmq.SUB)
        self._limit = QueueLimit()
        socket.linger = 0
        socket.rcvhwm = self._limit.messages
        socket.maxmsgsize = self._max_message_bytes
        socket.ipv6 = self._target.ipv6
        socket.reconnect_ivl = 100
        # A host that was dark is tried again within a second or so, instead of whenever the kernel repeats itself.
        socket.connect_timeout = 1000
        socket.tcp_keepalive = 1
        socket.tcp_keepalive_idle = 5
        socket.tcp_keepalive_intvl = 2
        socket.tcp_keepalive_cnt = 3
        if self._heartbeats:
            socket.heartbeat_ivl = self._heartbeat_ms[0]
            socket.heartbeat_timeout = LIBZMQ_PATIENCE_MS
        if kind == "SUB":
            socket.subscribe(b"")
        self._monitor = socket.get_monitor_socket(_EVENTS)
        self._socket_descriptor = socket.fileno()
        for one in (socket, self._monitor):
            self._descriptors.register(one.fileno(), select.EPOLLIN)
        socket.connect(self._target.url)
        self._socket, self._kind, self._opened = socket, kind, time.monotonic()

    def _close_socket(self) -> None:
        if self._socket is not None and self._monitor is not None:
            for one in (self._socket, self._monitor):
                self._descriptors.unregister(one.fileno())
            self._socket.disable_monitor()
            self._monitor.close(0)
            self._socket.close(0)
        self._socket = self._monitor = self._kind = self._bytes = None
        self._socket_descriptor = -1
        self._connected = None

    def _set_state(self, state: State, text: str) -> None:
        unknown = self._peer is None or self._peer.socket_type is None
        guessed = unknown and self._kind is not None and self._mode == "auto"
        since = self._state.since if state == self._state.state else time.monotonic()
        self._state = SourceState(state, text, self._kind, guessed, self._kind == "PULL", since)
