"""One message of the stream: headers and the parts that hold the values, which are decoded only when asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from struct import Struct
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from stream_online_viewer.source.decompress import decompress, decompress_bytes
from stream_online_viewer.source.headers import Channel, DataHeader, DataHeaders, MainHeader, Part
from stream_online_viewer.source.problems import Invalid, Refused

MAX_TEXT_BYTES = 64 * 1024

Value = NDArray[Any] | np.generic | str

_TIMESTAMP_BYTES = 16
_TIMESTAMP = {"little": Struct("<QQ"), "big": Struct(">QQ")}
_MAX_TIME = 2**63 - 1


@dataclass(slots=True)
class Message:
    """A message whose headers are good and whose number of parts is right.

    ``sequence`` counts accepted messages, ``received`` is monotonic ns, ``received_time`` ns of the wall clock.
    Channels are addressed by their index in ``header.channels``.
    """

    sequence: int
    received: int
    received_time: int
    main: MainHeader
    header: DataHeader
    parts: Sequence[Part]

    def payload(self, index: int) -> memoryview:
        """Return the bytes of a value as they were received, read only; empty if the channel has no value."""
        return memoryview(cast(bytes, self.parts[2 + 2 * index])).toreadonly()

    def is_null(self, index: int) -> bool:
        """Return whether the channel is listed without a value in this message."""
        part = self.parts[2 + 2 * index]
        return len(part) == 0 or (
            index in self.header.empty and _holds_nothing(self.payload(index), self.header, index)
        )

    def value(self, index: int) -> Value | None:
        """Return the value of a channel, None if it has none; raises :class:`Invalid`.

        A scalar comes as numpy scalar in native byte order, or as str. An array is read only, has the shape of the
        channel (all dimensions kept) and its byte order, and lies in the memory of the message if it was not
        compressed.
        """
        if self.is_null(index):
            return None
        try:
            return self._value(index)
        except Invalid as problem:
            channel = self.header.channels[index]
            problem.of(channel.name, channel.is_picture or not channel.is_scalar and len(channel.shape) > 1)
            raise

    def _value(self, index: int) -> Value:
        channel = self.header.channels[index]
        if channel.problem is not None:
            raise Invalid(channel.problem, channel.detail, of_definition=True)
        self._check_timestamp(index)
        payload = self.payload(index)
        if channel.dtype == "string":
            return _text(payload, channel)
        values = decompress(payload, channel.compression, channel.numpy_dtype, channel.shape)
        if channel.is_scalar:
            return cast(np.generic, values.reshape(())[()])
        return values

    def timestamp(self, index: int) -> int | None:
        """Return the time of a value in ns since 1970; None if it is empty or zero. Raises :class:`Invalid`."""
        self._check_timestamp(index)
        part = self.parts[3 + 2 * index]
        if len(part) == 0:
            return None
        seconds, nanoseconds = _TIMESTAMP[self.header.channels[index].order].unpack(cast(bytes, part))
        time: int = seconds * 1_000_000_000 + nanoseconds
        if time > _MAX_TIME:
            raise Invalid("timestamp", f"{seconds} s and {nanoseconds} ns are out of range")
        return time or None

    def scalars(self) -> list[tuple[int, Value | None | Invalid]]:
        """Return (index, value) of all scalar channels in their order; an invalid one comes as :class:`Invalid`."""
        parts = cast(Sequence[bytes], self.parts)
        result: list[tuple[int, Value | None | Invalid]] = []
        for position, index, nbytes, unpack, make in self.header.scalar_fields:
            raw = parts[position]
            size = len(raw)
            if size == nbytes and len(parts[position + 1]) in (0, _TIMESTAMP_BYTES):
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

    def _check_timestamp(self, index: int) -> None:
        size = len(self.parts[3 + 2 * index])
        if size not in (0, _TIMESTAMP_BYTES):
            raise Invalid("timestamp", f"{size} bytes instead of {_TIMESTAMP_BYTES}")


def assemble(
    parts: Sequence[Part],
    main: MainHeader,
    headers: DataHeaders,
    sequence: int,
    received: int,
    received_time: int,
) -> Message:
    """Return the message that these parts make, main header included; raises :class:`Refused`.

    What ``headers`` knows of a hash changes only if the message is accepted.
    """
    if len(parts) < 2:
        raise Refused("part count", "no data header")
    header = headers.parse(parts[1], main)
    expected = 2 + 2 * len(header.channels)
    if len(parts) != expected:
        raise Refused("part count", f"{len(parts)} parts instead of {expected} for {len(header.channels)} channels")
    headers.remember(main, header)
    return Message(sequence, received, received_time, main, header, parts)


def _holds_nothing(payload: memoryview, header: DataHeader, index: int) -> bool:
    """Return whether the payload of an array without elements says so too; a compressed one has still its length."""
    compression = header.channels[index].compression
    if compression == "bitshuffle_lz4":
        return len(payload) == 12 and not any(payload[:8])
    return compression == "lz4" and len(payload) in (4, 5) and not any(payload)


def _text(payload: memoryview, channel: Channel) -> str:
    """Sources in C pad with NUL, so a text ends at the first one."""
    raw = decompress_bytes(payload, channel.compression, MAX_TEXT_BYTES)
    try:
        return raw.split(b"\0", 1)[0].decode()
    except UnicodeDecodeError:
        raise Invalid("text", f"{len(raw)} bytes that are not UTF-8") from None
