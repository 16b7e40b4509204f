"""The main loop of the ingest process: takes everything from the source, keeps the newest pulse, and reports."""

import logging
import math
import os
import select
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

from stream_online_viewer.errors import ProtocolError
from stream_online_viewer.ingest.cameras import Cameras
from stream_online_viewer.ingest.channels import ChannelIds, ImageChoice
from stream_online_viewer.ingest.encoding_watch import EncodingWatch
from stream_online_viewer.ingest.faults import Faults
from stream_online_viewer.ingest.leave import Leave
from stream_online_viewer.ingest.memory import give_back
from stream_online_viewer.ingest.peers import Peers
from stream_online_viewer.ingest.pending import Pending, PendingPulses, image_index
from stream_online_viewer.ingest.pulse_counter import PulseCounter
from stream_online_viewer.ingest.rate import Rate
from stream_online_viewer.ingest.scalars import RowMaker, ScalarLane
from stream_online_viewer.ingest.seen_images import SeenImages
from stream_online_viewer.link.base import IngestEnd, LinkClosed
from stream_online_viewer.link.cameras import CameraQuestion
from stream_online_viewer.link.handing import receive_link
from stream_online_viewer.link.messages import InterestChange, Pull, ReadUntil, SlotReturned
from stream_online_viewer.link.report import ConnectionReport, IngestReport, MemoryReport, PulseReport
from stream_online_viewer.link.slot_writer import SlotWriter
from stream_online_viewer.model.problems import Invalid, Refused, problem_of
from stream_online_viewer.model.pulse import Arrival, Notice
from stream_online_viewer.protocol.encodings import HUNG_CODE, EncodingRecord
from stream_online_viewer.sources.base import SourceOptions
from stream_online_viewer.sources.table import open_source

logger = logging.getLogger(__name__)

REPORT_SECONDS = 0.2
TICK_SECONDS = 0.1
DRAIN_MESSAGES = 64
WAITED_SECONDS = 0.001
TRIM_SECONDS = (0.5, 2.0, 5.0)
"""Seconds after a refused message at which its memory is returned; libzmq's own thread releases it at some time."""


@dataclass(frozen=True, slots=True)
class IngestOptions:
    """What the web process passes to the ingest process at its start."""

    stream: str
    mode: Literal["auto", "pull", "sub"]
    image_channel: str | None
    max_message_bytes: int
    max_pulse_bytes: int
    epoch: int
    record: int | None = None
    """Descriptor of the memory of :mod:`.protocol.encodings`."""
    control: int | None = None
    """Descriptor of the socket over which further links come, see :mod:`.link.handing`; None if there are none."""
    memory: int | None = None
    """Descriptor of the memory of :mod:`.link.slots`."""
    needs_leave: bool = False
    """The source is read only by leave of the web process, see :mod:`.leave`."""
    cameras: str | None = None
    """URL of the server that knows all cameras; None if nobody asks for them."""
    source: Mapping[str, Any] = field(default_factory=dict)
    """Further fields of :class:`SourceOptions`, as :meth:`.settings.Settings.source_options` returns them."""


class Ingest:
    """One source, and the web processes at the other ends of the links."""

    def __init__(self, options: IngestOptions, links: Sequence[IngestEnd], leave: Leave | None = None) -> None:
        self._leave = leave
        self._peers = Peers(links)
        self._control = None if options.control is None else socket.socket(fileno=options.control)
        self._source = open_source(
            SourceOptions(
                options.stream, options.mode, options.max_message_bytes, options.max_pulse_bytes, **options.source
            )
        )
        self._cameras = Cameras(options.cameras, options.source.get("pipeline_server"))
        self._pulses = PulseCounter(None if leave is None else leave.step)
        self._choice = ImageChoice(options.image_channel)
        self._channel_ids = ChannelIds(self._peers.send_names)
        self._faults = Faults(logger)
        rows = RowMaker(self._channel_ids, self._count_invalid)
        self._rows = rows
        self._scalars = ScalarLane(options.epoch, self._peers.send_rows)
        self._watch_encodings = EncodingWatch(None if options.record is None else EncodingRecord(options.record))
        self._memory = None if options.memory is None else _mapped(options.memory)
        self._pending = PendingPulses(options.epoch, self._channel_ids, rows, self._watch_encodings, self._memory)
        self._rate, self._image_rate = Rate(), Rate()
        self._sequence = 0
        self._commands = 0
        self._byte_rate = (time.monotonic(), 0, 0.0)
        self._last: float | None = None
        self._last_image: float | None = None
        self._images = SeenImages()
        self._trims: list[float] = []

    def run(self) -> None:
        """Work until the last link has ended, or whoever hands over links."""
        poller = select.poll()
        source = self._source.fileno()
        poller.register(source, select.POLLIN)
        links = {link.fileno(): link for link in self._peers.links}
        for descriptor, link in links.items():
            poller.register(descriptor, select.POLLIN)
            link.start()
        control = -1 if self._control is None else self._control.fileno()
        if self._control is not None:
            poller.register(control, select.POLLIN)
        cameras = self._cameras.fileno()
        if cameras is not None:
            poller.register(cameras, select.POLLIN)
        self._pending.start()
        next_report = next_tick = 0.0
        wait = 0.0
        now = time.monotonic()
        while links:
            # A pulse may wait although the descriptor is not readable, because that may only signal changes.
            arrived = self._source.poll()
            ready = {descriptor for descriptor, _ in poller.poll(0 if arrived else math.ceil(wait * 1000))}
            waited = time.monotonic() - now > WAITED_SECONDS
            if control in ready and not self._add_link(poller, links):
                break
            if cameras in ready:
                self._cameras.look()
            for descriptor in ready - {source, control, cameras}:
                if not self._read(links[descriptor]):
                    poller.unregister(descriptor)
                    self._lose(links.pop(descriptor))
            # After the links, where more of it may have come.
            if self._leave is not None and self._leave.has_ended():
                logger.error("the leave to read the source has run out")
                break
            happened = source in ready and not arrived
            if arrived or (happened and self._source.poll()):
                # If the loop had to wait for this pulse, there is only one, and checking for another costs as much as
                # reading one.
                self._drain(1 if waited else DRAIN_MESSAGES)
                happened = False
            now = time.monotonic()
            # If there is no pulse, something has happened to the connection.
            if happened or now >= next_tick:
                refusal = self._source.tick()
                if self._source.state.state == "released":
                    # What the source sends meanwhile is not lost.
                    self._pulses.restart()
                if refusal is not None:
                    self._refuse(refusal)
                    self._trims = [now + seconds for seconds in TRIM_SECONDS]
                next_tick = now + TICK_SECONDS
            if now >= next_report:
                self._end_if_hanging(now)
                self._give_memory_back(now)
                self._send_report(now)
                next_report = now + REPORT_SECONDS
            batch = self._scalars.flush_due(now)
            wait = max(0.0, min(next_tick - now, next_report - now, *([batch] if batch is not None else [])))
        self._pending.close()
        self._cameras.close()
        self._source.close()
        for link in links.values():
            link.close()
        if self._control is not None:
            self._control.close()

    def _add_link(self, poller: "select.poll", links: dict[int, IngestEnd]) -> bool:
        """Take a link to a web process that came later; return False if whoever hands them over is gone."""
        try:
            link = None if self._control is None else receive_link(self._control)
        except (LinkClosed, ProtocolError):
            return False
        if link is not None:
            self._channel_ids.introduce(partial(self._peers.add, link))
            poller.register(link.fileno(), select.POLLIN)
            links[link.fileno()] = link
            link.start()
        return True

    def _read(self, link: IngestEnd) -> bool:
        """Take the messages of a web process; return False if its link has ended or holds an invalid message."""
        try:
            for message in link.receive():
                if isinstance(message, Pull):
                    self._pending.pull(link, message.lane, message.after)
                elif isinstance(message, SlotReturned):
                    if self._memory is not None:
                        self._memory.give_back(link, message.slot)
                elif isinstance(message, InterestChange):
                    self._change_interest(link, message)
                elif isinstance(message, ReadUntil):
                    if self._leave is not None:
                        self._leave.until = message.until
                elif isinstance(message, CameraQuestion):
                    self._cameras.ask(link, message.known)
                else:
                    self._watch_encodings.refuse(message.renditions)
        except LinkClosed:
            return False
        except ProtocolError as error:
            logger.error("a link is closed: %s", error)
            return False
        return True

    def _lose(self, link: IngestEnd) -> None:
        """Remove a web process whose link has ended, with everything that it wanted."""
        self._change_interest(link, self._peers.nothing_more(link))
        self._peers.forget(link)
        self._cameras.forget(link)
        link.close()
        if self._memory is not None:
            self._memory.forget(link)

    def _end_if_hanging(self, now: float) -> None:
        """End this process if an encoding never ends, since native code cannot be stopped in any other way."""
        hanging = self._watch_encodings.hanging(now)
        if hanging is not None:
            logger.error("an encoding hangs: %s", hanging)
            sys.stderr.flush()
            os._exit(HUNG_CODE)

    def _change_interest(self, link: IngestEnd, change: InterestChange) -> None:
        # New lanes are added before others end, so that what both have in common is kept.
        for number, rendition in change.lanes:
            self._pending.begin_lane(link, number, rendition)
        for number in change.ended:
            self._pending.end_lane(link, number)
        named, unnamed = self._peers.change(link, change)
        self._scalars.want(self._peers.everything, named, unnamed)
        self._source.watch(self._watched)
        if not self._watched:
            # Without viewers nothing is known about the times of images.
            self._image_rate, self._last_image = Rate(), None

    def _drain(self, most: int) -> None:
        """Take at most ``most`` pulses from the source."""
        for _ in range(most):
            try:
                arrived = self._source.receive()
                if arrived is None:
                    return
                self._take(arrived)
            except Refused as refusal:
                self._refuse(refusal)
            except Exception as error:
                # A fault in a source or in this program must not end the process.
                self._refuse(Refused("internal fault", problem_of(error).detail))

    def _refuse(self, refusal: Refused) -> None:
        now = time.monotonic()
        if refusal.reason == "message size":
            self._trims = [now + seconds for seconds in TRIM_SECONDS]
        self._faults.refuse(refusal, now)

    def _give_memory_back(self, now: float) -> None:
        """Return the memory of a message that was too large, a moment later, when nothing uses it any more.

        And that of the slots that was not needed lately.
        """
        if self._memory is not None:
            self._memory.trim(now)
        if self._trims and now >= self._trims[0]:
            self._trims = [at for at in self._trims if at > now]
            give_back()

    def _take(self, arrived: Arrival | Notice) -> None:
        received, now = time.monotonic_ns(), time.monotonic()
        if isinstance(arrived, Notice):
            self._commands += 1
            return
        self._pulses.feed(arrived.pulse_id)
        self._faults.note_time(arrived.time_problem, now)
        self._sequence += 1
        if self._watched:
            self._watch(arrived, received, now)
        # Only after a message that was not refused.
        self._rate.add(now)
        self._last = now

    @property
    def _watched(self) -> bool:
        return bool(self._peers.renditions or self._scalars.wanted)

    def _watch(self, arrival: Arrival, received: int, now: float) -> None:
        """Read the channels of a pulse for those who want them."""
        pulse = arrival.pulse(self._sequence, received, time.time_ns())
        self._faults.note_pulse(pulse, now)
        default = self._choice.find(pulse, now)
        self._images.note(pulse, self._choice.name, now)
        row = None
        if self._scalars.wanted:
            row = self._rows.make(pulse)
            self._scalars.add(row[0], pulse, self._channel_ids.of(pulse.layout), self._rate.sustained(), now)
        if default is not None:
            self._image_rate.add(now)
            self._last_image = now
        for rendition in self._peers.renditions:
            image = default if rendition.channel is None else image_index(pulse, rendition.channel)
            if image is not None:
                self._pending.set_newest(rendition, Pending(pulse, image, row))

    def _count_invalid(self, problem: Invalid) -> None:
        self._faults.note_value(problem, time.monotonic())

    def _send_report(self, now: float) -> None:
        state, pulses = self._source.state, self._pulses
        at, before, mbit = self._byte_rate
        if now - at >= 1.0:
            mbit = (self._source.received_bytes - before) * 8e-6 / (now - at)
            self._byte_rate = (now, self._source.received_bytes, mbit)
        self._peers.send_report(
            IngestReport(
                connection=ConnectionReport(
                    state=state.state,
                    text=state.text,
                    socket=state.socket,
                    guessed=state.guessed,
                    shared=state.shared,
                    protocol=state.protocol,
                    note=state.note,
                    origin=state.origin,
                    lookups=dict(self._source.lookups),
                ),
                pulses=PulseReport(
                    lost=pulses.lost,
                    jumps=pulses.jumps,
                    backwards=pulses.backwards,
                    repeated=pulses.repeated,
                    step=pulses.step,
                    pulse_id=None if pulses.last is None else str(pulses.last),
                ),
                faults=self._faults.report(now),
                age_s=None if self._last is None else now - self._last,
                image_age_s=None if self._last_image is None else now - self._last_image,
                rate=self._rate.value(now),
                period_s=self._rate.period(),
                image_rate=self._image_rate.value(now),
                image_period_s=self._image_rate.period(),
                mbit=mbit,
                messages=self._sequence,
                commands=self._commands,
                replaced=self._pending.replaced,
                encoded=self._pending.encoded,
                memory=MemoryReport() if self._memory is None else self._memory.report(),
                images=self._images.report(now),
                default_image=self._choice.name,
                pid=os.getpid(),
            )
        )


def _mapped(descriptor: int) -> SlotWriter | None:
    """Return the shared memory of a descriptor; None, which is logged, if it cannot be mapped."""
    try:
        return SlotWriter(descriptor)
    except OSError as error:
        logger.warning("large images are copied between the processes, because memory cannot be shared: %s", error)
        return None
