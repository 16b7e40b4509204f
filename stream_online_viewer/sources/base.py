"""The interface of a source: it looks for its stream, describes its state, and returns pulses."""

import select
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from stream_online_viewer.errors import ViewerError

if TYPE_CHECKING:
    # The web process imports the table of sources to check an address, and must not load the codecs for that.
    from stream_online_viewer.model.problems import Refused
    from stream_online_viewer.model.pulse import Arrival, Notice

Mode = Literal["auto", "pull", "sub"]
SocketName = Literal["PULL", "SUB"]
State = Literal[
    "resolving",
    "unresolvable",
    "refused",
    "unreachable",
    "http",
    "not_zeromq",
    "wrong_type",
    "waiting",
    "lost",
    "released",
]

_SHOWN_CHARACTERS = 80


class AddressError(ViewerError):
    """A text that is not the address of a stream; the message is one line for the user."""


def shown_address(text: str, characters: int = _SHOWN_CHARACTERS) -> str:
    """Return an address, shortened if needed, for the message of an :class:`AddressError`."""
    return repr(text if len(text) <= characters else text[:characters] + "...")


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """The options of a source; a source ignores those that do not apply to it.

    ``mode`` is the kind of ZeroMQ socket that the user has chosen. ``max_message_bytes`` limits one value and
    ``max_pulse_bytes`` all values of a pulse, as received.

    The rest is for sources that are opened by name: URLs of the servers that know the names, the hosts of streams that
    are accepted from their answers (all if there are none), and the seconds without a viewer after which the source is
    let go (0: never). ``pulse_id_attribute`` is the attribute of a PV's image that holds the pulse id.

    Without ``reconnect`` a ZeroMQ socket does not connect again by itself after its connection was lost, because
    another stream may be at that address by then.
    """

    address: str
    mode: Mode = "auto"
    max_message_bytes: int = 256 * 1024 * 1024
    max_pulse_bytes: int = 512 * 1024 * 1024
    camera_server: str | None = None
    pipeline_server: str | None = None
    dispatcher: str | None = None
    source_hosts: Sequence[str] = ()
    release_idle: float = 0.0
    pulse_id_attribute: str | None = None
    reconnect: bool = True


@dataclass(frozen=True, slots=True)
class SourceState:
    """The state of a source. ``text`` is one sentence for the page, ``since`` monotonic seconds.

    ``waiting`` means connected, whether or not pulses come; ``released`` that nobody watches and the source was let go
    on purpose. ``socket`` is the type of our ZeroMQ socket, None without
    one; ``guessed`` if the source did not announce its own; ``shared`` if pulses that we receive are lost to other
    receivers. ``protocol`` is that of the pulses, None before the first one; ``note`` is a sentence for the page about
    what such pulses lack or how they are shown, "" for none.
    """

    state: State
    text: str
    socket: SocketName | None
    guessed: bool
    shared: bool
    since: float
    protocol: str | None = None
    note: str = ""
    origin: str | None = None


class Source(ABC):
    """One stream, from its creation until :meth:`close`; used by one thread.

    A source looks for its stream, and again whenever that is lost. No method may wait: what takes long belongs into a
    thread of its own. :meth:`tick` is called at least every 100 ms.
    """

    received_bytes = 0
    """Bytes received so far."""
    lookups: Mapping[str, int] = MappingProxyType({})
    """How often the name of the source was looked up, by the result."""

    @property
    @abstractmethod
    def state(self) -> SourceState:
        """The present state."""

    @abstractmethod
    def receive(self) -> "Arrival | Notice | None":
        """Return what arrived next, None if nothing has.

        Raise :class:`Refused` for what cannot be used. Any other exception is counted as an internal fault, and
        :meth:`receive` is called again.
        """

    def tick(self) -> "Refused | None":
        """Look after the connection. Return a refusal if something was refused without being received, else None."""
        return None

    def watch(self, watched: bool) -> None:
        """Note whether somebody watches now. May be called again with the same value."""
        return None

    @abstractmethod
    def close(self) -> None:
        """Close the source; return when nothing more is taken from the stream."""

    @abstractmethod
    def fileno(self) -> int:
        """Return a descriptor that becomes readable when a pulse has arrived or the connection has changed.

        It may signal only what is new since the last :meth:`poll`.
        """

    def poll(self) -> bool:
        """Return at once whether :meth:`receive` may return something.

        If this returns False although the descriptor was readable, :meth:`tick` is called.
        """
        poller = select.poll()
        poller.register(self.fileno(), select.POLLIN)
        return bool(poller.poll(0))
