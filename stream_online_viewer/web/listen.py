"""The listening sockets, one for each address of ``--host``."""

import errno
import os
import socket

from stream_online_viewer.errors import SettingsError

BACKLOG = 2048
_NOT_HERE = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
"""The machine lacks this address. A name may resolve to several, of which the machine has only some."""


def listen(host: str, port: int) -> list[socket.socket]:
    """Return listening sockets on all addresses of ``host``, all with the same port.

    ``::`` means all interfaces, IPv4 included. Raise :class:`SettingsError` with one line if that is not possible.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SettingsError(f"--host: {host!r} cannot be resolved: {reason}") from None
    sockets: list[socket.socket] = []
    missing: OSError | None = None
    for family, _, _, _, address in dict.fromkeys(found):
        try:
            # If ``port`` is 0, the others use the port that the first socket got.
            place = (address[0], sockets[0].getsockname()[1] if sockets else port, *address[2:])
            sockets.append(_listen(socket.AddressFamily(family), place))
        except OSError as error:
            if error.errno in _NOT_HERE or (sockets and port == 0):
                missing = missing or error
                continue
            for sock in sockets:
                sock.close()
            raise _refused(host, port, error) from None
    if not sockets:
        raise _refused(host, port, missing or OSError(errno.EADDRNOTAVAIL, ""))
    return sockets


def url(sock: socket.socket, host: str) -> str:
    """Return the address of the page. The zone of an IPv6 address cannot be part of it."""
    name = socket.gethostname() if host in ("0.0.0.0", "::") else host
    name = f"[{name.replace('%', '%25')}]" if ":" in name else name
    return f"http://{name}:{sock.getsockname()[1]}/"


def _listen(family: socket.AddressFamily, address: tuple[object, ...]) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, address[0] != "::")
        sock.bind(address)
        sock.listen(BACKLOG)
    except OSError:
        sock.close()
        raise
    return sock


def _refused(host: str, port: int, error: OSError) -> SettingsError:
    reason = os.strerror(error.errno) if error.errno else str(error)
    return SettingsError(f"cannot serve on {host}:{port}: {reason.lower()}; choose another --port or --host")
