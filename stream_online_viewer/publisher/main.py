"""The ingest half as a whole: its port, its connection to the bus, its ingest process, and an orderly end."""

import asyncio
import os
import secrets
import signal
import socket
import ssl
import sys
from collections.abc import Callable, Sequence

import uvloop

from stream_online_viewer import __version__
from stream_online_viewer.errors import SettingsError
from stream_online_viewer.link.nats.client import NatsClient
from stream_online_viewer.protocol.bus_address import parse_bus, parse_name
from stream_online_viewer.publisher.bridge import new_peer
from stream_online_viewer.publisher.http import StatusServer
from stream_online_viewer.publisher.program import Program
from stream_online_viewer.settings import Settings
from stream_online_viewer.web.descriptors import raise_limit
from stream_online_viewer.web.listen import listen, url
from stream_online_viewer.web.running import SWITCH_SECONDS, end_tasks, report_fault, set_up_log, tick
from stream_online_viewer.web.supervisor import INGEST_COMMAND

RECONNECT_SECONDS = 0.25
"""Whoever holds the lease comes back to a new server of the bus before anybody else may take it."""


def run(settings: Settings, ingest_command: Sequence[str] = INGEST_COMMAND) -> int:
    """Work until a signal arrives, and return the exit code.

    Raise :class:`SettingsError` if the options cannot be fulfilled.
    """
    raise_limit()
    sockets = listen(settings.host, settings.port)
    log = set_up_log(settings.log_level)
    sys.setswitchinterval(SWITCH_SECONDS)
    return uvloop.run(_serve(settings, sockets, log.tick, ingest_command))


def bus_client(settings: Settings, name: str, longest_pause: float) -> NatsClient:
    """Return a client of the bus in the options, which is not connected yet; raise :class:`SettingsError`."""
    try:
        return NatsClient(parse_bus(settings.bus or ""), name, settings.bus_ca, longest_pause)
    except (ssl.SSLError, OSError) as error:
        raise SettingsError(f"--bus-ca: {settings.bus_ca!r} cannot be used: {error}") from None


async def _serve(
    settings: Settings, sockets: list[socket.socket], log_tick: Callable[[], None], ingest_command: Sequence[str]
) -> int:
    name = parse_name(settings.name or "")
    peer = new_peer(f"{os.getpid()}-{secrets.token_hex(6)}")
    client = bus_client(settings, f"sov ingest {name} {peer.host} {os.getpid()}", RECONNECT_SECONDS)
    program = Program(settings, client, name, peer, ingest_command)
    server = StatusServer(program)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    tasks = [asyncio.create_task(program.run()), asyncio.create_task(server.serve(sockets))]
    tasks.append(asyncio.create_task(tick(program.tick, log_tick)))
    for task in tasks:
        task.add_done_callback(report_fault)
    where = url(sockets[0], settings.host)
    print(
        f"Ingest of stream online viewer {__version__} for {settings.stream} as {name} on {client.address};"
        f" its status is at {where}",
        flush=True,
    )
    await ended.wait()
    await program.stop()
    server.should_exit = True
    return await end_tasks(tasks)
