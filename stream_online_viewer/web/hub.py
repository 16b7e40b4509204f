"""The hub: sends each viewer the newest frame, within its credit and the limits. Pure: all methods run in one thread.

Every image lane has one slot with its newest frame, shared by the lane's viewers. A viewer is sent that frame when its
own credit allows; viewers do not wait for each other, and no frames are queued. The ingest process sends a lane's next
frame only when the hub has pulled it, which it does when a viewer is ready that has seen the slot. If the slot is new
to a ready viewer but perhaps not the newest any more, the hub pulls first; the answer is a newer frame or *nothing
newer*.
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

    ``clock`` and ``later`` are those of :mod:`.clock`; ``send_pull`` and ``send_interest`` send to the ingest process.
    ``measured(viewer)`` is called when acknowledgements have changed what is known of a viewer's link. ``max_rate`` is
    in images a second; ``viewer_mbit`` limits one viewer and ``total_mbit`` all that are not on this machine, 0 for no
    limit.
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
        """Viewers closed because they broke a rule of the protocol."""
        self.far_viewers = 0
        """Viewers that share the total bandwidth: not on this machine and sent images. Counted once a second."""
        self._max_pinned = max_pinned_bytes
        self.pinned = PinnedFrames()
        self.interest = Interest(clock, later, send_interest, send_pull)
        self.lanes = Lanes(self.interest)
        self._puller = Puller(clock, later, self.interest.pull)
        self._turn_timer = Timer()

    # calls from the connections of viewers

    def connect(self, outlet: Outlet, connected: int, local: bool, address: str) -> Viewer:
        """Add a viewer whose handshake was at ``connected`` (monotonic ns). ``local``: it runs on this machine.

        No image and no row is sent to it before its first want.
        """
        viewer = Viewer(outlet, connected, local, address, Pace(self.max_rate, self.viewer_mbit), self._clock())
        self.viewers[viewer] = None
        viewer.measure_round_trip()
        return viewer

    def disconnect(self, viewer: Viewer) -> None:
        """Remove a viewer and everything that was kept for it."""
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
        """Set what a viewer wants; ``rendition`` is that of its images, None for no images."""
        self.interest.change_scalars(viewer.scalars_wanted, want.every)
        viewer.set_want(want, self.max_rate, self.scalars, self._clock())
        self._move(viewer, rendition)
        viewer.give_up_unwanted()
        self.interest.send_changes()
        self._offer(viewer)

    def change_rendition(self, viewer: Viewer, rendition: Rendition | None) -> None:
        """Send a viewer another rendition from now on; its want stays the same."""
        if viewer.rendition != rendition:
            if viewer.pieces.begins:
                viewer.give_up()
            self._move(viewer, rendition)
            self.interest.send_changes()
            self._offer(viewer)

    def acknowledge(self, viewer: Viewer, sequence: int, drawn_us: int) -> bool:
        """Take the acknowledgement of a frame, which is also a request for the next one.

        Return whether that frame was on its way; if not, the acknowledgement changes nothing.
        """
        reconsider = viewer.acknowledge(sequence, drawn_us, self._clock(), self.image_rate)
        if reconsider:
            self._measured(viewer)
        lane = viewer.lane
        # With many viewers there is usually nothing new to send, and the next frame is already pulled.
        if lane is not None and not (lane.pulled and viewer.seen_index == lane.index):
            self._offer(viewer)
        return reconsider is not None

    def block(self, viewer: Viewer) -> None:
        """The viewer's connection takes no more bytes for now."""
        viewer.block(self._clock())

    def unblock(self, viewer: Viewer) -> None:
        """The viewer's connection has taken everything."""
        viewer.unblock()
        self.pinned.release(viewer)
        now = self._clock()
        viewer.send_rows(self.scalars, now)
        if viewer.pieces.transfer is not None:
            if viewer.trial_fails(now):
                self._measured(viewer)
            self._send_pieces(viewer)
        self._offer(viewer)

    # calls from the link to the ingest process

    def publish(self, number: int, body: Buffer, sequence: int, received: int) -> None:
        """Put a frame into the slot of the lane with this number, and send it to all viewers that are ready."""
        lane = self.lanes.numbered(number)
        if lane is None:
            return
        now = self._clock()
        frame = Frame(body, sequence, received)
        lane.set_frame(frame, now)
        for viewer in list(lane.viewers):
            if not viewer.ready_for_new(frame, now):
                viewer.give_up_for_newer()
                # Even if a slow encoder made it old, no newer frame is available.
                self._offer(viewer, newest=True)
            elif viewer.local or self._has_bandwidth(viewer, frame, now):
                self._send(viewer, frame, lane, now)
        self._puller.ahead(lane, now)

    def nothing_newer(self, number: int) -> None:
        """The ingest process has no newer frame than the slot's, so that one may be sent. The pull remains open."""
        lane = self.lanes.numbered(number)
        if lane is None or not lane.pulled:
            return
        lane.answer_empty()
        for viewer in list(lane.viewers):
            self._offer(viewer)

    def publish_scalars(self, body: Buffer, received: int, rows: int) -> None:
        """Add a batch of rows to the ring and send it; ``received`` is the receipt of its first row, monotonic ns."""
        batch, now = self.scalars.add(body, received, rows), self._clock()
        for viewer in list(self.viewers):
            viewer.send_new_rows(batch, self.scalars, now)

    def restart(self) -> None:
        """The ingest process was replaced: forget its frames and rows, and send the new one the whole interest."""
        for lane in self.lanes:
            lane.clear()
        self.scalars.clear()
        for viewer in self.viewers:
            viewer.restart(self.scalars)
        self.interest.restart()
        for viewer in list(self.viewers):
            self._offer(viewer)

    # limits

    def count_far_viewers(self) -> None:
        """Count the viewers that share the bandwidth; to be called once a second."""
        self.far_viewers = sum(not viewer.local and viewer.lane is not None for viewer in self.viewers)

    def look_at(self, viewer: Viewer) -> None:
        """Measure the round trip of a viewer, or close one that takes nothing; to be called once a second."""
        reason = viewer.close_reason(self._clock())
        if reason is not None:
            self._close_stalled(viewer, reason)
        else:
            viewer.measure_round_trip()

    def pin(self, viewer: Viewer, frame: Frame) -> None:
        """Count the memory of a frame that a viewer's connection has not taken completely.

        Above ``max_pinned_bytes`` the viewers that have been stalled longest are closed.
        """
        self.pinned.pin(viewer, frame)
        while self.pinned.bytes > self._max_pinned:
            stalled = [other for other in self.pinned.viewers() if other.stalled is not None]
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
        """Send a viewer the newest frame if it may have one, and pull the next frame if needed.

        ``newest``: the slot's frame is known to be the newest that is available.
        """
        lane = viewer.lane
        if lane is None or not viewer.ready():
            return
        now = self._clock()
        due = viewer.pace.due
        if now < due:
            viewer.note_limit(viewer.pace.limit)
            if not viewer.timer.running:
                viewer.timer.start(self._later, due - now, partial(self._offer, viewer))
            return
        frame = viewer.unseen()
        if frame is None:
            viewer.skip_stale_frame()
        elif newest or lane.empty or self._fresh(lane, frame, now):
            if not viewer.local and not self._has_bandwidth(viewer, frame, now):
                return
            self._send(viewer, frame, lane, now)
            if not viewer.ready():
                if not newest:
                    self._puller.ahead(lane, now)
                return
        if not lane.pulled:
            self._puller.pull(lane, now)

    def _fresh(self, lane: Lane, frame: Frame, now: float) -> bool:
        """Return whether the slot's frame is certainly the newest.

        It is if it was published less than the time to make one ago, or received less than a period of the source ago,
        which is known for the default image channel only.
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
        """Send to the viewers that wait for the shared bandwidth, the one with the fewest bytes first."""
        while self._clock() >= self.bandwidth.free_at():
            viewer = self.bandwidth.turn()
            if not isinstance(viewer, Viewer):
                return
            before = viewer.seen_index
            self._offer(viewer)
            if viewer.seen_index == before:
                if viewer.ready() and viewer.unseen() is not None:
                    # The viewer waits for the answer to a pull, and keeps its turn.
                    return
                # The viewer cannot take a frame now and must not delay the others.
                self.bandwidth.leave(viewer)
        if self.bandwidth.turn() is not None:
            self._wake_turn()

    def _has_bandwidth(self, viewer: Viewer, frame: Frame, now: float) -> bool:
        """Return whether the bandwidth of all has room for a frame now, and count it; if not, wait for a turn."""
        if self.bandwidth.ask(viewer, frame.bytes, now):
            return True
        viewer.note_limit("bandwidth")
        self._wake_turn()
        return False

    def _send(self, viewer: Viewer, frame: Frame, lane: Lane, now: float) -> None:
        viewer.send_frame(frame, lane, now)
        if viewer.blocked:
            self._pin_unsent(viewer, frame)

    def _send_pieces(self, viewer: Viewer) -> None:
        """Send a viewer more of the image that goes to it in pieces."""
        transfer = viewer.pieces.transfer
        viewer.send_pieces()
        if transfer is not None and viewer.blocked:
            self._pin_unsent(viewer, transfer.frame)

    def _pin_unsent(self, viewer: Viewer, frame: Frame) -> None:
        if viewer.outlet.unsent():
            self.pin(viewer, frame)

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
