"""The table of sources: which source an address opens, and which formats of messages a ZeroMQ socket can receive.

A new source or format is a folder and a line here.
"""

from collections.abc import Callable
from dataclasses import dataclass

from stream_online_viewer.sources.base import AddressError, Source, SourceOptions, shown_address
from stream_online_viewer.sources.zeromq.address import parse_address


@dataclass(frozen=True, slots=True)
class Scheme:
    """One kind of address.

    ``form`` shows the user what such an address looks like. ``check`` raises :class:`AddressError` for a wrong one,
    without any network access. ``open`` makes the source.
    """

    form: str
    check: Callable[[str], object]
    open: Callable[[SourceOptions], Source]


def _zeromq(options: SourceOptions) -> Source:
    # Imported only in the process that receives.
    from stream_online_viewer.sources.array10.format import Array10
    from stream_online_viewer.sources.bsread.format import Bsread
    from stream_online_viewer.sources.zeromq.source import ZeroMQSource

    return ZeroMQSource(options, [Bsread(options.max_message_bytes), Array10()])


SCHEMES: dict[str, Scheme] = {
    "tcp": Scheme("tcp://host:port", parse_address, _zeromq),
}
"""Keys are what stands before ``://`` in an address."""


def check_address(text: str) -> None:
    """Raise :class:`AddressError` unless a source can be opened with this address."""
    _scheme(text).check(text)


def open_source(options: SourceOptions) -> Source:
    """Return the source of an address, which starts to look for its stream. Raise :class:`AddressError`."""
    return _scheme(options.address).open(options)


def _scheme(text: str) -> Scheme:
    scheme = SCHEMES.get(text.partition("://")[0])
    if scheme is None:
        forms = " or ".join(scheme.form for scheme in SCHEMES.values())
        raise AddressError(f"{shown_address(text)} is no stream address; it looks like {forms}")
    return scheme
