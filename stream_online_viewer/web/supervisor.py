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
from pathlib import Path
from typing import Protocol

from stream_online_viewer.link.base import WebEnd, WebEvents
from stream_online_viewer.link.control import control_sockets
from stream_online_viewer.link.handing import hand_link
from stream_online_viewer.link.messages import RefusedRenditions
from stream_online_viewer.link.report import IngestReport
from stream_online_viewer.link.web_end import connect, link_sockets
from stream_online_viewer.protocol.encodings import HUNG_CODE, Encoding, EncodingRecord, new_descriptor
from stream_online_viewer.protocol.jsontext import to_json
from stream_online_viewer.settings import Settings
from stream_online_viewer.web.clock import Clock
from stream_online_viewer.web.ends import Ends
from stream_online_viewer.web.suspects import Suspects, signal_name
from stream_online_viewer.web.watchdog import WATCH_SECONDS, Watchdog

logger = logging.getLogger(__name__)

INGEST_COMMAND = (sys.executable, "-P", "-m", "stream_online_viewer.ingest")
ENDING_SECONDS = 0.3
ASKED_SECONDS = 1.0
"""After a process ended by a signal that its whole group gets, wait so long for the same signal to end this one."""
EPOCHS_SINCE = 1_577_836_800
"""2020-01-01. Quarters of a second since then fit into 32 bits until 2054."""
EPOCHS_PER_SECOND = 4

MALLOC = {
    "MALLOC_MMAP_THRESHOLD_": str(32 * 2**20),
    "MALLOC_TRIM_THRESHOLD_": str(128 * 2**20),
    "MALLOC_ARENA_MAX": "1",
}
"""Settings that make glibc keep the memory of images, instead of returning it and getting it back page by page.

Measured: page faults took half of the time to encode an image. One arena for all threads, because the end of another
one is never returned, not even on demand; that kept 64 MB after a message that was too large.
"""


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
    ) -> None:
        """Start nothing yet.

        ``events`` makes what is told what arrives over a new link, but not its end. ``several``: the process is given
        further links while it runs, see :meth:`new_link`.
        """
        self._settings = settings
        self._owner = owner
        self._events = events
        self._command = command
        self._several = several
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._link: WebEnd | None = None
        self._watchdog: Watchdog | None = None
        self._suspects = Suspects()
        self._ends = Ends()
        self._lost = asyncio.Event()
        self._epoch = 0

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
        self._epoch = max(self._epoch + 1, int((time.time() - EPOCHS_SINCE) * EPOCHS_PER_SECOND))
        settings = self._settings
        options = {
            "stream": settings.stream,
            "mode": settings.mode,
            "image_channel": settings.image_channel,
            "max_message_bytes": settings.max_message_mb * 1_000_000,
            "max_pulse_bytes": settings.pulse_mb * 1_000_000,
            "epoch": self._epoch,
            "record": descriptor,
        }
        ours, theirs = link_sockets()
        descriptors = [theirs.fileno(), descriptor]
        control = None
        if self._several:
            self._control, control = control_sockets()
            descriptors.append(control.fileno())
            options["control"] = control.fileno()
        try:
            self._process = subprocess.Popen(
                [*self._command, str(theirs.fileno()), settings.log_level, to_json(options)],
                pass_fds=descriptors,
                stdin=subprocess.DEVNULL,
                env={**MALLOC, **child_environment()},
                # A process group of its own: Ctrl-C reaches only this process, which then ends the ingest process.
                process_group=0,
            )
        finally:
            theirs.close()
            if control is not None:
                control.close()
        self._watchdog = Watchdog(self._process.pid, self._owner.clock(), record.under_way)
        watchdog = self._watchdog
        # A new object for each link, because the end of the last link may be reported late.
        events = _Watched(self._events(), lambda: watchdog.report(self._owner.clock()))
        self._lost = events.lost
        self._link = await connect(ours, events)
        if self._suspects.refused:
            self._link.send_refused(RefusedRenditions(tuple(self._suspects.refused)))
        self._owner.ingest_up(self._epoch, self._link)

    def new_link(self) -> socket.socket | None:
        """Return a web process's end of a new link to the ingest process that runs; None if there is none."""
        try:
            return None if self._control is None else hand_link(self._control)
        except OSError:
            # It is ending. The next one gets new links.
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


def child_environment() -> dict[str, str]:
    """Return the environment of a process that is started with a module of this package."""
    root = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(part for part in (root, os.environ.get("PYTHONPATH", "")) if part)
    return {**os.environ, "PYTHONPATH": path}


def reap(process: "subprocess.Popen[bytes]", ending: bool) -> None:
    """Wait for the end of a process. Kill it first, or after a moment if it is ending by itself."""
    if ending:
        try:
            process.wait(ENDING_SECONDS)
        except subprocess.TimeoutExpired:
            pass
    process.kill()
    process.wait()


def how_ended(code: int) -> str:
    """Return a sentence on how a process ended by itself; ``code`` is that of ``Popen``."""
    if code == HUNG_CODE:
        return "ended itself, because an encoding did not end"
    if code < 0:
        return f"was ended by {signal_name(code)}"
    return f"ended with code {code}"
