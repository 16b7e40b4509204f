"""Addresses of streams over ZeroMQ."""

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv6Address

from stream_online_viewer.sources.base import AddressError, shown_address

_FORM = re.compile(r"tcp://(?:\[(?P<six>[^\[\]]*)\]|(?P<host>[^\[\]:/]*)):(?P<port>[^:/]*)")
_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252})")


@dataclass(frozen=True, slots=True)
class Address:
    """Host and port of a stream; ``ipv6`` if the host is an IPv6 literal (without its brackets here)."""

    host: str
    port: int
    ipv6: bool = False

    @property
    def url(self) -> str:
        """The address as ZeroMQ needs it."""
        return f"tcp://{self}"

    @classmethod
    def numeric(cls, host: str, port: int) -> "Address":
        """Return an address with a numeric host from the resolver, such as ``fe80::1%eth0``."""
        return cls(host, port, ":" in host)

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if self.ipv6 else f"{self.host}:{self.port}"


def parse_address(text: str) -> Address:
    """Return the parts of ``tcp://host:port``, with an IPv6 literal in brackets. Raise :class:`AddressError`."""
    shown = shown_address(text)
    match = _FORM.fullmatch(text)
    if match is None:
        raise AddressError(f"{shown} is no stream address; it looks like tcp://host:port")
    six, host, port = match["six"], match["host"], match["port"]
    if six is not None:
        try:
            IPv6Address(six)
        except AddressValueError:
            raise AddressError(f"{shown}: {six[:80]!r} is no IPv6 address") from None
        host = six
    elif not _HOST.fullmatch(host):
        raise AddressError(f"{shown}: {host[:80]!r} is no host name")
    if not re.fullmatch(r"[0-9]{1,5}", port) or not 1 <= int(port) <= 65535:
        raise AddressError(f"{shown}: {port[:80]!r} is no port between 1 and 65535")
    return Address(host, int(port), six is not None)
