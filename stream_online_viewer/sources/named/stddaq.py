"""Looks up a detector of the standard DAQ, whose live stream is noted in a Redis server under its name.

Two keys are read, with the plain protocol of Redis (``GET``); nothing is written.
"""

import socket
import time
from collections.abc import Callable, Sequence

from stream_online_viewer.sources.base import SourceOptions
from stream_online_viewer.sources.named.address import HttpServer
from stream_online_viewer.sources.named.found import Found, LookupFailed, stream_address
from stream_online_viewer.sources.named.more_addresses import parse_device

ANSWER_SECONDS = 3.0
MAX_ANSWER_BYTES = 4096
KEYS = ("{}", "{}:LIVE-STREAM")
_MOST_TOLD = 120


class StdDaqLookup:
    """Reads the address under the name of a device, else under that of its live stream."""

    def __init__(self, name: str, server: HttpServer, hosts: Sequence[str]) -> None:
        self._name, self._server, self._hosts = name, server, hosts
        self.where = f"the Redis server {server}"

    def find(self, tell: Callable[[str], None]) -> Found:
        """Return the stream; raise :class:`LookupFailed`."""
        for key in KEYS:
            value = get(self._server, key.format(self._name))
            if value is not None:
                address = stream_address(value, self._hosts, f"The Redis server {self._server}")
                return Found(address, f"the live stream of the detector {self._name}")
        text = f"The Redis server {self._server} knows no stream of {self._name}."
        raise LookupFailed("unknown", "unresolvable", text)


def get(server: HttpServer, key: str, seconds: float = ANSWER_SECONDS) -> str | None:
    """Return the value of a key, None if there is none. Raise :class:`LookupFailed`."""
    raw = key.encode()
    request = b"*2\r\n$3\r\nGET\r\n$%d\r\n%s\r\n" % (len(raw), raw)
    try:
        return _value(_exchange(server, request, time.monotonic() + seconds), server)
    except TimeoutError:
        text = f"The Redis server {server} did not answer within {seconds:g} s."
        raise LookupFailed("slow", "unreachable", text) from None
    except ConnectionRefusedError:
        text = f"Nothing listens at the Redis server {server}: connection refused."
        raise LookupFailed("unreachable", "refused", text) from None
    except (OSError, UnicodeError) as error:
        text = f"The Redis server {server} cannot be reached: {getattr(error, 'strerror', None) or error}."
        raise LookupFailed("unreachable", "unreachable", text) from None


def _exchange(server: HttpServer, request: bytes, end: float) -> bytes:
    """Return the answer: one line, and the bytes that it announces."""
    with socket.create_connection((server.host, server.port), max(0.01, end - time.monotonic())) as connection:
        connection.sendall(request)
        answer = b""
        while not _is_whole(answer) and len(answer) <= MAX_ANSWER_BYTES:
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError
            connection.settimeout(left)
            data = connection.recv(MAX_ANSWER_BYTES)
            if not data:
                break
            answer += data
        return answer


def _is_whole(answer: bytes) -> bool:
    line, ended, rest = answer.partition(b"\r\n")
    if not ended or line[:1] != b"$":
        return bool(ended)
    length = line[1:]
    return not length.isdigit() or len(rest) >= int(length[:9]) + 2


def _value(answer: bytes, server: HttpServer) -> str | None:
    line, _, rest = answer.partition(b"\r\n")
    if line == b"$-1":
        return None
    if line[:1] == b"-":
        said = line[1 : _MOST_TOLD + 1].decode("ascii", "replace")
        raise LookupFailed("error", "unresolvable", f"The Redis server {server} says: {said}")
    length = line[1:]
    if line[:1] == b"$" and length.isdigit() and len(length) < 9 and len(rest) == int(length) + 2:
        try:
            return rest[:-2].decode("ascii")
        except UnicodeDecodeError:
            pass
    raise LookupFailed("unusable", "unresolvable", f"What answers at {server} does not answer like Redis.")


def stddaq_lookup(options: SourceOptions) -> StdDaqLookup:
    """Return the lookup of ``stddaq://host[:port]/NAME``. Raise :class:`.base.AddressError`."""
    name, server = parse_device(options.address)
    return StdDaqLookup(name, server, options.source_hosts)
