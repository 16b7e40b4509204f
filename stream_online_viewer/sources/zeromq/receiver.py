"""The ZeroMQ socket of a stream, and its replacement when the source goes, comes back or changes."""

import select
import time
from typing import cast

import zmq
from zmq.utils.monitor import recv_monitor_message

from stream_online_viewer.model.layout import MAX_CHANNELS
from stream_online_viewer.model.problems import Refused
from stream_online_viewer.sources.base import Mode, SocketName, SourceState, State
from stream_online_viewer.sources.received_bytes import ReceivedBytes
from stream_online_viewer.sources.zeromq.address import Address, parse_address
from stream_online_viewer.sources.zeromq.connection import away_state, receiver_for, wrong_type_text
from stream_online_viewer.sources.zeromq.probe import Probe
from stream_online_viewer.sources.zeromq.prober import Prober
from stream_online_viewer.sources.zeromq.queue_limit import QueueLimit

MAX_PARTS = 2 + 2 * MAX_CHANNELS
PROBE_PAUSE = 0.25
"""Seconds from the end of one probe to the next while the source is away."""
HEARTBEAT_MS = (500, 1500)
"""(period of the heartbeats that the source must answer, time for an answer)."""
LIBZMQ_PATIENCE_MS = 600_000
"""libzmq's own limit. It ignores parts of an answer, so a short one would end connections with large messages."""
LONGEST_LOOK = 0.25
"""Upper limit in seconds for the time since the last observation: more means that this process did not run."""

KERNEL_BYTES = 16 * 1024 * 1024
"""Bytes of the next message that may be in the kernel's buffers."""

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

    The type of the socket follows that of the source. While the source is away it is probed, and the socket is made or
    replaced according to the result. The old socket is closed before the next is made, so that there are never two
    receivers. While connected nothing is probed.

    A source that does not answer a heartbeat is considered lost within two seconds, even if its host is gone or its
    process is frozen. A large message may take longer to arrive, and its sender cannot answer meanwhile; so any bytes
    received over the connection, by the kernel's count, are taken as an answer.

    ``max_message_bytes`` limits each part of a message: libzmq ends the connection before it receives a larger one.
    ``max_pulse_bytes`` limits all parts together; None means twice as much. libzmq returns a message only when all of
    it is in memory. So the bytes received since the last message are checked at each :meth:`tick`, and beyond the limit
    the connection is closed, which releases them, and made anew. Bytes of a tenth of a second may be in memory in
    addition.

    ``heartbeat_ms`` are the period of heartbeats and the time for an answer, ``probe_seconds`` is the time for a peer
    to announce its type. Without ``reconnect`` a lost connection is not made again before :meth:`tick` has seen the
    loss, so a caller that closes the receiver then gets nothing of what is at the address next. Raises
    :class:`~stream_online_viewer.sources.base.AddressError`.
    """

    def __init__(
        self,
        address: str,
        mode: Mode = "auto",
        max_message_bytes: int = 256 * 1024 * 1024,
        heartbeat_ms: tuple[int, int] = HEARTBEAT_MS,
        probe_seconds: float = 1.0,
        max_pulse_bytes: int | None = None,
        reconnect: bool = True,
    ) -> None:
        self._address: Address = parse_address(address)
        # Of a name with IPv4 and IPv6 addresses, the one at which the source was found.
        self._target = self._address
        self._mode: Mode = mode
        self._max_message_bytes = max_message_bytes
        self._max_pulse_bytes = 2 * max_message_bytes if max_pulse_bytes is None else max_pulse_bytes
        self._heartbeat_ms = heartbeat_ms
        self._reconnect = reconnect
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
        """Bytes of the message received last, all its parts."""
        self.cut_off: Refused | None = None
        """The refusal of an endless message that was cut off. The caller that counts it resets it to None."""
        self._limit = QueueLimit()
        text = f"Looking for the source at {self._address}."
        self._state = SourceState("resolving", text, None, False, False, time.monotonic())
        if mode != "auto":
            self._open("PULL" if mode == "pull" else "SUB")
            self._set_state("resolving", text)

    @property
    def state(self) -> SourceState:
        """The present state of the connection."""
        return self._state

    def fileno(self) -> int:
        """Return a descriptor that becomes readable when :meth:`poll` may return something.

        It signals only what is new: for a message that was already there at the last poll it may be readable or not.
        """
        return self._descriptors.fileno()

    def poll(self, timeout: float) -> bool:
        """Wait at most ``timeout`` seconds; return whether a message waits.

        Return False early when something about the connection has changed.
        """
        wait = timeout > 0 and not self.message_waits()
        ready = self._descriptors.poll(timeout if wait else 0)
        if any(descriptor != self._socket_descriptor for descriptor, _ in ready):
            self.tick()
        return self.message_waits()

    def message_waits(self) -> bool:
        """Return at once whether a message waits."""
        # This query makes libzmq process what it has received; without it the descriptor would signal nothing new.
        return self._socket is not None and bool(cast(int, self._socket.getsockopt(zmq.EVENTS)) & zmq.POLLIN)

    def receive(self) -> list[zmq.Frame] | None:
        """Return the parts of the next message without copying them, None if there is none. Never blocks.

        Raise :class:`Refused` for a message with more parts or bytes than a valid one can have; the rest of it was read
        and discarded.
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
        """Note the size of a message. The receive queue is limited to 128 MB by the mean size, 4 to 512 messages.

        ``ZMQ_RCVHWM`` takes effect at run time; for the steps in which it may be changed see :mod:`.queue_limit`.
        """
        self._limit.note_size(nbytes)

    def tick(self) -> None:
        """Follow events of the connection; start a probe if it is due."""
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
        """Close the socket; return when the connection has ended."""
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
        """Close a connection over which nothing comes, not even an answer, or an endless message."""
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
            # The bytes of the next message that are already received, which are few, are not counted.
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
        # If the connection fails again and again, the reason says more than that it is open at the moment.
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
        """Decide what to do after a probe of a source that is away."""
        kind = receiver_for(found, self._mode)
        if found.outcome == "zmtp" and kind is not None:
            self._peer = found
            heartbeats = found.minor is None or found.minor >= 1
            target = self._address if found.target is None else Address.numeric(found.target, self._address.port)
            fits = self._kind == kind and self._heartbeats == heartbeats and self._target.ipv6 == target.ipv6
            # ZeroMQ gives up for good after several failed handshakes, so a socket without a connection is replaced.
            if not fits or time.monotonic() - self._opened > _CONNECT_PATIENCE:
                self._heartbeats, self._target = heartbeats, target
                self._open(kind)
            state: State = "lost" if self._was_connected else "resolving"
            # If the connection fails again and again, the reason says more than that it is being tried.
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
        """Make the socket after closing the previous one."""
        self._close_socket()
        socket: zmq.Socket[bytes] = self._context.socket(zmq.PULL if kind == "PULL" else zmq.SUB)
        self._limit = QueueLimit()
        socket.linger = 0
        socket.rcvhwm = self._limit.messages
        socket.maxmsgsize = self._max_message_bytes
        socket.ipv6 = self._target.ipv6
        socket.reconnect_ivl = 100 if self._reconnect else -1
        # An unreachable host is then tried again within about a second, not at the kernel's long intervals.
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
