"""All web processes: started, spoken with, replaced when they end."""

import asyncio
import logging
import socket
from collections.abc import Callable

from stream_online_viewer.errors import ViewerError
from stream_online_viewer.link.control import Message, close_all
from stream_online_viewer.parent.ingest import SharedIngest
from stream_online_viewer.parent.limits import KeptLimits
from stream_online_viewer.parent.overviews import Overviews
from stream_online_viewer.parent.process import WebProcess
from stream_online_viewer.parent.shares import shares
from stream_online_viewer.settings import Settings
from stream_online_viewer.web.child import how_ended, reap
from stream_online_viewer.web.door import NobodyServes
from stream_online_viewer.web.ends import Ends
from stream_online_viewer.web.part import Counts, ParentPart
from stream_online_viewer.web.places import Place

logger = logging.getLogger(__name__)

FIRST_SECONDS = 5.0
"""Seconds for which connections wait, once one process serves, until all do. Otherwise the first would get all viewers
that come back after a restart of the server."""
SERVE_SECONDS = 30.0
"""Seconds for which a connection waits while no process serves."""
STOP_SECONDS = 4.0
"""Seconds for the end of all processes; they take less than two unless one hangs."""
RELINK_SECONDS = 1.0


class CannotStart(ViewerError):
    """A web process has ended by itself before any has ever served; ``code`` is its exit code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"a web process {how_ended(code)} at its start")
        self.code = code


class WebProcesses:
    """The web processes by their numbers, from 1. What one of them holds ends with it."""

    def __init__(
        self, settings: Settings, ingest: SharedIngest, limits: KeptLimits, part: Callable[[], ParentPart]
    ) -> None:
        """``part`` returns what the parent adds to a status."""
        self._settings = settings
        self._ingest = ingest
        self._limits = limits
        self._running: dict[int, WebProcess] = {}
        self._stopping = asyncio.Event()
        self._has_served = False
        self._serves = asyncio.Condition()
        self._telling = False
        self.overviews = Overviews(self._running, part)
        self._started = ingest.clock()
        self.restarts = 0
        self.counts = Counts()
        """The counts of processes that have ended."""
        ingest.went_up = self._link_all
        ingest.went_down = self._unlink_all

    async def run(self) -> None:
        """Keep all processes running, until :meth:`end` or until cancelled.

        Raise :class:`CannotStart`, in a group, if they cannot run here at all.
        """
        numbers = range(1, self._settings.web_processes + 1)
        async with asyncio.TaskGroup() as group:
            for number in numbers:
                group.create_task(self._keep(number))

    async def end(self, running: "asyncio.Task[None]") -> None:
        """Let all processes close their connections and end; kill those that take too long.

        ``running`` is the task of :meth:`run`.
        """
        self._stopping.set()
        for process in self._running.values():
            process.control.send({"kind": "stop"})
            if not process.serving:
                process.process.kill()
        await asyncio.wait((running,), timeout=STOP_SECONDS)
        for process in self._running.values():
            process.process.kill()
        await asyncio.wait((running,))

    async def first_served(self) -> None:
        """Return when all processes serve, or when one does and the others take long."""
        async with self._serves:
            await self._serves.wait_for(lambda: self._serving() > 0)
            try:
                async with asyncio.timeout(FIRST_SECONDS):
                    await self._serves.wait_for(lambda: self._serving() == self._settings.web_processes)
            except TimeoutError:
                pass

    async def hand(self, sock: socket.socket, place: Place) -> None:
        """Give an accepted connection to the process that has the fewest; see :data:`.door.TakeIn`."""
        if not self._hand(sock, place):
            async with self._serves:
                try:
                    async with asyncio.timeout(SERVE_SECONDS):
                        await self._serves.wait_for(lambda: self._hand(sock, place))
                except TimeoutError:
                    raise NobodyServes("no web process takes connections") from None

    def give_way(self, process: int, number: int) -> None:
        """Tell a process that the place of one of its viewers has been given to another one."""
        self._tell_soon()
        running = self._running.get(process)
        if running is not None:
            running.control.send({"kind": "give_way", "viewer": number})

    def tick(self) -> None:
        """Divide the bandwidth; to be called once a second."""
        far = {number: process.far for number, process in self._running.items()}
        for number, mbit in shares(self._settings.total_mbit, far).items():
            self._running[number].control.send({"kind": "share", "mbit": mbit})

    def _serving(self) -> int:
        return sum(process.serving for process in self._running.values())

    def _hand(self, sock: socket.socket, place: Place) -> bool:
        """Give a connection to a process; return whether one has taken it."""
        if sock.fileno() < 0 or not place.held:
            # It has ended, or given way, while it waited.
            raise OSError("the connection has ended")
        ready = [process for process in self._running.values() if process.serving]
        for process in sorted(ready, key=self._load):
            if process.hand(sock.fileno(), place):
                sock.detach()
                return True
        return False

    def _load(self, process: WebProcess) -> tuple[bool, int, int]:
        return process.quiet, len(process.connections), self._limits.viewers(process.number)

    # one process

    async def _keep(self, number: int) -> None:
        """Keep one process running: start it, and another one when it has ended."""
        ends = Ends()
        while not self._stopping.is_set():
            process = WebProcess(self._settings, number, self._started, self._ingest.clock, self._take)
            self._running[number] = process
            self._link(process)
            self._tell_own()
            self._tell_soon()
            try:
                await process.ended.wait()
            finally:
                self._forget(process)
                code = await self._reap(process)
            if self._stopping.is_set():
                return
            if code > 0 and not self._has_served:
                # It would be the same again. What was wrong is in the log.
                raise CannotStart(code)
            pause, when = ends.pause(self._ingest.clock())
            logger.error("web process %d %s; it is started again%s", number, how_ended(code), when)
            self.restarts += 1
            try:
                await asyncio.wait_for(self._stopping.wait(), pause)
            except TimeoutError:
                pass

    def _forget(self, process: WebProcess) -> None:
        process.serving = False
        del self._running[process.number]
        process.forget()
        self._limits.end(process.number)
        self.counts += process.counts
        self.overviews.ended(process.number)
        self._tell_own()
        self._tell_soon()

    async def _reap(self, process: WebProcess) -> int:
        """Wait for the end of a process, whose connections are closed, also if this task is cancelled."""
        reaped = asyncio.ensure_future(asyncio.to_thread(reap, process.process, process.ended.is_set()))
        try:
            await asyncio.shield(reaped)
        except asyncio.CancelledError:
            await reaped
            raise
        return int(process.process.returncode)

    # what a process says

    def _take(self, process: WebProcess, message: Message, descriptors: list[int]) -> None:
        kind = message["kind"]
        process.heard = self._ingest.clock()
        if kind == "ask":
            process.control.answer(message, self._limits.ask(process.number, message))
            self._tell_soon()
        elif kind == "give_back":
            self._limits.give_back(process.number, message["number"])
            self._tell_soon()
        elif kind == "left":
            process.left(message["number"])
        elif kind == "is_viewer":
            process.became_viewer(message["number"])
        elif kind == "own":
            process.own = message["renditions"]
            self._tell_own()
        elif kind == "tick":
            process.far = message["far"]
            process.counts = Counts(**message["counts"])
            if not message["linked"] and process.heard - process.linked_at > RELINK_SECONDS:
                self._link(process)
        elif kind == "serving":
            process.serving = self._has_served = True
            asyncio.get_running_loop().create_task(self._tell_serving())
        elif kind == "parts_wanted":
            self.overviews.ask(process, message["number"])
        elif kind == "part":
            self.overviews.take(process, message["number"], descriptors[0])
            return
        close_all(descriptors)

    async def _tell_serving(self) -> None:
        async with self._serves:
            self._serves.notify_all()

    # what all are told

    def _link_all(self) -> None:
        for process in self._running.values():
            self._link(process)

    def _link(self, process: WebProcess) -> None:
        """Give a process a link to the ingest process if that runs, or say that it does not."""
        link = self._ingest.supervisor.new_link() if self._ingest.alive else []
        if not link:
            self._unlink(process)
            return
        process.linked_at = self._ingest.clock()
        process.control.send(
            {
                "kind": "ingest_up",
                "epoch": self._ingest.epoch,
                "restarts": self._ingest.restarts,
                "refused": self._ingest.refused_renditions,
            },
            link,
        )

    def _unlink_all(self) -> None:
        for process in self._running.values():
            self._unlink(process)

    def _unlink(self, process: WebProcess) -> None:
        process.control.send({"kind": "ingest_down", "restarts": self._ingest.restarts})

    def _tell_own(self) -> None:
        """Tell each process which renditions the others make for one viewer each."""
        for process in self._running.values():
            others = [content for other in self._running.values() if other is not process for content in other.own]
            process.control.send({"kind": "own", "renditions": others})

    def _tell_soon(self) -> None:
        """Tell each process how many viewers the others have, once for several changes in a row."""
        if not self._telling:
            self._telling = True
            asyncio.get_running_loop().call_soon(self._tell_viewers)

    def _tell_viewers(self) -> None:
        self._telling = False
        together = self._limits.all_viewers
        for process in self._running.values():
            elsewhere = together - self._limits.viewers(process.number)
            if elsewhere != process.told:
                process.told = elsewhere
                process.control.send({"kind": "viewers", "elsewhere": elsewhere})
