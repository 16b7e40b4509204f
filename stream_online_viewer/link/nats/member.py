"""One web server on the bus: what it is told, what it tells, and the link that the rest of it sees.

Frames are published for all web servers at once, so a pull is answered here: the newest frame of a lane waits in one
place, and a newer one replaces it. The ingest is told for which lanes frames are wanted during the next second, and
told again as long as somebody pulls them.
"""

import asyncio
import logging
import os
import re
import secrets
import socket
import time
from collections.abc import Callable
from typing import Protocol

from stream_online_viewer.errors import ProtocolError
from stream_online_viewer.link.base import WebEnd, WebEvents
from stream_online_viewer.link.messages import ChannelNames, RowsInfo
from stream_online_viewer.link.nats.bus_end import BEAT_SECONDS, LEASE_SECONDS, LOOK_SECONDS, BusWebEnd
from stream_online_viewer.link.nats.client import NatsClient, TooLarge
from stream_online_viewer.link.nats.frames import BusHead, Kind, unpack
from stream_online_viewer.link.nats.messages import (
    META_BYTES,
    ROWS_BYTES,
    AskCameras,
    Beat,
    Cameras,
    Clock,
    Interest,
    Names,
    Report,
    Tell,
    WebServer,
    Whole,
    pack_message,
    read_from_ingest,
)
from stream_online_viewer.link.nats.offset import ClockOffset
from stream_online_viewer.link.nats.wire import Message
from stream_online_viewer.protocol.bus_address import StreamName

logger = logging.getLogger(__name__)

SOONEST_SECONDS = 0.02
"""Seconds between two signs of life that do not wait for their time."""
SILENT_SECONDS = 1.0
"""Without a message of it for so long the ingest counts as gone."""


class Owner(Protocol):
    """The web server around it."""

    def bus_up(self, report: Report, link: WebEnd) -> None:
        """An ingest is heard, or another epoch of it."""

    def bus_down(self, text: str) -> None:
        """No ingest is heard; ``text`` is a sentence for people."""

    def bus_whole(self, whole: Whole) -> None:
        """What all web servers are together."""

    def bus_server(self) -> WebServer:
        """Return what this web server tells of itself, without what the bus counts."""


class Member:
    """A web server on the bus, in the thread of the running loop. ``clock`` is monotonic, ``wall`` since 1970; ns."""

    def __init__(
        self,
        client: NatsClient,
        name: StreamName,
        owner: Owner,
        events: Callable[[], WebEvents],
        max_rate: float,
        clock: Callable[[], int] = time.monotonic_ns,
        wall: Callable[[], int] = time.time_ns,
    ) -> None:
        """``events`` makes what is told what arrives of a new epoch."""
        self.client = client
        self.name = name
        host = re.sub(r"[^a-z0-9_-]", "-", socket.gethostname().lower())[:32]
        self.id = f"{host}-{os.getpid()}-{secrets.token_hex(4)}"
        self.offset = ClockOffset()
        self.whole: Whole | None = None
        self.refused: dict[str, int] = {}
        """Messages that could not be used, by reason."""
        self.unused = self.late = self.lost = self.frames = self.lost_rows = 0
        self.epoch = 0
        self._owner = owner
        self._make_events = events
        self._events: WebEvents | None = None
        self._max_rate = max_rate
        self._clock, self._wall = clock, wall
        self._loop = asyncio.get_running_loop()
        self._end: BusWebEnd | None = None
        self._publisher = ""
        self._heard = 0.0
        self._arrived = 0
        self._text = ""
        self._names = 0
        self._version = int(time.time() * 1000)
        self._told_version = 0
        self._beat_at = 0.0
        self._beat_timer: asyncio.TimerHandle | None = None
        self._rows_sid: int | None = None
        self._next_row: int | None = None
        client.on_connect = self._connected
        client.subscribe(name.subject("meta"), self._take_meta, META_BYTES)
        client.subscribe(name.subject("web", self.id), self._take_meta, META_BYTES)

    @property
    def alive(self) -> bool:
        """Whether an ingest is heard."""
        return self._end is not None

    async def run(self) -> None:
        """Be a member until cancelled."""
        connection = asyncio.ensure_future(self.client.run())
        try:
            while not connection.done():
                self._look()
                await asyncio.wait((connection,), timeout=LOOK_SECONDS)
            connection.result()
        finally:
            self._leave()
            connection.cancel()
            await asyncio.wait((connection,))

    def _look(self) -> None:
        now = self._loop.time()
        arriving, count = self.client.arriving
        if arriving and count != self._arrived:
            # Over a slow line reports wait behind large messages.
            self._heard = now
        self._arrived = count
        if self.alive and now - self._heard > SILENT_SECONDS:
            self._go_down()
        elif not self.alive:
            self._tell_down(self._why_down())
        if now - self._beat_at >= BEAT_SECONDS:
            self.beat()

    # what this web server tells

    def beat_soon(self) -> None:
        """Give a sign of life, after what else happens now."""
        if self._beat_timer is None:
            wait = max(0.0, self._beat_at + SOONEST_SECONDS - self._loop.time())
            self._beat_timer = self._loop.call_later(wait, self.beat)

    def beat(self) -> None:
        """Tell what is wanted, as far as that is not known yet, and for which lanes frames are to come."""
        if self._beat_timer is not None:
            self._beat_timer.cancel()
            self._beat_timer = None
        self._beat_at = self._loop.time()
        if not self.client.connected:
            return
        lanes = [] if self._end is None else self._end.slots()
        if self._told_version != self._version:
            self._told_version = self._version
            everything, names = (False, ()) if self._end is None else self._end.scalars()
            self._say(Interest(self.id, self._version, tuple(slot.rendition for slot in lanes), everything, names))
        pulled = [position for position, slot in enumerate(lanes) if slot.renew(self._beat_at + LEASE_SECONDS)]
        self._say(
            Beat(
                self.id, self._version, tuple(pulled), self._max_rate, self.epoch, self._names, self._clock(),
                self.server(),
            )
        )  # fmt: skip

    def interest_changed(self) -> None:
        """Tell soon what is wanted now."""
        self._version += 1
        self._listen_to_rows()
        self.beat_soon()

    def ask_cameras(self, known: str) -> None:
        """Ask which cameras there are; ``known`` is the version of the list that is here."""
        self._say(AskCameras(self.id, known))

    def server(self) -> WebServer:
        """Return what this web server tells of itself."""
        own = self._owner.bus_server()
        offset = self.offset.at(self._clock())
        return WebServer(
            own.host, own.pid, own.version, own.port, own.viewers, own.rate, own.mbit, self.frames, self.unused,
            self.late, self.lost, self.lost_rows, sum(self.refused.values()),
            None if offset is None else offset.error_ns / 1000,
        )  # fmt: skip

    def _say(self, message: Interest | Beat | AskCameras) -> None:
        try:
            self.client.publish(self.name.subject("want"), [pack_message(message)])
        except TooLarge:
            self.refuse("what is wanted is too large for the bus")

    def _leave(self) -> None:
        if self._end is not None:
            self._end.close()
            self._say(Interest(self.id, self._version + 1, (), False, ()))

    def _connected(self) -> None:
        # Whoever listened before may be another one now, and what was sent meanwhile did not arrive.
        self._told_version = 0
        self._next_row = None
        self.beat()

    # what this web server is told

    def _take_meta(self, message: Message) -> None:
        try:
            found = read_from_ingest(message.payload)
        except ProtocolError as error:
            self.refuse(f"meta: {error}"[:60])
            return
        if isinstance(found, Report):
            self._take_report(found)
        elif isinstance(found, Names):
            self._take_names(found)
        elif isinstance(found, Clock):
            if found.publisher == self._publisher:
                self.offset.add(found.sent, found.received, found.answered, self._clock())
        elif isinstance(found, Tell):
            if found.version == self._told_version:
                self._told_version = 0
                self.beat_soon()
        elif isinstance(found, Cameras):
            if found.publisher == self._publisher and self._events is not None:
                self._events.link_cameras(found.answer)
        elif isinstance(found, Whole):
            self.whole = found
            self._owner.bus_whole(found)
        elif found.publisher == self._publisher and self.alive:
            self._go_down(found.text)

    def _take_report(self, report: Report) -> None:
        if report.epoch < self.epoch:
            self.refuse("older epoch")
            return
        self._heard = self._loop.time()
        if report.publisher != self._publisher:
            self._publisher = report.publisher
            self.offset.forget()
            self.beat_soon()
        if report.epoch > self.epoch or not self.alive:
            self._go_up(report)
        if report.names > self._names:
            self.beat_soon()
        if self._events is not None:
            self._events.link_report(report.report)

    def _take_names(self, names: Names) -> None:
        if names.epoch != self.epoch or self._events is None:
            return
        if names.first > self._names:
            self.beat_soon()
            return
        new = names.channels[self._names - names.first :]
        if new:
            self._names += len(new)
            self._events.link_names(ChannelNames(new))

    def _go_up(self, report: Report) -> None:
        if self._end is not None:
            self._end.close()
        if report.epoch != self.epoch:
            self.epoch = report.epoch
        # Whoever is told of an epoch forgets the names that it knew.
        self._names = 0
        self._text = ""
        self._events = self._make_events()
        self._end = BusWebEnd(self, self._events)
        self._owner.bus_up(report, self._end)
        self.interest_changed()

    def _go_down(self, text: str = "") -> None:
        end, self._end, self._events = self._end, None, None
        if end is not None:
            end.close()
        self._listen_to_rows()
        self._tell_down(text or self._why_down())

    def _tell_down(self, text: str) -> None:
        if text != self._text:
            self._text = text
            self._owner.bus_down(text)

    def _why_down(self) -> str:
        if not self.client.connected:
            return self.client.text
        if self._text and self.epoch:
            return self._text if self._text != self.client.text else self._nobody()
        return self._nobody()

    def _nobody(self) -> str:
        return f"Nobody on the bus {self.client.address} publishes {self.name}."

    def refuse(self, reason: str) -> None:
        """Count a message that cannot be used. There are few reasons."""
        if reason in self.refused or len(self.refused) < 64:
            self.refused[reason] = self.refused.get(reason, 0) + 1

    def received_here(self, head: BusHead, now: int) -> int | None:
        """Return when a pulse was received, at the earliest, on this host's clock in ns; None if that is not known."""
        if not self.offset.heard(head.sent, now):
            self.refuse("a clock has stepped")
            self.beat_soon()
            return None
        offset = self.offset.at(now)
        if offset is None:
            self.refuse("the clocks are not compared yet")
            return None
        return min(head.received - offset.ns, now) - offset.error_ns

    def times(self) -> tuple[int, int]:
        """Return the monotonic clock and the time since 1970, in ns."""
        return self._clock(), self._wall()

    def is_current(self, head: BusHead) -> bool:
        """Whether a frame or rows belong to what is shown now; count them if not."""
        if head.epoch != self.epoch:
            self.refuse("another epoch")
            return False
        if head.names > self._names:
            self.refuse("names that did not come yet")
            self.beat_soon()
            return False
        self._heard = self._loop.time()
        return True

    # rows

    def _listen_to_rows(self) -> None:
        wanted = self._end is not None and self._end.wants_rows
        if wanted and self._rows_sid is None:
            self._next_row = None
            self._rows_sid = self.client.subscribe(self.name.subject("rows"), self._take_rows, ROWS_BYTES)
        elif not wanted and self._rows_sid is not None:
            self.client.unsubscribe(self._rows_sid)
            self._rows_sid = None

    def _take_rows(self, message: Message) -> None:
        try:
            head, body = unpack(message.payload, Kind.ROWS)
        except ProtocolError as error:
            self.refuse(f"rows: {error}")
            return
        if not self.is_current(head) or self._events is None:
            return
        if self._next_row is not None and head.number > self._next_row:
            self.lost_rows += head.number - self._next_row
        self._next_row = head.number + head.rows
        received = self.received_here(head, self._clock())
        if received is None:
            self.lost_rows += head.rows
            return
        self._events.link_rows(RowsInfo(head.sequence, received, head.rows), body)
