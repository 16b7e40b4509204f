"""Who gets a WebSocket: the request of a viewer, whose head was read and whose host was looked at already."""

from http import HTTPStatus

from websockets.datastructures import Headers
from websockets.http11 import Request, Response
from websockets.server import ServerProtocol

from stream_online_viewer.web.head import Head
from stream_online_viewer.web.hosts import HostError, parse_host, same_origin

PATH = "/live"
RETRY_AFTER_SECONDS = 5


def request_of(head: Head) -> Request:
    """Return the request as ``websockets`` has it."""
    headers = Headers([(name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers])
    return Request(head.target.decode("latin-1"), headers, head.method.decode(), f"HTTP/{head.version}")


def refusal(protocol: ServerProtocol, head: Head) -> Response | None:
    """Return the answer to a request for something else than the live socket, or by a page of another host; or None.

    A client that sends no ``Origin`` is no browser and is let in.
    """
    if head.path.decode("latin-1") != PATH:
        return protocol.reject(HTTPStatus.NOT_FOUND, f"The live socket is at {PATH}.\n")
    origin = next(iter(head.values(b"origin")), None)
    if origin is not None and not _is_own(origin, next(iter(head.values(b"host")), "")):
        return protocol.reject(HTTPStatus.FORBIDDEN, "The page that asks is from another host.\n")
    return None


def later(protocol: ServerProtocol, text: str) -> Response:
    """Return the answer to a viewer that cannot come now; ``text`` says why."""
    response = protocol.reject(HTTPStatus.SERVICE_UNAVAILABLE, text)
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _is_own(origin: str, host: str) -> bool:
    try:
        return same_origin(origin, parse_host(host))
    except HostError:
        return False
