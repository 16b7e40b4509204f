"""The host names under which this server answers, so that no foreign page can reach it through a name of its own.

A foreign page whose name resolves to this server (DNS rebinding) has the same origin as this server to a browser in the
network. The ``Host`` header still holds the name that was requested. These are served: IP addresses, ``localhost``,
names without a dot, the machine's own names and the names in its search domains, none of which a foreign page can have,
and the names given by options. All are read once, at the start. Pure but for :func:`machine_names`.
"""

import os
import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from stream_online_viewer.web.peers import parse_address

RESOLV_CONF = Path("/etc/resolv.conf")
HOSTS = Path("/etc/hosts")
ANY = "*"
MOST_CHARACTERS = 255
PRIVATE_DOMAINS = frozenset(
    ("corp", "home", "home.arpa", "internal", "intranet", "lan", "local", "localdomain", "private")
)
"""Domains of one label that exist in private networks only. A search domain such as ``com`` is not used."""

_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?")
_NUMBERS = re.compile(r"[0-9a-fA-FxX]+(\.[0-9a-fA-FxX]+){0,3}")
_PORT = re.compile(r"(:[0-9]{0,5})?")
_DEFAULT_PORTS = {"http": "80", "https": "443"}


class HostError(ValueError):
    """The text is not a host with an optional port."""


@dataclass(frozen=True, slots=True)
class Host:
    """The content of a ``Host`` header: an IP address, or a name in lower case without a last dot; and a port or ''."""

    name: str
    port: str
    is_address: bool


def parse_host(text: str) -> Host:
    """Return the parts of a ``Host`` header; raise :class:`HostError` if it is not valid."""
    if len(text) > MOST_CHARACTERS:
        raise HostError("the host is too long")
    if text.startswith("["):
        inner, closed, rest = text[1:].partition("]")
        address = parse_address(inner.replace("%25", "%", 1))
        if not closed or address is None or ":" not in inner or not _PORT.fullmatch(rest):
            raise HostError("the host is no IPv6 address")
        return Host(str(address), rest[1:], True)
    if text.count(":") > 1:
        raise HostError("an IPv6 address stands in brackets")
    name, _, port = text.partition(":")
    if not _NAME.fullmatch(name) or not _PORT.fullmatch(text[len(name) :]):
        raise HostError("the host is no name and no address")
    return Host(name.lower().removesuffix("."), port, _is_ipv4(name))


class Hosts:
    """The names that are served."""

    def __init__(self, allowed: Iterable[str] = (), names: Iterable[str] = (), domains: Iterable[str] = ()) -> None:
        """``allowed`` is given by options, ``names`` and ``domains`` are the machine's own.

        In ``allowed``, ``*`` stands for any name and ``*.example.org`` for all names in that domain.
        """
        given = set(allowed)
        self.any = ANY in given
        self._names = {name.lower() for name in (*names, *given) if not name.startswith("*")}
        self._endings = tuple(
            sorted({f".{domain.lower()}" for domain in domains} | {name[1:] for name in given if name.startswith("*.")})
        )

    def serves(self, host: Host) -> bool:
        """Return whether a request for this host is answered."""
        return (
            self.any
            or host.is_address
            or "." not in host.name
            or host.name.endswith(".localhost")
            or host.name in self._names
            or (bool(self._endings) and host.name.endswith(self._endings))
        )


def same_origin(origin: str, host: Host) -> bool:
    """Return whether a page with this ``Origin`` was served by this server under this ``Host``."""
    try:
        parts = urlsplit(origin)
        if parts.scheme not in _DEFAULT_PORTS or parts.path or parts.query or parts.fragment:
            return False
        other = parse_host(parts.netloc)
    except ValueError:
        return False
    default = _DEFAULT_PORTS[parts.scheme]
    return other.name == host.name and (other.port or default) == (host.port or default)


def machine_names(
    resolv_conf: Path = RESOLV_CONF, hosts: Path = HOSTS, hostname: str | None = None
) -> tuple[set[str], set[str]]:
    """Return the machine's own names and the domains whose names are served, without asking a name server."""
    own = (socket.gethostname() if hostname is None else hostname).lower().strip(".")
    domains = _search_domains(resolv_conf)
    short, _, domain = own.partition(".")
    if domain:
        domains.add(domain)
    names = {own, short, f"{short}.local"} | {f"{short}.{domain}" for domain in domains}
    for line in _lines(hosts):
        words = [word.lower() for word in line.partition("#")[0].split()[1:]]
        if own in words or short in words:
            names.update(words)
    names.discard("")
    return names, {domain for domain in domains if "." in domain or domain in PRIVATE_DOMAINS}


def _search_domains(resolv_conf: Path) -> set[str]:
    found: list[str] = []
    for line in _lines(resolv_conf):
        words = line.partition("#")[0].partition(";")[0].split()
        # The last of these lines counts, as it does to the resolver.
        if words and words[0] in ("search", "domain"):
            found = words[1:]
    found = os.environ.get("LOCALDOMAIN", "").split() or found
    return {domain.lower().strip(".") for domain in found if _NAME.fullmatch(domain)} - {""}


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return []


def _is_ipv4(name: str) -> bool:
    """Return whether clients take this for an IPv4 address, also in a short form such as 127.1."""
    if not _NUMBERS.fullmatch(name):
        return False
    try:
        socket.inet_aton(name)
    except OSError:
        return False
    return True
