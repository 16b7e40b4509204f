"""Numbers for channel names, and which channel is the image."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence

from stream_online_viewer.protocol.shape import ImageShape, shape_of
from stream_online_viewer.source.headers import Channel, DataHeader
from stream_online_viewer.source.message import Message

MAX_NAMES = 16384


class ChannelNumbers:
    """Gives each channel name a number for the life of the process; used by several threads.

    ``announce`` is called with new ``(number, name)`` pairs before their numbers are returned, so that a name is always
    sent before the first value that uses it.
    """

    def __init__(self, announce: Callable[[list[tuple[int, str]]], None]) -> None:
        self._announce = announce
        self._numbers: dict[str, int] = {}
        self._of_header: OrderedDict[int, list[int | None]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, header: DataHeader) -> list[int | None]:
        """Return the number of each channel of a header; None for names beyond ``MAX_NAMES`` and for unusable ones.

        A stream that invents names for ever must not fill the memory, so there is a largest number.
        """
        with self._lock:
            known = self._of_header.get(header.serial)
            if known is not None:
                self._of_header.move_to_end(header.serial)
                return known
            new: list[tuple[int, str]] = []
            numbers: list[int | None] = []
            seen: set[str] = set()
            for channel in header.channels:
                number = self._numbers.get(channel.name)
                if number is None and channel.name and len(self._numbers) < MAX_NAMES:
                    number = self._numbers[channel.name] = len(self._numbers)
                    new.append((number, channel.name))
                # A name that is listed twice has one value: the first.
                numbers.append(None if channel.name in seen else number)
                seen.add(channel.name)
            if new:
                self._announce(new)
            self._of_header[header.serial] = numbers
            if len(self._of_header) > 64:
                self._of_header.popitem(last=False)
            return numbers

    def all(self) -> list[tuple[int, str]]:
        """Return every (number, name) so far."""
        with self._lock:
            return [(number, name) for name, number in self._numbers.items()]


def image_shape(channel: Channel, wish: str | None = None) -> ImageShape | None:
    """Return how a numeric array channel can be shown as the main picture, None if it cannot.

    ``wish`` is what a viewer wants of arrays that could be colour, see :func:`shape_of`.
    """
    if channel.dtype == "string" or channel.problem is not None or channel.is_scalar:
        return None
    return shape_of(channel.dtype, channel.shape, channel.pixel_format, wish)


Rank = tuple[int, int]


class ImageChoice:
    """Finds the image channel that is shown when a viewer has named none.

    The order: the configured name and nothing else; else ``image``; else a name that ends in ``:FPICTURE``; else the
    largest array with two or more dimensions; else the largest curve. In merged streams most messages have no image: a
    channel that the header lists without a value keeps lesser ones away for ``PATIENCE`` seconds, one that is not
    listed any more for ``GONE_PATIENCE``.
    """

    PATIENCE = 10.0
    GONE_PATIENCE = 1.0

    def __init__(self, configured: str | None) -> None:
        self._configured = configured
        self._ranks: OrderedDict[int, list[tuple[Rank, int]]] = OrderedDict()
        self._rank: Rank | None = None
        self._asked = 0.0
        self._lacking: float | None = None
        self.name: str | None = configured

    def find(self, message: Message, now: float) -> int | None:
        """Return the index of the image channel if it has a value in this message. ``now`` is in monotonic seconds."""
        # Nobody is patient while nobody watches.
        if now - self._asked > self.PATIENCE:
            self._lacking = None
        self._asked = now
        better_is_null = False
        for rank, index in self._candidates(message.header):
            if message.is_null(index):
                better_is_null = True
                continue
            name = message.header.channels[index].name
            if self._rank is None:
                good = not better_is_null
            else:
                good = name == self.name or rank < self._rank
            if not good and not self._waited(self.PATIENCE if better_is_null else self.GONE_PATIENCE, now):
                return None
            self.name, self._rank, self._lacking = name, rank, None
            return index
        return None

    def _waited(self, seconds: float, now: float) -> bool:
        if self._lacking is None:
            self._lacking = now
        return now - self._lacking > seconds

    def _candidates(self, header: DataHeader) -> Sequence[tuple[Rank, int]]:
        ranked = self._ranks.get(header.serial)
        if ranked is None:
            ranked = sorted(
                (rank, index)
                for index, channel in enumerate(header.channels)
                if (rank := self._rank_of(channel)) is not None
            )
            self._ranks[header.serial] = ranked
            if len(self._ranks) > 64:
                self._ranks.popitem(last=False)
        return ranked

    def _rank_of(self, channel: Channel) -> Rank | None:
        if self._configured is not None:
            return (0, 0) if channel.name == self._configured else None
        shape = image_shape(channel)
        if shape is None:
            return None
        size = shape.rows * shape.columns
        if shape.kind == "curve":
            return 4, -size
        if channel.name == "image":
            return 1, 0
        if channel.name.endswith(":FPICTURE"):
            return 2, 0
        return 3, -size
