"""Chooses the rendition of a viewer's images, from what the viewer wants and what its link carries.

Sizes and levels are rounded, so that viewers with slightly different windows share one rendition. A rendition that only
one viewer needs (part of the image, levels of its own, the detail under its cursor) is given as long as fewer than
``MOST_OWN`` of them are in use; otherwise the viewer gets the nearest shared one.
"""

import math
import sys
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from stream_online_viewer.link.report import IngestReport, SourceImage
from stream_online_viewer.protocol.client import Want
from stream_online_viewer.protocol.rendition import BINNINGS, Crop, Rendition, fitting_binning
from stream_online_viewer.protocol.shape import COLOUR_WISHES, may_be_colour, shape_of
from stream_online_viewer.settings import Settings
from stream_online_viewer.web.clock import Clock
from stream_online_viewer.web.hub import Hub
from stream_online_viewer.web.quality import LinkEstimate
from stream_online_viewer.web.viewer import Viewer

MOST_OWN = 12
GRID = 64
"""Crops begin and end at multiples of this, in pixels of the source."""
MARGIN = 0.125
HOVER_GRID = 16
FIT_GRID = 8
MOST_OF_IMAGE = 0.5
LEVEL_STEPS = 64


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What is known of an image channel; ``rows`` and ``columns`` are those of one plane or slice."""

    dtype: str
    kind: str
    """plane, interleaved or planar (both colour), slices, or curve."""
    rows: int
    columns: int
    bytes: int
    """Size of its newest value as the source sent it, for one slice."""
    may_be_colour: bool = False
    """Whether it is shown as colour depends on the viewer's wish."""


def image_facts(image: SourceImage) -> dict[str | None, ImageFacts]:
    """Return the facts of an image channel for each wish for colour with which it can be shown."""
    facts = {}
    for wish in (None, *COLOUR_WISHES):
        shown = shape_of(image.dtype, image.shape, image.pixel_format, wish)
        if shown is not None:
            facts[wish] = ImageFacts(
                image.dtype, shown.kind, shown.rows, shown.columns, image.nbytes // shown.slices,
                may_be_colour(image.shape),
            )  # fmt: skip
    return facts


@dataclass(frozen=True, slots=True)
class Plan:
    """The rendition of a viewer's images, and how and why it is sent, for the status."""

    rendition: Rendition
    sent_as: str
    """exact, crop, float32 or preview"""
    why: str | None


def make_plan(
    want: Want,
    exact: bool,
    coarse: int,
    why: str | None,
    local: bool,
    facts: ImageFacts | None,
    own: Collection[Rendition],
    wishes: Collection[str | None],
) -> Plan:
    """Return the plan for one viewer.

    ``exact``, ``coarse`` and ``why`` come from its :class:`.quality.QualityController`. ``facts`` are those of its
    image, None before it was seen. ``own`` are the renditions in use that are made for one viewer, ``wishes`` the
    wishes for colour with which viewers are sent the same image now.
    """
    whole = _whole(want, facts, wishes)
    # To a viewer on this machine bytes cost nothing; for others, one compression costs less than sending more bytes.
    code = "source" if local else "bslz4"
    if want.paused:
        return Plan(whole._replace(encoding=code), "exact", "pause")
    if want.format in ("raw", "bslz4"):
        return Plan(whole._replace(encoding=want.format), "exact", "wish")
    wished = want.format != "auto"
    if facts is not None and facts.kind == "curve":
        return Plan(whole._replace(encoding=code), "exact", "wish" if wished else None)
    seen = seen_part(want.crop, facts)
    if want.format == "preview" or (want.format == "auto" and not exact):
        plan = Plan(_preview(whole, want, coarse if want.format == "auto" else 1, seen, facts), "preview", why)
    elif want.format == "float32" and (facts is None or facts.dtype == "float64"):
        plan = Plan(whole._replace(encoding="float32", crop=seen), "float32", "wish")
    elif seen is None:
        return Plan(whole._replace(encoding=code), "exact", "wish" if wished else None)
    else:
        plan = Plan(whole._replace(encoding=code, crop=seen), "crop", "zoom")
    if wished and plan.sent_as == "preview":
        plan = Plan(plan.rendition, "preview", "wish")
    if not plan.rendition.is_own or plan.rendition in own or len(own) < MOST_OWN:
        return plan
    shared = replace(want, crop=None, levels=None, hover=None, saturation=None)
    if plan.sent_as == "preview":
        coarse = coarse if want.format == "auto" else 1
        return Plan(_preview(whole, shared, coarse, None, facts), "preview", "encoders")
    return Plan(whole._replace(encoding=code), "exact", "encoders")


def _whole(want: Want, facts: ImageFacts | None, wishes: Collection[str | None]) -> Rendition:
    """Return a rendition of the whole image that a viewer wants.

    Viewers with different wishes for colour share one if the image cannot be colour.
    """
    rendition = Rendition(want.image, want.slice, colour=want.colour)
    if facts is None or facts.may_be_colour:
        return rendition
    return rendition._replace(colour=next((wish for wish in COLOUR_WISHES if wish in wishes), None))


def seen_part(crop: Crop | None, facts: ImageFacts | None) -> Crop | None:
    """Return the part of the image to send for a visible part: rounded, with a margin.

    None means the whole image, which is also sent if the part is most of it or the image is not known yet.
    """
    if crop is None or facts is None:
        return None
    x, width = _widened(crop[0], crop[2], facts.columns)
    y, height = _widened(crop[1], crop[3], facts.rows)
    if width <= 0 or height <= 0 or width * height > MOST_OF_IMAGE * facts.rows * facts.columns:
        return None
    return x, y, width, height


def _widened(begin: int, length: int, size: int) -> tuple[int, int]:
    margin = length * MARGIN
    low = max(0, math.floor((begin - margin) / GRID) * GRID)
    high = min(size, math.ceil((begin + length + margin) / GRID) * GRID)
    return low, high - low


def binning_for(want: Want, facts: ImageFacts | None) -> int:
    """Return the largest binning at which a preview still has as many pixels as it is drawn with."""
    if want.picture is None or facts is None:
        return 1
    width, height = (facts.columns, facts.rows) if want.crop is None else want.crop[2:]
    return fitting_binning(want.picture, width, height)


def _preview(whole: Rendition, want: Want, coarse: int, seen: Crop | None, facts: ImageFacts | None) -> Rendition:
    wanted = binning_for(want, facts) * coarse
    binning = max(step for step in BINNINGS if step <= wanted)
    low, high = (None, None) if want.levels is None else round_levels(*want.levels)
    hover = None
    if want.hover is not None:
        hover = (want.hover[0] // HOVER_GRID * HOVER_GRID, want.hover[1] // HOVER_GRID * HOVER_GRID)
    fit = None
    if facts is None and want.picture is not None:
        # The image is not known here yet, but will be to the ingest process when it has one. The picture's size is
        # rounded only a little, so that the binning does not change a moment later.
        width, height = (max(FIT_GRID, length // FIT_GRID * FIT_GRID) for length in want.picture)
        fit = (width, height)
    return Rendition(
        whole.channel, whole.slice, "preview", seen, binning, fit, low, high, hover, want.saturation,
        colour=whole.colour,
    )  # fmt: skip


def round_levels(low: float, high: float) -> tuple[float, float]:
    """Return levels that enclose these two, on a grid of about 1/64 of their distance."""
    span = high - low
    step = math.ldexp(1.0, math.frexp(span)[1] - 1) / LEVEL_STEPS if math.isfinite(span) else 0.0
    if step == 0.0:
        # No float lies between the two, or their distance is beyond the largest float.
        return low, high
    # Rounding outwards may go beyond the largest float.
    most = sys.float_info.max
    return max(math.floor(low / step) * step, -most), min(math.ceil(high / step) * step, most)


class Planner:
    """Makes the plan of each viewer, from the images that the ingest process reports."""

    def __init__(self, settings: Settings, hub: Hub, clock: Clock) -> None:
        self._settings = settings
        self._hub = hub
        self._clock = clock
        self._facts: dict[str, dict[str | None, ImageFacts]] = {}
        self._shapes: dict[str, tuple[Any, ...]] = {}
        self._default: str | None = None

    def learn(self, report: IngestReport) -> bool:
        """Take a report; return whether the images differ from those of the last one."""
        # Without their sizes in bytes, which differ between compressed images.
        shapes = {image.name: (image.dtype, image.shape, image.pixel_format) for image in report.images}
        is_new = shapes != self._shapes or report.default_image != self._default
        self._facts = {image.name: image_facts(image) for image in report.images}
        self._shapes, self._default = shapes, report.default_image
        return is_new

    def rendition(self, viewer: Viewer, want: Want) -> Rendition | None:
        """Return the rendition of a viewer's images, None for none, and store how and why it is sent in the viewer."""
        if want.hidden:
            return None
        facts = self._facts.get(want.image or self._default or "", {}).get(want.colour)
        quality = viewer.quality
        exact = quality.decide(self._clock(), self._estimate(viewer, facts, seen_part(want.crop, facts)))
        lanes = self._hub.lanes
        own, wishes = lanes.own_renditions(), lanes.wishes(want.image, want.slice)
        plan = make_plan(want, exact, quality.coarse, quality.why, viewer.local, facts, own, wishes)
        viewer.note_plan(plan.sent_as, plan.why)
        return plan.rendition

    def _estimate(self, viewer: Viewer, facts: ImageFacts | None, seen: Crop | None) -> LinkEstimate:
        size = None if facts is None else facts.bytes
        if facts is not None and seen is not None:
            size = facts.bytes * seen[2] * seen[3] // max(1, facts.rows * facts.columns)
        limits = [self._settings.viewer_mbit] if self._settings.viewer_mbit > 0 else []
        if self._hub.bandwidth.mbit > 0 and not viewer.local:
            limits.append(self._hub.bandwidth.mbit / max(1, self._hub.far_viewers))
        bits = min(limits) * 1e6 if limits else None
        return LinkEstimate(size, self._hub.image_rate(viewer), bits, viewer.window.size, viewer.window.rtt or 0.0)
