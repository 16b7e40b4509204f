"""``/image.png`` and ``/image.npy``, answered in the loop: no thread waits for an image, and no reader gets a copy.

A file is made by the ingest process, once for all requests of the same rendition, and its bytes are shared by all
readers of the answer.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

from stream_online_viewer.errors import ViewerError
from stream_online_viewer.protocol.colour_maps import colour_maps
from stream_online_viewer.protocol.rendition import Rendition
from stream_online_viewer.protocol.shape import AUTO, COLOUR_WISHES
from stream_online_viewer.web import peers
from stream_online_viewer.web.edge import Edge
from stream_online_viewer.web.limits import IMAGE_RATE
from stream_online_viewer.web.pages import SECURITY_HEADERS
from stream_online_viewer.web.session import StreamSession
from stream_online_viewer.web.snapshot import Snapshot, SnapshotError, take_snapshot

KINDS = {"/image.npy": ("npy", "application/octet-stream"), "/image.png": ("png", "image/png")}
MOST_PARAMETERS = 16

Send = Callable[[Any], Awaitable[None]]
Receive = Callable[[], Awaitable[Any]]


class QueryError(ViewerError):
    """The query of a request is wrong."""


class Images:
    """An ASGI application for the addresses in :data:`KINDS`."""

    def __init__(self, session: StreamSession, edge: Edge) -> None:
        self._session = session
        self._edge = edge
        self._limits = edge.limits
        self.refused = 0
        """Requests refused because they came too often or because there was no room."""

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Answer one GET or HEAD request."""
        name, media_type = KINDS[scope["path"]]
        client = str(scope["client"][0]) if scope["client"] else ""
        address, exempt = peers.group(client), self._edge.proxies.holds(client)
        try:
            rendition = parse_query(scope["query_string"].decode("ascii", "replace"), name)
        except QueryError as error:
            await _explain(send, 400, str(error))
            return
        seconds = self._limits.images.wait(address, self._session.clock(), exempt)
        if seconds > 0.0:
            self.refused += 1
            text = f"images are sent {IMAGE_RATE:g} times a second to one address, at most"
            await _explain(send, 429, text, math.ceil(seconds))
            return
        try:
            snapshot = await self._while_connected(
                receive,
                take_snapshot(self._session, self._limits.requests, rendition, peers.is_loopback(client), address),
            )
        except SnapshotError as error:
            self.refused += error.status == 503
            await _explain(send, error.status, str(error), 1 if error.status == 503 else 0)
            return
        if snapshot is not None:
            await self._answer(scope, send, snapshot, name, media_type, address, exempt)

    async def _answer(
        self, scope: Any, send: Send, snapshot: Snapshot, name: str, media_type: str, address: str, exempt: bool
    ) -> None:
        size = len(snapshot.data)
        taken = self._limits.answers.take(address, snapshot.body, size, exempt)
        if taken is None:
            self.refused += 1
            await _explain(send, 503, "images that were asked for before are not read yet; try again", 5)
            return
        try:
            headers = {
                "Content-Type": media_type,
                "Content-Length": str(size),
                "X-Pulse-Id": str(snapshot.pulse_id),
                "Content-Disposition": f'inline; filename="pulse-{snapshot.pulse_id}.{name}"',
            }
            if snapshot.source_time is not None:
                headers["X-Source-Time-Ns"] = str(snapshot.source_time)
            if name == "png":
                # For <img> in other pages, which can show the image but not read its pixels.
                headers["Cross-Origin-Resource-Policy"] = "cross-origin"
            await _start(send, 200, headers)
            await send({"type": "http.response.body", "body": snapshot.data})
        finally:
            # Until the connection has taken all of it.
            scope["state"]["connection"].hold(taken)

    async def _while_connected(self, receive: Receive, snapshot: Any) -> Snapshot | None:
        """Return the image, or None if the client closes its connection first."""
        wanted = asyncio.ensure_future(snapshot)
        gone = asyncio.ensure_future(_disconnected(receive))
        try:
            await asyncio.wait((wanted, gone), return_when=asyncio.FIRST_COMPLETED)
            return await wanted if wanted.done() else None
        finally:
            for task in (wanted, gone):
                task.cancel()
            await asyncio.gather(wanted, gone, return_exceptions=True)


def parse_query(query: str, name: str) -> Rendition:
    """Return the rendition that the query of a file (``npy`` or ``png``) asks for.

    Raise :class:`QueryError`, which says what is wrong. Of a parameter that occurs twice the first one counts.
    """
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=MOST_PARAMETERS)
    except ValueError:
        raise QueryError(f"More than {MOST_PARAMETERS} parameters.") from None
    values = dict(reversed(pairs))
    allowed = {"image", "slice", "colour"} | ({"colormap", "min", "max"} if name == "png" else set())
    unknown = sorted(set(values) - allowed)
    if unknown:
        raise QueryError(f"Unknown parameter {unknown[0][:100]!r}; known are {', '.join(sorted(allowed))}.")
    colour_map = values.get("colormap", "viridis")
    if colour_map not in colour_maps():
        raise QueryError(f"Unknown colormap {colour_map[:100]!r}; known are {', '.join(colour_maps())}.")
    index = _number(values, "slice", int) or 0
    if not 0 <= index < 2**24:
        raise QueryError("slice must be a whole number from 0.")
    low, high = _number(values, "min", float), _number(values, "max", float)
    if low is not None and high is not None and low >= high:
        raise QueryError("min must be below max.")
    # A slice exists only in a stack. Otherwise the default is that of earlier versions: only uint8 is colour.
    colour = values.get("colour", None if "slice" in values else AUTO)
    if colour is not None and colour not in COLOUR_WISHES:
        raise QueryError(f"colour must be one of {', '.join(COLOUR_WISHES)}.")
    channel = values.get("image")
    if channel is not None and not 0 < len(channel) <= 256:
        raise QueryError("image must be a channel name of 1 to 256 characters.")
    return Rendition(channel, int(index), name, low=low, high=high, colour_map=colour_map, colour=colour)


def _number(values: dict[str, str], name: str, read: Callable[[str], float]) -> float | None:
    text = values.get(name)
    if text is None:
        return None
    try:
        value = read(text)
        if not math.isfinite(value):
            raise ValueError
    except (ValueError, OverflowError):
        raise QueryError(f"{name} must be a number, not {text[:100]!r}.") from None
    return value


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _explain(send: Send, status: int, text: str, retry_after: int = 0) -> None:
    body = f"{text}\n".encode("utf-8", "replace")
    headers = {"Content-Type": "text/plain; charset=utf-8", "Content-Length": str(len(body))}
    if retry_after:
        headers["Retry-After"] = str(retry_after)
    await _start(send, status, headers)
    await send({"type": "http.response.body", "body": body})


async def _start(send: Send, status: int, headers: dict[str, str]) -> None:
    every = SECURITY_HEADERS | {"Cache-Control": "no-store"} | headers
    lines = [(name.lower().encode(), value.encode("latin-1", "replace")) for name, value in every.items()]
    await send({"type": "http.response.start", "status": status, "headers": lines})
