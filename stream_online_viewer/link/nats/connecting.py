"""How a connection to a server of the bus is opened: addresses, what the server must be able to do, what went wrong."""

import asyncio
import re
import socket
import ssl
from typing import Any

from stream_online_viewer.errors import ViewerError
from stream_online_viewer.protocol.bus_address import BusServer

OLDEST_SERVER = (2, 11)
"""Older servers let one subscriber that reads nothing delay all others by seconds."""


class ServerRefused(ViewerError):
    """The server, or what it offers, cannot be used; trying again soon changes nothing."""


def check_info(info: dict[str, Any], server: BusServer) -> None:
    """Look at the greeting of a server; raise :class:`ServerRefused` if it cannot do what is needed."""
    version = str(info.get("version", ""))[:40]
    found = re.match(r"(\d{1,6})\.(\d{1,6})", version)
    if found is None or (int(found[1]), int(found[2])) < OLDEST_SERVER:
        oldest = ".".join(map(str, OLDEST_SERVER))
        raise ServerRefused(f"it is nats-server {version or '?'}, and {oldest} or newer is needed")
    most = info.get("max_payload")
    if not isinstance(most, int) or not 1024 <= most:
        raise ServerRefused("it does not say how large a message may be")
    if not info.get("headers"):
        raise ServerRefused("it takes no headers")
    if info.get("tls_required") and not server.tls:
        raise ServerRefused("it wants encryption; its address begins with tls://")


async def open_socket(server: BusServer) -> socket.socket:
    """Return a connected socket; raise ConnectionRefusedError only if every address of the host refuses."""
    loop = asyncio.get_running_loop()
    errors: list[OSError] = []
    for family, kind, protocol, _, address in await loop.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM):
        sock = socket.socket(family, kind, protocol)
        sock.setblocking(False)
        try:
            await loop.sock_connect(sock, address)
            return sock
        except OSError as error:
            sock.close()
            errors.append(error)
        except BaseException:
            sock.close()
            raise
    raise next((error for error in errors if not isinstance(error, ConnectionRefusedError)), errors[0])


async def either(one: asyncio.Event, other: asyncio.Event, seconds: float) -> None:
    """Return when one of two things has happened, or after some time."""
    waits = [asyncio.ensure_future(event.wait()) for event in (one, other)]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()


def why(error: BaseException) -> str:
    """Return why a connection could not be made, for the end of a sentence."""
    if isinstance(error, TimeoutError):
        return "it does not answer"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not accepted: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"the encryption fails: {error.reason or error}"
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens there"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror[0].lower() + error.strerror[1:]
    return str(error) or type(error).__name__
