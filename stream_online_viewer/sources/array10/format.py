"""array-1.0 as a format of ZeroMQ messages."""

from collections import OrderedDict
from collections.abc import Sequence
from struct import Struct
from typing import NamedTuple

from stream_online_viewer.model.layout import Layout
from stream_online_viewer.model.problems import Refused
from stream_online_viewer.model.pulse import NONE_SPOILED, Arrival, Part, Pulse
from stream_online_viewer.sources.array10.header import (
    HTYPE,
    ArrayHeader,
    is_array,
    layout_of,
    note_of,
    parse_header,
)
from stream_online_viewer.sources.zeromq.format import Format
from stream_online_viewer.sources.zeromq.json_header import parse_first_part

KEPT_KINDS = 16
_ID = Struct("<Q")


class _Kind(NamedTuple):
    """What successive messages have in common; made once."""

    layout: Layout
    nbytes: int
    note: str


class ArrayMessage(Arrival):
    """A message with a valid header and an array of the size that the header announces."""

    __slots__ = ("_array", "_header", "_kind")

    def __init__(self, header: ArrayHeader, kind: _Kind, array: Part) -> None:
        super().__init__(header.id, None, None)
        self._header, self._kind, self._array = header, kind, array

    def pulse(self, sequence: int, received: int, received_time: int) -> Pulse:
        """Return the pulse: the array and the other values in the header."""
        header, kind = self._header, self._kind
        payloads: list[Part] = [self._array]
        payloads += [_ID.pack(value) for value in (header.frame, header.pulse_id) if value is not None]
        if header.source is not None:
            payloads.append(header.source.encode())
        payloads.append(kind.note.encode())
        return Pulse(sequence, received, received_time, self.pulse_id, None, kind.layout, payloads, NONE_SPOILED)


class Array10(Format):
    """Reads the messages of one stream in array-1.0."""

    name = HTYPE

    def __init__(self) -> None:
        self._kinds: OrderedDict[tuple[object, ...], _Kind] = OrderedDict()

    def read(self, parts: Sequence[Part]) -> ArrayMessage:
        """Read the header. Raise :class:`Refused` if it cannot be used or does not match the data."""
        header = parse_header(parse_first_part(parts[0]))
        if len(parts) != 2:
            raise Refused("part count", f"{len(parts)} parts instead of 2")
        kind = self._kind(header)
        if len(parts[1]) != kind.nbytes:
            raise Refused("array size", f"{len(parts[1])} bytes, {kind.nbytes} expected from shape and type")
        self.note = kind.note
        return ArrayMessage(header, kind, parts[1])

    def claims(self, parts: Sequence[Part]) -> bool:
        """Return whether the first part is a header of array-1.0."""
        try:
            return is_array(parse_first_part(parts[0]))
        except Refused:
            return False

    def _kind(self, header: ArrayHeader) -> _Kind:
        beside = header.frame is None, header.pulse_id is None, header.source is None
        key = (header.shape, header.type, header.order, *beside)
        kind = self._kinds.get(key)
        if kind is None:
            layout = layout_of(header)
            image = layout.channels[0]
            elements = (image.nbytes or 0) // image.numpy_dtype.itemsize
            kind = _Kind(layout, elements * image.sent_numpy_dtype.itemsize, note_of(header))
            self._kinds[key] = kind
            if len(self._kinds) > KEPT_KINDS:
                self._kinds.popitem(last=False)
        return kind
