"""One message of a simulated stream before it is encoded, and the interfaces of scenes and senders."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

M_co = TypeVar("M_co", covariant=True)
M_contra = TypeVar("M_contra", contravariant=True)


@dataclass(frozen=True)
class Message:
    """The channels of one pulse.

    values: by channel name, in the order in which they are sent: a number, string, bool, numpy array, or None for a
        channel without a value.
    declared: what the data header says of each channel (`type`, `shape` fastest dimension first, and more), for
        channels that keep their type while they have no value. None: it is derived from the values.
    """

    values: Mapping[str, Any]
    declared: Mapping[str, Mapping[str, Any]] | None = None


class Scene(Protocol[M_co]):
    """Makes the messages of a simulated stream, without a socket or a clock."""

    def message(self, pulse_id: int) -> M_co:
        """Return the message with this pulse id."""


class Sender(Protocol[M_contra]):
    """A bound socket that sends messages."""

    port: int

    def send(self, message: M_contra) -> None:
        """Send one message with the next pulse id and the present time."""

    def close(self) -> None:
        """Close the socket. Messages queued for a connected receiver are still sent for a second."""
