"""One pulse: its id, its time, and its values, which are decoded only on demand."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence, Sized
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from stream_online_viewer.model.channel import Channel
from stream_online_viewer.model.decompress import decompress, decompress_bytes
from stream_online_viewer.model.layout import Layout
from stream_online_viewer.model.packed import PackedRows
from stream_online_viewer.model.problems import Invalid

MAX_TEXT_BYTES = 64 * 1024

Part = Sized
"""Received bytes: bytes, a flat memoryview of bytes or a ``zmq.Frame``."""

Value = NDArray[Any] | np.generic | str

NONE_SPOILED: Mapping[int, Invalid] = MappingProxyType({})


class Arrival(ABC):
    """A pulse that has arrived and whose channels are not read yet; without viewers they never are.

    ``pulse_id`` is an integer from 0 to 2**64 - 1. ``source_time`` is ns since 1970 by the clock of the source, None if
    it is missing or unusable; ``time_problem`` then says what is wrong: object, seconds, nanoseconds, range or zero.
    """

    __slots__ = ("pulse_id", "source_time", "time_problem")

    def __init__(self, pulse_id: int, source_time: int | None, time_problem: str | None) -> None:
        self.pulse_id = pulse_id
        self.source_time = source_time
        self.time_problem = time_problem

    @abstractmethod
    def pulse(self, sequence: int, received: int, received_time: int) -> "Pulse":
        """Return the pulse with its channels; the arguments are those of :class:`Pulse`.

        Raise :class:`~.problems.Refused` if it cannot be used.
        """


@dataclass(frozen=True, slots=True)
class Notice:
    """A message of a source that is not a pulse and has no values; it is only counted."""

    kind: str


# Not frozen, which would cost two microseconds for each message.
@dataclass(slots=True, eq=False)
class Pulse:
    """The values of one pulse; never changed. Channels are addressed by their index in ``layout.channels``.

    ``sequence`` counts accepted pulses; ``received`` is monotonic ns and ``received_time`` wall clock ns; ``pulse_id``
    and ``source_time`` are those of :class:`Arrival`. ``payloads`` holds the value of each channel as it was received.
    ``spoiled`` maps channels to a reason outside of their value for which it cannot be used.
    """

    sequence: int
    received: int
    received_time: int
    pulse_id: int
    source_time: int | None
    layout: Layout
    payloads: Sequence[Part]
    spoiled: Mapping[int, Invalid]

    def payload(self, index: int) -> memoryview:
        """Return the received bytes of a value, read only; empty if the channel has no value."""
        return memoryview(cast(bytes, self.payloads[index])).toreadonly()

    def passed(self, index: int) -> tuple[bytes, memoryview]:
        """Return a value as :meth:`payload`, in two parts: what was put in front of it here, and what was received.

        So that what is passed on as it came need not be copied for the sake of its beginning.
        """
        return b"", self.payload(index)

    def is_null(self, index: int) -> bool:
        """Return whether the channel is listed without a value in this pulse."""
        return len(self.payloads[index]) == 0 or (
            index in self.layout.empty and _holds_nothing(self.payload(index), self.layout.channels[index])
        )

    def value(self, index: int) -> Value | None:
        """Return the value of a channel, None if it has none; raise :class:`Invalid`.

        A scalar is returned as numpy scalar in native byte order, or as str. An array is read only, has the shape of
        the channel (all dimensions) and its byte order, and uses the memory of the message if it was neither compressed
        nor widened.
        """
        if self.is_null(index):
            return None
        try:
            return self._value(index)
        except Invalid as problem:
            channel = self.layout.channels[index]
            problem.of(channel.name, channel.is_picture or not channel.is_scalar and len(channel.shape) > 1)
            raise

    def packed_rows(self, index: int) -> PackedRows:
        """Return the rows of a channel of two dimensions that came as bitshuffle_lz4; raise :class:`Invalid`."""
        self._check(index)
        channel = self.layout.channels[index]
        rows, columns = channel.shape
        return PackedRows(self.payload(index), channel.sent_numpy_dtype, (rows, columns))

    def _check(self, index: int) -> None:
        channel = self.layout.channels[index]
        if channel.problem is not None:
            raise Invalid(channel.problem, channel.detail, of_definition=True)
        if index in self.spoiled:
            raise self.spoiled[index].with_traceback(None)

    def _value(self, index: int) -> Value:
        self._check(index)
        channel = self.layout.channels[index]
        payload = self.payload(index)
        if channel.dtype == "string":
            return _text(payload, channel)
        values = decompress(payload, channel.compression, channel.sent_numpy_dtype, channel.shape)
        if channel.sent_dtype is not None:
            # numpy warns of some NaNs.
            with np.errstate(invalid="ignore"):
                values = values.astype(channel.numpy_dtype)
            values.setflags(write=False)
        if channel.is_scalar:
            return cast(np.generic, values.reshape(())[()])
        return values

    def scalars(self) -> list[tuple[int, Value | None | Invalid]]:
        """Return (index, value) of all scalar channels in their order; an invalid value is an :class:`Invalid`."""
        payloads = cast(Sequence[bytes], self.payloads)
        spoiled = self.spoiled
        clean = not spoiled
        result: list[tuple[int, Value | None | Invalid]] = []
        for index, nbytes, unpack, make in self.layout.scalar_fields:
            raw = payloads[index]
            size = len(raw)
            if size == nbytes and (clean or index not in spoiled):
                result.append((index, make(unpack(raw)[0])))
            elif size == 0:
                result.append((index, None))
            else:
                try:
                    result.append((index, self.value(index)))
                except Invalid as problem:
                    # Its traceback would keep the whole message in memory.
                    result.append((index, problem.with_traceback(None)))
        return result


def _holds_nothing(payload: memoryview, channel: Channel) -> bool:
    """Return whether a payload confirms that its array has no elements; a compressed one still has its length."""
    if channel.compression == "bitshuffle_lz4":
        return len(payload) == 12 and not any(payload[:8])
    return channel.compression == "lz4" and len(payload) in (4, 5) and not any(payload)


def _text(payload: memoryview, channel: Channel) -> str:
    """Return a text without what follows a NUL, with which C programs pad."""
    raw = decompress_bytes(payload, channel.compression, MAX_TEXT_BYTES)
    try:
        return raw.split(b"\0", 1)[0].decode()
    except UnicodeDecodeError:
        raise Invalid("text", f"{len(raw)} bytes that are not UTF-8") from None
