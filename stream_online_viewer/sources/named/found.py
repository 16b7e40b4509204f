"""What comes of looking up a name. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from stream_online_viewer.errors import ViewerError
from stream_online_viewer.sources.base import AddressError, State
from stream_online_viewer.sources.zeromq.address import Address, parse_address

Result = Literal["found", "started", "unknown", "error", "slow", "unreachable", "unusable", "host"]
"""``found``: it runs already; ``started``: by our request; ``unknown``: no such name; ``error``: the server says so
itself; ``slow``: no answer in time; ``unreachable``: no server; ``unusable``: an answer that cannot be understood;
``host``: a stream of a host that is not allowed."""


class LookupFailed(ViewerError):
    """A name that could not be looked up; the text is one sentence for the page, with the server's address."""

    def __init__(self, result: Result, state: State, text: str) -> None:
        super().__init__(text)
        self.result: Result = result
        self.state: State = state


@dataclass(frozen=True, slots=True)
class Found:
    """A stream that was found: ``address`` is ``tcp://host:port``; ``origin`` says what the name stands for.

    ``started``: our request has started it. ``calibration`` is that of the camera if its stream may have no axes.
    """

    address: str
    origin: str
    started: bool = False
    calibration: "Calibration | None" = None


@dataclass(frozen=True, slots=True)
class Calibration:
    """The zero and the step of both axes in pixels and um, and the part of the image that is sent, None for all.

    The position of pixel i of the whole image is ``-(i - zero) * step``. ``roi`` is (offset x, size x, offset y,
    size y) in pixels.
    """

    zero: tuple[int, int]
    step: tuple[float, float]
    roi: tuple[int, int, int, int] | None = None


class Lookup(Protocol):
    """One way to look up a name."""

    where: str
    """The server that is asked first, for people."""

    def find(self, tell: Callable[[str], None]) -> Found:
        """Look up the name; may take seconds. ``tell`` takes a sentence on what is being done, for the page.

        Raise :class:`LookupFailed`.
        """


def stream_address(answer: Any, hosts: Sequence[str], where: str) -> str:
    """Return the address of a stream in an answer, checked; raise :class:`LookupFailed`.

    ``hosts`` are the names and addresses that are allowed, ``*.DOMAIN`` for all names in it; empty for any. ``where``
    is the server that answered.
    """
    if type(answer) is not str:
        raise LookupFailed("unusable", "unresolvable", f"{where} answered without the address of a stream.")
    try:
        address: Address = parse_address(answer)
    except AddressError as error:
        text = f"{where} gave an address that cannot be used: {error}."
        raise LookupFailed("unusable", "unresolvable", text) from None
    if hosts and not any(_allows(pattern, address.host.lower()) for pattern in hosts):
        text = f"{where} gave a stream of {address.host}, which is none of the hosts of --source-hosts."
        raise LookupFailed("host", "unresolvable", text)
    return address.url


def _allows(pattern: str, host: str) -> bool:
    return host.endswith(pattern[1:]) if pattern.startswith("*.") else host == pattern
