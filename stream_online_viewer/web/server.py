"""The whole web process: one port for pages and WebSockets, the ingest process beside it, and an orderly end."""

import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from types import FrameType
from typing import cast

import uvicorn
import uvloop

from stream_online_viewer import __version__
from stream_online_viewer.settings import Settings
from stream_online_viewer.web.app import BusyError, create_app
from stream_online_viewer.web.connection import Connection
from stream_online_viewer.web.descriptors import places_within, raise_limit
from stream_online_viewer.web.door import Door
from stream_online_viewer.web.edge import Edge
from stream_online_viewer.web.front import Front, routes_with_body
from stream_online_viewer.web.hosts import Hosts, machine_names
from stream_online_viewer.web.images import Images
from stream_online_viewer.web.listen import listen, url
from stream_online_viewer.web.live import protocol_class
from stream_online_viewer.web.log_limit import LogLimit
from stream_online_viewer.web.overview import ConnectionsStatus, Overview
from stream_online_viewer.web.pages import Page
from stream_online_viewer.web.peers import Proxies
from stream_online_viewer.web.places import Place, Places
from stream_online_viewer.web.session import STATUS_SECONDS, StreamSession
from stream_online_viewer.web.supervisor import INGEST_COMMAND, Supervisor

logger = logging.getLogger(__name__)

SWITCH_SECONDS = 0.0005
SHUTDOWN_SECONDS = 1
ABORT_SECONDS = 0.6
"""Seconds after which, when stopping, answers that were not taken are given up."""
FAULT = 1


class _Backend:
    """The connection between Flask's threads and the loop."""

    def __init__(self, session: StreamSession) -> None:
        self._session = session
        self.connections: Callable[[], ConnectionsStatus | None] = lambda: None

    def overview(self) -> Overview:
        return self._call(lambda: replace(self._session.overview(), connections=self.connections()))

    def ready(self) -> bool:
        return self._session.ready()

    def _call(self, function: Callable[[], Overview]) -> Overview:
        async def in_loop() -> Overview:
            return function()

        future = asyncio.run_coroutine_threadsafe(in_loop(), self._session.loop)
        try:
            return future.result(5.0)
        except TimeoutError:
            future.cancel()
            raise BusyError("the server is too busy to say how it is; try again") from None


class _Server(uvicorn.Server):
    """uvicorn's server with connections accepted by a :class:`.door.Door`.

    When stopping it waits for requests that are being answered. Those that wait for an image are ended first, and
    answers that no client takes are given up.
    """

    def __init__(self, config: uvicorn.Config, session: StreamSession, edge: Edge) -> None:
        super().__init__(config)
        self._session = session
        self._edge = edge

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await self.lifespan.startup()

        def connection(place: Place) -> Connection:
            return Connection(self._edge, place, self.config, self.server_state, self.lifespan.state)

        self.servers = [cast(asyncio.base_events.Server, Door(self._edge, sockets or [], connection))]
        self.started = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._session.stop()
        abort = asyncio.get_running_loop().call_later(ABORT_SECONDS, self._abort)
        await super().shutdown(sockets)
        abort.cancel()

    def _abort(self) -> None:
        for connection in list(self.server_state.connections):
            if isinstance(connection, Connection):
                connection.transport.abort()


def run(settings: Settings, ingest_command: Sequence[str] = INGEST_COMMAND) -> int:
    """Serve until a signal arrives, and return the exit code.

    Raise :class:`SettingsError` if the options cannot be fulfilled.
    """
    limit = raise_limit()
    page = Page()
    sockets = listen(settings.host, settings.port)
    log = LogLimit(debug=settings.log_level == "debug")
    logging.basicConfig(
        level=settings.log_level.upper(), stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s"
    )
    for handler in logging.getLogger().handlers:
        handler.addFilter(log)
    # These libraries would log each page load and each viewer; their warnings are kept.
    for name in ("uvicorn", "websockets"):
        logging.getLogger(name).setLevel(logging.WARNING)
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
    loop = asyncio.get_running_loop()
    session = StreamSession(settings, page.build, loop)
    supervisor = Supervisor(settings, session, ingest_command)
    backend = _Backend(session)
    app = create_app(backend, page)
    names, domains = machine_names()
    edge = Edge(
        Places(places_within(limit, settings.max_connections), settings.max_connections_each),
        # One address may use all places for viewers until another needs one.
        Places(settings.max_viewers, crowded=1.0),
        Hosts((*settings.allow_host, settings.host), names, domains),
        Proxies(settings.proxy),
        routes_with_body(app),
    )
    images = Images(session, edge)
    backend.connections = lambda: _connections(edge, images, log)
    config = uvicorn.Config(
        Front(app, images),
        http=Connection,
        ws=protocol_class(session, edge),
        loop="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
    server = _Server(config, session, edge)

    def stop(number: int, frame: FrameType | None) -> None:
        server.should_exit = True

    # uvicorn handles signals while it serves. This handler is for signals before that, and for the one that uvicorn
    # raises again afterwards: the end below must still run.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    tasks = [asyncio.create_task(supervisor.run()), asyncio.create_task(_tick(session, log))]
    for task in tasks:
        task.add_done_callback(_report)
    address = url(sockets[0], settings.host)
    print(f"Stream online viewer {__version__} for {settings.stream} at {address}", flush=True)
    if settings.host not in ("127.0.0.1", "localhost", "::1"):
        logger.warning("everybody who reaches %s can watch; there is no login", address)
    try:
        await server.serve(sockets=sockets)
    finally:
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    return FAULT if any(isinstance(result, Exception) for result in results) else 0


def _connections(edge: Edge, images: Images, log: LogLimit) -> ConnectionsStatus:
    """Return the ``connections`` of ``/api/status``."""
    places = edge.places
    return ConnectionsStatus(
        places=places.total,
        taken=places.taken,
        addresses=places.addresses,
        most_of_one_address=places.most()[1],
        gave_way=places.gave_way + edge.viewers.gave_way,
        refused=dict(edge.refused),
        answer_bytes=images.answers.bytes,
        answers_stalled=edge.stalled,
        images_refused=images.refused,
        log_lines_held_back=log.suppressed,
    )


async def _tick(session: StreamSession, log: LogLimit) -> None:
    while True:
        await asyncio.sleep(STATUS_SECONDS)
        session.tick()
        log.tick()


def _report(task: "asyncio.Task[None]") -> None:
    """A background task must not end by itself: log that as a fault."""
    if not task.cancelled() and task.exception() is not None:
        logger.critical("internal fault", exc_info=task.exception())
        os.kill(os.getpid(), signal.SIGTERM)
