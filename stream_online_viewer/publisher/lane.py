"""One rendition as it is published, and the frame that is sent in the place of one that the bus does not take."""

import asyncio
from dataclasses import dataclass

from stream_online_viewer.link.messages import FrameInfo
from stream_online_viewer.link.nats.client import TooLarge
from stream_online_viewer.link.nats.frames import image_channel
from stream_online_viewer.protocol.frame import Buffer, encode_frame, frame_identity
from stream_online_viewer.protocol.rendition import Rendition


@dataclass(slots=True, eq=False)
class Lane:
    """One rendition. ``due`` is when the next frame may be pulled, seconds of the loop's clock."""

    number: int
    rendition: Rendition
    subject: str
    reply: str
    pulled: bool = False
    due: float = 0.0
    timer: asyncio.TimerHandle | None = None
    waiting: tuple[FrameInfo, Buffer] | None = None
    """A frame that the kernel had no room for."""

    def stop(self) -> None:
        """Forget what waits."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
        self.waiting = None


def without_image(body: Buffer, error: TooLarge) -> bytes:
    """Return a frame of the same pulse that says why its image does not come."""
    head = frame_identity(body)
    channel = image_channel(memoryview(body))
    if channel is not None:
        head.invalid = [(channel, f"too large for the bus: {error}")]
    return b"".join(encode_frame(head, []))
