"""The state of one viewer: what it wants, which frames are on their way to it, and how frames are sent. Pure."""

from collections.abc import Callable

from stream_online_viewer.protocol.client import Want
from stream_online_viewer.protocol.rendition import Rendition
from stream_online_viewer.web.bandwidth import Pace
from stream_online_viewer.web.clock import Timer
from stream_online_viewer.web.interest import Every
from stream_online_viewer.web.lane import Frame, Lane
from stream_online_viewer.web.link_measure import LinkMeasure
from stream_online_viewer.web.meter import Meter
from stream_online_viewer.web.outlet import Outlet
from stream_online_viewer.web.pieces import PieceSender
from stream_online_viewer.web.quality import QualityController
from stream_online_viewer.web.scalar_ring import Batch, RowReader, ScalarRing
from stream_online_viewer.web.window import Window

STALL_SECONDS = 10.0
SILENT_SECONDS = 30.0
SENDING_NOTICE_SECONDS = 1.0


class Viewer:
    """One viewer, that is one WebSocket connection. It changes itself and knows nothing of the hub.

    ``connected`` is the monotonic clock in ns at the handshake: frames received before that are never sent to it. All
    other times are monotonic seconds.
    """

    __slots__ = (
        "address", "blocked", "closed", "connected", "in_flight", "lane", "last_activity", "limit", "link", "local",
        "meter", "not_sent", "outlet", "pace", "pause_frame_sent", "pending_status", "pieces", "rows", "seen_index",
        "seen_received", "sent_as", "stalled", "subscribed", "timer", "want", "why",
    )  # fmt: skip

    def __init__(self, outlet: Outlet, connected: int, local: bool, address: str, pace: Pace, now: float) -> None:
        self.outlet = outlet
        self.connected = connected
        self.local = local
        self.address = address
        self.pace = pace
        self.link = LinkMeasure(local)
        self.sent_as: str | None = None
        """How its images are sent (exact, crop, float32 or preview), for the status; ``why`` is the reason."""
        self.why: str | None = None
        self.want = Want()
        self.subscribed = False
        self.lane: Lane | None = None
        self.seen_index = 0
        """Index in the lane of the last frame that was sent to it or skipped; frames with a larger index are new to it.
        """
        self.seen_received = connected
        self.not_sent = 0
        self.in_flight: dict[int, tuple[float, int]] = {}
        self.pause_frame_sent = False
        """The viewer has paused its picture, and was sent the one image that it looks at during the pause."""
        self.blocked = False
        self.pending_status: bytes | None = None
        """The newest status, kept while the connection is blocked."""
        self.stalled: tuple[float, int] | None = None
        self.timer = Timer()
        """Due when the next image may be sent, if the viewer's own rate or bandwidth limit delays it."""
        self.limit: str | None = None
        self.rows = RowReader()
        self.meter = Meter(connected * 1e-9)
        self.pieces = PieceSender(outlet, self.meter)
        self.last_activity = now
        """When the browser last answered something or took data."""
        self.closed = False

    @property
    def window(self) -> Window:
        """How many frames may be on their way."""
        return self.link.window

    @property
    def quality(self) -> QualityController:
        """Decides between exact images and previews."""
        return self.link.quality

    @property
    def rendition(self) -> Rendition | None:
        """The rendition of its images, None if it is sent none."""
        return None if self.lane is None else self.lane.rendition

    def set_want(self, want: Want, largest_rate: float, ring: ScalarRing, now: float) -> None:
        """Change what the viewer wants; ``largest_rate`` is the server's limit in images a second."""
        is_first = not self.subscribed
        if is_first or (want.every and not self.want.every):
            self.subscribed = True
            self.rows.skip_to_end(ring)
        if want.paused != self.want.paused:
            self.pause_frame_sent = False
        self.want = want
        self.pace.rate = min(largest_rate, want.rate if want.rate > 0 else largest_rate)
        if self.lane is None and not is_first:
            # Frames received while the viewer looked at nothing are not sent to it.
            self.seen_received = int(now * 1e9)

    @property
    def scalars_wanted(self) -> Every:
        """What it wants of the scalars; None before its first want."""
        return self.want.every if self.subscribed else None

    def note_plan(self, sent_as: str, why: str | None) -> None:
        """Store how its images are sent and why, for the status."""
        self.sent_as, self.why = sent_as, why

    def restart(self, ring: ScalarRing) -> None:
        """The ingest process was replaced: frames that are on their way will not be acknowledged."""
        self.give_up()
        self.in_flight.clear()
        self.rows.skip_to_end(ring)

    def enter_lane(self, lane: Lane, before: Rendition | None) -> None:
        """Enter a lane. ``before`` is the rendition that was sent until now, None if no images were."""
        self.lane = lane
        lane.viewers[self] = None
        if before is not None:
            if (before.channel, before.slice) == (lane.rendition.channel, lane.rendition.slice):
                # The same pulse may be sent again in the new rendition, so that a slow stream does not delay the
                # change. An older pulse is not sent.
                self.seen_received = max(self.connected, self.seen_received - 1)
            else:
                self.seen_received = self.connected
        # The lane's frame is new to the viewer unless it is as old as the one that it has.
        is_for_it = lane.frame is not None and lane.frame.received > self.seen_received
        self.seen_index = lane.index - 1 if is_for_it else lane.index

    def leave_lane(self) -> Lane | None:
        """Leave the lane and return it; None if the viewer was in none."""
        lane, self.lane = self.lane, None
        if lane is not None:
            lane.viewers.pop(self, None)
        return lane

    def block(self, now: float) -> None:
        """The connection takes no more bytes for now."""
        self.blocked = True
        self.stalled = (now, self.outlet.taken())

    def unblock(self) -> None:
        """The connection has taken everything. Send the status that was kept meanwhile."""
        self.blocked = False
        self.stalled = None
        status, self.pending_status = self.pending_status, None
        if status is not None:
            self.outlet.send_encoded_json(status)

    def pong(self, seconds: float, clean: bool, now: float) -> None:
        """Note the answer to a ping, ``seconds`` after it. ``clean``: no frame was on its way at the ping."""
        self.last_activity = now
        self.window.pong(seconds, clean)

    def close(self) -> None:
        """The connection has ended; nothing is sent any more."""
        self.closed = True
        self.pieces.transfer = None
        self.timer.cancel()

    def note_limit(self, limit: str) -> None:
        """Note which limit delays images: ``rate`` or ``bandwidth``."""
        self.limit = limit

    def take_limit(self) -> str | None:
        """Return the limit noted since the last call, None if there was none."""
        limit, self.limit = self.limit, None
        return limit

    def ready(self) -> bool:
        """Return whether the viewer's own state and credit allow another image."""
        return (
            self.lane is not None
            and not self.blocked
            and not self.closed
            and not self.pause_frame_sent
            and len(self.in_flight) < self.link.window.size
        )

    def ready_for_new(self, frame: Frame, now: float) -> bool:
        """Return whether a frame that has just come can be sent without deciding anything more.

        That is the usual case with many viewers, and cheaper than the same questions one by one: nothing is on its way
        to the viewer, nothing holds it up, and neither its rate nor its bandwidth is limited now. If not, the answer of
        :meth:`ready` and the rest count.
        """
        return not (
            self.in_flight
            or self.blocked
            or now < self.pace.due
            or self.want.paused
            or frame.received <= self.seen_received
        )

    def unseen(self) -> Frame | None:
        """Return the lane's frame if it is newer than the viewer's last one and than its connection, else None."""
        lane = self.lane
        if lane is None or lane.frame is None or lane.frame.received <= self.seen_received:
            return None
        # Two frames in flight must not have the same sequence: the same pulse in another rendition has to wait until
        # the first is acknowledged.
        return None if lane.frame.sequence in self.in_flight else lane.frame

    def skip_stale_frame(self) -> None:
        """Mark the lane's newest frame as seen if it is not newer than the viewer's last one or its connection."""
        lane = self.lane
        if lane is not None and lane.frame is not None and lane.frame.received <= self.seen_received:
            self.seen_index = lane.index

    def send_frame(self, frame: Frame, lane: Lane, now: float) -> None:
        """Send a frame of the viewer's lane.

        The caller has checked :meth:`ready_for_new`, or :meth:`ready` and :meth:`unseen`, and all limits.
        """
        size = frame.bytes
        skipped = lane.index - self.seen_index - 1
        self.not_sent += skipped
        self.seen_index = lane.index
        self.seen_received = frame.received
        self.pause_frame_sent = self.want.paused
        self.in_flight[frame.sequence] = (now, size)
        self.pace.sent(now, size)
        if size >= self.link.slow_bytes and self._send_slowly(frame, lane, now, skipped):
            return
        self.meter.add(size)
        self.outlet.send_binary(frame.head(now, skipped), frame.body)

    def _send_slowly(self, frame: Frame, lane: Lane, now: float, skipped: int) -> bool:
        """Announce a frame that takes long, and begin to send it in pieces if the viewer takes any."""
        expected = self.window.expected(frame.bytes)
        if expected is None or expected > SENDING_NOTICE_SECONDS:
            self.outlet.send_json({"kind": "sending", "bytes": frame.bytes})
        if not self.want.pieces:
            return False
        self.pieces.begin(frame, lane.rendition, now, skipped, self.window.seconds_per_byte)
        self.send_pieces()
        return True

    def send_pieces(self) -> None:
        """Send pieces of the frame under way until the connection takes no more, or all are sent."""
        while self.pieces.transfer is not None and not self.blocked:
            self.pieces.send_one()

    def give_up(self) -> None:
        """Do not send the rest of the frame that is on its way in pieces; it does not have to be acknowledged."""
        frame = self.pieces.give_up()
        if frame is not None:
            self.in_flight.pop(frame.sequence, None)
            self.not_sent += 1

    def give_up_unwanted(self) -> None:
        """After a new want: give the frame under way up if it is not the one that is wanted now.

        A pause keeps it, as the one image that is looked at during the pause.
        """
        transfer = self.pieces.transfer
        if transfer is not None and self.rendition != transfer.rendition:
            self.give_up()
        elif transfer is not None and self.want.paused:
            self.pause_frame_sent = True

    def give_up_for_newer(self) -> None:
        """Give the frame under way up because a newer one has come, if it has hardly begun and was not wished for."""
        if self.want.format == "auto" and not self.want.paused and self.pieces.may_end_for_newer():
            self.give_up()

    def trial_fails(self, now: float) -> bool:
        """Return whether a trial of the exact image goes so slowly that its end need not be waited for."""
        transfer = self.pieces.transfer
        if transfer is None or not self.quality.trying:
            return False
        seconds = transfer.projected_seconds(now, self.outlet.taken())
        if seconds is None:
            return False
        self.link.projected(now, seconds, transfer.bytes)
        return True

    def send_new_rows(self, batch: Batch, ring: ScalarRing, now: float) -> None:
        """Send the batch that was just added to the ring, and what the viewer has not had before it."""
        if not self.subscribed or not self.want.every or self.blocked:
            return
        if batch.received < self.connected or not self.rows.take(batch):
            self.send_rows(ring, now)
            return
        self.meter.add_bytes(batch.bytes)
        self.outlet.send_binary(batch.head(now, 0), batch.body)

    def send_rows(self, ring: ScalarRing, now: float) -> None:
        """Send the batches of rows that the viewer has not had yet, until its connection is blocked."""
        if not self.subscribed or not self.want.every:
            return
        for batch, lost in self.rows.read(ring):
            # A batch that began before the viewer connected is not sent to it.
            if batch.received >= self.connected:
                self.meter.add_bytes(batch.bytes)
                self.outlet.send_binary(batch.head(now, lost), batch.body)
            if self.blocked:
                return

    def send_status(self, status: bytes) -> None:
        """Send a status; if the connection is blocked, keep the newest one until it is not."""
        if self.blocked:
            self.pending_status = status
        else:
            self.outlet.send_encoded_json(status)

    def close_reason(self, now: float) -> str | None:
        """Return why this viewer must be closed: it takes no data or does not answer. Else return None."""
        if self.stalled is None:
            # What is still in the buffers of the operating system must arrive before it can be answered.
            expected = sum(self.window.expected(size) or 0.0 for _, size in self.in_flight.values())
            late = now - self.last_activity > SILENT_SECONDS + expected
            return f"did not answer for {SILENT_SECONDS:g} s" if late else None
        since, before = self.stalled
        taken = self.outlet.taken()
        if taken != before:
            self.stalled = (now, taken)
            self.last_activity = now
        elif now - since >= STALL_SECONDS:
            return f"took no data for {STALL_SECONDS:g} s"
        return None

    def acknowledge(
        self, sequence: int, drawn_us: int, now: float, image_rate: Callable[["Viewer"], float]
    ) -> bool | None:
        """Take the acknowledgement of a frame. Return whether the viewer's rendition should be reconsidered.

        ``drawn_us`` are the microseconds from the frame's arrival in the browser until it was drawn. ``image_rate``
        returns the images a second that this viewer could get. A sequence that is not in flight is ignored: None.
        """
        self.last_activity = now
        sent = self.in_flight.pop(sequence, None)
        if sent is None:
            return None
        at, size = sent
        link, seconds = self.link, now - at
        link.note_cycle(seconds)
        if not self.in_flight and (link.ping_due or not link.window.settled):
            link.ping_due = False
            self.outlet.ping(clean=True)
        return link.needs(now, seconds, size) and link.acknowledged(at, now, drawn_us * 1e-6, size, image_rate(self))

    def awaits(self, lane: Lane) -> bool:
        """Return whether the viewer was sent the lane's newest frame and will want another."""
        return (
            self.seen_index == lane.index
            and self.link.cycle is not None
            and not self.pause_frame_sent
            and not self.blocked
        )

    def next_at(self, now: float) -> float:
        """Return when the viewer will probably be ready for another frame, if one was sent to it just now."""
        return max(self.link.next_after(now), self.pace.due)

    def measure_round_trip(self) -> None:
        """Measure the round trip now, or as soon as nothing is on its way. To be called once a second.

        If frames are on their way all the time, or are not acknowledged, the ping is sent behind them: its answer shows
        at least that the viewer is still there.
        """
        if not self.in_flight and not self.outlet.unsent():
            self.outlet.ping(clean=True)
        elif self.link.ping_due and not self.blocked:
            self.outlet.ping(clean=False)
        else:
            self.link.ping_due = True
