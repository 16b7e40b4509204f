"""When the ingest process is asked for the next frame of a lane: a viewer is ready for it, or will be soon. Pure."""

from collections.abc import Callable
from functools import partial

from stream_online_viewer.web.clock import Clock, Later
from stream_online_viewer.web.lane import Lane

AHEAD_SECONDS = 0.002


class Puller:
    """Pulls lanes.

    ``clock`` and ``later`` are those of :class:`hub.Hub`, ``pull`` is :meth:`interest.Interest.pull`.
    """

    def __init__(
        self,
        clock: Clock,
        later: Later,
        pull: Callable[[Lane, int], None],
    ) -> None:
        self._clock = clock
        self._later = later
        self._pull = pull

    def pull(self, lane: Lane, now: float) -> None:
        """Have a lane's next frame made and sent; it was not pulled yet."""
        lane.pull(now)
        # Only a lane without a frame can begin with a message that nobody in it may have.
        after = 0 if lane.index else min(viewer.seen_received for viewer in lane.viewers)
        self._pull(lane, after)

    def ahead(self, lane: Lane, now: float) -> None:
        """Have the next frame made while this one is on its way, so that it is ready when the first viewer is.

        Only for what takes long to make, and once for each frame that was sent.
        """
        if lane.pulled or lane.making < AHEAD_SECONDS:
            return
        waits = [viewer.next_at(now) - now for viewer in lane.viewers if viewer.awaits(lane)]
        if waits:
            lane.timer.start(self._later, max(0.0, min(waits) - lane.making), partial(self._due, lane))

    def _due(self, lane: Lane) -> None:
        if lane.viewers and not lane.pulled:
            self.pull(lane, self._clock())
