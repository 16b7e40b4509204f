"""One viewer as the hub sees it: what it wants, what is in flight to it, and what is sent to it when. Pure."""

from collections.abc import Callable

from stream_online_viewer.protocol.client import Want
from stream_online_viewer.protocol.envelope import KIND_FRAME, KIND_SCALARS, viewer_head
from stream_online_viewer.protocol.rendition import Rendition
from stream_online_viewer.web.bandwidth import Pace
from stream_online_viewer.web.clock import Timer
from stream_online_viewer.web.interest import Every
from stream_online_viewer.web.lane import Frame, Lane
from stream_online_viewer.web.meter import Meter
from stream_online_viewer.web.outlet import Outlet
from stream_online_viewer.web.quality import LARGE_BYTES, QualityController
from stream_online_viewer.web.scalar_ring import RowReader, ScalarRing
from stream_online_viewer.web.window import Window

STALL_SECONDS = 10.0
SILENT_SECONDS = 30.0
SENDING_NOTICE_SECONDS = 1.0
SENDING_NOTICE_BYTES = 2**17
MEASURE_SECONDS = 0.1
RECONSIDER_SECONDS = 0.5
"""How often what acknowledgements told may change what it is sent."""


class Viewer:
    """State of one viewer. ``connected`` is the monotonic clock in ns at its handshake: older frames are not for it."""

    __slots__ = (
        "_measure_at", "address", "blocked", "closed", "connected", "cycle", "in_flight", "lane",
        "last_activity", "limit", "local", "meter", "not_sent", "outlet", "pace", "pause_frame_sent",
        "pending_status", "ping_due", "pinned", "quality", "reconsider_at", "rows", "seen_index",
        "seen_received", "sent_as", "stalled", "subscribed", "timer", "want", "why", "window",
    )  # fmt: skip

    def __init__(self, outlet: Outlet, connected: int, local: bool, address: str, pace: Pace, now: float) -> None:
        self.outlet = outlet
        self.connected = connected
        self.local = local
        self.address = address
        self.pace = pace
        self.window = Window()
        self.quality = QualityController(local)
        self.reconsider_at = 0.0
        self._measure_at = 0.0
        self.sent_as: str | None = None
        """What it is sent, and why, as the status says it."""
        self.why: str | None = None
        self.want = Want()
        self.subscribed = False
        self.lane: Lane | None = None
        self.seen_index = 0
        """Index in its lane of the last frame that it was sent or that was not for it: what came since is for it."""
        self.seen_received = connected
        self.not_sent = 0
        self.in_flight: dict[int, tuple[float, int]] = {}
        self.cycle: float | None = None
        """Seconds from sending an image to its acknowledgement, smoothed."""
        self.pause_frame_sent = False
        """It is paused, and was sent the image that it looks at meanwhile."""
        self.blocked = False
        self.pending_status: bytes | None = None
        """The newest status that it could not be sent."""
        self.ping_due = False
        """The round trip is to be measured as soon as no frame is on its way."""
        self.pinned: list[Frame] = []
        self.stalled: tuple[float, int] | None = None
        self.timer = Timer()
        """For the next image, when a limit of its own holds it back."""
        self.limit: str | None = None
        self.rows = RowReader()
        self.meter = Meter(connected * 1e-9)
        self.last_activity = now
        """When its browser said something last, or took something."""
        self.closed = False

    @property
    def rendition(self) -> Rendition | None:
        """What it is sent as image."""
        return None if self.lane is None else self.lane.rendition

    # what it wants

    def set_want(self, want: Want, largest_rate: float, ring: ScalarRing, now: float) -> None:
        """It wants something else; ``largest_rate`` in images a second is that of the server."""
        is_first = not self.subscribed
        if is_first or (want.every and not self.want.every):
            self.subscribed = True
            self.rows.skip_to_end(ring)
        if want.paused != self.want.paused:
            self.pause_frame_sent = False
        self.want = want
        self.pace.rate = min(largest_rate, want.rate if want.rate > 0 else largest_rate)
        if self.lane is None and not is_first:
            # Who looks again gets nothing from while it was away.
            self.seen_received = int(now * 1e9)

    @property
    def scalars_wanted(self) -> Every:
        """What it wants of the scalar lane, None before it wanted anything."""
        return self.want.every if self.subscribed else None

    def note_plan(self, sent_as: str, why: str | None) -> None:
        """Note what it is sent, and why, as the status says it."""
        self.sent_as, self.why = sent_as, why

    def restart(self, ring: ScalarRing) -> None:
        """A new ingest process is there: what is on its way comes no more."""
        self.in_flight.clear()
        self.rows.skip_to_end(ring)

    # its lane

    def enter_lane(self, lane: Lane, before: Rendition | None) -> None:
        """Come into a lane, from another rendition (None: it was sent no images)."""
        self.lane = lane
        lane.viewers[self] = None
        if before is not None:
            if (before.channel, before.slice) == (lane.rendition.channel, lane.rendition.slice):
                # The same pulse once more in the new rendition, but none that is older than the picture: a slow stream
                # must not delay what was asked for.
                self.seen_received = max(self.connected, self.seen_received - 1)
            else:
                self.seen_received = self.connected
        # The frame in the slot is for it unless it is as old as what it saw.
        is_for_it = lane.frame is not None and lane.frame.received > self.seen_received
        self.seen_index = lane.index - 1 if is_for_it else lane.index

    def leave_lane(self) -> Lane | None:
        """Leave the lane that it is in, and return that."""
        lane, self.lane = self.lane, None
        if lane is not None:
            lane.viewers.pop(self, None)
        return lane

    # its connection

    def block(self, now: float) -> None:
        """Its connection takes no more for now."""
        self.blocked = True
        self.stalled = (now, self.outlet.taken())

    def unblock(self) -> None:
        """Its connection took everything; a status that was held back goes out."""
        self.blocked = False
        self.stalled = None
        status, self.pending_status = self.pending_status, None
        if status is not None:
            self.outlet.send_encoded_json(status)

    def pong(self, seconds: float, clean: bool, now: float) -> None:
        """It answered a ping after so many seconds; ``clean`` as it was asked for."""
        self.last_activity = now
        self.window.pong(seconds, clean)

    def close(self) -> None:
        """It is gone; nothing is sent to it any more."""
        self.closed = True
        self.timer.cancel()

    def pin(self, frame: Frame) -> None:
        """Its connection did not take all of a frame."""
        self.pinned.append(frame)

    def unpin(self) -> list[Frame]:
        """Return the frames that it held, which it holds no more."""
        frames, self.pinned = self.pinned, []
        return frames

    def note_limit(self, limit: str) -> None:
        """A limit holds images back: ``rate`` or ``bandwidth``."""
        self.limit = limit

    def take_limit(self) -> str | None:
        """Return what held images back since the last call."""
        limit, self.limit = self.limit, None
        return limit

    # what is sent to it

    def ready(self) -> bool:
        """Whether this viewer may be sent an image as far as its own credit goes."""
        return (
            self.lane is not None
            and not self.blocked
            and not self.closed
            and not self.pause_frame_sent
            and len(self.in_flight) < self.window.size
        )

    def unseen(self) -> Frame | None:
        """Return the frame of its lane if it is newer than what this viewer has, and than its connection."""
        lane = self.lane
        if lane is None or lane.frame is None or lane.frame.received <= self.seen_received:
            return None
        # The same pulse in another rendition waits until the first is acknowledged: both have one sequence number.
        return None if lane.frame.sequence in self.in_flight else lane.frame

    def skip_stale_frame(self) -> None:
        """Leave out its lane's newest frame if that is not newer than what it has, or than its connection."""
        lane = self.lane
        if lane is not None and lane.frame is not None and lane.frame.received <= self.seen_received:
            self.seen_index = lane.index

    def send_frame(self, frame: Frame, lane: Lane, now: float) -> None:
        """Send a frame; the caller has checked that it may go."""
        expected = self.window.expected(frame.bytes)
        if (expected is None and not self.local and frame.bytes >= SENDING_NOTICE_BYTES) or (
            expected is not None and expected > SENDING_NOTICE_SECONDS
        ):
            self.outlet.send_json({"kind": "sending", "bytes": frame.bytes})
        skipped = lane.index - self.seen_index - 1
        self.not_sent += skipped
        self.seen_index = lane.index
        self.seen_received = frame.received
        self.pause_frame_sent = self.want.paused
        self.in_flight[frame.sequence] = (now, frame.bytes)
        self.meter.add(frame.bytes)
        self.pace.sent(now, frame.bytes)
        server_us = int(now * 1e6) - frame.received // 1000
        self.outlet.send_binary(viewer_head(KIND_FRAME, frame.bytes, server_us, skipped), frame.body)

    def send_rows(self, ring: ScalarRing, now: float) -> None:
        """Send what the scalar lane has for this viewer, as far as its connection takes it."""
        for batch, lost in self.rows.read(ring):
            # A batch that began before the viewer came is not for it.
            if batch.received >= self.connected:
                server_us = int(now * 1e6) - batch.received // 1000
                self.meter.add_bytes(len(batch.body))
                self.outlet.send_binary(viewer_head(KIND_SCALARS, len(batch.body), server_us, lost), batch.body)
            if self.blocked:
                return

    def send_status(self, status: bytes) -> None:
        """Send a status; when the connection takes nothing now, keep the newest until it does."""
        if self.blocked:
            self.pending_status = status
        else:
            self.outlet.send_encoded_json(status)

    def close_reason(self, now: float) -> str | None:
        """Return why this viewer has to go: its connection takes nothing, or its browser answers nothing."""
        if self.stalled is None:
            # What lies in the operating system's buffers must arrive before it can be answered.
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

    def acknowledge(self, sequence: int, drawn_us: int, now: float, image_rate: Callable[["Viewer"], float]) -> bool:
        """Take an acknowledgement; return whether it told something new of the link.

        One of a frame that is not in flight says nothing. ``image_rate`` says how many images a second it could get.
        """
        self.last_activity = now
        sent = self.in_flight.pop(sequence, None)
        if sent is None:
            return False
        at, size = sent
        seconds = now - at
        self.cycle = seconds if self.cycle is None else 0.5 * (self.cycle + seconds)
        if not self.in_flight and (self.ping_due or not self.window.settled):
            self.ping_due = False
            self.outlet.ping(clean=True)
        if size < LARGE_BYTES and self.window.size == 1 and now < self._measure_at:
            # A sample of the small ones is enough, and at a thousand viewers each of them costs. Of frames that
            # wait for each other on the way each one counts.
            return False
        self._measure_at = now + MEASURE_SECONDS
        busy = self.window.acknowledged(at, now, drawn_us * 1e-6, size, image_rate(self))
        rtt = self.window.rtt or 0.0
        self.quality.acknowledged(now, rtt + busy, size, rtt)
        if not self.quality.trying and now < self.reconsider_at:
            return False
        self.reconsider_at = now + RECONSIDER_SECONDS
        return True

    def awaits(self, lane: Lane) -> bool:
        """Whether it was sent the lane's newest frame and will want another."""
        return (
            self.seen_index == lane.index and self.cycle is not None and not self.pause_frame_sent and not self.blocked
        )

    def next_at(self, now: float) -> float:
        """Return when it will probably be ready for another frame, if one was sent to it just now."""
        return max(now + (self.cycle or 0.0) / self.window.size, self.pace.next()[0])

    def measure_round_trip(self) -> None:
        """Measure the round trip, now or as soon as nothing is on its way; to be called once a second.

        When something is all the time, or is not acknowledged, the ping goes behind it: an answer says at least that
        the viewer is still there.
        """
        if not self.in_flight and not self.outlet.unsent():
            self.outlet.ping(clean=True)
        elif self.ping_due and not self.blocked:
            self.outlet.ping(clean=False)
        else:
            self.ping_due = True
