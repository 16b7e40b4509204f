"""A single image for ``/image.npy`` and ``/image.png``: the next one, taken by a viewer that exists until then."""

import asyncio
from dataclasses import dataclass
from typing import Any

from stream_online_viewer.errors import ViewerError
from stream_online_viewer.protocol.client import Want
from stream_online_viewer.protocol.frame import Buffer, frame_identity, image_block
from stream_online_viewer.protocol.rendition import Rendition
from stream_online_viewer.web.clock import nanoseconds
from stream_online_viewer.web.limits import RequestLimit
from stream_online_viewer.web.session import STOPPING, StreamSession

WAIT_SECONDS = 10.0


class SnapshotError(ViewerError):
    """There is no image. ``status`` is the HTTP status of the answer."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One image file, with the channel, pulse id and source time that it shows."""

    data: memoryview
    body: Buffer
    """The message that holds the file's bytes, shared by all requests that got the same frame."""
    channel: str
    pulse_id: int
    source_time: int | None


class _Catch:
    """The outlet of a viewer that takes one frame."""

    def __init__(self, future: "asyncio.Future[Buffer]") -> None:
        self._future = future

    def send_binary(self, head: bytes, body: Buffer) -> None:
        if not self._future.done():
            self._future.set_result(body)

    def send_json(self, content: dict[str, Any]) -> None:
        """Not needed for a single image."""

    def send_encoded_json(self, text: bytes) -> None:
        """Not needed for a single image."""

    def unsent(self) -> int:
        return 0

    def keep_unsent(self, size: int) -> None:
        """There is no connection whose buffer could be made smaller."""

    def taken(self) -> int:
        return 0

    def ping(self, clean: bool) -> None:
        """There is no connection whose round trip could be measured."""

    def close(self, code: int, reason: str) -> None:
        if not self._future.done():
            self._future.set_exception(SnapshotError(503, reason))


async def take_snapshot(
    session: StreamSession, requests: RequestLimit, rendition: Rendition, local: bool, address: str
) -> Snapshot:
    """Return the next image from now on. Raise :class:`SnapshotError` if none comes within ten seconds.

    The number of waiting requests is limited by ``requests``, for each ``address`` and in all.
    """
    if session.stopping:
        raise SnapshotError(503, STOPPING)
    leave = requests.enter(address)
    if isinstance(leave, int):
        raise SnapshotError(503, f"{leave} requests are waiting for an image already; try again")
    future: asyncio.Future[Buffer] = session.loop.create_future()
    catch = _Catch(future)
    session.snapshots.add(catch)
    viewer = session.hub.connect(catch, nanoseconds(session.clock), local, "/image")
    try:
        session.hub.set_want(viewer, Want(every=False), rendition)
        body = await asyncio.wait_for(future, WAIT_SECONDS)
    except TimeoutError:
        name = rendition.channel or "the image channel"
        raise SnapshotError(
            504, f"no image of {name} came within {WAIT_SECONDS:g} s; {session.source().text}"
        ) from None
    finally:
        session.hub.disconnect(viewer)
        session.snapshots.discard(catch)
        leave()
    found = image_block(body)
    if isinstance(found, str):
        raise SnapshotError(502, f"the image could not be used: {found}")
    block, payload = found
    identity = frame_identity(body)
    return Snapshot(
        memoryview(payload), body, session.channel_name(block["channel"]), identity.pulse_id, identity.source_time
    )
