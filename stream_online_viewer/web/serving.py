"""What every web process is made of, wherever its connections and the reports of the ingest process come from."""

import asyncio
import contextlib
import os
import socket
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import Future
from dataclasses import replace
from typing import Any, Protocol, TypeVar, cast

import uvicorn

from stream_online_viewer.settings import Settings
from stream_online_viewer.web.app import BusyError, create_app
from stream_online_viewer.web.cameras import CamerasNow
from stream_online_viewer.web.catalogue import read_catalogue
from stream_online_viewer.web.connection import Connection
from stream_online_viewer.web.door import TakeIn, into_protocol
from stream_online_viewer.web.edge import Edge
from stream_online_viewer.web.front import Front, routes_with_body
from stream_online_viewer.web.hosts import Hosts, machine_names
from stream_online_viewer.web.images import Images
from stream_online_viewer.web.limits import Limits
from stream_online_viewer.web.live import protocol_class
from stream_online_viewer.web.log_limit import LogLimit
from stream_online_viewer.web.overview import ConnectionsStatus, Overview
from stream_online_viewer.web.pages import Page
from stream_online_viewer.web.peers import Proxies
from stream_online_viewer.web.places import Place, Places
from stream_online_viewer.web.session import StreamSession

SHUTDOWN_SECONDS = 1
ABORT_SECONDS = 0.6
"""Seconds after which, when stopping, answers that were not taken are given up."""
BUSY_SECONDS = 5.0

T = TypeVar("T")


class Entry(Protocol):
    """Where connections come in; it has the two methods that uvicorn calls on a server at the end."""

    def close(self) -> None:
        """Take no more connections."""

    async def wait_closed(self) -> None:
        """Return when those that were coming in have been dealt with."""


class WebServer(uvicorn.Server):
    """uvicorn's server with connections that come in by an :class:`Entry`.

    When stopping it waits for requests that are being answered. Those that wait for an image are ended first, and
    answers that no client takes are given up.
    """

    def __init__(
        self,
        settings: Settings,
        page: Page,
        session: StreamSession,
        limits: Limits,
        log: LogLimit,
        places: Places,
        overview: Callable[[Overview], Awaitable[Overview]] | None = None,
    ) -> None:
        """Put everything together.

        ``places`` are those of connections that come in here. ``overview`` makes the overview of the whole server from
        that of this process; with it this is one of several web processes, and the parent decides when it ends.
        """
        self._session = session
        self._log = log
        self._overview = overview
        self.open: Callable[[TakeIn], Entry] | None = None
        """Lets connections come in; called when all is ready."""
        app = create_app(
            _Backend(session, self._overview_of_all),
            page,
            os.getpid if overview is None else os.getppid,
            None if settings.catalogue is None else read_catalogue(settings.catalogue, settings.pipeline_server),
        )
        names, domains = machine_names()
        self.edge = Edge(
            places,
            limits,
            Hosts((*settings.allow_host, settings.host), names, domains),
            Proxies(settings.proxy),
            routes_with_body(app),
        )
        self._images = Images(session, self.edge)
        super().__init__(
            uvicorn.Config(
                Front(app, self._images),
                http=Connection,
                ws=protocol_class(session, self.edge),
                loop="none",
                lifespan="off",
                interface="asgi3",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                timeout_graceful_shutdown=SHUTDOWN_SECONDS,
            )
        )

    def overview(self) -> Overview:
        """Return the overview of this process, with the connections that it knows of."""
        edge, places = self.edge, self.edge.places
        return replace(
            self._session.overview(),
            connections=ConnectionsStatus(
                places=places.total,
                taken=places.taken,
                addresses=places.addresses,
                most_of_one_address=places.most()[1],
                gave_way=places.gave_way + edge.limits.viewers.gave_way,
                refused=dict(edge.refused),
                answer_bytes=edge.limits.answers.bytes,
                answers_stalled=edge.stalled,
                images_refused=self._images.refused,
                log_lines_held_back=self._log.suppressed,
            ),
        )

    async def _overview_of_all(self) -> Overview:
        own = self.overview()
        return own if self._overview is None else await self._overview(own)

    # uvicorn.Server

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handle signals while the block runs, if that is for this process."""
        with super().capture_signals() if self._overview is None else contextlib.nullcontext():
            yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Let connections come in."""
        await self.lifespan.startup()

        def connection(place: Place) -> asyncio.Protocol:
            return Connection(self.edge, place, self.config, self.server_state, self.lifespan.state)

        if self.open is not None:
            self.servers = [cast(asyncio.base_events.Server, self.open(into_protocol(connection)))]
        self.started = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close all connections, in order."""
        self._session.stop()
        abort = asyncio.get_running_loop().call_later(ABORT_SECONDS, self._abort)
        await super().shutdown(sockets)
        abort.cancel()

    def _abort(self) -> None:
        for connection in list(self.server_state.connections):
            if isinstance(connection, Connection):
                connection.transport.abort()


class _Backend:
    """The connection between Flask's threads and the loop."""

    def __init__(self, session: StreamSession, overview: Callable[[], Awaitable[Overview]]) -> None:
        self._session = session
        self._overview = overview

    def overview(self) -> Overview:
        async def in_loop() -> Overview:
            return await self._overview()

        return self._of_loop(in_loop())

    def _of_loop(self, asked: Coroutine[Any, Any, T]) -> T:
        """Return what a coroutine returns in the loop; raise :class:`BusyError` if that takes too long."""
        future: Future[T] = asyncio.run_coroutine_threadsafe(asked, self._session.loop)
        try:
            return future.result(BUSY_SECONDS)
        except TimeoutError:
            future.cancel()
            raise BusyError("the server is too busy to say how it is; try again") from None

    def ready(self) -> bool:
        return self._session.ready()

    def cameras(self) -> CamerasNow:
        async def in_loop() -> CamerasNow:
            return self._session.cameras.look()

        return self._of_loop(in_loop())
