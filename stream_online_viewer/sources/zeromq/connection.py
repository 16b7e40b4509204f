"""Sentences for the operator about the connection to the source."""

from stream_online_viewer.sources.base import Mode, SocketName, State
from stream_online_viewer.sources.zeromq.address import Address
from stream_online_viewer.sources.zeromq.probe import Outcome, Probe

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
    """Return the type of socket that receives from the peer, None if there is none or the mode forbids it."""
    socket = _RECEIVERS.get(found.socket_type)
    if mode == "auto":
        return socket
    wanted: SocketName = "PULL" if mode == "pull" else "SUB"
    return wanted if socket == wanted or found.socket_type is None else None


def wrong_type_text(found: Probe, mode: Mode, address: Address) -> str:
    """Return why nothing can be received from a ZeroMQ peer."""
    peer = f"{address} is a {found.socket_type} socket"
    if found.socket_type not in _RECEIVERS:
        return f"{peer}; a stream comes from a PUSH or a PUB socket."
    return f"{peer}; start without --mode or with --mode {_RECEIVERS[found.socket_type].lower()}."


def away_state(found: Probe, was_connected: bool) -> tuple[State, str]:
    """Return state and sentence for a source that is not connected, from the result of a probe."""
    if not was_connected:
        return _OUTCOME_STATES[found.outcome], found.text
    text = f"{found.text[:-1]}; the source was there before."
    if found.outcome == "no_answer":
        # Probably frozen: the kernel still accepts connections for it. That the connection was lost is what matters.
        return "lost", text
    return _OUTCOME_STATES[found.outcome], text
