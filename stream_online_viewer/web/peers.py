"""Who is at the other end of a connection: its address, what counts as one address, and proxies. Pure."""

import ipaddress
from collections.abc import Iterable

_IPV6_PREFIX = 64
_MOST_FORWARDED = 32

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def parse_address(text: str) -> Address | None:
    """Return an IP address without its zone, an IPv4 one that is written as IPv6 as IPv4; None if it is none."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, ipaddress.IPv6Address) else address


def is_loopback(text: str) -> bool:
    """Return whether the other end is on this machine's loopback interface, or is a local socket (no address)."""
    address = parse_address(text)
    return address.is_loopback if address is not None else not text


def group(text: str) -> str:
    """Return what the limits for each address count by.

    The address; of IPv6 the network of 64 bits, of which one machine has as many addresses as it likes.
    """
    address = parse_address(text)
    if isinstance(address, ipaddress.IPv6Address) and not address.is_loopback:
        return str(ipaddress.ip_network((address, _IPV6_PREFIX), strict=False))
    return text if address is None else str(address)


class Proxies:
    """The proxies that were named at start-up: they are no client, and they say for whom they ask."""

    def __init__(self, networks: Iterable[str] = ()) -> None:
        """Take addresses and networks (``10.0.0.0/8``); raise ValueError for what is neither."""
        self._networks: list[Network] = [ipaddress.ip_network(network, strict=False) for network in networks]

    def holds(self, text: str) -> bool:
        """Return whether this address is one of them."""
        address = parse_address(text)
        return address is not None and any(address in network for network in self._networks)

    def client(self, peer: str, forwarded: Iterable[str]) -> str:
        """Return the address of the client: of a proxy's request the last one in ``X-Forwarded-For`` that is no proxy.

        ``forwarded`` holds the values of that header. What anybody else says there is not believed.
        """
        if not self.holds(peer):
            return peer
        named = ",".join(forwarded).rsplit(",", _MOST_FORWARDED)[-_MOST_FORWARDED:]
        for text in reversed(named):
            address = parse_address(_without_port(text.strip()))
            if address is None:
                break
            if not self.holds(str(address)):
                return str(address)
        return peer


def _without_port(text: str) -> str:
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text
