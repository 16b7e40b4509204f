"""Starts the ingest process, watches it, and replaces it when it ends or hangs. Never two at the same time."""

import asyncio
import logging
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from stream_online_viewer.link.base import WebEnd
from stream_online_viewer.link.messages import ChannelNames, FrameInfo, RefusedRenditions, RowsInfo
from stream_online_viewer.link.report import IngestReport
from stream_online_viewer.link.slot_reader import SlotReader
from stream_online_viewer.link.slots import new_slots
from stream_online_viewer.link.web_end import connect, link_sockets
from stream_online_viewer.protocol.encodings import HUNG_CODE, Encoding, EncodingRecord, new_descriptor
from stream_online_viewer.protocol.frame import Buffer, image_block
from stream_online_viewer.protocol.jsontext import to_json
from stream_online_viewer.settings import Settings
from stream_online_viewer.web.session import StreamSession
from stream_online_viewer.web.suspects import Suspects, signal_name
from stream_online_viewer.web.watchdog import WATCH_SECONDS, Watchdog

logger = logging.getLogger(__name__)

INGEST_COMMAND = (sys.executable, "-P", "-m", "stream_online_viewer.ingest")
FEW_ENDS = 5
ENDS_SECONDS = 60.0
LONG_PAUSE = 5.0
"""Seconds before the next start when ``FEW_ENDS`` processes ended within a minute."""
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


class Supervisor:
    """Owns the ingest process, which reports every 0.2 s; a :class:`Watchdog` decides whether it hangs."""

    def __init__(self, settings: Settings, session: StreamSession, command: Sequence[str] = INGEST_COMMAND) -> None:
        self._settings = settings
        self._session = session
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._link: WebEnd | None = None
        self._watchdog: Watchdog | None = None
        self._suspects = Suspects()
        self._ends: deque[float] = deque(maxlen=FEW_ENDS)
        self._lost = asyncio.Event()
        self._epoch = 0
        self._may_share = True

    async def run(self) -> None:
        """Keep an ingest process running until cancelled."""
        descriptor = new_descriptor()
        record = EncodingRecord(descriptor)
        try:
            while True:
                started = self._session.clock()
                hung: Sequence[Encoding] = ()
                verdict = None
                try:
                    await self._start(descriptor, record)
                    verdict = await self._watch()
                    hung = self._watchdog.suspects() if self._watchdog is not None and verdict is not None else ()
                    # Before the process is reaped, so that viewers are sent the status at once.
                    self._session.ingest_down()
                except OSError as error:
                    verdict = f"could not be started: {error}"
                finally:
                    code = await self._end()
                under_way = record.under_way()
                for encoding in under_way:
                    record.end(encoding.slot)
                end = _End(
                    verdict, 0 if verdict is not None else code, under_way, hung, self._session.clock() - started
                )
                await asyncio.sleep(self._account(end))
        finally:
            record.close()
            os.close(descriptor)
            self._session.ingest_down()

    def _account(self, end: "_End") -> float:
        """Log why the process ended; return the seconds until the next one is started."""
        if self._session.stopping:
            return ASKED_SECONDS
        if -end.code in (signal.SIGTERM, signal.SIGINT):
            logger.info("the receiving process was ended by %s; it is started again", signal_name(end.code))
            return ASKED_SECONDS
        now = self._session.clock()
        many = len(self._ends) == FEW_ENDS and now - self._ends[0] < ENDS_SECONDS
        self._ends.append(now)
        pause = LONG_PAUSE if many else 0.0
        when = f" in {pause:g} s, because it ended more than {FEW_ENDS} times within a minute" if many else ""
        logger.error("the receiving process %s; it is started again%s", end.verdict or _ended(end.code), when)
        refused = self._suspects.ended(end.code, end.under_way, end.hung, end.lived)
        if refused is not None:
            self._session.refused_renditions = [what for what, _ in self._suspects.refused]
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
        memory = self._new_memory()
        shared = [] if memory is None else [memory.descriptor]
        options["memory"] = None if memory is None else memory.descriptor
        ours, theirs = link_sockets()
        root = str(Path(__file__).resolve().parents[2])
        path = os.pathsep.join(part for part in (root, os.environ.get("PYTHONPATH", "")) if part)
        try:
            with theirs:
                self._process = subprocess.Popen(
                    [*self._command, str(theirs.fileno()), settings.log_level, to_json(options)],
                    pass_fds=[theirs.fileno(), descriptor, *shared],
                    stdin=subprocess.DEVNULL,
                    env={**MALLOC, **os.environ, "PYTHONPATH": path},
                    # A process group of its own: Ctrl-C reaches only this process, which then ends the ingest process.
                    process_group=0,
                )
        except OSError:
            if memory is not None:
                memory.close()
            raise
        self._watchdog = Watchdog(self._process.pid, self._session.clock(), record.under_way)
        # A new object for each link, because the end of the last link may be reported late.
        events = _FromIngest(self._session, self._watchdog)
        self._lost = events.lost
        self._link = await connect(ours, events, memory)
        if self._suspects.refused:
            self._link.send_refused(RefusedRenditions(tuple(self._suspects.refused)))
        self._session.ingest_up(self._epoch, self._link)

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
                verdict = None if self._watchdog is None else self._watchdog.verdict(self._session.clock())
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
        process, self._process = self._process, None
        if process is not None:
            reaped = asyncio.ensure_future(asyncio.to_thread(_reap, process, self._lost.is_set()))
            try:
                await asyncio.shield(reaped)
            except asyncio.CancelledError:
                await reaped
                raise
            return int(process.returncode)
        return 0


class _FromIngest:
    """Passes on what arrives over one link, see :class:`.link.base.WebEvents`. ``lost`` is set at the link's end."""

    def __init__(self, session: StreamSession, watchdog: Watchdog) -> None:
        self._session = session
        self._watchdog = watchdog
        self.lost = asyncio.Event()

    def link_names(self, names: ChannelNames) -> None:
        """Pass on new channel names."""
        self._session.ingest_names(names)

    def link_report(self, report: IngestReport) -> None:
        """Pass on a report, which also shows that the process is alive."""
        self._watchdog.report(self._session.clock())
        self._session.ingest_report(report)

    def link_rows(self, info: RowsInfo, body: Buffer) -> None:
        """Pass on a batch of rows."""
        self._session.hub.publish_scalars(body, info.received, info.rows)

    def link_frame(self, info: FrameInfo, body: Buffer) -> None:
        """Pass on the next frame of a lane."""
        hub = self._session.hub
        lane = hub.lanes.numbered(info.lane)
        if lane is not None:
            found = image_block(body) if info.refused else None
            lane.set_problem(found if isinstance(found, str) else None)
        hub.publish(info.lane, body, info.sequence, info.received)

    def link_nothing_newer(self, lane: int) -> None:
        """Pass on that a lane has no newer frame yet."""
        self._session.hub.nothing_newer(lane)

    def link_full(self, full: bool) -> None:
        """While the process reads nothing, send it no interest, so that messages do not pile up here."""
        self._session.hub.interest.set_blocked(full)

    def link_lost(self) -> None:
        """The link has ended."""
        self.lost.set()


def _reap(process: "subprocess.Popen[bytes]", ending: bool) -> None:
    """Wait for the end of a process. Kill it first, or after a moment if it is ending by itself."""
    if ending:
        try:
            process.wait(ENDING_SECONDS)
        except subprocess.TimeoutExpired:
            pass
    process.kill()
    process.wait()


def _ended(code: int) -> str:
    """Return a sentence on how a process ended by itself; ``code`` is that of ``Popen``."""
    if code == HUNG_CODE:
        return "ended itself, because an encoding did not end"
    if code < 0:
        return f"was ended by {signal_name(code)}"
    return f"ended with code {code}"
