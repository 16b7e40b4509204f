"""Where the bus is and how the subjects of one stream are named on it. Pure."""

import re
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from stream_online_viewer.errors import ViewerError

DEFAULT_PORT = 4222
_TOKEN = r"[a-z0-9_-]{1,64}"


class BusAddressError(ViewerError):
    """A text that is no address of a bus, or no name of a stream on it; the message is one line for the user."""


@dataclass(frozen=True, slots=True)
class BusServer:
    """One NATS server. ``tls``: the connection is encrypted from its first byte on."""

    host: str
    port: int
    tls: bool

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'tls' if self.tls else 'nats'}://{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class BusAddress:
    """The servers of a bus, any of which may be used, and what to log in with."""

    servers: tuple[BusServer, ...]
    user: str | None = field(default=None, repr=False)
    """The user; without a password this is a token."""
    password: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        """The address for people: without user and password."""
        return ",".join(str(server) for server in self.servers)


def parse_bus(text: str) -> BusAddress:
    """Return the address in ``nats://[USER:PASSWORD@]HOST[:PORT]``; ``tls://`` for encryption.

    Several are separated by commas; user and password are those of the first that has any. The text is never repeated
    in an error, since it may hold a password. Raise :class:`BusAddressError`.
    """
    servers: list[BusServer] = []
    user = password = None
    for part in text.split(","):
        try:
            url = urlsplit(part.strip())
            host, port = url.hostname, url.port
        except ValueError:
            host, port = None, None
        if host is None or url.scheme not in ("nats", "tls") or url.path not in ("", "/") or url.query or url.fragment:
            raise BusAddressError("this is no address of a bus; it looks like nats://HOST:4222 or tls://HOST:4222")
        servers.append(BusServer(host, DEFAULT_PORT if port is None else port, url.scheme == "tls"))
        if user is None and url.username:
            user = unquote(url.username)
            password = None if url.password is None else unquote(url.password)
    return BusAddress(tuple(servers), user, password)


@dataclass(frozen=True, slots=True)
class StreamName:
    """The name of a stream on the bus: ``site`` and ``stream``."""

    site: str
    stream: str

    def __str__(self) -> str:
        return f"{self.site}/{self.stream}"

    @property
    def key(self) -> str:
        """The key of the stream in buckets."""
        return f"{self.site}.{self.stream}"

    def subject(self, *rest: str) -> str:
        """Return a subject of the stream.

        ``frame KEY``, ``rows`` and ``meta`` are published for all web servers, ``web ID`` for one of them; ``want`` is
        what web servers publish.
        """
        return ".".join(("sov", self.site, self.stream, *rest))


def parse_name(text: str) -> StreamName:
    """Return the name in ``SITE/STREAM``; raise :class:`BusAddressError`."""
    if not re.fullmatch(f"{_TOKEN}/{_TOKEN}", text):
        raise BusAddressError(f"{text[:80]!r} is no name; it is SITE/STREAM, of small letters, digits, _ and -")
    site, _, stream = text.partition("/")
    return StreamName(site, stream)
