"""The address of a client: what counts as one address, and what proxies say. Pure."""

import ipaddress
from collections.abc import Iterable

_IPV6_PREFIX = 64
_MOST_FORWARDED = 32

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def parse_address(text: str) -> Address | None:
    """Return an IP address without its zone, with IPv4 in IPv6 as IPv4; None if the text is not an address."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, ipaddress.IPv6Address) else address


def is_loopback(text: str) -> bool:
    """Return whether the other end is on this machine: the loopback interface or a local socket (no address)."""
    address = parse_address(text)
    return address.is_loopback if address is not None else not text


def group(text: str) -> str:
    """Return the key for limits by address.

    It is the address or, for IPv6, the network of 64 bits, in which one machine may use any number of addresses.
    """
    address = parse_address(text)
    if isinstance(address, ipaddress.IPv6Address) and not address.is_loopback:
        return str(ipaddress.ip_network((address, _IPV6_PREFIX), strict=False))
    return text if address is None else str(address)


class Proxies:
    """The proxies named by an option: not clients, but trusted to name theirs."""

    def __init__(self, networks: Iterable[str] = ()) -> None:
        """``networks`` are addresses or networks (``10.0.0.0/8``); raise ValueError for anything else."""
        self._networks: list[Network] = [ipaddress.ip_network(network, strict=False) for network in networks]

    def holds(self, text: str) -> bool:
        """Return whether this is the address of a proxy."""
        address = parse_address(text)
        return address is not None and any(address in network for network in self._networks)

    def client(self, peer: str, forwarded: Iterable[str]) -> str:
        """Return the client's address: for a proxy, the last one in ``X-Forwarded-For`` that is not a proxy.

        ``forwarded`` holds the values of that header, which is ignored unless ``peer`` is a proxy.
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
