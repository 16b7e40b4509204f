"""Finds out what listens at the address of the stream, without becoming a receiver of it."""

import socket
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Literal

from stream_online_viewer.sources.zeromq.address import Address
from stream_online_viewer.sources.zeromq.zmtp import GREETING, OPENING_BYTES, NotZmtp, PeerReader

Outcome = Literal["zmtp", "http", "refused", "unresolvable", "unreachable", "no_answer", "not_zeromq"]

MOST_ADDRESSES = 4
"""The number of addresses of one name that are probed."""
_TELLING: tuple[Outcome, ...] = (
    "zmtp",
    "http",
    "not_zeromq",
    "no_answer",
    "refused",
    "unreachable",
    "unresolvable",
)
HTTP_REQUEST = b"GET /base HTTP/1.0\r\nUser-Agent: stream-online-viewer\r\n\r\n"
"""Any HTTP server answers it, if only with 404; a cam_server with the path of its interface, and starts nothing."""
_SCHEMES = {b'"/api/v1/cam"': "cam_server", b'"/api/v1/pipeline"': "pipeline"}
_MOST_ANSWER_BYTES = 16 * 1024


@dataclass(frozen=True, slots=True)
class Probe:
    """The result of a probe. ``text`` is one sentence for an operator, with host and port.

    For ``zmtp``, ``socket_type`` and ``minor`` are the socket type and the minor protocol version (3.x; 0 for older
    ones) that the peer announced, None if it did not. ``target`` is the numeric address that was probed, with its zone,
    None if there is none.
    """

    outcome: Outcome
    text: str
    socket_type: str | None = None
    minor: int | None = None
    target: str | None = None


def probe(host: str, port: int, timeout: float = 1.0, *, ask_http: bool = True) -> Probe:
    """Connect to an address, read what the peer announces, and disconnect.

    It takes at most about three times ``timeout`` seconds for each address. The addresses of a name are probed one
    after the other, IPv4 first because most sources bind to it, until one is a ZeroMQ peer; otherwise the most specific
    result is returned. Only the ZMTP greeting is sent. If there is no answer and ``ask_http`` is set, a second
    connection checks for an HTTP server.
    """
    at = str(Address(host, port, ":" in host))
    try:
        found = socket.getaddrinfo(host, port, socket.AF_UNSPEC, socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        found = []
    # A dict keeps the order and each address once.
    addresses = {info[4]: info[0] for info in sorted(found, key=lambda info: info[0] != socket.AF_INET)}
    best = Probe("unresolvable", f"The name {host} (stream {at}) cannot be resolved.")
    for target, family in list(addresses.items())[:MOST_ADDRESSES]:
        result = replace(_probe_one(at, family, target, timeout, ask_http), target=_number(target))
        if result.outcome == "zmtp":
            return result
        if _TELLING.index(result.outcome) < _TELLING.index(best.outcome):
            best = result
    return best


def _number(target: tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]) -> str:
    """Return the numeric host of a socket address, with the zone of a link-local one."""
    return socket.getnameinfo(target, socket.NI_NUMERICHOST | socket.NI_NUMERICSERV)[0]


def _probe_one(at: str, family: int, target: object, timeout: float, ask_http: bool) -> Probe:
    """Probe one address, which the text calls ``at``."""
    try:
        with _connect(family, target, timeout) as connection:
            reader, answer = _greet(connection, time.monotonic() + timeout)
    except ConnectionRefusedError:
        return Probe("refused", f"Nothing listens at {at}: connection refused.")
    except TimeoutError:
        return Probe("unreachable", f"{at} cannot be reached: no answer within {timeout:g} s.")
    except OSError as error:
        return Probe("unreachable", f"{at} cannot be reached: {error.strerror or error}.")
    if reader is not None:
        return Probe("zmtp", f"{at} {_described(reader)}.", reader.socket_type, reader.minor)
    if ask_http and not answer.startswith(b"HTTP/"):
        answer = _ask_http(family, target, timeout) or answer
    if answer.startswith(b"HTTP/"):
        scheme = _cam_server_scheme(answer)
        if scheme is not None:
            text = f"{at} is no stream: a cam_server answers there; open its streams by name: {scheme}://{at}/NAME."
            return Probe("http", text)
        return Probe("http", f"{at} is no stream: an HTTP server answers there (Jupyter uses 8888 too).")
    if answer:
        return Probe("not_zeromq", f"{at} is no stream: what answers there is not ZeroMQ.")
    return Probe("no_answer", f"{at} accepts connections, but nothing answers there.")


def _described(reader: PeerReader) -> str:
    if reader.socket_type is not None:
        return f"is a {reader.socket_type} socket"
    if reader.mechanism not in (None, "NULL"):
        return f"wants {reader.mechanism} authentication, which this viewer does not have"
    return "does not say what kind of ZeroMQ socket it is"


def _connect(family: int, target: object, timeout: float) -> socket.socket:
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        connection.settimeout(timeout)
        connection.connect(target)  # type: ignore[arg-type]
    except BaseException:
        connection.close()
        raise
    return connection


def _receive(connection: socket.socket, deadline: float) -> bytes:
    """Return the next bytes, or none if the peer closes, fails or sends nothing until the deadline."""
    left = deadline - time.monotonic()
    if left <= 0:
        return b""
    connection.settimeout(left)
    with suppress(OSError):
        return connection.recv(4096)
    return b""


def _greet(connection: socket.socket, deadline: float) -> tuple[PeerReader | None, bytes]:
    """Exchange greetings. Return the reader if the peer speaks ZMTP, else None with the first bytes received."""
    reader = PeerReader()
    answer, unsent = b"", GREETING[OPENING_BYTES:]
    _send(connection, GREETING[:OPENING_BYTES])
    while not reader.done:
        data = _receive(connection, deadline)
        if not data:
            break
        answer = answer or data
        try:
            reader.feed(data)
        except NotZmtp:
            return None, answer
        if unsent and reader.major is not None and reader.major >= 3:
            _send(connection, unsent)
            unsent = b""
    # Only a part of the signature: the peer is too slow or has gone.
    return (reader if reader.speaks_zmtp else None), b""


def _send(connection: socket.socket, data: bytes) -> None:
    """Send a few bytes. Ignore failures, because a peer that has closed may have sent something before."""
    with suppress(OSError):
        connection.sendall(data)


def _ask_http(family: int, target: object, timeout: float) -> bytes:
    """Return the answer to a request if it is one of HTTP, else nothing; of JSON the whole, of others the beginning."""
    end, answer = time.monotonic() + timeout, b""
    try:
        with _connect(family, target, timeout) as connection:
            connection.sendall(HTTP_REQUEST)
            while len(answer) < _MOST_ANSWER_BYTES and (data := _receive(connection, end)):
                answer += data
                head, complete, body = answer.partition(b"\r\n\r\n")
                if body.rstrip().endswith(b"}") or complete and b"application/json" not in head.lower():
                    break
    except OSError:
        pass
    return answer if answer.startswith(b"HTTP/") else b""


def _cam_server_scheme(answer: bytes) -> str | None:
    """Return the scheme of the addresses of streams that an HTTP server knows, None if it is no cam_server."""
    return next((scheme for base, scheme in _SCHEMES.items() if b'"base"' in answer and base in answer), None)
