"""The hub: newest frame wins, credit, limits. Pure: no sockets, no loop; all methods are called in one thread.

Every image lane has one slot, the newest frame, shared by its viewers. A viewer is sent the slot's frame when its own
credit allows; nobody waits for anybody and nothing is queued. The ingest process sends a lane's next frame only when it
was pulled, and the hub pulls when a viewer is ready that has seen the slot. If a viewer becomes ready and the slot
holds something that it has not seen but that may no longer be the newest, the hub pulls first; the ingest answers with
a frame or with *nothing newer*.
"""

import logging
from collections.abc import Callable
from functools import partial

from stream_online_viewer.link.messages import InterestChange, Pull
from stream_online_viewer.protocol.client import Want
from stream_online_viewer.protocol.frame import Buffer
from stream_online_viewer.protocol.rendition import Rendition
from stream_online_viewer.web.bandwidth import Pace, SharedBandwidth
from stream_online_viewer.web.clock import Clock, Later, Timer
from stream_online_viewer.web.interest import Interest
from stream_online_viewer.web.lane import Frame, Lane
from stream_online_viewer.web.lanes import Lanes
from stream_online_viewer.web.outlet import Outlet
from stream_online_viewer.web.pinned import PinnedFrames
from stream_online_viewer.web.puller import Puller
from stream_online_viewer.web.scalar_ring import ScalarRing
from stream_online_viewer.web.viewer import Viewer

logger = logging.getLogger(__name__)

MAX_PINNED_BYTES = 512 * 2**20
CLOSE_STALLED = 4001
_UNKNOWN_RATE = 10.0


class Hub:
    """All viewers of one stream.

    ``later(seconds, function)`` calls a function later and returns something with ``cancel()``; ``clock()`` is
    monotonic seconds; ``send_pull`` and ``send_interest`` send to the ingest process;
    ``measured(viewer)`` is called now and then when acknowledgements told something new of a viewer's link.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        later: Later,
        send_pull: Callable[[Pull], None],
        send_interest: Callable[[InterestChange], None],
        measured: Callable[[Viewer], None] = lambda viewer: None,
        max_rate: float = 60.0,
        viewer_mbit: float = 0.0,
        total_mbit: float = 800.0,
        max_pinned_bytes: int = MAX_PINNED_BYTES,
    ) -> None:
        self._clock = clock
        self._later = later
        self._measured = measured
        self.max_rate = max_rate
        self.viewer_mbit = viewer_mbit
        self.bandwidth = SharedBandwidth(total_mbit)
        self.viewers: dict[Viewer, None] = {}
        self.scalars = ScalarRing()
        self.source_image_rate = 0.0
        self.closed_stalled = 0
        self.closed_refused = 0
        """Viewers closed because of what they said."""
        self.far_viewers = 0
        """Viewers that share the total bandwidth, counted once a second."""
        self._max_pinned = max_pinned_bytes
        self.pinned = PinnedFrames()
        self.interest = Interest(clock, later, send_interest, send_pull)
        self.lanes = Lanes(self.interest)
        self._puller = Puller(clock, later, self.interest.pull)
        self._turn_timer = Timer()

    # viewers come, want, acknowledge and go

    def connect(self, outlet: Outlet, connected: int, local: bool, address: str) -> Viewer:
        """Add a viewer whose handshake was at ``connected`` (monotonic ns).

        Nothing is sent to it before its first want.
        """
        viewer = Viewer(outlet, connected, local, address, Pace(self.max_rate, self.viewer_mbit), self._clock())
        self.viewers[viewer] = None
        viewer.measure_round_trip()
        return viewer

    def disconnect(self, viewer: Viewer) -> None:
        """Forget a viewer, and everything that was kept for its sake."""
        if viewer.closed:
            return
        viewer.close()
        self.viewers.pop(viewer, None)
        self._leave_lane(viewer)
        self.pinned.release(viewer)
        self.bandwidth.forget(viewer)
        self.interest.change_scalars(viewer.scalars_wanted, None)
        self.interest.send_changes()

    def set_want(self, viewer: Viewer, want: Want, rendition: Rendition | None) -> None:
        """Set what a viewer wants; ``rendition`` is what it is sent as image, None for no images."""
        self.interest.change_scalars(viewer.scalars_wanted, want.every)
        viewer.set_want(want, self.max_rate, self.scalars, self._clock())
        self._move(viewer, rendition)
        self.interest.send_changes()
        self._offer(viewer)

    def change_rendition(self, viewer: Viewer, rendition: Rendition | None) -> None:
        """Send a viewer another rendition from now on; it goes on wanting what it wanted."""
        if viewer.rendition != rendition:
            self._move(viewer, rendition)
            self.interest.send_changes()
            self._offer(viewer)

    def acknowledge(self, viewer: Viewer, sequence: int, drawn_us: int) -> None:
        """Take an acknowledgement, which is also a request for the next frame."""
        now = self._clock()
        if viewer.acknowledge(sequence, drawn_us, now, self.image_rate):
            self._measured(viewer)
        lane = viewer.lane
        if lane is None or (lane.pulled and viewer.seen_index == lane.index):
            # The usual case with many viewers: nothing to send, and the next frame is on its way already.
            return
        self._offer(viewer)

    def block(self, viewer: Viewer) -> None:
        """The viewer's connection takes no more for now."""
        viewer.block(self._clock())

    def unblock(self, viewer: Viewer) -> None:
        """The viewer's connection took everything."""
        viewer.unblock()
        self.pinned.release(viewer)
        self._send_scalars(viewer)
        self._offer(viewer)

    # what comes from the ingest process

    def publish(self, number: int, body: Buffer, sequence: int, received: int) -> None:
        """Put a frame into its lane's slot and send it to whoever is ready."""
        lane = self.lanes.numbered(number)
        if lane is None:
            return
        now = self._clock()
        lane.set_frame(Frame(body, sequence, received), now)
        for viewer in list(lane.viewers):
            # However old it is after a slow encoder, nothing newer is ready.
            self._offer(viewer, newest=True)
        self._puller.ahead(lane, now)

    def nothing_newer(self, number: int) -> None:
        """The ingest has nothing newer than the slot: it may go to those who have not seen it. The pull stands."""
        lane = self.lanes.numbered(number)
        if lane is None or not lane.pulled:
            return
        lane.answer_empty()
        for viewer in list(lane.viewers):
            self._offer(viewer)

    def publish_scalars(self, body: Buffer, received: int, rows: int) -> None:
        """Add a batch to the scalar lane and send it; ``received`` is the receipt of its first row, monotonic ns."""
        self.scalars.add(body, received, rows)
        for viewer in list(self.viewers):
            if not viewer.blocked:
                self._send_scalars(viewer)

    def restart(self) -> None:
        """A new ingest process is there: old frames and rows are gone, and it has to be told what is wanted."""
        for lane in self.lanes:
            lane.clear()
        self.scalars.clear()
        for viewer in self.viewers:
            viewer.restart(self.scalars)
        self.interest.restart()
        for viewer in list(self.viewers):
            self._offer(viewer)

    # limits

    def tick(self) -> None:
        """Once a second: measure round trips, close viewers that take nothing."""
        now = self._clock()
        self.far_viewers = sum(not viewer.local and viewer.lane is not None for viewer in self.viewers)
        for viewer in list(self.viewers):
            reason = viewer.close_reason(now)
            if reason is not None:
                self._close_stalled(viewer, reason)
            else:
                viewer.measure_round_trip()

    def pin(self, viewer: Viewer, frame: Frame) -> None:
        """Count the memory of a frame whose sending did not finish.

        Over the bound the longest stalled viewer has to go.
        """
        self.pinned.pin(viewer, frame)
        while self.pinned.bytes > self._max_pinned:
            stalled = [other for other in self.viewers if other.pinned and other.stalled is not None]
            if not stalled:
                return
            worst = min(stalled, key=lambda other: other.stalled or (0.0, 0))
            self._close_stalled(worst, "unfinished sends take too much memory")

    def image_rate(self, viewer: Viewer) -> float:
        """Return the images a second that this viewer could get, from the source's rate and its own limit."""
        rate = self.source_image_rate or _UNKNOWN_RATE
        return min(rate, viewer.pace.rate) if viewer.pace.rate > 0 else rate

    def _close_stalled(self, viewer: Viewer, reason: str) -> None:
        self.closed_stalled += 1
        logger.warning("viewer %s closed: it %s", viewer.address, reason)
        self.disconnect(viewer)
        viewer.outlet.close(CLOSE_STALLED, reason)

    # sending

    def _offer(self, viewer: Viewer, newest: bool = False) -> None:
        """Send the newest frame to a viewer if it may have it, and see to it that there will be a next one.

        ``newest`` if the slot's frame is known to be the newest that can be had now.
        """
        lane = viewer.lane
        if lane is None or not viewer.ready():
            return
        now = self._clock()
        at, limit = viewer.pace.next()
        if now < at:
            viewer.note_limit(limit)
            if not viewer.timer.running:
                viewer.timer.start(self._later, at - now, partial(self._offer, viewer))
            return
        frame = viewer.unseen()
        if frame is None:
            viewer.skip_stale_frame()
        elif newest or lane.empty or self._fresh(lane, frame, now):
            if not viewer.local and not self.bandwidth.ask(viewer, frame.bytes, now):
                viewer.note_limit("bandwidth")
                self._wake_turn()
                return
            viewer.send_frame(frame, lane, now)
            if viewer.blocked and viewer.outlet.unsent():
                self.pin(viewer, frame)
            if not viewer.ready():
                if not newest:
                    self._puller.ahead(lane, now)
                return
        if not lane.pulled:
            self._puller.pull(lane, now)

    def _fresh(self, lane: Lane, frame: Frame, now: float) -> bool:
        """Whether no newer frame could be had now: less than a period of the source has passed since its receipt.

        Or less than it takes to make one since it was made. The period is known for the default image channel only.
        """
        if now - lane.published < lane.making:
            return True
        rate = self.source_image_rate
        return lane.rendition.channel is None and rate > 0 and now - frame.received * 1e-9 < 1.0 / rate

    def _wake_turn(self) -> None:
        if not self._turn_timer.running:
            delay = max(0.0, self.bandwidth.free_at() - self._clock())
            self._turn_timer.start(self._later, delay, self._next_turn)

    def _next_turn(self) -> None:
        """Serve those who wait for the shared bandwidth, the one with the fewest bytes first."""
        while self._clock() >= self.bandwidth.free_at():
            viewer = self.bandwidth.turn()
            if not isinstance(viewer, Viewer):
                return
            before = viewer.seen_index
            self._offer(viewer)
            if viewer.seen_index == before:
                if viewer.ready() and viewer.unseen() is not None:
                    # It waits for the answer to its pull, and keeps its turn.
                    return
                # It cannot take a frame now, so it must not keep others waiting.
                self.bandwidth.leave(viewer)
        if self.bandwidth.turn() is not None:
            self._wake_turn()

    def _send_scalars(self, viewer: Viewer) -> None:
        if viewer.subscribed and viewer.want.every:
            viewer.send_rows(self.scalars, self._clock())

    # lanes

    def _move(self, viewer: Viewer, rendition: Rendition | None) -> None:
        before = viewer.rendition
        if rendition is not None and rendition == before:
            return
        self._leave_lane(viewer)
        if rendition is None:
            return
        self.lanes.enter(viewer, rendition, before)

    def _leave_lane(self, viewer: Viewer) -> None:
        self.bandwidth.leave(viewer)
        self.lanes.leave(viewer)
