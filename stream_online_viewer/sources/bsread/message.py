"""Makes a pulse from the parts of a bsread message."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from struct import Struct
from typing import cast

from stream_online_viewer.model.problems import Invalid, Refused
from stream_online_viewer.model.pulse import NONE_SPOILED, Arrival, Part, Pulse
from stream_online_viewer.sources.bsread.headers import DataHeaders, MainHeader

_TIMESTAMP_BYTES = 16
_TIMESTAMP_SIZES = frozenset((0, _TIMESTAMP_BYTES))
_TIMESTAMP = {"little": Struct("<QQ"), "big": Struct(">QQ")}
_MAX_TIME = 2**63 - 1


@dataclass(slots=True, eq=False)
class MessagePulse(Pulse):
    """A pulse of a bsread message, in which each value has its own time."""

    times: Sequence[Part]

    def timestamp(self, index: int) -> int | None:
        """Return the time of a value in ns since 1970; None if it is empty or zero. Raises :class:`Invalid`."""
        if index in self.spoiled:
            raise self.spoiled[index].with_traceback(None)
        part = self.times[index]
        if len(part) == 0:
            return None
        seconds, nanoseconds = _TIMESTAMP[self.layout.channels[index].order].unpack(cast(bytes, part))
        time: int = seconds * 1_000_000_000 + nanoseconds
        if time > _MAX_TIME:
            raise Invalid("timestamp", f"{seconds} s and {nanoseconds} ns are out of range")
        return time or None


class Message(Arrival):
    """A message with a valid main header. ``parts`` are all its parts, the main header included.

    What ``headers`` stores for a hash changes only if the whole message is accepted.
    """

    __slots__ = ("_headers", "_main", "_parts")

    def __init__(self, parts: Sequence[Part], main: MainHeader, headers: DataHeaders) -> None:
        self.pulse_id, self.source_time, self.time_problem = main.pulse_id, main.source_time, main.time_problem
        self._parts, self._main, self._headers = parts, main, headers

    def pulse(self, sequence: int, received: int, received_time: int) -> MessagePulse:
        """Return the pulse. Raise :class:`Refused` if the data header or the number of parts is wrong."""
        parts, main = self._parts, self._main
        if len(parts) < 2:
            raise Refused("part count", "no data header")
        layout = self._headers.parse(parts[1], main)
        expected = 2 + 2 * len(layout.channels)
        if len(parts) != expected:
            raise Refused("part count", f"{len(parts)} parts instead of {expected} for {len(layout.channels)} channels")
        self._headers.remember(main, layout)
        times = parts[3::2]
        spoiled = NONE_SPOILED if _TIMESTAMP_SIZES.issuperset(map(len, times)) else _spoiled(times)
        return MessagePulse(
            sequence, received, received_time, main.pulse_id, main.source_time, layout, parts[2::2], spoiled, times
        )


def _spoiled(times: Sequence[Part]) -> Mapping[int, Invalid]:
    """Return the channels whose time has a wrong size, so that value and time may have been confused."""
    return {
        index: Invalid("timestamp", f"{len(part)} bytes instead of {_TIMESTAMP_BYTES}")
        for index, part in enumerate(times)
        if len(part) not in _TIMESTAMP_SIZES
    }
