"""What is known of the connection to the source, in words for an operator."""

from dataclasses import dataclass
from typing import Literal

from stream_online_viewer.source.address import Address
from stream_online_viewer.source.probe import Outcome, Probe

Mode = Literal["auto", "pull", "sub"]
SocketName = Literal["PULL", "SUB"]
State = Literal[
    "resolving", "unresolvable", "refused", "unreachable", "http", "not_zeromq", "wrong_type", "waiting", "lost"
]


@dataclass(frozen=True, slots=True)
class Connection:
    """The state of the connection; ``text`` is one sentence with host and port, ``since`` monotonic seconds.

    ``waiting`` means connected, whether or not messages come. ``socket`` is the type of our socket, None while there is
    none; ``guessed`` if the source did not say what it is; ``shared`` if we take messages away from other receivers.
    """

    state: State
    text: str
    socket: SocketName | None
    guessed: bool
    shared: bool
    since: float


_RECEIVERS: dict[str | None, SocketName] = {"PUSH": "PULL", "PUB": "SUB", "XPUB": "SUB", None: "SUB"}
_OUTCOME_STATES: dict[Outcome, State] = {
    "unresolvable": "unresolvable",
    "refused": "refused",
    "unreachable": "unreachable",
    "no_answer": "unreachable",
    "http": "http",
    "not_zeromq": "not_zeromq",
}


def receiver_for(found: Probe, mode: Mode) -> SocketName | None:
    """Return the socket type that receives from the peer found, None if there is none or the mode forbids it."""
    socket = _RECEIVERS.get(found.socket_type)
    if mode == "auto":
        return socket
    wanted: SocketName = "PULL" if mode == "pull" else "SUB"
    return wanted if socket == wanted or found.socket_type is None else None


def wrong_type_text(found: Probe, mode: Mode, address: Address) -> str:
    """Say why a ZeroMQ peer cannot be received from."""
    peer = f"{address} is a {found.socket_type} socket"
    if found.socket_type not in _RECEIVERS:
        return f"{peer}; a stream comes from a PUSH or a PUB socket."
    return f"{peer}; start without --mode or with --mode {_RECEIVERS[found.socket_type].lower()}."


def away_state(found: Probe, was_connected: bool) -> tuple[State, str]:
    """Return state and text for a source that is away, as its address is now."""
    if not was_connected:
        return _OUTCOME_STATES[found.outcome], found.text
    text = f"{found.text[:-1]}; the source was there before."
    if found.outcome == "no_answer":
        # Probably frozen: the kernel still accepts for it. It is the connection that was lost which matters.
        return "lost", text
    return _OUTCOME_STATES[found.outcome], text
