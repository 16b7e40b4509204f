"""Notices an encoding that never ends, and keeps away what ended an ingest process before."""

import math
import os
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from stream_online_viewer.ingest.channels import image_shape
from stream_online_viewer.model.problems import Invalid
from stream_online_viewer.model.pulse import Pulse
from stream_online_viewer.protocol.encodings import SLOTS, EncodingRecord
from stream_online_viewer.protocol.jsontext import to_json
from stream_online_viewer.protocol.rendition import Rendition, fitting_binning
from stream_online_viewer.threadtimes import ThreadTimes

LOOKED_AT_SECONDS = 0.25
"""Nearly all encodings are done before that; longer ones are looked at."""
HANGS_SECONDS = 3.0
SECONDS_PER_PIXEL = 15e-9
"""Together with the seconds above, 8192 x 8192 pixels may take 4 s; they take 1.7 s on a busy machine (26 ns each)."""
SLOW_SECONDS_PER_PIXEL = 200e-9
"""PNG files, and previews of types of more than two bytes, cost up to 140 ns for each pixel on a busy machine."""
QUICK_PREVIEWS = frozenset({"bool", "int8", "uint8", "int16", "uint16"})
IN_ANY_CASE = 5.0
"""So many times as long on the wall, an encoding hangs however little of the processor it was given."""
HELPERS = "binning"
"""Threads of this name work for the encoder, which waits for them."""


def allowed_seconds(pixels: int, encoding: str, dtype: str) -> float:
    """Return how long the encoding of an image into a rendition may use a processor; it may sleep ``HANGS_SECONDS``."""
    slow = encoding == "png" or (encoding == "preview" and dtype not in QUICK_PREVIEWS)
    return HANGS_SECONDS + (SLOW_SECONDS_PER_PIXEL if slow else SECONDS_PER_PIXEL) * pixels


@dataclass(slots=True)
class _UnderWay:
    what: bytes
    started: float
    allowed: float
    thread: int
    times: ThreadTimes | None = None
    slept: float = 0.0
    ran: float = 0.0


class EncodingWatch:
    """What the encoder threads are at. ``record`` is read by the web process when this process has ended."""

    def __init__(self, record: EncodingRecord | None) -> None:
        self._record = record
        self._now: list[_UnderWay | None] = [None] * SLOTS
        self._refused: dict[bytes, str] = {}
        self._described: list[tuple[Any, bytes, bytes, int, float, int] | None] = [None] * SLOTS

    def refuse(self, renditions: Iterable[tuple[str, str]]) -> None:
        """Add what must not be tried again, as :func:`described` says it, each with the reason."""
        self._refused.update((what.encode(), why) for what, why in renditions)

    def begin(self, slot: int, pulse: Pulse, image: int | None, rendition: Rendition) -> None:
        """An encoder thread begins; raise :class:`Invalid` if this rendition of this image must not be tried."""
        of = (pulse.layout.serial, image, rendition)
        last = self._described[slot]
        # Nearly always the same image and rendition as the one before.
        if last is None or last[0] != of:
            channel = None if image is None else pulse.layout.channels[image]
            pixels = 1 if channel is None else math.prod(channel.shape)
            allowed = allowed_seconds(pixels, rendition.encoding, "" if channel is None else channel.dtype)
            last = of, *described(pulse, image, rendition), pixels, allowed, threading.get_native_id()
            self._described[slot] = last
        _, what, kind, pixels, allowed, thread = last
        if self._refused:
            why = self._refused.get(what) or self._refused.get(kind)
            if why is not None:
                raise Invalid("encoder", why)
        started = time.monotonic()
        if self._record is not None:
            self._record.begin(slot, what, started, pixels)
        self._now[slot] = _UnderWay(what, started, allowed, thread)

    def end(self, slot: int) -> None:
        """It ended, well or not."""
        self._now[slot] = None
        if self._record is not None:
            self._record.end(slot)

    def hanging(self, now: float) -> str | None:
        """Return what hangs, None if nothing does; to be called a few times a second by another thread.

        An encoding hangs if it slept for longer than it may, or used the processor for longer. The time in which it
        was ready and got no processor does not count: on a busy machine an honest one takes as long as it takes.
        """
        for slot, under_way in enumerate(self._now):
            if under_way is None or now - under_way.started < LOOKED_AT_SECONDS:
                continue
            if under_way.times is None:
                helpers = [thread.native_id for thread in threading.enumerate() if thread.name.startswith(HELPERS)]
                threads = [under_way.thread, *(helper for helper in helpers if helper is not None)]
                under_way.times = ThreadTimes(os.getpid(), threads)
            look = under_way.times.look(now)
            if look is None:
                continue
            under_way.ran += look.ran
            under_way.slept += max(0.0, look.seconds - look.ran - look.waited)
            allowed = under_way.allowed
            wall = now - under_way.started
            hangs = under_way.slept > HANGS_SECONDS or under_way.ran > allowed
            if hangs or wall > IN_ANY_CASE * allowed:
                if self._now[slot] is not under_way:
                    continue
                if self._record is not None:
                    self._record.hangs(slot)
                return (
                    f"{under_way.what.decode()} was not ready after {wall:.1f} s, of which it ran "
                    f"{under_way.ran:.1f} s and slept {under_way.slept:.1f} s"
                )
        return None


def described(pulse: Pulse, image: int | None, rendition: Rendition) -> tuple[bytes, bytes]:
    """Return what is encoded as JSON text: exactly, and the kind of it, without part, levels and so on."""
    facts: dict[str, Any] = {}
    if image is not None:
        channel = pulse.layout.channels[image]
        facts = {"channel": channel.name, "dtype": channel.dtype, "shape": list(channel.shape)}
        shape = image_shape(channel)
        if rendition.fit is not None and shape is not None:
            # The same preview, whether the web process knew the size of the image or not.
            binning = fitting_binning(rendition.fit, shape.columns, shape.rows)
            rendition = rendition._replace(fit=None, binning=binning)
    kind = to_json(facts | {"form": rendition.encoding})
    # A channel that was named and the same one as the default are one image.
    own = {key: value for key, value in rendition._replace(channel=None).content().items() if value is not None}
    # This text is shown in /api/status, whose names stay.
    own["name"] = own.pop("encoding")
    return to_json(facts | {"form": own}), kind
