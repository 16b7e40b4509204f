"""Who reads the source: holds the lease or stands by, and has the ingest process do what follows from that."""

import asyncio
import logging
import time
from collections.abc import Sequence
from contextlib import suppress

from stream_online_viewer.errors import ProtocolError
from stream_online_viewer.link.base import WebEnd
from stream_online_viewer.link.messages import ChannelNames, ReadUntil
from stream_online_viewer.link.nats.client import NatsClient, NotOnBus
from stream_online_viewer.link.nats.messages import (
    META_BYTES,
    GivenBack,
    Peer,
    Present,
    Report,
    pack_message,
    read_among_ingests,
    read_from_ingest,
)
from stream_online_viewer.link.nats.wire import Message
from stream_online_viewer.link.report import STANDBY, IngestReport
from stream_online_viewer.protocol.bus_address import StreamName
from stream_online_viewer.publisher.bridge import Bridge
from stream_online_viewer.publisher.buckets import Bucket, BucketError, Changed
from stream_online_viewer.publisher.lease import Lease
from stream_online_viewer.settings import Settings
from stream_online_viewer.web.clock import MONOTONIC
from stream_online_viewer.web.supervisor import Supervisor

logger = logging.getLogger(__name__)

EPOCH_BUCKET = "sov_epoch"
EPOCH_SECONDS = 0.3
PRESENT_SECONDS = 3.0
MOST_STANDBYS = 16
LARGEST_EPOCH = 2**32 - 2


class Program:
    """One ingest program, in the thread of the running loop; the owner of its ingest process."""

    def __init__(
        self, settings: Settings, client: NatsClient, name: StreamName, peer: Peer, ingest_command: Sequence[str]
    ) -> None:
        self.settings = settings
        self.client = client
        self.name = name
        self.peer = peer
        self.bridge = Bridge(client, name, peer, settings.stream)
        self.lease = Lease(client, name.key, f"{peer.id} {peer.host}")
        self.started = MONOTONIC()
        # of IngestOwner
        self.clock = MONOTONIC
        self.stopping = False
        self.refused_renditions: list[str] = self.bridge.refused_renditions
        self._supervisor = Supervisor(settings, self, lambda: _FromChild(self), ingest_command, needs_leave=True)
        self._supervising: asyncio.Task[None] | None = None
        self._ending: set[asyncio.Task[None]] = set()
        self._link: WebEnd | None = None
        self._child_epoch = 0
        self._leading: asyncio.Task[None] | None = None
        self._leave = 0
        self._epoch = 0
        """The epoch of the process that has leave, 0 if none has."""
        self._heard_epoch = 0
        self._step: int | None = None
        """The step of the pulse ids that was last reported, here or elsewhere."""
        self._epochs = Bucket(client, EPOCH_BUCKET)
        self._standbys: dict[str, tuple[float, Peer]] = {}
        self.bridge.standbys = self.standbys
        self.lease.on_held = self._held
        self.lease.on_lost = self._lost
        client.on_connect = self.bridge.bus_connected
        client.on_lost = self.bridge.bus_lost
        client.subscribe(name.subject("meta"), self._take_meta, META_BYTES)
        client.subscribe(name.subject("ingest"), self._take_among_ingests, 4096)

    async def run(self) -> None:
        """Work until cancelled."""
        self._supervise()
        tasks = [asyncio.create_task(self.client.run()), asyncio.create_task(self.lease.run())]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            await self._end_child()

    async def stop(self) -> None:
        """End the ingest process, and only then let another program have the lease."""
        self.stopping = True
        await self._end_child()
        if await self.lease.give_back():
            self.client.publish(self.name.subject("ingest"), [pack_message(GivenBack(self.peer))])
        await self.client.flush(0.2)

    def tick(self) -> None:
        """To be called once a second."""
        self.bridge.tick()
        if not self.lease.held and not self.stopping:
            self.client.publish(self.name.subject("ingest"), [pack_message(Present(self.peer))])

    @property
    def role(self) -> str:
        """``leads`` if the source is read here, ``takes over``, or ``stands by``."""
        if self.bridge.leads:
            return "leads"
        return "takes over" if self.lease.held else "stands by"

    def standbys(self) -> tuple[Peer, ...]:
        """Return the other programs that stand by."""
        now = MONOTONIC()
        for token in [token for token, (heard, _) in self._standbys.items() if now - heard > PRESENT_SECONDS]:
            del self._standbys[token]
        return tuple(peer for _, peer in self._standbys.values())

    def why_idle(self) -> str:
        """Return a sentence on why no source is read here."""
        if not self.client.connected:
            return self.client.text
        return "Another program reads the source; this one stands by." if self.lease.holder else ""

    def ready(self) -> str:
        """Return why this program is of no use now, ``""`` if it is."""
        if not self.client.connected:
            return self.client.text
        if self.role == "leads" or (self.role == "stands by" and self._link is not None and self.lease.holder):
            return ""
        return "The source is not read yet."

    # the ingest process, see IngestOwner

    def ingest_up(self, epoch: int, link: WebEnd) -> None:
        """A process has been started, which stands by."""
        self._link, self._child_epoch = link, epoch
        if self.lease.held:
            self._lead()

    def ingest_down(self) -> None:
        """The process has ended."""
        self._link = None
        if self._leading is not None:
            self._leading.cancel()
            self._leading = None
        if self._epoch:
            self._epoch = 0
            if self.stopping:
                self.bridge.end(f"The ingest on {self.peer.host} ends; another one takes over if there is one.")
            else:
                self.bridge.restarts += 1
                self.bridge.end("The receiving process stopped and is being restarted.")

    def child_report(self, report: IngestReport) -> bool:
        """Take a report of the process; return whether it reads the source."""
        if report.connection.state == STANDBY or not self._epoch or self._link is None:
            return False
        if not self.bridge.leads:
            self.bridge.begin(self._epoch, self._link)
        self._step = report.pulses.step or self._step
        return True

    def _supervise(self) -> None:
        self._supervising = asyncio.create_task(self._supervisor.run())
        self._supervising.add_done_callback(_report)

    async def _end_child(self) -> None:
        task, self._supervising = self._supervising, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _replace_child(self) -> None:
        await self._end_child()
        if not self.stopping:
            self._supervise()

    # the lease

    def _held(self, until: int) -> None:
        self._leave = until
        if self._epoch:
            self._supervisor.give_leave(ReadUntil(until, self._epoch))
        elif self._link is not None and self._leading is None:
            self._lead()

    def _lost(self, why: str) -> None:
        """End the process, which would end by itself when its leave has run out."""
        self._leave = 0
        # This one gets no leave again.
        self._link = None
        task = asyncio.create_task(self._replace_child())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
        if self._leading is not None:
            self._leading.cancel()
            self._leading = None
        self._epoch = 0
        self.bridge.end(f"The ingest on {self.peer.host} does not lead any more: {why}.")

    def _lead(self) -> None:
        self._leading = asyncio.create_task(self._give_leave())
        self._leading.add_done_callback(_report)

    async def _give_leave(self) -> None:
        """Let the process read the source, in an epoch that is larger than all before."""
        last = max(await self._last_epoch(), self._heard_epoch, self._supervisor.last_epoch)
        epoch = max(self._child_epoch, last + 1)
        self._supervisor.last_epoch = epoch
        try:
            await self._epochs.put(self.name.key, str(epoch).encode(), None, EPOCH_SECONDS)
        except (NotOnBus, BucketError, Changed, ProtocolError) as error:
            logger.warning("the epoch could not be written down: %s", error)
        if self._leave > time.monotonic_ns() and self._link is not None:
            self._epoch = epoch
            self._supervisor.give_leave(ReadUntil(self._leave, epoch, self._step))
            logger.info("this program reads %s now, in epoch %d", self.settings.stream, epoch)
        self._leading = None

    async def _last_epoch(self) -> int:
        """Return the last epoch that was written down, 0 if none was."""
        try:
            entry = await self._epochs.get(self.name.key, EPOCH_SECONDS)
        except BucketError:
            with suppress(NotOnBus, BucketError, ProtocolError):
                await self._epochs.open()
            return 0
        except (NotOnBus, ProtocolError) as error:
            logger.warning("the last epoch cannot be read: %s", error)
            return 0
        text = (entry.value or b"").decode("latin-1")
        return int(text) if text.isdigit() and len(text) < 11 and int(text) <= LARGEST_EPOCH else 0

    # what other programs say

    def _take_meta(self, message: Message) -> None:
        with suppress(ProtocolError):
            report = read_from_ingest(message.payload)
            if isinstance(report, Report) and self._heard_epoch <= report.epoch <= LARGEST_EPOCH:
                self._heard_epoch = report.epoch
                step = report.report.pulses.step
                self._step = step if step is not None and step > 0 else self._step

    def _take_among_ingests(self, message: Message) -> None:
        with suppress(ProtocolError):
            found = read_among_ingests(message.payload)
            peer = found.peer
            if isinstance(found, GivenBack):
                self.lease.look()
            elif len(self._standbys) < MOST_STANDBYS or peer.id in self._standbys:
                self._standbys[peer.id] = MONOTONIC(), peer


class _FromChild:
    """What arrives over the link of one process."""

    def __init__(self, program: Program) -> None:
        self._program = program
        bridge = program.bridge
        self.link_cameras = bridge.link_cameras
        self.link_rows = bridge.link_rows
        self.link_frame = bridge.link_frame
        self.link_nothing_newer = bridge.link_nothing_newer
        self.link_full = bridge.link_full
        self.link_lost = bridge.link_lost

    def link_names(self, names: ChannelNames) -> None:
        """New channel names have arrived."""
        self._program.bridge.link_names(names)

    def link_report(self, report: IngestReport) -> None:
        """A report has arrived."""
        if self._program.child_report(report):
            self._program.bridge.link_report(report)


def _report(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and task.exception() is not None:
        logger.critical("internal fault", exc_info=task.exception())
