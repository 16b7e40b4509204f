"""Keeps the newest pulse for each rendition that is wanted, and encodes it when a web process pulls it."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from stream_online_viewer.ingest.channels import ChannelIds
from stream_online_viewer.ingest.encode import encode_pulse
from stream_online_viewer.ingest.encoding_watch import EncodingWatch
from stream_online_viewer.ingest.image import ImageEncoder, is_cheap
from stream_online_viewer.ingest.scalars import RowMaker
from stream_online_viewer.link.base import IngestEnd
from stream_online_viewer.link.messages import FrameInfo
from stream_online_viewer.link.slot_writer import SlotWriter, StoredFrame
from stream_online_viewer.model.problems import problem_of
from stream_online_viewer.model.pulse import Pulse
from stream_online_viewer.protocol.frame import Buffer, FrameHead, encode_frame
from stream_online_viewer.protocol.rendition import Rendition
from stream_online_viewer.protocol.table import Row


@dataclass(frozen=True, slots=True)
class Pending:
    """A pulse, the index of its image (None: it is shown without one), and its row if that was already made."""

    pulse: Pulse
    image: int | None
    row: tuple[Row, list[tuple[int, str]]] | None


@dataclass(frozen=True, slots=True)
class _Made:
    """An encoded frame: its pulse, its bytes, whether its image was refused, and its copy in the shared memory."""

    pending: Pending
    body: Sequence[Buffer]
    refused: bool
    stored: StoredFrame | None


@dataclass(slots=True, eq=False)
class _Seat:
    """One web process in a lane. ``number`` is that of the lane in the web process."""

    link: IngestEnd
    number: int
    lane: "_Lane"
    pulled: bool = False
    after: int = 0
    """It pulls a pulse received later than this, monotonic ns."""
    had: int = -1
    """Sequence of the newest frame sent to it."""

    def lacks(self, pending: Pending) -> bool:
        """Return whether a pulse is newer than the last frame and than ``after``."""
        return pending.pulse.sequence > self.had and pending.pulse.received > self.after


@dataclass(slots=True, eq=False)
class _Lane:
    rendition: Rendition
    seats: list[_Seat] = field(default_factory=list)
    pending: Pending | None = None
    """The newest pulse, if it is not encoded yet."""
    making: Pending | None = None
    """The pulse that is being encoded."""
    made: _Made | None = None
    """The last encoded frame, while it is the newest and not sent to all."""


class PendingPulses:
    """Keeps the newest pulse of each lane, and encodes it in a thread once a web process has pulled the lane.

    There is one lane for each rendition, however many web processes want it: a frame is sent to all that have pulled
    it, and kept for the others until there is a newer one. No web process waits for another.

    The main loop only stores pulses; if encoding is slow, they replace each other here. Of the two threads one passes
    on images that need no encoding, so that these never wait, and the other encodes one image at a time. If a frame
    cannot be encoded for whatever reason, a frame without an image is sent that says why, the fault is counted, and the
    thread goes on.
    """

    def __init__(
        self,
        epoch: int,
        channel_ids: ChannelIds,
        rows: RowMaker,
        watch: EncodingWatch,
        memory: SlotWriter | None = None,
    ) -> None:
        """``memory`` is shared with the web processes whose links say so; large frames are put there, once for all."""
        self._epoch = epoch
        self._channel_ids = channel_ids
        self._rows = rows
        self._watch = watch
        self._memory = memory
        self._wake = threading.Condition()
        self._lanes: dict[Rendition, _Lane] = {}
        self._seats: dict[tuple[IngestEnd, int], _Seat] = {}
        self._newest: dict[str | None, Pending] = {}
        self._images = {True: ImageEncoder(), False: ImageEncoder()}
        self._closed = False
        self.replaced = 0
        self.encoded = 0

    def start(self) -> None:
        """Start the two threads."""
        for name, cheap in (("forwarder", True), ("encoder", False)):
            threading.Thread(target=self._work, args=(cheap,), name=name, daemon=True).start()

    def close(self) -> None:
        """Let each thread end after what it is encoding."""
        with self._wake:
            self._closed = True
            self._wake.notify_all()

    def begin_lane(self, link: IngestEnd, number: int, rendition: Rendition) -> None:
        """Add a lane of a web process.

        It begins with the newest pulse of its channel, if another lane shows that already.
        """
        with self._wake:
            lane = self._lanes.get(rendition)
            if lane is None:
                lane = self._lanes[rendition] = _Lane(rendition)
            seat = self._seats[link, number] = _Seat(link, number, lane)
            lane.seats.append(seat)
            if lane.pending is None and lane.making is None and lane.made is None:
                lane.pending = self._newest.get(rendition.channel)

    def end_lane(self, link: IngestEnd, number: int) -> None:
        """Remove a lane of a web process. The last one to leave a rendition also removes its pending pulse."""
        with self._wake:
            seat = self._seats.pop((link, number))
            lane = seat.lane
            lane.seats.remove(seat)
            if not lane.seats:
                del self._lanes[lane.rendition]
                if all(rendition.channel != lane.rendition.channel for rendition in self._lanes):
                    self._newest.pop(lane.rendition.channel, None)
            if not self._lanes:
                self._wake.notify_all()

    def pull(self, link: IngestEnd, number: int, after: int) -> None:
        """Send one frame to a web process, now or later: newer than its last, received after ``after`` (ns)."""
        with self._wake:
            seat = self._seats.get((link, number))
            if seat is None:
                return
            seat.pulled, seat.after = True, after
            lane = seat.lane
            if lane.pending is not None and not any(one.lacks(lane.pending) for one in lane.seats):
                lane.pending = None
            if lane.pending is not None and seat.lacks(lane.pending):
                self._wake.notify_all()
            elif lane.made is not None and seat.lacks(lane.made.pending):
                self._give(lane, lane.made)
            elif lane.making is None or not seat.lacks(lane.making):
                link.send_nothing_newer(number)

    def set_newest(self, rendition: Rendition, pending: Pending) -> None:
        """Make a pulse the newest one of a rendition."""
        with self._wake:
            lane = self._lanes.get(rendition)
            if lane is None:
                return
            if lane.pending is not None:
                self.replaced += 1
            lane.pending = self._newest[rendition.channel] = pending
            lane.made = None
            if any(seat.pulled for seat in lane.seats):
                self._wake.notify_all()

    def _work(self, cheap: bool) -> None:
        """Thread loop that encodes either the cheap or the costly renditions, until :meth:`close`."""
        images = self._images[cheap]
        while (found := self._next(cheap)) is not None:
            lane, pending = found
            slot = int(cheap)
            try:
                self._watch.begin(slot, pending.pulse, pending.image, lane.rendition)
                body, refused = self._encode(lane.rendition, pending, images)
            except Exception as error:
                # Nothing that was left by an interrupted encoding is used again.
                images.forget()
                body, refused = self._without_image(pending, error), pending.image is not None
            finally:
                self._watch.end(slot)
            made = _Made(pending, body, refused, None if self._memory is None else self._memory.put(body))
            with self._wake:
                self.encoded += 1
                lane.making = None
                self._give(lane, made)
                if lane.pending is not None:
                    # The other thread may have skipped this lane meanwhile.
                    self._wake.notify_all()
            # Release the memory of a large pulse now, not only when the next one comes.
            del found, lane, pending, body, made

    def _give(self, lane: _Lane, made: _Made) -> None:
        """Send a frame to all that have pulled it; keep it for the others unless a newer pulse is pending."""
        pulse = made.pending.pulse
        for seat in lane.seats:
            if seat.pulled and seat.lacks(made.pending):
                seat.pulled, seat.had = False, pulse.sequence
                info = FrameInfo(seat.number, pulse.sequence, pulse.received, made.refused)
                if self._memory is not None and made.stored is not None and seat.link.shares_memory:
                    self._memory.hold(made.stored, seat.link)
                    seat.link.send_stored(info, made.stored.slot, made.stored.nbytes)
                else:
                    seat.link.send_frame(info, made.body)
        wanted = lane.pending is None and any(seat.lacks(made.pending) for seat in lane.seats)
        lane.made = made if wanted else None

    def _next(self, cheap: bool) -> tuple[_Lane, Pending] | None:
        with self._wake:
            while not self._closed:
                for rendition, lane in self._lanes.items():
                    pending = lane.pending
                    if (
                        pending is not None
                        and lane.making is None
                        and any(seat.pulled and seat.lacks(pending) for seat in lane.seats)
                        and is_cheap(pending.pulse, pending.image, rendition) is cheap
                    ):
                        lane.pending, lane.making = None, pending
                        # Move the lane to the end, so that it does not keep others waiting.
                        self._lanes[rendition] = self._lanes.pop(rendition)
                        return lane, pending
                if not self._lanes:
                    self._images[cheap].forget()
                self._wake.wait()
            return None

    def _encode(self, rendition: Rendition, pending: Pending, images: ImageEncoder) -> tuple[Sequence[Buffer], bool]:
        """Return the frame, and whether it lacks the image that the pulse has."""
        pulse = pending.pulse
        row, problems = pending.row or self._rows.make(pulse)
        channel_ids = self._channel_ids.of(pulse.layout)
        head, blocks = encode_pulse(
            pulse, self._epoch, channel_ids, row, problems, pending.image, rendition, images, self._rows.count_invalid
        )
        has_image = bool(blocks) and blocks[0].keys["role"] == "image"
        return encode_frame(head, blocks), pending.image is not None and not has_image

    def _without_image(self, pending: Pending, error: Exception) -> Sequence[Buffer]:
        """Return a frame that has no image and says why."""
        problem = problem_of(error)
        self._rows.count_invalid(problem)
        pulse = pending.pulse
        head = FrameHead(self._epoch, pulse.sequence, pulse.pulse_id, pulse.source_time, pulse.received_time)
        channel_id = None if pending.image is None else self._channel_ids.of(pulse.layout)[pending.image]
        if channel_id is not None:
            head.invalid = [(channel_id, str(problem))]
        return encode_frame(head, [])


def image_index(pulse: Pulse, name: str) -> int | None:
    """Return the index of the channel with this name if it has a value in this pulse, else None."""
    index = pulse.layout.index.get(name)
    return None if index is None or pulse.is_null(index) else index
