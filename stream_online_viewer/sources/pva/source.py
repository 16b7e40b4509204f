"""A PV with an NTNDArray: its subscription, and what becomes of it."""

import socket
import time
from contextlib import suppress
from typing import Any

from p4p.client.raw import Context, Finished, RemoteError

from stream_online_viewer.model.problems import Refused
from stream_online_viewer.model.pulse import Arrival
from stream_online_viewer.sources.base import Source, SourceOptions, SourceState, State
from stream_online_viewer.sources.idle import Idle
from stream_online_viewer.sources.pva.address import parse_pv
from stream_online_viewer.sources.pva.header import read_header, read_time, structure_expected
from stream_online_viewer.sources.pva.library_bytes import LibraryBytes
from stream_online_viewer.sources.pva.pulse import LOSSY, ArrayArrival, Layouts, pulse_id_of

TYPE = "epics:nt/NTNDArray:1"
QUEUE_SIZE = 4
"""Updates that wait at most; a newer one then replaces the last of them."""
UNANSWERED_SECONDS = 3.0
"""Seconds of search after which the page is told that no server answers."""
FRESH_SECONDS = 0.5
"""How much older than its arrival the first update of a connection may be."""
SHORTEST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
_SEVERITIES = {1: "MINOR", 2: "MAJOR", 3: "INVALID"}
_MOST_TOLD = 120


class PvaSource(Source):
    """Subscribes to the PV of ``pva://PV``. Raises :class:`.base.AddressError`.

    The library receives in threads of its own; a few updates wait there, the newest always among them. Servers keep
    the last update and send it first to whoever connects: it is not shown if it is older than the connection. The
    library takes an update in whole and has no limit for it. So the bytes that came since the last one are looked at,
    and beyond ``options.max_pulse_bytes`` the connection is closed, which lets go of them.
    """

    def __init__(self, options: SourceOptions) -> None:
        self._pv = parse_pv(options.address)
        self._max_bytes, self._max_pulse_bytes = options.max_message_bytes, options.max_pulse_bytes
        self._pulse_id_attribute = options.pulse_id_attribute
        self._idle = Idle(options.release_idle, time.monotonic())
        self._readable, self._ring = socket.socketpair()
        self._readable.setblocking(False)
        self._ring.setblocking(False)
        self._context: Any = None
        self._subscription: Any = None
        self._library_bytes = LibraryBytes()
        self._accounted = 0
        """Bytes that had come when the last update was taken."""
        self._taken = False
        """An update was taken since the last look at these bytes."""
        self._layouts = Layouts()
        self._first, self._more = True, False
        self._note = self._alarm = ""
        self._spoken = False
        self._pause = SHORTEST_PAUSE
        self._again: float | None = None
        self._state = SourceState("resolving", "", None, False, False, time.monotonic())
        self.received_bytes = 0
        self._subscribe()

    @property
    def state(self) -> SourceState:
        """The present state."""
        return self._state

    def fileno(self) -> int:
        """Return a descriptor that is readable when updates have come after there were none."""
        return self._readable.fileno()

    def poll(self) -> bool:
        """Return at once whether :meth:`receive` may return something.

        The library signals nothing new before it has said that there is nothing more.
        """
        return self._more or super().poll()

    def receive(self) -> Arrival | None:
        """Return the oldest update that waits, None if there is none. Raise :class:`Refused`."""
        while (event := self._next()) is not None:
            if isinstance(event, Exception):
                self._end(event)
                continue
            arrived = self._arrived(event)
            if arrived is not None:
                return arrived
        return None

    def watch(self, watched: bool) -> None:
        """Note whether somebody watches. A PV that was let go is subscribed to again for the first viewer."""
        self._idle.watch(watched, time.monotonic())
        if watched and self._state.state == "released":
            self._subscribe()

    def tick(self) -> Refused | None:
        """Look after the subscription."""
        now = time.monotonic()
        if self._state.state == "released":
            return None
        if self._idle.due(now):
            self._unsubscribe()
            self._set("released", f"Nobody watches, so the PV {self._pv} was let go; the next viewer opens it again.")
        elif self._again is not None and now >= self._again:
            self._subscribe()
        elif (refusal := self._endless()) is not None:
            return refusal
        elif self._state.state == "resolving" and now - self._state.since >= UNANSWERED_SECONDS:
            where = "of EPICS_PVA_ADDR_LIST and EPICS_PVA_NAME_SERVERS"
            self._set(
                "unreachable", f"No server answers for the PV {self._pv}; it is searched for at the addresses {where}."
            )
        return None

    def _endless(self) -> Refused | None:
        """Close the connection if more has come since the last update than one may have; return the refusal."""
        total, changed = self._library_bytes.total()
        taken, self._taken = self._taken, False
        if taken or changed or total < self._accounted:
            # The bytes of the next update that are already here, which are few, are not counted.
            self._accounted = total
        under_way = total - self._accounted
        if under_way <= self._max_pulse_bytes:
            return None
        self._disconnect()
        limit = f"more than the {self._max_pulse_bytes / 1e6:g} MB of --max-pulse-mb"
        self._set("lost", f"An update of the PV {self._pv} was cut off, because it was {limit}.")
        self._pause_before_next()
        return Refused("message size", f"cut off after {under_way / 1e6:.0f} MB, {limit}")

    def close(self) -> None:
        """End the subscription."""
        self._disconnect()
        self._readable.close()
        self._ring.close()

    def _subscribe(self) -> None:
        self._again, self._first = None, True
        self._set("resolving", f"Looking for the PV {self._pv}.")
        if self._context is None:
            # Without its own view of arrays, which fails for compressed ones.
            self._context = Context("pva", nt=False, useenv=True)
        self._subscription = self._context.monitor(self._pv, self._signal, f"record[queueSize={QUEUE_SIZE}]")

    def _unsubscribe(self) -> None:
        if self._subscription is not None:
            self._subscription.close()
            self._subscription = None

    def _disconnect(self) -> None:
        """End the subscription and the connection, with all that the library has of it."""
        self._unsubscribe()
        if self._context is not None:
            self._context.close()
            self._context = None

    def _pause_before_next(self) -> None:
        self._again = time.monotonic() + self._pause
        self._pause = min(LONGEST_PAUSE, 2 * self._pause)

    def _signal(self, *_: object) -> None:
        """Wake the loop; called by threads of the library when updates wait after there were none."""
        with suppress(OSError):
            self._ring.send(b"\0")

    def _next(self) -> Any:
        """Return the next update or exception, None if there is none."""
        if self._subscription is None:
            self._drain()
            self._more = False
            return None
        event = self._subscription.pop()
        if event is None:
            # What comes from here on is signalled again.
            self._drain()
            event = self._subscription.pop()
        self._more = event is not None
        self._taken |= self._more
        return event

    def _drain(self) -> None:
        with suppress(BlockingIOError):
            self._readable.recv(4096)

    def _end(self, event: Exception) -> None:
        """Take note of a connection that has ended, or of a refusal of the server."""
        self._first = True
        if not isinstance(event, (RemoteError, Finished)):
            self._set("lost", f"The connection to the PV {self._pv} was lost; it is looked for.")
            return
        self._unsubscribe()
        self._pause_before_next()
        said = " ".join(str(event).split())[:_MOST_TOLD]
        if isinstance(event, RemoteError):
            self._set("unresolvable", f"The server of the PV {self._pv} refuses: {said}.")
        else:
            self._set("lost", f"The server of the PV {self._pv} has ended the subscription.")

    def _arrived(self, value: Any) -> Arrival | None:
        kind = value.getID()
        if not kind.startswith(TYPE):
            self._set(
                "wrong_type", f"The PV {self._pv} is no image: it is {kind[:_MOST_TOLD]!r} instead of an NTNDArray."
            )
            return None
        first, self._first = self._first, False
        self._pause = SHORTEST_PAUSE
        with structure_expected():
            if first:
                self._tell(value)
                if self._is_old(value):
                    return None
            header, packed = read_header(value, self._max_bytes)
            self.received_bytes += len(packed)
            arrival = ArrayArrival(pulse_id_of(value, self._pulse_id_attribute), value, header, packed, self._layouts)
            self._spoken = True
            notes = [LOSSY] if header.codec == "jpeg" else []
            if header.odd_type:
                notes.append("Its server numbers the types of compressed images by areaDetector's own list.")
            self._note = " ".join(notes)
            self._tell(value)
        return arrival

    @staticmethod
    def _is_old(value: Any) -> bool:
        stamp, _ = read_time(value["timeStamp"])
        return stamp is None or stamp < time.time_ns() - FRESH_SECONDS * 1e9

    def _tell(self, value: Any) -> None:
        """Keep state, alarm and note as they are now."""
        alarm = value["alarm"]
        severity, message = alarm["severity"], alarm["message"]
        text = ""
        if severity:
            words = " ".join(str(message).split())[:_MOST_TOLD]
            text = f"The PV is in alarm: {_SEVERITIES.get(severity, severity)}{', ' if words else ''}{words}."
        note = " ".join(part for part in (self._note, text) if part)
        protocol = "NTNDArray" if self._spoken else None
        state = self._state
        if (state.state, state.note, state.protocol) != ("waiting", note, protocol):
            self._set("waiting", f"Connected to the PV {self._pv}.", note, protocol)

    def _set(self, state: State, text: str, note: str = "", protocol: str | None = None) -> None:
        if state != "waiting":
            note, protocol = "", self._state.protocol
        since = self._state.since if state == self._state.state else time.monotonic()
        self._state = SourceState(state, text, None, False, False, since, protocol, note)
