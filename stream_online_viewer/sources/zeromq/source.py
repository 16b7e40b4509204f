"""A stream over ZeroMQ: the socket, and the recognition of the format of its messages."""

from collections.abc import Sequence
from dataclasses import replace

from stream_online_viewer.model.problems import Refused
from stream_online_viewer.model.pulse import Arrival, Notice, Part
from stream_online_viewer.sources.base import Source, SourceOptions, SourceState
from stream_online_viewer.sources.zeromq.format import Format
from stream_online_viewer.sources.zeromq.receiver import Receiver


class ZeroMQSource(Source):
    """Receives from ``tcp://host:port``. ``formats`` are the known ones, the most common first.

    A message is read in the format of the last one. If that refuses it and another format claims it, the other format
    is used from then on, so a source may change its format at any time. Raises :class:`.base.AddressError`.
    """

    def __init__(self, options: SourceOptions, formats: Sequence[Format]) -> None:
        self._receiver = Receiver(
            options.address,
            options.mode,
            options.max_message_bytes,
            max_pulse_bytes=options.max_pulse_bytes,
            reconnect=options.reconnect,
        )
        self._formats = formats
        self._format = formats[0]
        self._spoken: Format | None = None
        self.received_bytes = 0

    @property
    def state(self) -> SourceState:
        """The present state."""
        spoken = self._spoken
        if spoken is None:
            return self._receiver.state
        return replace(self._receiver.state, protocol=spoken.name, note=spoken.note)

    def fileno(self) -> int:
        """Return a descriptor that becomes readable when :meth:`poll` may return something."""
        return self._receiver.fileno()

    def poll(self) -> bool:
        """Return at once whether a message waits."""
        return self._receiver.message_waits()

    def receive(self) -> Arrival | Notice | None:
        """Return the pulse or notice in the next message, None if there is none. Raise :class:`Refused`."""
        parts = self._receiver.receive()
        if parts is None:
            return None
        self.received_bytes += (size := self._receiver.message_bytes)
        found = self._read(parts)
        # Not isinstance(found, Arrival), because that is slower for an abstract class, and this runs for each message.
        if not isinstance(found, Notice):
            self._receiver.note_message_size(size)
            self._spoken = self._format
        return found

    def _read(self, parts: Sequence[Part]) -> Arrival | Notice:
        try:
            return self._format.read(parts)
        except Refused:
            others = (known for known in self._formats if known is not self._format and known.claims(parts))
            other = next(others, None)
            if other is None:
                raise
        self._format = other
        return other.read(parts)

    def tick(self) -> Refused | None:
        """Follow the connection; return the refusal of an endless message that was cut off, else None."""
        self._receiver.tick()
        cut_off, self._receiver.cut_off = self._receiver.cut_off, None
        return cut_off

    def close(self) -> None:
        """Close the socket; return when the connection has ended."""
        self._receiver.close()
