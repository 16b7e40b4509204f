"""Decides when to request a lane's next frame from the ingest process. Pure."""

from collections.abc import Callable
from functools import partial

from stream_online_viewer.web.clock import Clock, Later
from stream_online_viewer.web.lane import Lane

AHEAD_SECONDS = 0.002


class Puller:
    """Requests frames when a viewer is ready, or shortly before it will be.

    ``clock`` and ``later`` are those of :mod:`.clock`, ``pull`` is :meth:`.interest.Interest.pull`.
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
        """Request the next frame of a lane that has no open pull."""
        lane.pull(now)
        # Only the first frame of a lane can be older than every viewer's connection.
        after = 0 if lane.index else min(viewer.seen_received for viewer in lane.viewers)
        self._pull(lane, after)

    def ahead(self, lane: Lane, now: float) -> None:
        """Schedule the pull of the next frame so that it is ready when the first viewer is.

        Only for frames that take long to make; to be called once for each frame that was sent.
        """
        if lane.pulled or lane.making < AHEAD_SECONDS:
            return
        waits = [viewer.next_at(now) - now for viewer in lane.viewers if viewer.awaits(lane)]
        if waits:
            lane.timer.start(self._later, max(0.0, min(waits) - lane.making), partial(self._due, lane))

    def _due(self, lane: Lane) -> None:
        if lane.viewers and not lane.pulled:
            self.pull(lane, self._clock())
