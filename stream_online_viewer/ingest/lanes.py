"""The image lanes: for each thing that viewers want the newest message, one at a time, when the web process asks."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from stream_online_viewer.ingest.channels import ChannelNumbers
from stream_online_viewer.ingest.encode import encode_pulse
from stream_online_viewer.ingest.encoding_watch import EncodingWatch
from stream_online_viewer.ingest.image import ImageEncoder, is_cheap
from stream_online_viewer.ingest.scalars import RowMaker
from stream_online_viewer.link.messages import FrameInfo
from stream_online_viewer.model.problems import problem_of
from stream_online_viewer.model.pulse import Pulse
from stream_online_viewer.protocol.form import Form
from stream_online_viewer.protocol.frame import Buffer, FrameHead, encode_frame
from stream_online_viewer.protocol.table import Row


@dataclass(frozen=True, slots=True)
class Kept:
    """A message with the index of its image, None if it is shown without one, and its row if that was made already."""

    message: Pulse
    image: int | None
    row: tuple[Row, list[tuple[int, str]]] | None


@dataclass(slots=True)
class _Lane:
    form: Form
    pulled: bool = False
    kept: Kept | None = None


class Lanes:
    """Keeps the newest message of each lane, and encodes it in a thread once the web process has pulled the lane.

    The main loop only ever puts a message in; if the encoders are slow, messages replace each other here. There are
    two of them, so that what only has to be passed on never waits for what has to be made: at most one image is being
    encoded at a time. A frame that cannot be made, whatever the reason, is answered with one without an image that
    says why, and is counted; the thread goes on.

    ``send`` gets each frame; ``empty`` gets the lane of a pull for which there is no frame yet.
    """

    def __init__(
        self,
        epoch: int,
        numbers: ChannelNumbers,
        rows: RowMaker,
        send: Callable[[FrameInfo, Sequence[Buffer]], None],
        empty: Callable[[int], None],
        watch: EncodingWatch,
    ) -> None:
        self._epoch = epoch
        self._numbers = numbers
        self._rows = rows
        self._send = send
        self._empty = empty
        self._watch = watch
        self._wake = threading.Condition()
        self._lanes: dict[int, _Lane] = {}
        self._newest: dict[str | None, Kept] = {}
        self._images = {True: ImageEncoder(), False: ImageEncoder()}
        self.replaced = 0
        self.encoded = 0

    def start(self) -> None:
        """Start the two threads."""
        for name, cheap in (("forwarder", True), ("encoder", False)):
            threading.Thread(target=self._work, args=(cheap,), name=name, daemon=True).start()

    def want(self, forms: dict[int, Form]) -> None:
        """Set which lanes there are; what was kept for others is let go.

        A new lane begins with the newest message of its channel, if another lane shows it already.
        """
        with self._wake:
            channels = {form.channel for form in forms.values()}
            self._newest = {channel: kept for channel, kept in self._newest.items() if channel in channels}
            before, self._lanes = self._lanes, {}
            for number, form in forms.items():
                self._lanes[number] = before.get(number) or _Lane(form, kept=self._newest.get(form.channel))

    def pull(self, number: int, after: int) -> None:
        """Let a lane send one frame: the one that is kept, else the next; it was received after ``after`` (ns)."""
        with self._wake:
            lane = self._lanes.get(number)
            if lane is not None:
                lane.pulled = True
                if lane.kept is not None and lane.kept.message.received <= after:
                    lane.kept = None
                if lane.kept is None:
                    self._empty(number)
                else:
                    self._wake.notify_all()

    def keep(self, number: int, kept: Kept) -> None:
        """Make a message the newest one of a lane."""
        with self._wake:
            lane = self._lanes.get(number)
            if lane is None:
                return
            if lane.kept is not None:
                self.replaced += 1
            lane.kept = self._newest[lane.form.channel] = kept
            if lane.pulled:
                self._wake.notify_all()

    def _work(self, cheap: bool) -> None:
        """Encode for ever what is cheap, or what is not."""
        images = self._images[cheap]
        while True:
            number, form, kept = self._next(cheap)
            slot = int(cheap)
            try:
                self._watch.begin(slot, kept.message, kept.image, form)
                body, refused = self._encode(form, kept, images)
            except Exception as error:
                # Of what ended half way nothing is used again.
                images.forget()
                body, refused = self._without_image(kept, error), kept.image is not None
            finally:
                self._watch.end(slot)
            self.encoded += 1
            self._send(FrameInfo(number, kept.message.sequence, kept.message.received, refused), body)
            # Not to hold the memory of the last large message until the next one comes.
            del kept, body

    def _next(self, cheap: bool) -> tuple[int, Form, Kept]:
        with self._wake:
            while True:
                for number, lane in self._lanes.items():
                    kept = lane.kept
                    if lane.pulled and kept is not None and is_cheap(kept.message, kept.image, lane.form) is cheap:
                        lane.kept, lane.pulled = None, False
                        # To the end, so that no lane waits for ever behind a busier one.
                        self._lanes[number] = self._lanes.pop(number)
                        return number, lane.form, kept
                if not self._lanes:
                    self._images[cheap].forget()
                self._wake.wait()

    def _encode(self, form: Form, kept: Kept, images: ImageEncoder) -> tuple[Sequence[Buffer], bool]:
        """Return the frame, and whether it lacks the image that there was."""
        message = kept.message
        row, problems = kept.row or self._rows.make(message)
        numbers = self._numbers.of(message.layout)
        head, blocks = encode_pulse(
            message, self._epoch, numbers, row, problems, kept.image, form, images, self._rows.count_invalid
        )
        has_image = bool(blocks) and blocks[0].keys["role"] == "image"
        return encode_frame(head, blocks), kept.image is not None and not has_image

    def _without_image(self, kept: Kept, error: Exception) -> Sequence[Buffer]:
        """Return the frame for what could not be made: it says why, and holds nothing else."""
        problem = problem_of(error)
        self._rows.count_invalid(problem)
        message = kept.message
        head = FrameHead(self._epoch, message.sequence, message.pulse_id, message.source_time, message.received_time)
        number = None if kept.image is None else self._numbers.of(message.layout)[kept.image]
        if number is not None:
            head.invalid = [(number, str(problem))]
        return encode_frame(head, [])


def image_index(message: Pulse, name: str) -> int | None:
    """Return the index of a named channel if it has a value in this message."""
    index = message.layout.index.get(name)
    return None if index is None or message.is_null(index) else index
