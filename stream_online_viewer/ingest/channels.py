"""Ids for channel names, and the choice of the channel that is shown as image."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence

from stream_online_viewer.model.channel import Channel
from stream_online_viewer.model.layout import Layout
from stream_online_viewer.model.pulse import Pulse
from stream_online_viewer.protocol.shape import ImageShape, shape_of

MAX_NAMES = 16384


class ChannelIds:
    """Gives each channel name an id, a whole number from 0, until the process ends. Used by several threads.

    ``announce`` is called with new ``(id, name)`` pairs before these ids are returned, so that a name is always sent
    before the first value that refers to it.
    """

    def __init__(self, announce: Callable[[list[tuple[int, str]]], None]) -> None:
        self._announce = announce
        self._ids: dict[str, int] = {}
        self._of_layout: OrderedDict[int, list[int | None]] = OrderedDict()
        self._lock = threading.Lock()

    def introduce(self, add: Callable[[list[tuple[int, str]]], None]) -> None:
        """Call ``add`` with all ``(id, name)`` pairs so far; none is announced meanwhile."""
        with self._lock:
            add([(channel_id, name) for name, channel_id in self._ids.items()])

    def of(self, layout: Layout) -> list[int | None]:
        """Return the id of each channel of a layout; None for unusable names and beyond ``MAX_NAMES`` names.

        The number of ids is limited so that a stream that always has new names does not fill the memory.
        """
        with self._lock:
            known = self._of_layout.get(layout.serial)
            if known is not None:
                self._of_layout.move_to_end(layout.serial)
                return known
            new: list[tuple[int, str]] = []
            channel_ids: list[int | None] = []
            seen: set[str] = set()
            for channel in layout.channels:
                channel_id = self._ids.get(channel.name)
                if channel_id is None and channel.name and len(self._ids) < MAX_NAMES:
                    channel_id = self._ids[channel.name] = len(self._ids)
                    new.append((channel_id, channel.name))
                # Of a name that is listed twice only the first is used.
                channel_ids.append(None if channel.name in seen else channel_id)
                seen.add(channel.name)
            if new:
                self._announce(new)
            self._of_layout[layout.serial] = channel_ids
            if len(self._of_layout) > 64:
                self._of_layout.popitem(last=False)
            return channel_ids


def image_shape(channel: Channel, wish: str | None = None) -> ImageShape | None:
    """Return how an array channel can be shown as image, None if it cannot.

    ``wish`` is what a viewer wants of arrays that could be colour, see :func:`shape_of`.
    """
    if channel.dtype == "string" or channel.problem is not None or channel.is_scalar or channel.nbytes == 0:
        return None
    return shape_of(channel.dtype, channel.shape, channel.pixel_format, wish)


Candidate = tuple[int, int, int]
"""The rule by which a channel is the image (the lowest wins), minus its number of pixels, its index in the layout."""


class ImageChoice:
    """Chooses the image channel for viewers that have not chosen one.

    The order: only the configured name if there is one; else ``image``; else a name that ends in ``:FPICTURE``; else
    the largest array with two or more dimensions; else the largest curve. The chosen channel is kept as long as it
    comes, even if sizes change; only a channel that comes first by another rule replaces it at once.

    In merged streams most messages have no image. A channel that is listed without a value prevents the choice of a
    lesser one for ``PATIENCE`` seconds. One that is not listed is waited for during three of its usual periods, but at
    least ``GONE_PATIENCE`` and at most ``PATIENCE`` seconds.
    """

    PATIENCE = 10.0
    GONE_PATIENCE = 1.0
    PERIODS = 3

    def __init__(self, configured: str | None) -> None:
        self._configured = configured
        self._candidates_of: OrderedDict[int, list[Candidate]] = OrderedDict()
        self._rule: int | None = None
        self._asked = 0.0
        self._lacking: float | None = None
        self._seen: float | None = None
        self._period = 0.0
        self.name: str | None = configured

    def find(self, pulse: Pulse, now: float) -> int | None:
        """Return the index of the image channel if it has a value in this pulse, else None.

        ``now``: monotonic seconds.
        """
        # Restart the time of patience after a time without viewers.
        if now - self._asked > self.PATIENCE:
            self._lacking = self._seen = None
        self._asked = now
        candidates = self._candidates(pulse.layout)
        best = next((candidate for candidate in candidates if not pulse.is_null(candidate[2])), None)
        if best is None:
            return None
        # Candidates before the best one have no value in this pulse.
        awaited = best is not candidates[0]
        if self._rule is None:
            return self._choose(pulse, best, now) if not awaited or self._waited(self.PATIENCE, now) else None
        if best[0] < self._rule:
            return self._choose(pulse, best, now)
        chosen = self._chosen(pulse.layout)
        if chosen is not None and pulse.is_null(chosen[2]):
            awaited, chosen = True, None
        if chosen is not None and chosen[0] <= best[0]:
            return self._choose(pulse, chosen, now)
        if self._waited(self.PATIENCE if awaited else self._gone_patience(), now):
            return self._choose(pulse, best, now)
        # An image that is a curve for a moment is shown as a curve, so that its pulses are not missing.
        return None if chosen is None else chosen[2]

    def _chosen(self, layout: Layout) -> Candidate | None:
        """Return the chosen channel as a candidate, None if this layout has none that can be shown."""
        index = None if self.name is None else layout.index.get(self.name)
        rank = None if index is None else self._rank_of(layout.channels[index])
        return None if index is None or rank is None else (*rank, index)

    def _choose(self, pulse: Pulse, candidate: Candidate, now: float) -> int:
        name = pulse.layout.channels[candidate[2]].name
        if name != self.name:
            self._period, self._seen = 0.0, None
        if self._seen is not None:
            self._period = max(now - self._seen, 0.8 * self._period)
        self.name, self._rule, self._lacking, self._seen = name, candidate[0], None, now
        return candidate[2]

    def _gone_patience(self) -> float:
        return min(self.PATIENCE, max(self.GONE_PATIENCE, self.PERIODS * self._period))

    def _waited(self, seconds: float, now: float) -> bool:
        if self._lacking is None:
            self._lacking = now
        return now - self._lacking > seconds

    def _candidates(self, layout: Layout) -> Sequence[Candidate]:
        found = self._candidates_of.get(layout.serial)
        if found is None:
            found = sorted(
                (*rank, index)
                for index, channel in enumerate(layout.channels)
                if (rank := self._rank_of(channel)) is not None
            )
            self._candidates_of[layout.serial] = found
            if len(self._candidates_of) > 64:
                self._candidates_of.popitem(last=False)
        return found

    def _rank_of(self, channel: Channel) -> tuple[int, int] | None:
        if self._configured is not None:
            return (0, 0) if channel.name == self._configured else None
        shape = image_shape(channel)
        if shape is None:
            return None
        size = shape.rows * shape.columns
        if shape.kind == "curve":
            return 4, -size
        if channel.name == "image":
            return 1, 0
        if channel.name.endswith(":FPICTURE"):
            return 2, 0
        return 3, -size
