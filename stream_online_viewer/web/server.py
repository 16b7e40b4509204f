"""The web process as a whole: one port for pages and WebSockets, the ingest process beside it, and an orderly end."""

import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any, cast

import uvicorn
import uvloop
from a2wsgi import WSGIMiddleware

from stream_online_viewer import __version__
from stream_online_viewer.errors import SettingsError
from stream_online_viewer.protocol.form import Form
from stream_online_viewer.settings import Settings
from stream_online_viewer.web.app import create_app
from stream_online_viewer.web.live import protocol_class
from stream_online_viewer.web.pages import Page
from stream_online_viewer.web.snapshot import WAIT_SECONDS, Snapshot, SnapshotError, take_snapshot
from stream_online_viewer.web.station import STATUS_SECONDS, Station
from stream_online_viewer.web.supervisor import INGEST_COMMAND, Supervisor

logger = logging.getLogger(__name__)

SWITCH_SECONDS = 0.0005
SHUTDOWN_SECONDS = 1
FLASK_THREADS = 16
BACKLOG = 2048
FAULT = 1


class _Backend:
    """The bridge from Flask's threads to the loop's."""

    def __init__(self, station: Station) -> None:
        self._station = station

    def overview(self) -> dict[str, Any]:
        return self._call(self._station.overview)

    def ready(self) -> bool:
        return self._station.ready()

    def snapshot(self, form: Form, local: bool) -> Snapshot:
        future = asyncio.run_coroutine_threadsafe(take_snapshot(self._station, form, local), self._station.loop)
        try:
            return future.result(WAIT_SECONDS + 2.0)
        except TimeoutError:
            future.cancel()
            raise SnapshotError(504, "the server is too busy to wait for an image") from None

    def _call(self, function: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        async def in_loop() -> dict[str, Any]:
            return function()

        return asyncio.run_coroutine_threadsafe(in_loop(), self._station.loop).result(5.0)


class _Server(uvicorn.Server):
    """uvicorn's server, which waits for requests that are being answered: those that wait for an image end first."""

    def __init__(self, config: uvicorn.Config, station: Station) -> None:
        super().__init__(config)
        self._station = station

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._station.stop()
        await super().shutdown(sockets)


def run(settings: Settings, ingest_command: Sequence[str] = INGEST_COMMAND) -> int:
    """Serve until a signal comes.

    Return the exit code. Raises :class:`SettingsError` for what an option makes impossible.
    """
    page = Page()
    sock = listen(settings.host, settings.port)
    logging.basicConfig(
        level=settings.log_level.upper(), stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s"
    )
    # A line for each page load and each viewer says nothing; these libraries warn when something is wrong.
    for name in ("uvicorn", "websockets"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # A busy Python thread must not keep the sockets waiting for 5 ms.
    sys.setswitchinterval(SWITCH_SECONDS)
    return uvloop.run(_serve(settings, page, sock, ingest_command))


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; raise :class:`SettingsError` with one line if the address cannot be had."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise SettingsError(f"--host: {host!r} cannot be resolved: {error.strerror or error}") from None
    sock = socket.socket(family, kind, protocol)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind(address)
    except OSError as error:
        sock.close()
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise SettingsError(
            f"cannot serve on {host}:{port}: {reason.lower()}; choose another --port or --host"
        ) from None
    sock.listen(BACKLOG)
    return sock


def _url(sock: socket.socket, host: str) -> str:
    name = socket.gethostname() if host in ("0.0.0.0", "::") else host
    return f"http://{f'[{name}]' if ':' in name else name}:{sock.getsockname()[1]}/"


async def _serve(settings: Settings, page: Page, sock: socket.socket, ingest_command: Sequence[str]) -> int:
    loop = asyncio.get_running_loop()
    station = Station(settings, page.build, loop)
    supervisor = Supervisor(settings, station, ingest_command)
    app = create_app(_Backend(station), page)
    config = uvicorn.Config(
        WSGIMiddleware(cast(Any, app.wsgi_app), workers=FLASK_THREADS),
        http="httptools",
        ws=protocol_class(station),
        loop="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
    server = _Server(config, station)

    def stop(number: int, frame: FrameType | None) -> None:
        server.should_exit = True

    # uvicorn has handlers of its own while it serves. This one takes a signal that comes before, and the one that
    # uvicorn raises again when it is done: the end below must still run.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    sock.setblocking(False)
    tasks = [asyncio.create_task(supervisor.run()), asyncio.create_task(_tick(station))]
    for task in tasks:
        task.add_done_callback(_report)
    print(f"Stream online viewer {__version__} shows {settings.stream} at {_url(sock, settings.host)}", flush=True)
    if settings.host not in ("127.0.0.1", "localhost", "::1"):
        logger.warning("everybody who reaches %s can watch; there is no login", _url(sock, settings.host))
    try:
        await server.serve(sockets=[sock])
    finally:
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    return FAULT if any(isinstance(result, Exception) for result in results) else 0


async def _tick(station: Station) -> None:
    while True:
        await asyncio.sleep(STATUS_SECONDS)
        station.tick()


def _report(task: "asyncio.Task[None]") -> None:
    """A task that ends by itself is a fault; say so instead of going on without it."""
    if not task.cancelled() and task.exception() is not None:
        logger.critical("internal fault", exc_info=task.exception())
        os.kill(os.getpid(), signal.SIGTERM)
