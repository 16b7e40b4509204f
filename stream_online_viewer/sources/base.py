"""What a source is to the rest of the program: it looks for its stream, says how that stands, and brings pulses."""

import select
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from stream_online_viewer.errors import ViewerError

if TYPE_CHECKING:
    # The web process reads the table of sources to check an address; it has no use for the codecs behind a pulse.
    from stream_online_viewer.model.problems import Refused
    from stream_online_viewer.model.pulse import Arrival, Notice

Mode = Literal["auto", "pull", "sub"]
SocketName = Literal["PULL", "SUB"]
State = Literal[
    "resolving", "unresolvable", "refused", "unreachable", "http", "not_zeromq", "wrong_type", "waiting", "lost"
]

_SHOWN_CHARACTERS = 80


class AddressError(ViewerError):
    """A text that is no address of a stream; the message is one line for the user."""


def shown_address(text: str) -> str:
    """Return an address, however long it is, for the message of an :class:`AddressError`."""
    return repr(text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "...")


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """What a source is made with. A source that has no use for one of them leaves it alone.

    ``mode`` is the kind of ZeroMQ socket that the user asked for. ``max_message_bytes`` bounds one value,
    ``max_pulse_bytes`` all of a pulse together, as they are received.
    """

    address: str
    mode: Mode = "auto"
    max_message_bytes: int = 256 * 1024 * 1024
    max_pulse_bytes: int = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class SourceState:
    """How it stands with a source; ``text`` is one sentence for the page, ``since`` monotonic seconds.

    ``waiting`` means connected, whether or not pulses come. ``socket`` is the type of our ZeroMQ socket, None while
    there is none; ``guessed`` if the source did not say what it is; ``shared`` if we take pulses away from other
    receivers. ``protocol`` is what the pulses come as, None before the first one; ``note`` is a sentence about what
    such pulses lack or how they are shown, "" if there is nothing to say.
    """

    state: State
    text: str
    socket: SocketName | None
    guessed: bool
    shared: bool
    since: float
    protocol: str | None = None
    note: str = ""


class Source(ABC):
    """One stream, from the moment that it is made until :meth:`close`. One thread uses it.

    It looks for its stream by itself, and again whenever that is lost. What takes long happens elsewhere: no method
    may wait. :meth:`tick` is called at least every 100 ms.
    """

    received_bytes = 0
    """Size of all that was received so far."""

    @property
    @abstractmethod
    def state(self) -> SourceState:
        """How it stands now."""

    @abstractmethod
    def receive(self) -> "Arrival | Notice | None":
        """Return what arrived next, None if nothing did.

        Raises :class:`Refused` for what arrived and cannot be used. Any other exception is counted as an internal
        fault; then what arrives next is asked for.
        """

    def tick(self) -> "Refused | None":
        """Look after the connection; return what was refused meanwhile without being received, if something was."""
        return None

    @abstractmethod
    def close(self) -> None:
        """End it; returns when nothing more is taken from the stream."""

    @abstractmethod
    def fileno(self) -> int:
        """Return a descriptor that becomes readable when something has arrived or has happened; wait for it.

        It may tell only what is new since the last :meth:`poll`.
        """

    def poll(self) -> bool:
        """Return at once whether there may be something to :meth:`receive`.

        If there is not, although the descriptor was readable, :meth:`tick` is called.
        """
        poller = select.poll()
        poller.register(self.fileno(), select.POLLIN)
        return bool(poller.poll(0))
