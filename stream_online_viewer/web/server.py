"""The whole web process, where there is one: its port, the ingest process beside it, and an orderly end."""

import asyncio
import signal
import socket
import sys
from collections.abc import Sequence
from types import FrameType

import uvloop

from stream_online_viewer.settings import Settings
from stream_online_viewer.web.descriptors import places_within, raise_limit
from stream_online_viewer.web.door import Door
from stream_online_viewer.web.from_ingest import FromIngest
from stream_online_viewer.web.limits import limits_of
from stream_online_viewer.web.listen import listen
from stream_online_viewer.web.log_limit import LogLimit
from stream_online_viewer.web.on_bus import OnBus
from stream_online_viewer.web.pages import Page
from stream_online_viewer.web.places import Places
from stream_online_viewer.web.running import SWITCH_SECONDS, end_tasks, report_fault, set_up_log, tell_address, tick
from stream_online_viewer.web.serving import WebServer
from stream_online_viewer.web.session import StreamSession
from stream_online_viewer.web.supervisor import INGEST_COMMAND, Supervisor


def run(settings: Settings, ingest_command: Sequence[str] = INGEST_COMMAND) -> int:
    """Serve until a signal arrives, and return the exit code.

    Raise :class:`SettingsError` if the options cannot be fulfilled.
    """
    limit = raise_limit()
    page = Page()
    sockets = listen(settings.host, settings.port)
    log = set_up_log(settings.log_level)
    # So that a busy Python thread does not delay the sockets by 5 ms.
    sys.setswitchinterval(SWITCH_SECONDS)
    return uvloop.run(_serve(settings, page, sockets, limit, log, ingest_command))


async def _serve(
    settings: Settings,
    page: Page,
    sockets: list[socket.socket],
    limit: int,
    log: LogLimit,
    ingest_command: Sequence[str],
) -> int:
    session = StreamSession(settings, page.build, asyncio.get_running_loop())
    ingest: Supervisor | OnBus
    if settings.bus is None:
        ingest = Supervisor(settings, session, lambda: FromIngest(session), ingest_command)
    else:
        ingest = OnBus(session, sockets[0].getsockname()[1])
    places = Places(places_within(limit, settings.max_connections), settings.max_connections_each)
    server = WebServer(settings, page, session, limits_of(settings.max_viewers), log, places)
    server.open = lambda take_in: Door(server.edge, sockets, take_in)

    def stop(number: int, frame: FrameType | None) -> None:
        server.should_exit = True

    # uvicorn handles signals while it serves. This handler is for signals before that, and for the one that uvicorn
    # raises again afterwards: the end below must still run.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    tasks = [asyncio.create_task(ingest.run()), asyncio.create_task(tick(session.tick, log.tick))]
    for task in tasks:
        task.add_done_callback(report_fault)
    tell_address(settings, sockets)
    try:
        await server.serve(sockets=sockets)
    finally:
        code = await end_tasks(tasks)
    return code
