"""The image lanes: for each thing that viewers want the newest message, one at a time, when the web process asks."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from stream_online_viewer.ingest.channels import ChannelNumbers
from stream_online_viewer.ingest.encode import Form, encode_pulse
from stream_online_viewer.ingest.scalars import RowMaker
from stream_online_viewer.protocol.frame import Buffer, encode_frame
from stream_online_viewer.protocol.table import Row
from stream_online_viewer.source.message import Message


@dataclass(frozen=True, slots=True)
class LaneSpec:
    """What a lane carries: an image channel (None: the default one) in a form."""

    channel: str | None
    form: Form


@dataclass(frozen=True, slots=True)
class Kept:
    """A message with the index of its image, None if it is shown without one, and its row if that was made already."""

    message: Message
    image: int | None
    row: tuple[Row, list[tuple[int, str]]] | None


@dataclass(slots=True)
class _Lane:
    spec: LaneSpec
    pulled: bool = False
    kept: Kept | None = None


class Lanes(threading.Thread):
    """Keeps the newest message of each lane, and encodes it in its own thread once the web process has pulled the lane.

    The main loop only ever puts a message in; if the encoder is slow, messages replace each other here. ``send`` gets
    (lane, sequence, receipt in monotonic ns, body); ``empty`` gets the lane of a pull for which there is no frame yet.
    """

    def __init__(
        self,
        epoch: int,
        numbers: ChannelNumbers,
        rows: RowMaker,
        send: Callable[[int, int, int, Sequence[Buffer]], None],
        empty: Callable[[int], None],
    ) -> None:
        super().__init__(name="encoder", daemon=True)
        self._epoch = epoch
        self._numbers = numbers
        self._rows = rows
        self._send = send
        self._empty = empty
        self._wake = threading.Condition()
        self._lanes: dict[int, _Lane] = {}
        self.replaced = 0
        self.encoded = 0

    def want(self, specs: dict[int, LaneSpec]) -> None:
        """Set which lanes there are; what was kept for others is let go."""
        with self._wake:
            for number in list(self._lanes):
                if number not in specs:
                    del self._lanes[number]
            for number, spec in specs.items():
                if number not in self._lanes:
                    self._lanes[number] = _Lane(spec)

    def specs(self) -> dict[int, LaneSpec]:
        """Return the lanes by number."""
        with self._wake:
            return {number: lane.spec for number, lane in self._lanes.items()}

    def pull(self, number: int) -> None:
        """Let a lane send one frame: the one that is kept, else the next."""
        with self._wake:
            lane = self._lanes.get(number)
            if lane is not None:
                lane.pulled = True
                if lane.kept is None:
                    self._empty(number)
                else:
                    self._wake.notify()

    def keep(self, number: int, kept: Kept) -> None:
        """Make a message the newest one of a lane."""
        with self._wake:
            lane = self._lanes.get(number)
            if lane is None:
                return
            if lane.kept is not None:
                self.replaced += 1
            lane.kept = kept
            if lane.pulled:
                self._wake.notify()

    def run(self) -> None:
        """Encode for ever."""
        while True:
            number, spec, kept = self._next()
            self._encode(number, spec, kept)
            # Not to hold the memory of the last large message until the next one comes.
            del kept

    def _next(self) -> tuple[int, LaneSpec, Kept]:
        with self._wake:
            while True:
                for number, lane in self._lanes.items():
                    if lane.pulled and lane.kept is not None:
                        kept, lane.kept, lane.pulled = lane.kept, None, False
                        # To the end, so that no lane waits for ever behind a busier one.
                        self._lanes[number] = self._lanes.pop(number)
                        return number, lane.spec, kept
                self._wake.wait()

    def _encode(self, number: int, spec: LaneSpec, kept: Kept) -> None:
        message = kept.message
        row, problems = kept.row or self._rows.make(message)
        numbers = self._numbers.of(message.header)
        head, blocks = encode_pulse(
            message, self._epoch, numbers, row, problems, kept.image, spec.form, self._rows.count_invalid
        )
        body = encode_frame(head, blocks)
        self.encoded += 1
        self._send(number, message.sequence, message.received, body)


def image_index(message: Message, name: str) -> int | None:
    """Return the index of a named channel if it has a value in this message."""
    index = message.header.index.get(name)
    return None if index is None or message.is_null(index) else index
