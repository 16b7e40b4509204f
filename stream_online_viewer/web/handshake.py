"""Which requests become a WebSocket. Their head is already parsed and their host name checked."""

from http import HTTPStatus

from websockets.datastructures import Headers
from websockets.http11 import Request, Response
from websockets.server import ServerProtocol

from stream_online_viewer.web.head import Head
from stream_online_viewer.web.hosts import HostError, parse_host, same_origin

PATH = "/live"
RETRY_AFTER_SECONDS = 5


def request_of(head: Head) -> Request:
    """Return the request as an object of ``websockets``."""
    headers = Headers([(name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers])
    return Request(head.target.decode("latin-1"), headers, head.method.decode(), f"HTTP/{head.version}")


def refusal(protocol: ServerProtocol, head: Head) -> Response | None:
    """Return the answer that refuses an upgrade, or None if it is allowed.

    Refused are other paths than that of the live socket and pages of other hosts. A client without an ``Origin`` header
    is not a browser and is allowed.
    """
    if head.path.decode("latin-1") != PATH:
        return protocol.reject(HTTPStatus.NOT_FOUND, f"The live socket is at {PATH}.\n")
    origin = next(iter(head.values(b"origin")), None)
    if origin is not None and not _is_own(origin, next(iter(head.values(b"host")), "")):
        return protocol.reject(HTTPStatus.FORBIDDEN, "The page that asks is from another host.\n")
    return None


def later(protocol: ServerProtocol, text: str) -> Response:
    """Return the answer to a viewer that cannot be added now; ``text`` is the reason."""
    response = protocol.reject(HTTPStatus.SERVICE_UNAVAILABLE, text)
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _is_own(origin: str, host: str) -> bool:
    try:
        return same_origin(origin, parse_host(host))
    except HostError:
        return False
