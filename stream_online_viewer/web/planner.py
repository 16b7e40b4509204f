"""What the rendition of a viewer's images depends on: its wish, its link, the limits, and what others are sent."""

from typing import Any

from stream_online_viewer.link.report import IngestReport
from stream_online_viewer.protocol.client import Want
from stream_online_viewer.protocol.rendition import Crop, Rendition
from stream_online_viewer.settings import Settings
from stream_online_viewer.web.clock import Clock
from stream_online_viewer.web.hub import Hub
from stream_online_viewer.web.plan import ImageFacts, image_facts, make_plan, seen_part
from stream_online_viewer.web.quality import LinkEstimate
from stream_online_viewer.web.viewer import Viewer


class Planner:
    """Knows the images of the stream as the ingest process reports them."""

    def __init__(self, settings: Settings, hub: Hub, clock: Clock) -> None:
        self._settings = settings
        self._hub = hub
        self._clock = clock
        self._facts: dict[str, dict[str | None, ImageFacts]] = {}
        self._shapes: dict[str, tuple[Any, ...]] = {}
        self._default: str | None = None

    def learn(self, report: IngestReport) -> bool:
        """Take a report of the ingest process; return whether the images are others than before."""
        # All but their sizes in bytes, which differ from one compressed image to the next.
        shapes = {image.name: (image.dtype, image.shape, image.pixel_format) for image in report.images}
        is_new = shapes != self._shapes or report.default_image != self._default
        self._facts = {image.name: image_facts(image) for image in report.images}
        self._shapes, self._default = shapes, report.default_image
        return is_new

    def rendition(self, viewer: Viewer, want: Want) -> Rendition | None:
        """Return the rendition of a viewer's images, and note in the viewer what it is and why; None for no images."""
        if want.hidden:
            return None
        facts = self._facts.get(want.image or self._default or "", {}).get(want.colour)
        quality = viewer.quality
        exact = quality.decide(self._clock(), self._estimate(viewer, facts, seen_part(want.crop, facts)))
        lanes = self._hub.lanes
        own, wishes = lanes.own_renditions(), lanes.wishes(want.image, want.slice)
        plan = make_plan(want, exact, quality.coarse, quality.why, viewer.local, facts, own, wishes)
        viewer.plan(plan.sent_as, plan.why)
        return plan.rendition

    def _estimate(self, viewer: Viewer, facts: ImageFacts | None, seen: Crop | None) -> LinkEstimate:
        size = None if facts is None else facts.bytes
        if facts is not None and seen is not None:
            size = facts.bytes * seen[2] * seen[3] // max(1, facts.rows * facts.columns)
        limits = [self._settings.viewer_mbit] if self._settings.viewer_mbit > 0 else []
        if self._settings.total_mbit > 0 and not viewer.local:
            limits.append(self._settings.total_mbit / max(1, self._hub.far_viewers))
        bits = min(limits) * 1e6 if limits else None
        return LinkEstimate(size, self._hub.image_rate(viewer), bits, viewer.window.size, viewer.window.rtt or 0.0)
