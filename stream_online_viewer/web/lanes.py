"""All image lanes in use, by rendition and by number. Pure."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator

from stream_online_viewer.protocol.rendition import FILES, Rendition
from stream_online_viewer.web.interest import Interest
from stream_online_viewer.web.lane import Lane
from stream_online_viewer.web.viewer import Viewer


class Lanes:
    """The image lanes in use, one for each rendition. A lane's number is never used again."""

    def __init__(self, interest: Interest) -> None:
        self._interest = interest
        self._by_rendition: dict[Rendition, Lane] = {}
        self._by_number: dict[int, Lane] = {}
        self._own: dict[Rendition, None] = {}
        self._wishes: dict[tuple[str | None, int], Counter[str | None]] = {}
        self._next = 1
        self.own_elsewhere: frozenset[Rendition] = frozenset()
        """Renditions of the same kind as :meth:`own_renditions` that are in use in other web processes."""
        self.own_changed: Callable[[], None] = lambda: None
        """Called when a rendition for one viewer has come into use here, or is no longer."""

    def __iter__(self) -> Iterator[Lane]:
        return iter(self._by_rendition.values())

    def own_renditions(self) -> Collection[Rendition]:
        """Return the renditions in use for which :attr:`Rendition.is_own` is true, in all web processes."""
        return self._own.keys() | self.own_elsewhere if self.own_elsewhere else self._own.keys()

    def own_here(self) -> Collection[Rendition]:
        """Return those that are in use in this process."""
        return self._own.keys()

    def wishes(self, channel: str | None, slice_: int) -> Collection[str | None]:
        """Return the wishes for colour with which viewers are sent this image now."""
        return self._wishes.get((channel, slice_), Counter()).keys()

    def numbered(self, number: int) -> Lane | None:
        """Return the lane with this number, None if it has ended."""
        return self._by_number.get(number)

    def enter(self, viewer: Viewer, rendition: Rendition, before: Rendition | None = None) -> None:
        """Put a viewer that is in no lane into the one of ``rendition``; ``before`` is what it was sent until now."""
        lane = self._by_rendition.get(rendition)
        if lane is None:
            lane = self._by_rendition[rendition] = Lane(self._next, rendition)
            self._by_number[lane.number] = lane
            self._next += 1
            if rendition.is_own:
                self._own[rendition] = None
                self.own_changed()
            if rendition.encoding not in FILES:
                self._wishes.setdefault((rendition.channel, rendition.slice), Counter())[rendition.colour] += 1
            self._interest.add_lane(lane)
        viewer.enter_lane(lane, before)

    def leave(self, viewer: Viewer) -> None:
        """Take a viewer out of its lane; the lane ends with its last viewer."""
        lane = viewer.leave_lane()
        if lane is not None and not lane.viewers:
            lane.timer.cancel()
            del self._by_rendition[lane.rendition]
            del self._by_number[lane.number]
            if lane.rendition.is_own:
                del self._own[lane.rendition]
                self.own_changed()
            self._forget_wish(lane.rendition)
            self._interest.remove_lane(lane)

    def _forget_wish(self, rendition: Rendition) -> None:
        if rendition.encoding in FILES:
            return
        wishes = self._wishes[rendition.channel, rendition.slice]
        wishes[rendition.colour] -= 1
        if not wishes[rendition.colour]:
            del wishes[rendition.colour]
        if not wishes:
            del self._wishes[rendition.channel, rendition.slice]
