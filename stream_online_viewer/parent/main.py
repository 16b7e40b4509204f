"""The parent from its start to its end: the port, the ingest process, the web processes."""

import asyncio
import logging
import signal
import socket
from collections.abc import Sequence
from importlib.util import find_spec

import uvloop

from stream_online_viewer.parent.ingest import SharedIngest
from stream_online_viewer.parent.limits import KeptLimits
from stream_online_viewer.parent.processes import CannotStart, WebProcesses
from stream_online_viewer.settings import Settings
from stream_online_viewer.web.clock import MONOTONIC
from stream_online_viewer.web.descriptors import places_within, raise_limit
from stream_online_viewer.web.door import Door
from stream_online_viewer.web.edge import Edge
from stream_online_viewer.web.hosts import Hosts
from stream_online_viewer.web.limits import limits_of
from stream_online_viewer.web.listen import listen
from stream_online_viewer.web.log_limit import LogLimit
from stream_online_viewer.web.pages import Page
from stream_online_viewer.web.part import Counts, ParentPart
from stream_online_viewer.web.peers import Proxies
from stream_online_viewer.web.places import Places
from stream_online_viewer.web.running import FAULT, end_tasks, set_up_log, tell_address, tick
from stream_online_viewer.web.supervisor import INGEST_COMMAND

logger = logging.getLogger(__name__)

PACKAGES = ("a2wsgi", "flask", "httptools", "prometheus_client", "uvicorn", "websockets")
"""What the web processes need. The parent does not load it, but says in its own line what is missing."""


def run(settings: Settings, ingest_command: Sequence[str] = INGEST_COMMAND) -> int:
    """Run the server with several web processes until a signal arrives, and return the exit code.

    Raise :class:`SettingsError` if the options cannot be fulfilled.
    """
    for name in PACKAGES:
        if find_spec(name) is None:
            raise ModuleNotFoundError(name=name)
    limit = raise_limit()
    # Only to find out now whether there is a page.
    Page()
    sockets = listen(settings.host, settings.port)
    log = set_up_log(settings.log_level)
    return uvloop.run(_run(settings, sockets, limit, log, ingest_command))


async def _run(
    settings: Settings, sockets: list[socket.socket], limit: int, log: LogLimit, ingest_command: Sequence[str]
) -> int:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    ingest = SharedIngest(settings, ingest_command)
    limits = limits_of(settings.max_viewers)
    kept = KeptLimits(limits, MONOTONIC, lambda process, number: processes.give_way(process, number))
    places = Places(places_within(limit, settings.max_connections), settings.max_connections_each)
    # Of the rules for requests only the places matter here.
    edge = Edge(places, limits, Hosts(), Proxies(settings.proxy))

    def part() -> ParentPart:
        counts = Counts(log_lines_held_back=log.suppressed, refused=dict(edge.refused)) + processes.counts
        return ParentPart(
            wanted=settings.web_processes,
            restarts=processes.restarts,
            silent=processes.overviews.silent,
            places=places.total,
            taken=places.taken,
            addresses=places.addresses,
            most_of_one_address=places.most()[1],
            gave_way=places.gave_way + limits.viewers.gave_way,
            answer_bytes=limits.answers.bytes,
            counts=counts,
        )

    processes = WebProcesses(settings, ingest, kept, part)
    doors: list[Door] = []

    async def open_door() -> None:
        await processes.first_served()
        doors.append(Door(edge, sockets, processes.hand))
        tell_address(settings, sockets)

    opening = asyncio.create_task(open_door())
    serving = asyncio.create_task(processes.run())
    tasks = [asyncio.create_task(ingest.supervisor.run()), asyncio.create_task(tick(log.tick, processes.tick))]
    ending = asyncio.create_task(_wait(stopped))
    await asyncio.wait((ending, serving, *tasks), return_when=asyncio.FIRST_COMPLETED)
    ingest.stopping = True
    opening.cancel()
    for door in doors:
        door.close()
    code = _code((serving, *tasks, opening))
    await processes.end(serving)
    return code or await end_tasks([*tasks, ending])


async def _wait(event: asyncio.Event) -> None:
    await event.wait()


def _code(tasks: Sequence["asyncio.Task[None]"]) -> int:
    """Return the exit code, after one of these has ended or a signal has come; a fault is logged."""
    for task in tasks:
        error = task.exception() if task.done() and not task.cancelled() else None
        if isinstance(error, ExceptionGroup) and isinstance(cause := error.exceptions[0], CannotStart):
            logger.error("%s", cause)
            return cause.code
        if error is not None:
            logger.critical("internal fault", exc_info=error)
            return FAULT
    return 0
