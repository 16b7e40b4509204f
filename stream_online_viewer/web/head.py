"""The parsed head of a request, for the rules and the WebSocket. Pure."""

from typing import NamedTuple
from urllib.parse import unquote

import httptools

Header = tuple[bytes, bytes]
_PLAIN = frozenset(range(0x21, 0x7F))


class Head(NamedTuple):
    """The head of a request."""

    method: bytes
    target: bytes
    """The target as it was sent."""
    path: bytes
    """The target without its query, still percent-encoded."""
    authority: str | None
    """The host in the target, None if there is none."""
    version: str
    headers: list[Header]
    """Names are in lower case."""

    def values(self, name: bytes) -> list[str]:
        """Return all values of a header in their order."""
        return [value.decode("latin-1").strip() for key, value in self.headers if key == name]


def read_head(parser: httptools.HttpRequestParser, target: bytes, headers: list[Header]) -> Head | None:
    """Return the head that a parser has read; None if the target is not an address on a server like this one."""
    if not _PLAIN.issuperset(target):
        return None
    try:
        parsed = httptools.parse_url(target)
    except httptools.HttpParserError:
        return None
    path = parsed.path
    if not path or not path.startswith(b"/") or (parsed.schema or b"http").lower() not in (b"http", b"https"):
        return None
    authority = None if parsed.host is None else _authority(parsed.host, parsed.port)
    return Head(parser.get_method(), target, path, authority, parser.get_http_version(), headers)


def _authority(host: bytes, port: int | None) -> str:
    name = unquote(host.decode("latin-1"))
    name = f"[{name}]" if ":" in name else name
    return name if port is None else f"{name}:{port}"
