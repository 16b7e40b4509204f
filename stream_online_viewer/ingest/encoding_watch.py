"""Notices encodings that never end, and refuses renditions that ended an ingest process before."""

import math
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from stream_online_viewer.ingest import steps
from stream_online_viewer.ingest.channels import image_shape
from stream_online_viewer.ingest.steps import Work
from stream_online_viewer.model.problems import Invalid
from stream_online_viewer.model.pulse import Pulse
from stream_online_viewer.protocol.encodings import SLOTS, EncodingRecord
from stream_online_viewer.protocol.jsontext import to_json
from stream_online_viewer.protocol.rendition import Rendition, fitting_binning
from stream_online_viewer.threadtimes import ThreadTimes

LOOKED_AT_SECONDS = 0.25
"""Age from which on an encoding is observed; nearly all are finished before."""
HANGS_SECONDS = 3.0
SECONDS_PER_PIXEL = 15e-9
"""Together with the seconds above, a step over 8192 x 8192 pixels may take 4 s. The longest takes 1.7 s on a busy
machine (26 ns per pixel)."""
IN_ANY_CASE = 5.0
"""A step that takes this many times as long in real time hangs, however little processor time it got."""


def allowed_seconds(pixels: int) -> float:
    """Return the processor time in s that a step of an image's encoding may use; it may sleep ``HANGS_SECONDS``."""
    return HANGS_SECONDS + SECONDS_PER_PIXEL * pixels


class _Followed:
    """The present step of a thread as observed: since when (monotonic s), and for how long it ran and slept."""

    def __init__(self, work: Work, now: float) -> None:
        self.work = work
        self._times = ThreadTimes(os.getpid(), [work.thread])
        self._times.look(now)
        self._begin(now)

    def _begin(self, now: float) -> None:
        self._steps = self.work.steps
        self.since = now
        self.ran = self.slept = 0.0

    def hangs(self, now: float, allowed: float) -> bool:
        """Return whether the step has used the processor for longer than ``allowed`` seconds, or has slept too long.

        Time for which it was ready and got no processor does not count: on a busy machine an intact step may take any
        time.
        """
        look = self._times.look(now)
        if self.work.steps != self._steps or self.work.waits or self.work.ended:
            self._begin(now)
            return False
        if look is not None:
            self.ran += look.ran
            self.slept += max(0.0, look.seconds - look.ran - look.waited)
        return self.slept > HANGS_SECONDS or self.ran > allowed or now - self.since > IN_ANY_CASE * allowed


@dataclass(slots=True)
class _UnderWay:
    what: bytes
    started: float
    allowed: float
    work: Work
    followed: dict[Work, _Followed] = field(default_factory=dict)


class EncodingWatch:
    """What the encoder threads are doing. ``record`` is read by the web process after the end of this process."""

    def __init__(self, record: EncodingRecord | None) -> None:
        self._record = record
        self._now: list[_UnderWay | None] = [None] * SLOTS
        self._refused: dict[bytes, str] = {}
        self._described: list[tuple[Any, bytes, bytes, int, float] | None] = [None] * SLOTS

    def refuse(self, renditions: Iterable[tuple[str, str]]) -> None:
        """Add renditions that must not be encoded, as :func:`described` returns them, each with the reason."""
        self._refused.update((what.encode(), why) for what, why in renditions)

    def begin(self, slot: int, pulse: Pulse, image: int | None, rendition: Rendition) -> None:
        """Note that an encoder thread begins; raise :class:`Invalid` if this rendition of this image is refused."""
        of = (pulse.layout.serial, image, rendition)
        last = self._described[slot]
        # Nearly always image and rendition are those of the previous encoding.
        if last is None or last[0] != of:
            channel = None if image is None else pulse.layout.channels[image]
            pixels = 1 if channel is None else math.prod(channel.shape)
            last = of, *described(pulse, image, rendition), pixels, allowed_seconds(pixels)
            self._described[slot] = last
        _, what, kind, pixels, allowed = last
        if self._refused:
            why = self._refused.get(what) or self._refused.get(kind)
            if why is not None:
                raise Invalid("encoder", why)
        started = time.monotonic()
        if self._record is not None:
            self._record.begin(slot, what, started, pixels)
        self._now[slot] = _UnderWay(what, started, allowed, steps.begin())

    def end(self, slot: int) -> None:
        """Note that the encoding has ended, successfully or not."""
        steps.end()
        self._now[slot] = None
        if self._record is not None:
            self._record.end(slot)

    def hanging(self, now: float) -> str | None:
        """Return what hangs, None if nothing does. To be called a few times a second by another thread.

        An encoding hangs if one of its threads is in a step that does not end.
        """
        for slot, under_way in enumerate(self._now):
            if under_way is None or now - under_way.started < LOOKED_AT_SECONDS:
                continue
            for work in (under_way.work, *under_way.work.beside):
                followed = under_way.followed.get(work)
                if followed is None:
                    followed = under_way.followed[work] = _Followed(work, now)
                if not followed.hangs(now, under_way.allowed) or self._now[slot] is not under_way:
                    continue
                if self._record is not None:
                    self._record.hangs(slot)
                return (
                    f"{under_way.what.decode()} was not ready after {now - under_way.started:.1f} s; its last step "
                    f"took {now - followed.since:.1f} s, of which it ran {followed.ran:.1f} s and slept "
                    f"{followed.slept:.1f} s"
                )
        return None


def described(pulse: Pulse, image: int | None, rendition: Rendition) -> tuple[bytes, bytes]:
    """Return (image and rendition, the same without part, levels and so on), each as JSON text."""
    facts: dict[str, Any] = {}
    if image is not None:
        channel = pulse.layout.channels[image]
        facts = {"channel": channel.name, "dtype": channel.dtype, "shape": list(channel.shape)}
        shape = image_shape(channel)
        if rendition.fit is not None and shape is not None:
            # The same preview, whether or not the web process knew the size of the image.
            binning = fitting_binning(rendition.fit, shape.columns, shape.rows)
            rendition = rendition._replace(fit=None, binning=binning)
    kind = to_json(facts | {"form": rendition.encoding})
    # A channel that was chosen by name and the same one as default are one image.
    own = {key: value for key, value in rendition._replace(channel=None).content().items() if value is not None}
    # This text is shown in /api/status, whose names must not change.
    own["name"] = own.pop("encoding")
    return to_json(facts | {"form": own}), kind
