"""Starts the ingest process, watches it, and replaces it when it ends or hangs. Never two at the same time."""

import asyncio
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from stream_online_viewer.link.base import WebEnd, WebEvents
from stream_online_viewer.link.control import control_sockets
from stream_online_viewer.link.handing import hand_link
from stream_online_viewer.link.messages import ReadUntil, RefusedRenditions
from stream_online_viewer.link.report import IngestReport
from stream_online_viewer.link.slot_reader import SlotReader
from stream_online_viewer.link.slots import new_slots
from stream_online_viewer.link.web_end import SocketWebEnd, connect, link_sockets
from stream_online_viewer.protocol.encodings import Encoding, EncodingRecord, new_descriptor
from stream_online_viewer.protocol.jsontext import to_json
from stream_online_viewer.settings import Settings
from stream_online_viewer.web.catalogue import read_catalogue
from stream_online_viewer.web.child import MALLOC, child_environment, how_ended, reap
from stream_online_viewer.web.clock import Clock
from stream_online_viewer.web.ends import Ends
from stream_online_viewer.web.suspects import Suspects, signal_name
from stream_online_viewer.web.watchdog import WATCH_SECONDS, Watchdog

logger = logging.getLogger(__name__)

INGEST_COMMAND = (sys.executable, "-P", "-m", "stream_online_viewer.ingest")
ASKED_SECONDS = 1.0
"""After a process ended by a signal that its whole group gets, wait so long for the same signal to end this one."""
EPOCHS_SINCE = 1_577_836_800
"""2020-01-01. Quarters of a second since then fit into 32 bits until 2054."""
EPOCHS_PER_SECOND = 4


@dataclass(frozen=True, slots=True)
class _End:
    """How a process ended: what the watchdog found or its exit code, and which encodings were under way."""

    verdict: str | None
    code: int
    under_way: Sequence[Encoding]
    hung: Sequence[Encoding]
    lived: float


class IngestOwner(Protocol):
    """Whoever has the ingest process started, and is told that processes come and go."""

    clock: Clock
    stopping: bool
    refused_renditions: list[str]
    """Renditions whose encoding ended an ingest process, as JSON text; set here."""

    def ingest_up(self, epoch: int, link: WebEnd) -> None:
        """A new ingest process has started and is connected by ``link``."""

    def ingest_down(self) -> None:
        """The ingest process has ended."""


class Supervisor:
    """Owns the ingest process, which reports every 0.2 s; a :class:`Watchdog` decides whether it hangs."""

    def __init__(
        self,
        settings: Settings,
        owner: IngestOwner,
        events: Callable[[], WebEvents],
        command: Sequence[str] = INGEST_COMMAND,
        several: bool = False,
        needs_leave: bool = False,
    ) -> None:
        """Start nothing yet.

        ``events`` makes what is told what arrives over a new link, but not its end. ``several``: the process is given
        further links while it runs, see :meth:`new_link`. ``needs_leave``: it reads nothing before it gets leave. Raise
        :class:`SettingsError` if there is a catalogue that cannot be used.
        """
        self._settings = settings
        self._cameras = None if settings.catalogue is None else read_catalogue(settings.catalogue).server
        self._owner = owner
        self._events = events
        self._command = command
        self._several = several
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._link: SocketWebEnd | None = None
        self._memory: SlotReader | None = None
        self._watchdog: Watchdog | None = None
        self._suspects = Suspects()
        self._ends = Ends()
        self._lost = asyncio.Event()
        self._epoch = 0
        self._may_share = True
        self._needs_leave = needs_leave
        self.last_epoch = 0
        """The last epoch of another program on the same stream, as far as it is known: ours are larger."""

    async def run(self) -> None:
        """Keep an ingest process running until cancelled."""
        descriptor = new_descriptor()
        record = EncodingRecord(descriptor)
        try:
            while True:
                started = self._owner.clock()
                hung: Sequence[Encoding] = ()
                verdict = None
                try:
                    await self._start(descriptor, record)
                    verdict = await self._watch()
                    hung = self._watchdog.suspects() if self._watchdog is not None and verdict is not None else ()
                    # Before the process is reaped, so that viewers are sent the status at once.
                    self._owner.ingest_down()
                except OSError as error:
                    verdict = f"could not be started: {error}"
                finally:
                    code = await self._end()
                under_way = record.under_way()
                for encoding in under_way:
                    record.end(encoding.slot)
                end = _End(verdict, 0 if verdict is not None else code, under_way, hung, self._owner.clock() - started)
                await asyncio.sleep(self._account(end))
        finally:
            record.close()
            os.close(descriptor)
            self._owner.ingest_down()

    def _account(self, end: "_End") -> float:
        """Log why the process ended; return the seconds until the next one is started."""
        if self._owner.stopping:
            return ASKED_SECONDS
        if -end.code in (signal.SIGTERM, signal.SIGINT):
            logger.info("the receiving process was ended by %s; it is started again", signal_name(end.code))
            return ASKED_SECONDS
        pause, when = self._ends.pause(self._owner.clock())
        logger.error("the receiving process %s; it is started again%s", end.verdict or how_ended(end.code), when)
        refused = self._suspects.ended(end.code, end.under_way, end.hung, end.lived)
        if refused is not None:
            self._owner.refused_renditions = [what for what, _ in self._suspects.refused]
            logger.error("not tried again until this server is started anew: %s", refused)
        return pause

    async def _start(self, descriptor: int, record: EncodingRecord) -> None:
        # Epochs also grow across restarts of the server, so that a page never takes a new frame for an old one.
        self._epoch = max(self._epoch + 1, self.last_epoch + 1, int((time.time() - EPOCHS_SINCE) * EPOCHS_PER_SECOND))
        settings = self._settings
        options = {
            "stream": settings.stream,
            "mode": settings.mode,
            "image_channel": settings.image_channel,
            "max_message_bytes": settings.max_message_mb * 1_000_000,
            "max_pulse_bytes": settings.pulse_mb * 1_000_000,
            "epoch": self._epoch,
            "record": descriptor,
            "needs_leave": self._needs_leave,
            "cameras": self._cameras,
            "source": settings.source_options(),
        }
        memory = self._new_memory()
        options["memory"] = None if memory is None else memory.descriptor
        ours, theirs = link_sockets()
        self._control, control = control_sockets() if self._several else (None, None)
        given = [theirs.fileno(), descriptor]
        if memory is not None:
            given.append(memory.descriptor)
        if control is not None:
            given.append(control.fileno())
            options["control"] = control.fileno()
        try:
            self._process = subprocess.Popen(
                [*self._command, str(theirs.fileno()), settings.log_level, to_json(options)],
                pass_fds=given,
                stdin=subprocess.DEVNULL,
                env={**MALLOC, **child_environment()},
                # A process group of its own: Ctrl-C reaches only this process, which then ends the ingest process.
                process_group=0,
            )
        except OSError:
            ours.close()
            if memory is not None:
                memory.close()
            raise
        finally:
            theirs.close()
            if control is not None:
                control.close()
        self._watchdog = Watchdog(self._process.pid, self._owner.clock(), record.under_way)
        watchdog = self._watchdog
        self._memory = memory
        # A new object for each link, because the end of the last link may be reported late.
        events = _Watched(self._events(), lambda: watchdog.report(self._owner.clock()))
        self._lost = events.lost
        self._link = await connect(ours, events, memory)
        if self._suspects.refused:
            self._link.send_refused(RefusedRenditions(tuple(self._suspects.refused)))
        self._owner.ingest_up(self._epoch, self._link)

    def give_leave(self, leave: ReadUntil) -> None:
        """Let the process read its source until a time; nothing if there is no process now."""
        if self._link is not None:
            self._link.send_read_until(leave)

    def new_link(self) -> list[int]:
        """Return what a web process needs for a new link to the ingest process that runs; nothing if there is none.

        These are the descriptors of the link and, if there is one, of the shared memory. The caller closes them.
        """
        shared = self._memory is not None and self._memory.descriptor >= 0
        try:
            if self._control is None:
                return []
            link = hand_link(self._control, shared)
        except OSError:
            # It is ending. The next one gets new links.
            return []
        return [link.detach(), *([os.dup(self._memory.descriptor)] if shared and self._memory is not None else [])]

    def _new_memory(self) -> SlotReader | None:
        """Return new memory to share with an ingest process; None, which is logged once, if that is not possible."""
        try:
            return SlotReader(new_slots(self._settings.max_message_mb * 1_000_000))
        except OSError as error:
            if self._may_share:
                logger.warning("large images are copied between the processes; memory cannot be shared: %s", error)
            self._may_share = False
            return None

    async def _watch(self) -> str | None:
        """Watch the process; return what is wrong with it, None if it ended by itself."""
        while True:
            try:
                await asyncio.wait_for(self._lost.wait(), WATCH_SECONDS)
                return None
            except TimeoutError:
                verdict = None if self._watchdog is None else self._watchdog.verdict(self._owner.clock())
                if verdict is not None:
                    return verdict

    async def _end(self) -> int:
        """Kill and reap the process; return its exit code.

        After this there is no receiver on the stream. A process that has closed its end of the link is ending by
        itself; it is given a moment, because its exit code tells why.
        """
        if self._link is not None:
            self._link.close()
            self._link = None
        if self._control is not None:
            self._control.close()
            self._control = None
        process, self._process = self._process, None
        if process is not None:
            reaped = asyncio.ensure_future(asyncio.to_thread(reap, process, self._lost.is_set()))
            try:
                await asyncio.shield(reaped)
            except asyncio.CancelledError:
                await reaped
                raise
            return int(process.returncode)
        return 0


class _Watched:
    """Passes on what arrives over one link; a report also shows that the process is alive."""

    def __init__(self, events: WebEvents, heard: Callable[[], None]) -> None:
        self._events = events
        self._heard = heard
        self.lost = asyncio.Event()
        self.link_names = events.link_names
        self.link_cameras = events.link_cameras
        self.link_rows = events.link_rows
        self.link_frame = events.link_frame
        self.link_nothing_newer = events.link_nothing_newer
        self.link_full = events.link_full

    def link_report(self, report: IngestReport) -> None:
        """Pass on a report."""
        self._heard()
        self._events.link_report(report)

    def link_lost(self) -> None:
        """The link has ended."""
        self.lost.set()
