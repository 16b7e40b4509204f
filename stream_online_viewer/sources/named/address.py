"""Addresses of servers that know streams by name, and the names in addresses of streams. Pure."""

import re
from dataclasses import dataclass
from urllib.parse import quote

from stream_online_viewer.sources.base import AddressError, shown_address

HOST = r"(?P<host>\[[0-9A-Fa-f:.]+(?:%[A-Za-z0-9_.-]+)?\]|[A-Za-z0-9_][A-Za-z0-9_.-]{0,252})"
_SERVER = re.compile(rf"(?:(?P<scheme>https?)://)?{HOST}(?::(?P<port>[0-9]{{1,5}}))?(?P<path>(?:/[A-Za-z0-9_.~-]+)*)/?")
_AT = re.compile(rf"{HOST}(?::(?P<port>[0-9]{{1,5}}))?")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:@+-]{0,127}")


@dataclass(frozen=True, slots=True)
class HttpServer:
    """Where an HTTP server is. ``host`` has no brackets; ``path`` comes before that of each request."""

    host: str
    port: int
    secure: bool = False
    path: str = ""

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Name:
    """A name, and the server that knows it; None for the one of the options."""

    name: str
    server: HttpServer | None

    @property
    def quoted(self) -> str:
        """The name as an element of the path of a URL."""
        return quote(self.name, safe="")


def parse_server(text: str, port: int) -> HttpServer:
    """Return the server of ``[http[s]://]host[:port][/path]``; ``port`` if it names none. Raise ValueError."""
    found = _SERVER.fullmatch(text)
    if found is None:
        raise ValueError(f"{text[:80]!r} is no server; it looks like http://host:port")
    return HttpServer(
        found["host"].strip("[]"), _port(found["port"], port), found["scheme"] == "https", found["path"] or ""
    )


def parse_name(scheme: str, port: int, text: str) -> Name:
    """Return name and server of ``SCHEME://[host[:port]/]NAME``. Raise :class:`AddressError`."""
    at, slash, name = text.removeprefix(f"{scheme}://").rpartition("/")
    form = f"it looks like {scheme}://NAME or {scheme}://host:{port}/NAME"
    if not _NAME.fullmatch(name):
        raise AddressError(f"{shown_address(text)}: {name[:80]!r} is no name; {form}")
    if not slash:
        return Name(name, None)
    found = _AT.fullmatch(at)
    if found is None:
        raise AddressError(f"{shown_address(text)}: {at[:80]!r} is no server; {form}")
    try:
        return Name(name, HttpServer(found["host"].strip("[]"), _port(found["port"], port)))
    except ValueError as error:
        raise AddressError(f"{shown_address(text)}: {error}") from None


def _port(text: str | None, usual: int) -> int:
    port = usual if text is None else int(text)
    if not 1 <= port <= 65535:
        raise ValueError(f"{port} is no port between 1 and 65535")
    return port
