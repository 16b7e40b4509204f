"""The image lanes: for each rendition that is wanted the newest message, one at a time, when a web process asks."""

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
from stream_online_viewer.model.problems import problem_of
from stream_online_viewer.model.pulse import Pulse
from stream_online_viewer.protocol.frame import Buffer, FrameHead, encode_frame
from stream_online_viewer.protocol.rendition import Rendition
from stream_online_viewer.protocol.table import Row


@dataclass(frozen=True, slots=True)
class Kept:
    """A message with the index of its image, None if it is shown without one, and its row if that was made already."""

    message: Pulse
    image: int | None
    row: tuple[Row, list[tuple[int, str]]] | None


@dataclass(slots=True, eq=False)
class _Seat:
    """One web process in a lane. ``number`` is what it calls the lane."""

    link: IngestEnd
    number: int
    lane: "_Lane"
    pulled: bool = False
    after: int = 0
    """What it pulls was received after this, monotonic ns."""
    had: int = -1
    """Sequence of the newest frame that it was sent."""

    def lacks(self, kept: Kept) -> bool:
        """Whether a message is newer than what it has, and than what it does not want."""
        return kept.message.sequence > self.had and kept.message.received > self.after


@dataclass(slots=True, eq=False)
class _Lane:
    rendition: Rendition
    seats: list[_Seat] = field(default_factory=list)
    kept: Kept | None = None
    """The newest message, if it was not encoded yet."""
    making: Kept | None = None
    """What is being encoded."""
    made: tuple[Kept, Sequence[Buffer], bool] | None = None
    """What was encoded last, as long as it is the newest and somebody lacks it."""


class Lanes:
    """Keeps the newest message of each lane, and encodes it in a thread once a web process has pulled the lane.

    There is one lane for each rendition that is wanted, however many web processes want it: a frame is sent to all that
    have pulled by then, and kept for the others until there is a newer one. No web process waits for another.

    The main loop only ever puts a message in; if the encoders are slow, messages replace each other here. There are
    two of them, so that what only has to be passed on never waits for what has to be made: at most one image is being
    encoded at a time. A frame that cannot be made, whatever the reason, is answered with one without an image that
    says why, and is counted; the thread goes on.
    """

    def __init__(self, epoch: int, channel_ids: ChannelIds, rows: RowMaker, watch: EncodingWatch) -> None:
        self._epoch = epoch
        self._channel_ids = channel_ids
        self._rows = rows
        self._watch = watch
        self._wake = threading.Condition()
        self._lanes: dict[Rendition, _Lane] = {}
        self._seats: dict[tuple[IngestEnd, int], _Seat] = {}
        self._newest: dict[str | None, Kept] = {}
        self._images = {True: ImageEncoder(), False: ImageEncoder()}
        self._closed = False
        self.replaced = 0
        self.encoded = 0

    def start(self) -> None:
        """Start the two threads."""
        for name, cheap in (("forwarder", True), ("encoder", False)):
            threading.Thread(target=self._work, args=(cheap,), name=name, daemon=True).start()

    def close(self) -> None:
        """Let the threads end, each when it has made what it is at."""
        with self._wake:
            self._closed = True
            self._wake.notify_all()

    def begin(self, link: IngestEnd, number: int, rendition: Rendition) -> None:
        """A web process has a new lane.

        It begins with the newest message of its channel, if another lane shows it already.
        """
        with self._wake:
            lane = self._lanes.get(rendition)
            if lane is None:
                lane = self._lanes[rendition] = _Lane(rendition)
            seat = self._seats[link, number] = _Seat(link, number, lane)
            lane.seats.append(seat)
            if lane.kept is None and lane.making is None and lane.made is None:
                lane.kept = self._newest.get(rendition.channel)

    def end(self, link: IngestEnd, number: int) -> None:
        """A web process has a lane no more; the last one's end is the end of the lane and of what was kept for it."""
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
        """Let a lane send one frame to a web process: what it lacks, else the next; received after ``after`` (ns)."""
        with self._wake:
            seat = self._seats.get((link, number))
            if seat is None:
                return
            seat.pulled, seat.after = True, after
            lane = seat.lane
            if lane.kept is not None and not any(one.lacks(lane.kept) for one in lane.seats):
                lane.kept = None
            if lane.kept is not None and seat.lacks(lane.kept):
                self._wake.notify_all()
            elif lane.made is not None and seat.lacks(lane.made[0]):
                self._give(lane, *lane.made)
            elif lane.making is None or not seat.lacks(lane.making):
                link.send_nothing_newer(number)

    def keep(self, rendition: Rendition, kept: Kept) -> None:
        """Make a message the newest one of a lane."""
        with self._wake:
            lane = self._lanes.get(rendition)
            if lane is None:
                return
            if lane.kept is not None:
                self.replaced += 1
            lane.kept = self._newest[rendition.channel] = kept
            lane.made = None
            if any(seat.pulled for seat in lane.seats):
                self._wake.notify_all()

    def _work(self, cheap: bool) -> None:
        """Encode what costs next to nothing (``cheap``), or everything else, until the lanes are closed."""
        images = self._images[cheap]
        while (found := self._next(cheap)) is not None:
            lane, kept = found
            slot = int(cheap)
            try:
                self._watch.begin(slot, kept.message, kept.image, lane.rendition)
                body, refused = self._encode(lane.rendition, kept, images)
            except Exception as error:
                # Of what ended half way nothing is used again.
                images.forget()
                body, refused = self._without_image(kept, error), kept.image is not None
            finally:
                self._watch.end(slot)
            with self._wake:
                self.encoded += 1
                lane.making = None
                self._give(lane, kept, body, refused)
                if lane.kept is not None:
                    # The other thread may have left it out meanwhile.
                    self._wake.notify_all()
            # Not to hold the memory of the last large message until the next one comes.
            del found, lane, kept, body

    def _give(self, lane: _Lane, kept: Kept, body: Sequence[Buffer], refused: bool) -> None:
        """Send what was made to all who have pulled it; keep it for the others, unless there is something newer."""
        message = kept.message
        for seat in lane.seats:
            if seat.pulled and seat.lacks(kept):
                seat.pulled, seat.had = False, message.sequence
                seat.link.send_frame(FrameInfo(seat.number, message.sequence, message.received, refused), body)
        wanted = lane.kept is None and any(seat.lacks(kept) for seat in lane.seats)
        lane.made = (kept, body, refused) if wanted else None

    def _next(self, cheap: bool) -> tuple[_Lane, Kept] | None:
        with self._wake:
            while not self._closed:
                for rendition, lane in self._lanes.items():
                    kept = lane.kept
                    if (
                        kept is not None
                        and lane.making is None
                        and any(seat.pulled and seat.lacks(kept) for seat in lane.seats)
                        and is_cheap(kept.message, kept.image, rendition) is cheap
                    ):
                        lane.kept, lane.making = None, kept
                        # To the end, so that no lane waits for ever behind a busier one.
                        self._lanes[rendition] = self._lanes.pop(rendition)
                        return lane, kept
                if not self._lanes:
                    self._images[cheap].forget()
                self._wake.wait()
            return None

    def _encode(self, rendition: Rendition, kept: Kept, images: ImageEncoder) -> tuple[Sequence[Buffer], bool]:
        """Return the frame, and whether it lacks the image that there was."""
        message = kept.message
        row, problems = kept.row or self._rows.make(message)
        channel_ids = self._channel_ids.of(message.layout)
        head, blocks = encode_pulse(
            message, self._epoch, channel_ids, row, problems, kept.image, rendition, images, self._rows.count_invalid
        )
        has_image = bool(blocks) and blocks[0].keys["role"] == "image"
        return encode_frame(head, blocks), kept.image is not None and not has_image

    def _without_image(self, kept: Kept, error: Exception) -> Sequence[Buffer]:
        """Return the frame for what could not be made: it says why, and holds nothing else."""
        problem = problem_of(error)
        self._rows.count_invalid(problem)
        message = kept.message
        head = FrameHead(self._epoch, message.sequence, message.pulse_id, message.source_time, message.received_time)
        channel_id = None if kept.image is None else self._channel_ids.of(message.layout)[kept.image]
        if channel_id is not None:
            head.invalid = [(channel_id, str(problem))]
        return encode_frame(head, [])


def image_index(message: Pulse, name: str) -> int | None:
    """Return the index of a named channel if it has a value in this message."""
    index = message.layout.index.get(name)
    return None if index is None or message.is_null(index) else index
