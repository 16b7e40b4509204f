"""The rules that a request must meet before the application sees it, and counters of what was refused."""

import logging
from collections import Counter
from collections.abc import Callable
from http import HTTPStatus
from typing import NamedTuple

from stream_online_viewer.web.clock import MONOTONIC, Clock
from stream_online_viewer.web.head import Head, Header
from stream_online_viewer.web.hosts import HostError, Hosts, parse_host
from stream_online_viewer.web.limits import Limits
from stream_online_viewer.web.log_limit import BOUNDED
from stream_online_viewer.web.pages import SECURITY_HEADERS
from stream_online_viewer.web.peers import Proxies
from stream_online_viewer.web.places import Places

logger = logging.getLogger(__name__)

HEAD_BYTES = 32 * 1024
"""Bytes of the request line and all headers, of WebSockets too."""
HEAD_LINES = 128
HEAD_SECONDS = 10.0
"""Seconds for the whole head of a request, from the start of the connection or, later, from the head's first byte."""
PASSING_PLACES = 12
PASSING_SECONDS = 2.0
"""Places for monitoring in addition to all others, and the seconds for the head of a request there."""
RETRY_AFTER_SECONDS = 5
BODY_BYTES = 1024 * 1024
"""Bytes of the body of a request to a route that takes one; the viewer has none."""
READ_METHODS = frozenset((b"GET", b"HEAD"))
METHODS = READ_METHODS | {b"POST"}
"""POST is for routes with a body."""
OPEN_PATHS = frozenset((b"/healthz", b"/readyz", b"/metrics"))
"""Addresses that monitoring requests, answered under any host name."""
MOST_NAMES = 32
"""Refused host names that are logged, each once."""
_LATER_SECONDS = 10.0


class Refusal(NamedTuple):
    """An answer after which the connection is closed."""

    status: HTTPStatus
    text: str
    reason: str
    """The key under which it is counted."""
    headers: tuple[Header, ...] = ()


def answer_bytes(refusal: Refusal, with_body: bool = True) -> bytes:
    """Return the bytes of the HTTP answer to a refused request, which closes the connection."""
    body = f"{refusal.text}\n".encode("utf-8", "replace")
    headers: list[Header] = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"connection", b"close"),
        *((name.lower().encode(), value.encode()) for name, value in SECURITY_HEADERS.items()),
        *refusal.headers,
    ]
    head = b"HTTP/1.1 %d %s\r\n" % (refusal.status, refusal.status.phrase.encode())
    head += b"".join(b"%s: %s\r\n" % header for header in headers) + b"\r\n"
    return head + body if with_body else head


class Edge:
    """The rules, and counters of what they refused.

    ``places`` are those of connections. ``takes_body(path)`` says whether a route takes a body.
    """

    def __init__(
        self,
        places: Places,
        limits: Limits,
        hosts: Hosts,
        proxies: Proxies,
        takes_body: Callable[[str], bool] = lambda path: False,
        clock: Clock = MONOTONIC,
    ) -> None:
        self.clock = clock
        self.places = places
        self.limits = limits
        self.passing = Places(PASSING_PLACES, crowded=1.0)
        self.hosts = hosts
        self.proxies = proxies
        self.takes_body = takes_body
        self.refused: Counter[str] = Counter()
        """Refused requests and connections by reason."""
        self.stalled = 0
        """Answers that ended because the client took nothing."""
        self._names: set[str] = set()
        self._later = 0.0

    def refusal(self, head: Head, upgrade: bool) -> Refusal | None:
        """Return why a request is refused, None if it is not; ``upgrade`` if it asks for a WebSocket."""
        if len(head.headers) > HEAD_LINES:
            return self.refuse_large(f"more than {HEAD_LINES} headers")
        with_body = self.takes_body(head.path.decode("latin-1"))
        if head.method not in READ_METHODS and not (with_body and head.method == b"POST"):
            return self.refuse_method()
        return self._body_refusal(head, with_body) or self._host_refusal(head, upgrade)

    def refuse_method(self) -> Refusal:
        """Return the answer to a method that does more than read."""
        headers = ((b"allow", b"GET, HEAD"),)
        return Refusal(HTTPStatus.METHOD_NOT_ALLOWED, "This server is read with GET and HEAD.", "method", headers)

    def refuse_crowd(self) -> Refusal:
        """Return the answer to a connection for which there is no place."""
        headers = ((b"retry-after", str(RETRY_AFTER_SECONDS).encode()),)
        text = "All places for connections are taken; try again."
        return Refusal(HTTPStatus.SERVICE_UNAVAILABLE, text, "no_place", headers)

    def refuse_large(self, what: str) -> Refusal:
        """Return the answer to a head that is too large."""
        text = f"The head of a request may have {HEAD_BYTES // 1024} KB and {HEAD_LINES} headers; this one has {what}."
        return Refusal(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, text, "head_size")

    def refuse_late(self) -> Refusal:
        """Return the answer to a request whose head or body did not arrive in time."""
        return Refusal(HTTPStatus.REQUEST_TIMEOUT, f"The request took longer than {HEAD_SECONDS:g} s.", "head_time")

    def _body_refusal(self, head: Head, allowed: bool) -> Refusal | None:
        lengths = head.values(b"content-length")
        size = int(lengths[0]) if lengths and lengths[0].isdecimal() and len(lengths[0]) < 20 else 0
        chunked = any(key == b"transfer-encoding" for key, _ in head.headers)
        if chunked or size > (BODY_BYTES if allowed else 0):
            text = "A request has no body here." if not allowed else f"A body has at most {BODY_BYTES} bytes here."
            return Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, text, "body")
        return None

    def _host_refusal(self, head: Head, upgrade: bool) -> Refusal | None:
        for name in (b"host", b"origin"):
            if len(head.values(name)) > 1:
                text = f"A request has one {name.decode().title()} header."
                return Refusal(HTTPStatus.BAD_REQUEST, text, "host" if name == b"host" else "origin")
        if head.path in OPEN_PATHS and not upgrade:
            return None
        given = head.values(b"host")
        if not given and (head.version != "1.0" or upgrade):
            return Refusal(HTTPStatus.BAD_REQUEST, "The Host header is missing.", "host")
        for text in (*given, *([] if head.authority is None else [head.authority])):
            try:
                host = parse_host(text)
            except HostError as error:
                return Refusal(HTTPStatus.BAD_REQUEST, f"The Host header cannot be used: {error}.", "host")
            if not self.hosts.serves(host):
                self._note_name(host.name)
                return Refusal(
                    HTTPStatus.MISDIRECTED_REQUEST,
                    f"This server does not answer to the name {host.name}; "
                    f"if it should, start it with --allow-host {host.name} (or SOV_ALLOW_HOST={host.name}).",
                    "host_name",
                )
        return None

    def _note_name(self, name: str) -> None:
        """Log a refused host name, once, up to ``MOST_NAMES`` names."""
        if name in self._names:
            return
        if len(self._names) < MOST_NAMES:
            self._names.add(name)
            text = "refused: %s is no name of this server; --allow-host %s would serve it"
            logger.warning(text, name, name, extra=BOUNDED)
        elif (now := self.clock()) >= self._later:
            self._later = now + _LATER_SECONDS
            logger.warning("refused: more than %d other names that are none of this server", MOST_NAMES)
